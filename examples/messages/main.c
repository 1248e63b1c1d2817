// What comes from the cloud, and its answers in C: cloud-to-device messages, a direct method, and a batch of telemetry.
#include <applibs/log.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <azure_sphere_provisioning.h>
#include <iothub.h>
#include <iothub_device_client_ll.h>
#include <iothub_message.h>
#include <iothubtransportmqtt.h>

static volatile sig_atomic_t terminationRequired = 0;
static IOTHUB_DEVICE_CLIENT_LL_HANDLE hub = NULL;
static int unconfirmed = 0;

static void OnTerminate(int signalNumber)
{
    terminationRequired = 1;
}

// The SDK frees the answer with free(), so that it has to be from malloc().
static unsigned char* AnswerOf(const char* json, size_t* size)
{
    *size = strlen(json);
    unsigned char* answer = malloc(*size);
    if (answer != NULL)
    {
        memcpy(answer, json, *size);
    }
    return answer;
}

static void OnConfirmed(IOTHUB_CLIENT_CONFIRMATION_RESULT result, void* context)
{
    if (result == IOTHUB_CLIENT_CONFIRMATION_OK && --unconfirmed == 0)
    {
        Log_Debug("All confirmed\n");
    }
}

// The messages of a batch are queued at once; the next DoWork sends them together.
static int SendBatch(int count)
{
    for (int i = 0; i < count; i++)
    {
        char json[32];
        snprintf(json, sizeof(json), "{\"reading\":%d}", i);
        IOTHUB_MESSAGE_HANDLE message = IoTHubMessage_CreateFromString(json);
        if (message == NULL || IoTHubDeviceClient_LL_SendEventAsync(hub, message, OnConfirmed, NULL) != IOTHUB_CLIENT_OK)
        {
            IoTHubMessage_Destroy(message);
            return -1;
        }
        IoTHubMessage_Destroy(message);
        unconfirmed++;
    }
    return 0;
}

static int OnMethod(
    const char* name, const unsigned char* payload, size_t size, unsigned char** response, size_t* responseSize, void* context)
{
    char text[16] = "";
    if (strcmp(name, "sendBatch") != 0)
    {
        *response = AnswerOf("{\"error\":\"unknown method\"}", responseSize);
        return 404;
    }
    if (size >= sizeof(text))
    {
        *response = AnswerOf("{\"error\":\"a number is expected\"}", responseSize);
        return 400;
    }
    memcpy(text, payload, size);
    int count = atoi(text);
    if (count < 1 || SendBatch(count) != 0)
    {
        *response = AnswerOf("{\"error\":\"a number is expected\"}", responseSize);
        return 400;
    }
    *response = AnswerOf("{\"queued\":true}", responseSize);
    return 200;
}

static IOTHUBMESSAGE_DISPOSITION_RESULT OnMessage(IOTHUB_MESSAGE_HANDLE message, void* context)
{
    const unsigned char* bytes;
    size_t size;
    if (IoTHubMessage_GetByteArray(message, &bytes, &size) != IOTHUB_MESSAGE_OK)
    {
        return IOTHUBMESSAGE_REJECTED;
    }
    const char* level = IoTHubMessage_GetProperty(message, "level");
    Log_Debug("Message '%.*s', level %s\n", (int)size, bytes, level == NULL ? "none" : level);
    return IOTHUBMESSAGE_ACCEPTED;
}

static void OnStatus(IOTHUB_CLIENT_CONNECTION_STATUS result, IOTHUB_CLIENT_CONNECTION_STATUS_REASON reason, void* context)
{
    Log_Debug("%s\n", result == IOTHUB_CLIENT_CONNECTION_AUTHENTICATED ? "Connected" : "Not connected");
}

int main(int argc, char* argv[])
{
    const int deviceId = 1;
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = OnTerminate;
    sigaction(SIGTERM, &action, NULL);
    if (argc != 2 || IoTHub_Init() != 0)
    {
        return 1;
    }
    hub = IoTHubDeviceClient_LL_CreateWithAzureSphereFromDeviceAuth(argv[1], &MQTT_Protocol);
    if (hub == NULL || IoTHubDeviceClient_LL_SetOption(hub, "SetDeviceId", &deviceId) != IOTHUB_CLIENT_OK)
    {
        return 1;
    }
    IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, OnStatus, NULL);
    IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, OnMethod, NULL);
    IoTHubDeviceClient_LL_SetMessageCallback(hub, OnMessage, NULL);
    while (!terminationRequired)
    {
        IoTHubDeviceClient_LL_DoWork(hub);
        nanosleep(&(struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
    }
    IoTHubDeviceClient_LL_Destroy(hub);
    IoTHub_Deinit();
    return 0;
}
