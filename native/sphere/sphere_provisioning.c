#include "sphere_provisioning.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "azure_c_shared_utility/gballoc.h"
#include "azure_c_shared_utility/crt_abstractions.h"
#include "azure_c_shared_utility/tickcounter.h"
#include "azure_c_shared_utility/xlogging.h"
#include "azure_prov_client/prov_security_factory.h"
#include "azure_prov_client/prov_transport_mqtt_client.h"
#include "credential_binding.h"
#include "host.h"
#include "iothubtransportmqtt.h"

struct SPHERE_PROVISIONING_TAG
{
    PROV_DEVICE_LL_HANDLE prov;
    TICK_COUNTER_HANDLE ticks;
    unsigned int timeout; // ms
    bool security;        // prov_dev_security_init was called
    bool done;
    char* iothub_uri;
    IOTHUB_DEVICE_CLIENT_LL_HANDLE hub;
    AZURE_SPHERE_PROV_RESULT result;
    PROV_DEVICE_RESULT prov_device_error;
    IOTHUB_CLIENT_RESULT iothub_client_error;
};

static void end(SPHERE_PROVISIONING* provisioning, AZURE_SPHERE_PROV_RESULT result)
{
    provisioning->result = result;
    provisioning->done = true;
}

static void end_with_prov_error(SPHERE_PROVISIONING* provisioning, PROV_DEVICE_RESULT error)
{
    provisioning->prov_device_error = error;
    end(provisioning, AZURE_SPHERE_PROV_RESULT_PROV_DEVICE_ERROR);
}

// The endpoint follows from the id scope: that of the China cloud begins with 0cn.
static const char* endpoint_of(const char* id_scope)
{
    return strncmp(id_scope, "0cn", 3) == 0 ? "global.azure-devices-provisioning.cn" : "global.azure-devices-provisioning.net";
}

static bool is_ready(SPHERE_PROVISIONING* provisioning)
{
    char device_id[CREDENTIAL_COMMON_NAME_SIZE];
    if (host_device_network_ready() != 1)
    {
        end(provisioning, AZURE_SPHERE_PROV_RESULT_NETWORK_NOT_READY);
        return false;
    }
    if (host_credential_common_name(0, device_id, sizeof(device_id)) == 0)
    {
        end(provisioning, AZURE_SPHERE_PROV_RESULT_DEVICEAUTH_NOT_READY);
        return false;
    }
    return true;
}

static void on_registered(PROV_DEVICE_RESULT register_result, const char* iothub_uri, const char* device_id, void* context)
{
    SPHERE_PROVISIONING* provisioning = context;
    (void)device_id;
    if (register_result != PROV_DEVICE_RESULT_OK)
    {
        end_with_prov_error(provisioning, register_result);
    }
    else if (mallocAndStrcpy_s(&provisioning->iothub_uri, iothub_uri) != 0)
    {
        end_with_prov_error(provisioning, PROV_DEVICE_RESULT_MEMORY);
    }
}

static void begin_registration(SPHERE_PROVISIONING* provisioning, const char* id_scope)
{
    const int device_number = 1;
    PROV_DEVICE_RESULT result;
    if (prov_dev_security_init(SECURE_DEVICE_TYPE_X509) != 0)
    {
        end(provisioning, AZURE_SPHERE_PROV_RESULT_GENERIC_ERROR);
        return;
    }
    provisioning->security = true;
    provisioning->prov = Prov_Device_LL_Create(endpoint_of(id_scope), id_scope, Prov_Device_MQTT_Protocol);
    if (provisioning->prov == NULL)
    {
        end_with_prov_error(provisioning, PROV_DEVICE_RESULT_ERROR);
        return;
    }
    result = Prov_Device_LL_SetOption(provisioning->prov, "SetDeviceId", &device_number);
    if (result == PROV_DEVICE_RESULT_OK)
    {
        result = Prov_Device_LL_Register_Device(provisioning->prov, on_registered, provisioning, NULL, NULL);
    }
    if (result != PROV_DEVICE_RESULT_OK)
    {
        end_with_prov_error(provisioning, result);
    }
}

SPHERE_PROVISIONING* sphere_provisioning_begin(const char* id_scope, unsigned int timeout)
{
    SPHERE_PROVISIONING* provisioning = calloc(1, sizeof(SPHERE_PROVISIONING));
    if (provisioning == NULL || (provisioning->ticks = tickcounter_create()) == NULL)
    {
        LogError("out of memory");
        free(provisioning);
        return NULL;
    }
    provisioning->timeout = timeout;
    if (id_scope == NULL || id_scope[0] == '\0')
    {
        end(provisioning, AZURE_SPHERE_PROV_RESULT_INVALID_PARAM);
    }
    else if (is_ready(provisioning))
    {
        begin_registration(provisioning, id_scope);
    }
    return provisioning;
}

static void create_hub_client(SPHERE_PROVISIONING* provisioning)
{
    const int device_number = 1;
    Prov_Device_LL_Destroy(provisioning->prov);
    provisioning->prov = NULL;
    provisioning->hub = IoTHubDeviceClient_LL_CreateWithAzureSphereFromDeviceAuth(provisioning->iothub_uri, MQTT_Protocol);
    if (provisioning->hub == NULL)
    {
        end_with_prov_error(provisioning, PROV_DEVICE_RESULT_DEV_AUTH_ERROR);
        return;
    }
    provisioning->iothub_client_error = IoTHubDeviceClient_LL_SetOption(provisioning->hub, "SetDeviceId", &device_number);
    if (provisioning->iothub_client_error != IOTHUB_CLIENT_OK)
    {
        IoTHubDeviceClient_LL_Destroy(provisioning->hub);
        provisioning->hub = NULL;
        end(provisioning, AZURE_SPHERE_PROV_RESULT_IOTHUB_CLIENT_ERROR);
        return;
    }
    end(provisioning, AZURE_SPHERE_PROV_RESULT_OK);
}

int sphere_provisioning_poll(SPHERE_PROVISIONING* provisioning)
{
    tickcounter_ms_t passed = 0;
    if (provisioning->done)
    {
        return 1;
    }
    Prov_Device_LL_DoWork(provisioning->prov);
    (void)tickcounter_get_current_ms(provisioning->ticks, &passed);
    if (!provisioning->done && provisioning->iothub_uri != NULL)
    {
        create_hub_client(provisioning);
    }
    else if (!provisioning->done && passed >= provisioning->timeout)
    {
        end_with_prov_error(provisioning, PROV_DEVICE_RESULT_TIMEOUT);
    }
    return provisioning->done ? 1 : 0;
}

IOTHUB_DEVICE_CLIENT_LL_HANDLE sphere_provisioning_finish(SPHERE_PROVISIONING* provisioning, AZURE_SPHERE_PROV_RESULT* result,
                                                          PROV_DEVICE_RESULT* prov_device_error,
                                                          IOTHUB_CLIENT_RESULT* iothub_client_error)
{
    IOTHUB_DEVICE_CLIENT_LL_HANDLE hub = provisioning->hub;
    *result = provisioning->result;
    *prov_device_error = provisioning->prov_device_error;
    *iothub_client_error = provisioning->iothub_client_error;
    Prov_Device_LL_Destroy(provisioning->prov);
    if (provisioning->security)
    {
        prov_dev_security_deinit();
    }
    tickcounter_destroy(provisioning->ticks);
    free(provisioning->iothub_uri);
    free(provisioning);
    return hub;
}
