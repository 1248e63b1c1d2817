// A lamp with what an SDK of 20.01 knew: epoll, provisioning that blocks, the board's own names. Button A switches it, and so does
// the desired property "lit"; it reports its state and the Wi-Fi network.
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <applibs/gpio.h>
#include <applibs/log.h>
#include <applibs/networking.h>
#include <applibs/wificonfig.h>
#include <azure_sphere_provisioning.h>
#include <iothub_client_core_common.h>
#include <iothub_client_options.h>
#include <iothub_device_client_ll.h>
#include <iothubtransportmqtt.h>

#include <hw/mt3620_rdb.h>

#include "events.h"

static volatile sig_atomic_t terminationRequired = false;
static int ledFd = -1;
static int buttonFd = -1;
static bool lit = false;
static GPIO_Value_Type buttonState = GPIO_Value_High;
static IOTHUB_DEVICE_CLIENT_LL_HANDLE hub = NULL;
static const char* scopeId = "";
static Event buttonTimer;
static Event hubTimer;

static void OnTerminate(int signalNumber)
{
    terminationRequired = true;
}

static void Report(void)
{
    WifiConfig_ConnectedNetwork network;
    char report[128];
    if (WifiConfig_GetCurrentNetwork(&network) == -1)
    {
        network.ssidLength = 0;
    }
    snprintf(report, sizeof(report), "{\"lit\":%s,\"network\":\"%.*s\"}", lit ? "true" : "false", (int)network.ssidLength,
             (const char*)network.ssid);
    if (hub != NULL)
    {
        IoTHubDeviceClient_LL_SendReportedState(hub, (const unsigned char*)report, strlen(report), NULL, NULL);
    }
}

static void Switch(bool on)
{
    lit = on;
    GPIO_SetValue(ledFd, lit ? GPIO_Value_Low : GPIO_Value_High);
    Log_Debug("The lamp is %s\n", lit ? "on" : "off");
    Report();
}

static void OnTwin(DEVICE_TWIN_UPDATE_STATE state, const unsigned char* payload, size_t size, void* context)
{
    char* text = calloc(1, size + 1);
    memcpy(text, payload, size);
    if (strstr(text, "\"lit\":true") != NULL)
    {
        Switch(true);
    }
    else if (strstr(text, "\"lit\":false") != NULL)
    {
        Switch(false);
    }
    free(text);
}

static void OnStatus(IOTHUB_CLIENT_CONNECTION_STATUS status, IOTHUB_CLIENT_CONNECTION_STATUS_REASON reason, void* context)
{
    Log_Debug("%s\n", status == IOTHUB_CLIENT_CONNECTION_AUTHENTICATED ? "Connected" : "Not connected");
    if (status == IOTHUB_CLIENT_CONNECTION_AUTHENTICATED)
    {
        Report();
    }
}

static void Connect(void)
{
    AZURE_SPHERE_PROV_RETURN_VALUE result =
        IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning(scopeId, 10000, &hub);
    int keepAlive = 20;
    if (result.result != AZURE_SPHERE_PROV_RESULT_OK)
    {
        Log_Debug("Not provisioned: %d\n", result.result);
        return;
    }
    IoTHubDeviceClient_LL_SetOption(hub, OPTION_KEEP_ALIVE, &keepAlive);
    IoTHubDeviceClient_LL_SetDeviceTwinCallback(hub, OnTwin, NULL);
    IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, OnStatus, NULL);
}

static void OnHubTimer(Event* event)
{
    bool ready = false;
    if (ConsumeTimer(event) == -1)
    {
        terminationRequired = true;
        return;
    }
    if (hub == NULL && Networking_IsNetworkingReady(&ready) == 0 && ready)
    {
        Connect();
    }
    if (hub != NULL)
    {
        IoTHubDeviceClient_LL_DoWork(hub);
    }
}

static void OnButtonTimer(Event* event)
{
    GPIO_Value_Type state;
    if (ConsumeTimer(event) == -1 || GPIO_GetValue(buttonFd, &state) == -1)
    {
        terminationRequired = true;
        return;
    }
    if (state != buttonState && state == GPIO_Value_Low)
    {
        Switch(!lit);
    }
    buttonState = state;
}

int main(int argc, char* argv[])
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = OnTerminate;
    sigaction(SIGTERM, &action, NULL);
    scopeId = argc > 1 ? argv[1] : "";
    ledFd = GPIO_OpenAsOutput(MT3620_RDB_LED1_RED, GPIO_OutputMode_PushPull, GPIO_Value_High);
    buttonFd = GPIO_OpenAsInput(MT3620_RDB_BUTTON_A);
    if (ledFd == -1 || buttonFd == -1 || StartEvents() == -1 || StartTimer(&buttonTimer, OnButtonTimer, 10) == -1 ||
        StartTimer(&hubTimer, OnHubTimer, 100) == -1)
    {
        return 1;
    }
    while (!terminationRequired)
    {
        if (WaitAndHandle() == -1)
        {
            return 2;
        }
    }
    return 0;
}
