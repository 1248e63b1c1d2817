// Connects to IoT Hub, by DPS or directly, with the DAA certificate, and connects again after a loss: with a new handle, as
// only that takes the day's new certificate.
#include "connection.h"

#include <applibs/application.h>
#include <applibs/log.h>
#include <applibs/networking.h>
#include <stdlib.h>
#include <string.h>

#include <azure_prov_client/iothub_security_factory.h>
#include <azure_prov_client/prov_device_ll_client.h>
#include <azure_prov_client/prov_security_factory.h>
#include <azure_prov_client/prov_transport_mqtt_client.h>
#include <azure_sphere_provisioning.h>
#include <iothub_client_options.h>
#include <iothub_device_client_ll.h>
#include <iothub_message.h>
#include <iothubtransportmqtt.h>

#include "exit_codes.h"
#include "timers.h"

// Names for the log: on the device they are not part of the library's interface.
MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(IOTHUB_CLIENT_RESULT, IOTHUB_CLIENT_RESULT_VALUES);
MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(IOTHUB_CLIENT_CONNECTION_STATUS_REASON, IOTHUB_CLIENT_CONNECTION_STATUS_REASON_VALUES);
MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(PROV_DEVICE_RESULT, PROV_DEVICE_RESULT_VALUE);

static const struct timespec never = {0, 0};
static const struct timespec connectPeriod = {.tv_sec = 1};
static const struct timespec workPeriod = {.tv_nsec = 100 * 1000 * 1000};
static const time_t firstRetry = 10;
static const time_t longestRetry = 600;
static const int deviceIdForDaaCertUsage = 1;
static const bool urlEncodeDecode = true;
// What the device can do (model.json). IoT Central finds its template by it, a hub ignores it or shows it.
#define MODEL_ID "dtmi:com:example:Thermometer;1"

typedef enum
{
    State_NotConnected,
    State_Provisioning,
    State_Connecting,
    State_Connected
} State;

static ConnectionTarget target;
static ConnectionHandlers handlers;
static State state;
static time_t retry;
static Timer* connectTimer;
static Timer* workTimer;
static PROV_DEVICE_LL_HANDLE prov;
static bool security;
static char* assignedHub;
static PROV_DEVICE_RESULT provResult;
static bool provDone;
static IOTHUB_DEVICE_CLIENT_LL_HANDLE hub;

static void Drop(void)
{
    if (prov != NULL)
    {
        Prov_Device_LL_Destroy(prov);
        prov = NULL;
    }
    if (security)
    {
        prov_dev_security_deinit();
        security = false;
    }
    if (hub != NULL)
    {
        IoTHubDeviceClient_LL_Destroy(hub);
        hub = NULL;
    }
    state = State_NotConnected;
}

// Tries again: after a second, or, when it failed, after 10 s, then twice as long each time.
static void TryAgain(bool failed)
{
    struct timespec delay = connectPeriod;
    Drop();
    if (failed)
    {
        retry = retry == 0 ? firstRetry : retry * 2 > longestRetry ? longestRetry : retry * 2;
        delay.tv_sec = retry;
        Log_Debug("[Connection] Next try in %d s.\n", (int)retry);
    }
    Timer_SetOneShot(connectTimer, &delay);
}

static void OnStatus(IOTHUB_CLIENT_CONNECTION_STATUS result, IOTHUB_CLIENT_CONNECTION_STATUS_REASON reason, void* context)
{
    Log_Debug("[Connection] %s\n", MU_ENUM_TO_STRING(IOTHUB_CLIENT_CONNECTION_STATUS_REASON, reason));
    if (result == IOTHUB_CLIENT_CONNECTION_AUTHENTICATED)
    {
        state = State_Connected;
        retry = 0;
        Log_Debug("[Connection] Authenticated\n");
    }
    else
    {
        // The handle is in use here: it is destroyed from the timer.
        state = State_NotConnected;
        Timer_SetOneShot(connectTimer, &connectPeriod);
    }
}

