// Remembers the credential binding of every handle. The SDK is not edited for it: the linker's --wrap puts these
// functions around its own, and each Create makes exactly one instance of the x509 adapter.
#include "handle_credentials.h"

#include <stdlib.h>
#include <string.h>

#include "azure_c_shared_utility/crt_abstractions.h"
#include "azure_c_shared_utility/gballoc.h"
#include "azure_c_shared_utility/xlogging.h"
#include "azure_prov_client/prov_device_ll_client.h"
#include "credential_binding.h"
#include "host.h"
#include "iothub_device_client_ll.h"

static HANDLE_CREDENTIAL* first = NULL;

static HANDLE_CREDENTIAL* find(const void* handle, int service)
{
    HANDLE_CREDENTIAL* entry = first;
    while (entry != NULL && (entry->handle != handle || entry->service != service))
    {
        entry = entry->next;
    }
    return entry;
}

const HANDLE_CREDENTIAL* handle_credentials_find(const void* handle, int service)
{
    return find(handle, service);
}

// Returns 0, also where the handle uses no certificate of the device.
static int remember(void* handle, int service, const char* id)
{
    int binding = credential_binding_take_last();
    HANDLE_CREDENTIAL* entry;
    if (handle == NULL || binding == 0)
    {
        return 0;
    }
    entry = calloc(1, sizeof(HANDLE_CREDENTIAL));
    if (entry == NULL || (id != NULL && mallocAndStrcpy_s(&entry->id, id) != 0))
    {
        LogError("out of memory");
        free(entry);
        return MU_FAILURE;
    }
    entry->handle = handle;
    entry->service = service;
    entry->binding = binding;
    entry->next = first;
    first = entry;
    return 0;
}

static void forget(const void* handle)
{
    for (HANDLE_CREDENTIAL** link = &first; *link != NULL; link = &(*link)->next)
    {
        if ((*link)->handle == handle)
        {
            HANDLE_CREDENTIAL* entry = *link;
            *link = entry->next;
            free(entry->id);
            free(entry);
            return;
        }
    }
}

#ifdef SPHERE_IOT_APP
#define WRAPPED(name)
#else
// emcc 3.1.6 can't have a wrapped function in EXPORTED_FUNCTIONS: the wrapper carries the export name itself.
#define WRAPPED(name) __attribute__((export_name(#name)))
#endif

extern PROV_DEVICE_LL_HANDLE __real_Prov_Device_LL_Create(const char* uri, const char* scope_id,
                                                          PROV_DEVICE_TRANSPORT_PROVIDER_FUNCTION protocol);
extern PROV_DEVICE_RESULT __real_Prov_Device_LL_SetOption(PROV_DEVICE_LL_HANDLE handle, const char* name, const void* value);
extern PROV_DEVICE_RESULT __real_Prov_Device_LL_Register_Device(PROV_DEVICE_LL_HANDLE handle,
                                                                PROV_DEVICE_CLIENT_REGISTER_DEVICE_CALLBACK registered,
                                                                void* registered_context,
                                                                PROV_DEVICE_CLIENT_REGISTER_STATUS_CALLBACK status,
                                                                void* status_context);
extern void __real_Prov_Device_LL_Destroy(PROV_DEVICE_LL_HANDLE handle);
extern IOTHUB_DEVICE_CLIENT_LL_HANDLE __real_IoTHubDeviceClient_LL_CreateFromDeviceAuth(
    const char* iothub_uri, const char* device_id, IOTHUB_CLIENT_TRANSPORT_PROVIDER protocol);
extern void __real_IoTHubDeviceClient_LL_Destroy(IOTHUB_DEVICE_CLIENT_LL_HANDLE handle);

WRAPPED(Prov_Device_LL_Create)
PROV_DEVICE_LL_HANDLE __wrap_Prov_Device_LL_Create(const char* uri, const char* scope_id,
                                                   PROV_DEVICE_TRANSPORT_PROVIDER_FUNCTION protocol)
{
    PROV_DEVICE_LL_HANDLE handle;
    (void)credential_binding_take_last();
    handle = __real_Prov_Device_LL_Create(uri, scope_id, protocol);
    if (remember(handle, HOST_SERVICE_DPS, NULL) != 0)
    {
        __real_Prov_Device_LL_Destroy(handle);
        handle = NULL;
    }
    return handle;
}

WRAPPED(Prov_Device_LL_SetOption)
PROV_DEVICE_RESULT __wrap_Prov_Device_LL_SetOption(PROV_DEVICE_LL_HANDLE handle, const char* name, const void* value)
{
    PROV_DEVICE_RESULT result = __real_Prov_Device_LL_SetOption(handle, name, value);
    HANDLE_CREDENTIAL* entry = find(handle, HOST_SERVICE_DPS);
    if (result != PROV_DEVICE_RESULT_OK || entry == NULL)
    {
        return result;
    }
    if (strcmp(name, PROV_REGISTRATION_ID) == 0)
    {
        // The SDK takes one only. Out of memory here, an override finds that out from the SDK.
        (void)mallocAndStrcpy_s(&entry->id, value);
    }
    else if (strcmp(name, OPTION_X509_CERT) == 0 || strcmp(name, OPTION_X509_PRIVATE_KEY) == 0)
    {
        entry->own_certificate = true;
    }
    return result;
}

WRAPPED(Prov_Device_LL_Register_Device)
PROV_DEVICE_RESULT __wrap_Prov_Device_LL_Register_Device(PROV_DEVICE_LL_HANDLE handle,
                                                         PROV_DEVICE_CLIENT_REGISTER_DEVICE_CALLBACK registered,
                                                         void* registered_context,
                                                         PROV_DEVICE_CLIENT_REGISTER_STATUS_CALLBACK status,
                                                         void* status_context)
{
    PROV_DEVICE_RESULT result =
        __real_Prov_Device_LL_Register_Device(handle, registered, registered_context, status, status_context);
    HANDLE_CREDENTIAL* entry = find(handle, HOST_SERVICE_DPS);
    if (result == PROV_DEVICE_RESULT_OK && entry != NULL)
    {
        entry->registering = true;
    }
    return result;
}

WRAPPED(Prov_Device_LL_Destroy)
void __wrap_Prov_Device_LL_Destroy(PROV_DEVICE_LL_HANDLE handle)
{
    forget(handle);
    __real_Prov_Device_LL_Destroy(handle);
}

WRAPPED(IoTHubDeviceClient_LL_CreateFromDeviceAuth)
IOTHUB_DEVICE_CLIENT_LL_HANDLE __wrap_IoTHubDeviceClient_LL_CreateFromDeviceAuth(const char* iothub_uri, const char* device_id,
                                                                                 IOTHUB_CLIENT_TRANSPORT_PROVIDER protocol)
{
    IOTHUB_DEVICE_CLIENT_LL_HANDLE handle;
    (void)credential_binding_take_last();
    handle = __real_IoTHubDeviceClient_LL_CreateFromDeviceAuth(iothub_uri, device_id, protocol);
    if (remember(handle, HOST_SERVICE_HUB, device_id) != 0)
    {
        __real_IoTHubDeviceClient_LL_Destroy(handle);
        handle = NULL;
    }
    return handle;
}

WRAPPED(IoTHubDeviceClient_LL_Destroy)
void __wrap_IoTHubDeviceClient_LL_Destroy(IOTHUB_DEVICE_CLIENT_LL_HANDLE handle)
{
    forget(handle);
    __real_IoTHubDeviceClient_LL_Destroy(handle);
}
