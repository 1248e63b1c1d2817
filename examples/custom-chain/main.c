// An app with a certificate chain of its own in the place of the DAA certificate, for DPS and for IoT Hub. The chain and its
// key are in the mutable file, encrypted; `--install` puts them there from the image package, as a factory would.
#include <applibs/application.h>
#include <applibs/eventloop.h>
#include <applibs/log.h>
#include <applibs/storage.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <azure_prov_client/iothub_security_factory.h>
#include <azure_prov_client/prov_device_ll_client.h>
#include <azure_prov_client/prov_security_factory.h>
#include <azure_prov_client/prov_transport_mqtt_client.h>
#include <azure_sphere_auth_override.h>
#include <azure_sphere_provisioning.h>
#include <iothub_device_client_ll.h>
#include <iothub_message.h>
#include <iothubtransportmqtt.h>

#include "storage.h"

enum
{
    ExitCode_Success = 0,
    ExitCode_SigTerm = 1,
    ExitCode_NoCredential = 2,
    ExitCode_NotInstalled = 3,
    ExitCode_Provisioning = 4,
    ExitCode_Hub = 5,
    ExitCode_EventLoop = 6
};

static volatile sig_atomic_t exitCode = ExitCode_Success;
static Credential credential;
static PROV_DEVICE_LL_HANDLE prov;
static IOTHUB_DEVICE_CLIENT_LL_HANDLE hub;
static char* hubUri;
static char* deviceId;

static void OnTerminate(int signalNumber)
{
    exitCode = ExitCode_SigTerm;
}

// ---- the factory's step

static char* ReadFile(const char* name)
{
    int fd = Storage_OpenFileInImagePackage(name);
    off_t size = fd == -1 ? -1 : lseek(fd, 0, SEEK_END);
    char* text = size < 0 ? NULL : calloc(1, (size_t)size + 1);
    if (text != NULL && (lseek(fd, 0, SEEK_SET) != 0 || read(fd, text, (size_t)size) != size))
    {
        free(text);
        text = NULL;
    }
    if (fd != -1)
    {
        close(fd);
    }
    return text;
}

static int Install(void)
{
    int result;
    credential = (Credential){.chain = ReadFile("factory/chain.pem"), .privateKey = ReadFile("factory/key.pem")};
    if (credential.chain == NULL || credential.privateKey == NULL)
    {
        Log_Debug("ERROR: The image package has no credential: %s (%d).\n", strerror(errno), errno);
        result = ExitCode_NotInstalled;
    }
    else
    {
        result = Credential_Save(&credential) == 0 ? ExitCode_Success : ExitCode_NotInstalled;
    }
    Credential_Free(&credential);
    return result;
}

// ---- IoT Hub

static void OnStatus(IOTHUB_CLIENT_CONNECTION_STATUS result, IOTHUB_CLIENT_CONNECTION_STATUS_REASON reason, void* context)
{
    bool connected = result == IOTHUB_CLIENT_CONNECTION_AUTHENTICATED;
    Log_Debug("%s (%d)\n", connected ? "Authenticated" : "Not connected", reason);
    if (connected)
    {
        IOTHUB_MESSAGE_HANDLE message = IoTHubMessage_CreateFromString("{\"hello\":\"by a chain of our own\"}");
        IoTHubDeviceClient_LL_SendEventAsync(hub, message, NULL, NULL);
        IoTHubMessage_Destroy(message);
    }
}

static void Connect(void)
{
    IOTHUB_CLIENT_RESULT result;
    hub = IoTHubDeviceClient_LL_CreateFromDeviceAuth(hubUri, deviceId, MQTT_Protocol);
    // Before the first DoWork.
    result = hub == NULL ? IOTHUB_CLIENT_ERROR
                         : AzureIoT_OverrideAzureSphereAuthIoTHub(hub, credential.chain, credential.privateKey);
    Credential_Free(&credential);
    if (result != IOTHUB_CLIENT_OK)
    {
        Log_Debug("ERROR: The chain can't be used for the hub: %d.\n", result);
        exitCode = ExitCode_Hub;
        return;
    }
    IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, OnStatus, NULL);
}