static void OnTwin(DEVICE_TWIN_UPDATE_STATE updateState, const unsigned char* payload, size_t size, void* context)
{
    handlers.onTwin(updateState == DEVICE_TWIN_UPDATE_COMPLETE, (const char*)payload, size);
}

static int OnMethod(const char* name, const unsigned char* payload, size_t size, unsigned char** response,
                    size_t* responseSize, void* context)
{
    char* answer = NULL;
    int status = handlers.onMethod(name, (const char*)payload, size, &answer);
    *response = (unsigned char*)answer;
    *responseSize = answer == NULL ? 0 : strlen(answer);
    return status;
}

static IOTHUBMESSAGE_DISPOSITION_RESULT OnMessage(IOTHUB_MESSAGE_HANDLE message, void* context)
{
    const unsigned char* bytes;
    size_t size;
    if (IoTHubMessage_GetByteArray(message, &bytes, &size) != IOTHUB_MESSAGE_OK)
    {
        return IOTHUBMESSAGE_REJECTED;
    }
    Log_Debug("[Connection] Message: %.*s\n", (int)size, bytes);
    return IOTHUBMESSAGE_ACCEPTED;
}

static bool Connect(const char* hostname)
{
    IOTHUB_CLIENT_RESULT result;
    hub = IoTHubDeviceClient_LL_CreateWithAzureSphereFromDeviceAuth(hostname, MQTT_Protocol);
    if (hub == NULL)
    {
        Log_Debug("ERROR: The hub client can't be created.\n");
        return false;
    }
    result = IoTHubDeviceClient_LL_SetOption(hub, "SetDeviceId", &deviceIdForDaaCertUsage);
    if (result == IOTHUB_CLIENT_OK)
    {
        result = IoTHubDeviceClient_LL_SetOption(hub, OPTION_AUTO_URL_ENCODE_DECODE, &urlEncodeDecode);
    }
    if (result == IOTHUB_CLIENT_OK)
    {
        result = IoTHubDeviceClient_LL_SetOption(hub, OPTION_MODEL_ID, MODEL_ID);
    }
    if (result != IOTHUB_CLIENT_OK)
    {
        Log_Debug("ERROR: An option of the hub client can't be set: %s.\n", MU_ENUM_TO_STRING(IOTHUB_CLIENT_RESULT, result));
        return false;
    }
    IoTHubDeviceClient_LL_SetMessageCallback(hub, OnMessage, NULL);
    IoTHubDeviceClient_LL_SetDeviceTwinCallback(hub, OnTwin, NULL);
    IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, OnMethod, NULL);
    IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, OnStatus, NULL);
    state = State_Connecting;
    return true;
}

static void OnRegistered(PROV_DEVICE_RESULT result, const char* hubUri, const char* deviceId, void* context)
{
    provResult = result;
    provDone = true;
    free(assignedHub);
    assignedHub = hubUri == NULL ? NULL : strdup(hubUri);
}

static bool Provision(void)
{
    PROV_DEVICE_RESULT result;
    provDone = false;
    if (prov_dev_security_init(SECURE_DEVICE_TYPE_X509) != 0)
    {
        return false;
    }
    security = true;
    prov = Prov_Device_LL_Create("global.azure-devices-provisioning.net", target.scopeId, Prov_Device_MQTT_Protocol);
    if (prov == NULL)
    {
        return false;
    }
    result = Prov_Device_LL_SetOption(prov, "SetDeviceId", &deviceIdForDaaCertUsage);
    if (result == PROV_DEVICE_RESULT_OK)
    {
        result = Prov_Device_LL_Set_Provisioning_Payload(prov, "{\"modelId\":\"" MODEL_ID "\"}");
    }
    if (result == PROV_DEVICE_RESULT_OK)
    {
        result = Prov_Device_LL_Register_Device(prov, OnRegistered, NULL, NULL, NULL);
    }
    if (result != PROV_DEVICE_RESULT_OK)
    {
        Log_Debug("ERROR: Provisioning can't begin: %s.\n", MU_ENUM_TO_STRING(PROV_DEVICE_RESULT, result));
        return false;
    }
    state = State_Provisioning;
    return true;
}

