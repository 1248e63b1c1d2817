// Registration with DPS.
#include <stdio.h>
#include <string.h>

#include "harness.h"

#define GLOBAL "global.azure-devices-provisioning.net"

static void OnRegistered(PROV_DEVICE_RESULT result, const char* hub, const char* deviceId, void* context)
{
    Context* c = context;
    const char* payload = c->provisioning == NULL ? NULL : Prov_Device_LL_Get_Provisioning_Payload(c->provisioning);
    Say("< registered %s, %s, %s, payload %s", NameOfProvResult(result), hub == NULL ? "no hub" : hub,
        deviceId == NULL ? "no device" : deviceId, payload == NULL ? "none" : payload);
    (void)snprintf(c->assignedHub, sizeof(c->assignedHub), "%s", hub == NULL ? "" : hub);
    c->registered++;
}

static void OnRegistrationStatus(PROV_DEVICE_REG_STATUS status, void* context)
{
    (void)context;
    Say("< registration status %d", (int)status);
}

typedef PROV_DEVICE_TRANSPORT_PROVIDER_FUNCTION ProvProtocol;

static bool Begin(Context* c, SECURE_DEVICE_TYPE type, ProvProtocol protocol)
{
    static const int deviceIdForDaaCertUsage = 1;
    Say("prov_dev_security_init -> %d", prov_dev_security_init(type));
    if (type == SECURE_DEVICE_TYPE_SYMMETRIC_KEY)
    {
        Say("prov_dev_set_symmetric_key_info -> %d", prov_dev_set_symmetric_key_info(c->registrationId, c->registrationKey));
    }
    c->provisioning = Prov_Device_LL_Create(GLOBAL, c->idScope, protocol);
    Say("Prov_Device_LL_Create -> %s", c->provisioning == NULL ? "NULL" : "a client");
    if (c->provisioning == NULL)
    {
        return false;
    }
    Say("SetDeviceId -> %s",
        NameOfProvResult((int)Prov_Device_LL_SetOption(c->provisioning, "SetDeviceId", &deviceIdForDaaCertUsage)));
    return true;
}

static int Register(Context* c)
{
    Say("Prov_Device_LL_Register_Device -> %s",
        NameOfProvResult((int)Prov_Device_LL_Register_Device(c->provisioning, OnRegistered, c, OnRegistrationStatus, c)));
    bool registered = RunUntil(c, &c->registered, 1);
    Prov_Device_LL_Destroy(c->provisioning);
    c->provisioning = NULL;
    prov_dev_security_deinit();
    return registered ? 0 : 1;
}

// What DPS does is the test's.
static int ByCertificate(Context* c)
{
    return Begin(c, SECURE_DEVICE_TYPE_X509, Prov_Device_MQTT_Protocol) ? Register(c) : 1;
}

static int ByKey(Context* c)
{
    return Begin(c, SECURE_DEVICE_TYPE_SYMMETRIC_KEY, Prov_Device_MQTT_Protocol) ? Register(c) : 1;
}

static int ByWebSocket(Context* c)
{
    return Begin(c, SECURE_DEVICE_TYPE_X509, Prov_Device_MQTT_WS_Protocol) ? Register(c) : 1;
}

static int ByKeyAndWebSocket(Context* c)
{
    return Begin(c, SECURE_DEVICE_TYPE_SYMMETRIC_KEY, Prov_Device_MQTT_WS_Protocol) ? Register(c) : 1;
}

static int WithPayload(Context* c)
{
    if (!Begin(c, SECURE_DEVICE_TYPE_X509, Prov_Device_MQTT_Protocol))
    {
        return 1;
    }
    Say("Prov_Device_LL_Set_Provisioning_Payload -> %s",
        NameOfProvResult((int)Prov_Device_LL_Set_Provisioning_Payload(c->provisioning, "{\"modelId\":\"dtmi:a:b;1\"}")));
    return Register(c);
}

static int WithTimeouts(Context* c)
{
    uint8_t seconds = 20;
    if (!Begin(c, SECURE_DEVICE_TYPE_X509, Prov_Device_MQTT_Protocol))
    {
        return 1;
    }
    Say("timeout -> %s", NameOfProvResult((int)Prov_Device_LL_SetOption(c->provisioning, PROV_OPTION_TIMEOUT, &seconds)));
    Say("unknown -> %s", NameOfProvResult((int)Prov_Device_LL_SetOption(c->provisioning, "no such option", &seconds)));
    return Register(c);
}

static int ThenConnects(Context* c)
{
    int result = ByCertificate(c);
    if (result != 0 || c->assignedHub[0] == '\0')
    {
        return 1;
    }
    c->hub = c->assignedHub;
    return Connect(c) ? 0 : 1;
}

static int Twice(Context* c)
{
    int first = ByCertificate(c);
    c->registered = 0;
    return first == 0 ? ByCertificate(c) : first;
}

const NamedScenario provisioningScenarios[] = {{"registration by certificate", ByCertificate},
                                               {"registration by key", ByKey},
                                               {"registration over a WebSocket", ByWebSocket},
                                               {"registration by key over a WebSocket", ByKeyAndWebSocket},
                                               {"registration with a payload", WithPayload},
                                               {"registration with a time-out", WithTimeouts},
                                               {"registration, then connection", ThenConnects},
                                               {"registration twice", Twice},
                                               {NULL, NULL}};
