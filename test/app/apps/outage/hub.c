// The SDK: sends a message every ten seconds.
#include <stdio.h>
#include <time.h>

#include <applibs/log.h>
#include <iothub.h>
#include <iothub_client_options.h>
#include <iothub_device_client_ll.h>
#include <iothubtransportmqtt.h>

#include "users.h"

static void OnStatus(IOTHUB_CLIENT_CONNECTION_STATUS status, IOTHUB_CLIENT_CONNECTION_STATUS_REASON reason, void* context)
{
    (void)context;
    Log_Debug("status %d %d\n", status, reason);
}

static void OnSent(IOTHUB_CLIENT_CONFIRMATION_RESULT result, void* context)
{
    (void)context;
    Log_Debug("sent %d\n", result);
}

void RunHub(const char* connectionString)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000000};
    int keepAlive = 30;
    (void)IoTHub_Init();
    IOTHUB_DEVICE_CLIENT_LL_HANDLE client = IoTHubDeviceClient_LL_CreateFromConnectionString(connectionString, MQTT_Protocol);
    (void)IoTHubDeviceClient_LL_SetOption(client, OPTION_KEEP_ALIVE, &keepAlive);
    (void)IoTHubDeviceClient_LL_SetConnectionStatusCallback(client, OnStatus, NULL);
    for (int round = 0;; round++)
    {
        if (round % 100 == 0)
        {
            IOTHUB_MESSAGE_HANDLE message = IoTHubMessage_CreateFromString("hello");
            (void)IoTHubDeviceClient_LL_SendEventAsync(client, message, OnSent, NULL);
            IoTHubMessage_Destroy(message);
        }
        IoTHubDeviceClient_LL_DoWork(client);
        nanosleep(&pause, NULL);
    }
}