static bool ConnectDirectly(void)
{
    bool connected;
    if (iothub_security_init(IOTHUB_SECURITY_TYPE_X509) != 0)
    {
        return false;
    }
    connected = Connect(target.hostname);
    iothub_security_deinit();
    return connected;
}

static void OnConnectTimer(void)
{
    bool networking = false;
    bool deviceAuth = false;
    Drop();
    if (Networking_IsNetworkingReady(&networking) != 0 || !networking || Application_IsDeviceAuthReady(&deviceAuth) != 0 ||
        !deviceAuth)
    {
        Log_Debug("[Connection] %s is not ready.\n", networking ? "Device authentication" : "The network");
        Timer_SetOneShot(connectTimer, &connectPeriod);
        return;
    }
    if (!(target.scopeId != NULL ? Provision() : ConnectDirectly()))
    {
        TryAgain(true);
    }
}

static void FinishProvisioning(void)
{
    if (provResult != PROV_DEVICE_RESULT_OK)
    {
        Log_Debug("ERROR: Provisioning failed: %s.\n", MU_ENUM_TO_STRING(PROV_DEVICE_RESULT, provResult));
        TryAgain(true);
        return;
    }
    Log_Debug("[Connection] Provisioned for %s\n", assignedHub);
    Prov_Device_LL_Destroy(prov);
    prov = NULL;
    if (!Connect(assignedHub))
    {
        TryAgain(true);
    }
    prov_dev_security_deinit();
    security = false;
}

static void OnWorkTimer(void)
{
    if (prov != NULL)
    {
        Prov_Device_LL_DoWork(prov);
        if (provDone)
        {
            FinishProvisioning();
        }
    }
    if (hub != NULL)
    {
        IoTHubDeviceClient_LL_DoWork(hub);
    }
}

int Connection_Initialize(EventLoop* eventLoop, const ConnectionTarget* where, const ConnectionHandlers* what)
{
    target = *where;
    handlers = *what;
    connectTimer = Timer_Create(eventLoop, OnConnectTimer, &never);
    workTimer = Timer_Create(eventLoop, OnWorkTimer, &workPeriod);
    return connectTimer != NULL && workTimer != NULL ? Timer_SetOneShot(connectTimer, &connectPeriod) : -1;
}

void Connection_Cleanup(void)
{
    Timer_Dispose(connectTimer);
    Timer_Dispose(workTimer);
    Drop();
    free(assignedHub);
}

static void OnSent(IOTHUB_CLIENT_CONFIRMATION_RESULT result, void* context)
{
    Log_Debug("[Connection] Telemetry confirmed: %d\n", result);
}

bool Connection_SendTelemetry(const char* json)
{
    IOTHUB_MESSAGE_HANDLE message;
    bool sent;
    if (state != State_Connected)
    {
        return false;
    }
    message = IoTHubMessage_CreateFromString(json);
    if (message == NULL)
    {
        return false;
    }
    sent = IoTHubDeviceClient_LL_SendEventAsync(hub, message, OnSent, NULL) == IOTHUB_CLIENT_OK;
    IoTHubMessage_Destroy(message);
    return sent;
}

static void OnReported(int status, void* context)
{
    Log_Debug("[Connection] Properties reported: %d\n", status);
}

bool Connection_ReportProperties(const char* json)
{
    return state == State_Connected && IoTHubDeviceClient_LL_SendReportedState(hub, (const unsigned char*)json, strlen(json),
                                                                              OnReported, NULL) == IOTHUB_CLIENT_OK;
}
