// An app that provisions by the old function, which blocks for up to ten seconds in a handler of the event loop.
#include <applibs/eventloop.h>
#include <applibs/gpio.h>
#include <applibs/log.h>
#include <applibs/networking.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <azureiot/azure_sphere_provisioning.h>
#include <azureiot/iothub_client_core_common.h>
#include <azureiot/iothub_client_options.h>
#include <azureiot/iothub_device_client_ll.h>

#include <hw/demo_board.h>

static volatile sig_atomic_t terminationRequired = false;
static int ledFd = -1;
static IOTHUB_DEVICE_CLIENT_LL_HANDLE hub = NULL;
static bool connected = false;
static int retryPeriod = 1;

static void OnTerminate(int signalNumber)
{
    terminationRequired = true;
}

static const char* NameOf(AZURE_SPHERE_PROV_RETURN_VALUE value)
{
    switch (value.result)
    {
        case AZURE_SPHERE_PROV_RESULT_OK:
            return "AZURE_SPHERE_PROV_RESULT_OK";
        case AZURE_SPHERE_PROV_RESULT_NETWORK_NOT_READY:
            return "AZURE_SPHERE_PROV_RESULT_NETWORK_NOT_READY";
        case AZURE_SPHERE_PROV_RESULT_DEVICEAUTH_NOT_READY:
            return "AZURE_SPHERE_PROV_RESULT_DEVICEAUTH_NOT_READY";
        case AZURE_SPHERE_PROV_RESULT_PROV_DEVICE_ERROR:
            return "AZURE_SPHERE_PROV_RESULT_PROV_DEVICE_ERROR";
        default:
            return "another result";
    }
}

static void OnStatus(IOTHUB_CLIENT_CONNECTION_STATUS result, IOTHUB_CLIENT_CONNECTION_STATUS_REASON reason, void* context)
{
    connected = result == IOTHUB_CLIENT_CONNECTION_AUTHENTICATED;
    Log_Debug("%s (%d)\n", connected ? "Connected" : "Not connected", reason);
    GPIO_SetValue(ledFd, connected ? GPIO_Value_Low : GPIO_Value_High);
}

static void SetUp(const char* scopeId)
{
    int keepAlive = 20;
    AZURE_SPHERE_PROV_RETURN_VALUE value;
    if (hub != NULL)
    {
        IoTHubDeviceClient_LL_Destroy(hub);
    }
    value = IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning(scopeId, 10000, &hub);
    Log_Debug("%s, %d\n", NameOf(value), value.prov_device_error);
    if (value.result != AZURE_SPHERE_PROV_RESULT_OK)
    {
        retryPeriod = retryPeriod >= 60 ? 60 : retryPeriod * 2;
        return;
    }
    retryPeriod = 1;
    IoTHubDeviceClient_LL_SetOption(hub, OPTION_KEEP_ALIVE, &keepAlive);
    IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, OnStatus, NULL);
}

static void OnTimer(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    uint64_t expirations;
    bool ready = false;
    struct itimerspec next = {.it_value = {.tv_nsec = 100 * 1000 * 1000}};
    if (read(fd, &expirations, sizeof(expirations)) == -1)
    {
        terminationRequired = true;
        return;
    }
    if (hub == NULL && Networking_IsNetworkingReady(&ready) == 0 && ready)
    {
        SetUp(context);
        next.it_value = (struct timespec){.tv_sec = hub == NULL ? retryPeriod : 0, .tv_nsec = 1};
    }
    if (hub != NULL)
    {
        IoTHubDeviceClient_LL_DoWork(hub);
    }
    timerfd_settime(fd, 0, &next, NULL);
}

int main(int argc, char* argv[])
{
    struct sigaction action;
    EventLoop* eventLoop = EventLoop_Create();
    int timerFd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec first = {.it_value = {.tv_sec = 1}};
    memset(&action, 0, sizeof(action));
    action.sa_handler = OnTerminate;
    sigaction(SIGTERM, &action, NULL);
    ledFd = GPIO_OpenAsOutput(DEMO_LED, GPIO_OutputMode_PushPull, GPIO_Value_High);
    if (argc != 2 || ledFd == -1 || timerfd_settime(timerFd, 0, &first, NULL) != 0 ||
        EventLoop_RegisterIo(eventLoop, timerFd, EventLoop_Input, OnTimer, argv[1]) == NULL)
    {
        return 1;
    }
    while (!terminationRequired)
    {
        if (EventLoop_Run(eventLoop, -1, true) == EventLoop_Run_Failed && errno != EINTR)
        {
            return 2;
        }
    }
    Log_Debug("Ends\n");
    return 0;
}