// ---- DPS

static void OnRegistered(PROV_DEVICE_RESULT result, const char* uri, const char* id, void* context)
{
    if (result != PROV_DEVICE_RESULT_OK)
    {
        Log_Debug("ERROR: Provisioning failed: %d.\n", result);
        exitCode = ExitCode_Provisioning;
        return;
    }
    hubUri = strdup(uri);
    deviceId = strdup(id);
    Log_Debug("Provisioned as %s\n", deviceId);
}

static int Provision(const char* scopeId)
{
    const int deviceNumber = 1;
    PROV_DEVICE_RESULT result = PROV_DEVICE_RESULT_ERROR;
    if (prov_dev_security_init(SECURE_DEVICE_TYPE_X509) == 0)
    {
        prov = Prov_Device_LL_Create("global.azure-devices-provisioning.net", scopeId, Prov_Device_MQTT_Protocol);
    }
    if (prov != NULL)
    {
        // After Create, before the registration.
        result = AzureIoT_OverrideAzureSphereAuthDPS(prov, credential.chain, credential.privateKey);
    }
    if (result == PROV_DEVICE_RESULT_OK)
    {
        result = Prov_Device_LL_SetOption(prov, "SetDeviceId", &deviceNumber);
    }
    if (result == PROV_DEVICE_RESULT_OK)
    {
        result = Prov_Device_LL_Register_Device(prov, OnRegistered, NULL, NULL, NULL);
    }
    if (result != PROV_DEVICE_RESULT_OK)
    {
        Log_Debug("ERROR: The chain can't be used for DPS: %d.\n", result);
    }
    return result == PROV_DEVICE_RESULT_OK ? 0 : -1;
}

// ---- the app

static void OnTimer(EventLoop* el, int fd, EventLoop_IoEvents events, void* context)
{
    uint64_t expirations;
    if (read(fd, &expirations, sizeof(expirations)) != sizeof(expirations))
    {
        exitCode = ExitCode_EventLoop;
        return;
    }
    if (prov != NULL)
    {
        Prov_Device_LL_DoWork(prov);
    }
    if (prov != NULL && hubUri != NULL)
    {
        Prov_Device_LL_Destroy(prov);
        prov = NULL;
        Connect();
        prov_dev_security_deinit();
    }
    if (hub != NULL)
    {
        IoTHubDeviceClient_LL_DoWork(hub);
    }
}

static void Run(const char* scopeId)
{
    struct itimerspec period = {.it_value = {.tv_nsec = 100 * 1000 * 1000}, .it_interval = {.tv_nsec = 100 * 1000 * 1000}};
    EventLoop* eventLoop = EventLoop_Create();
    int timerFd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    if (Provision(scopeId) != 0)
    {
        exitCode = ExitCode_Provisioning;
    }
    else if (timerfd_settime(timerFd, 0, &period, NULL) != 0 ||
             EventLoop_RegisterIo(eventLoop, timerFd, EventLoop_Input, OnTimer, NULL) == NULL)
    {
        exitCode = ExitCode_EventLoop;
    }
    while (exitCode == ExitCode_Success)
    {
        if (EventLoop_Run(eventLoop, -1, true) == EventLoop_Run_Failed && errno != EINTR)
        {
            exitCode = ExitCode_EventLoop;
        }
    }
    Prov_Device_LL_Destroy(prov);
    IoTHubDeviceClient_LL_Destroy(hub);
    Credential_Free(&credential);
    EventLoop_Close(eventLoop);
    close(timerFd);
}

int main(int argc, char* argv[])
{
    struct sigaction action;
    if (argc == 2 && strcmp(argv[1], "--install") == 0)
    {
        return Install();
    }
    memset(&action, 0, sizeof(action));
    action.sa_handler = OnTerminate;
    sigaction(SIGTERM, &action, NULL);
    if (argc != 2 || Credential_Load(&credential) != 0)
    {
        Log_Debug("ERROR: There is no credential: run with --install first.\n");
        return ExitCode_NoCredential;
    }
    Run(argv[1]);
    return exitCode;
}
