// The simplest shape of an app: an endless loop that sends, works and sleeps, with a connection string. It has no handler for
// SIGTERM: the signal ends it.
#include <applibs/log.h>
#include <applibs/networking.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include <iothub.h>
#include <iothub_device_client_ll.h>
#include <iothub_message.h>
#include <iothubtransportmqtt.h>

static const struct timespec workPeriod = {.tv_nsec = 100 * 1000 * 1000};

static void OnSent(IOTHUB_CLIENT_CONFIRMATION_RESULT result, void* context)
{
    Log_Debug("Confirmed: %d\n", result);
}

static void OnStatus(IOTHUB_CLIENT_CONNECTION_STATUS result, IOTHUB_CLIENT_CONNECTION_STATUS_REASON reason, void* context)
{
    Log_Debug("%s (%d)\n", result == IOTHUB_CLIENT_CONNECTION_AUTHENTICATED ? "Connected" : "Not connected", reason);
}

static void Send(IOTHUB_DEVICE_CLIENT_LL_HANDLE hub, int count)
{
    char json[32];
    IOTHUB_MESSAGE_HANDLE message;
    snprintf(json, sizeof(json), "{\"count\":%d}", count);
    message = IoTHubMessage_CreateFromString(json);
    IoTHubMessage_SetContentTypeSystemProperty(message, "application%2fjson");
    IoTHubMessage_SetContentEncodingSystemProperty(message, "utf-8");
    IoTHubDeviceClient_LL_SendEventAsync(hub, message, OnSent, NULL);
    IoTHubMessage_Destroy(message);
}

int main(int argc, char* argv[])
{
    IOTHUB_DEVICE_CLIENT_LL_HANDLE hub;
    bool ready = false;
    if (argc != 2)
    {
        Log_Debug("The connection string is missing\n");
        return 1;
    }
    while (Networking_IsNetworkingReady(&ready) == 0 && !ready)
    {
        nanosleep(&workPeriod, NULL);
    }
    IoTHub_Init();
    hub = IoTHubDeviceClient_LL_CreateFromConnectionString(argv[1], &MQTT_Protocol);
    if (hub == NULL)
    {
        Log_Debug("The connection string can't be used\n");
        return 2;
    }
    IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, OnStatus, NULL);
    for (int round = 0; true; round++)
    {
        if (round % 100 == 0) // every 10 s
        {
            Send(hub, round / 100);
        }
        IoTHubDeviceClient_LL_DoWork(hub);
        nanosleep(&workPeriod, NULL);
    }
}
