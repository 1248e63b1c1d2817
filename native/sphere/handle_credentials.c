// Remembers the credential binding of every handle. The SDK is not edited for it: the linker's --wrap puts these
// functions around Create and Destroy, and each Create makes exactly one instance of the x509 adapter.
#include "handle_credentials.h"

#include <stdlib.h>

#include "azure_c_shared_utility/crt_abstractions.h"
#include "azure_c_shared_utility/gballoc.h"
#include "azure_c_shared_utility/xlogging.h"
#include "azure_prov_client/prov_device_ll_client.h"
#include "credential_binding.h"
#include "iothub_device_client_ll.h"

static HANDLE_CREDENTIAL* first = NULL;

const HANDLE_CREDENTIAL* handle_credentials_find(const void* handle)
{
    HANDLE_CREDENTIAL* entry = first;
    while (entry != NULL && entry->handle != handle)
    {
        entry = entry->next;
    }
    return entry;
}

// Returns 0, also where the handle uses no certificate of the device.
static int remember(void* handle, const char* device_id)
{
    int binding = credential_binding_last_made();
    HANDLE_CREDENTIAL* entry;
    if (handle == NULL || binding == 0)
    {
        return 0;
    }
    entry = calloc(1, sizeof(HANDLE_CREDENTIAL));
    if (entry == NULL || (device_id != NULL && mallocAndStrcpy_s(&entry->device_id, device_id) != 0))
    {
        LogError("out of memory");
        free(entry);
        return MU_FAILURE;
    }
    entry->handle = handle;
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
            free(entry->device_id);
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
extern void __real_Prov_Device_LL_Destroy(PROV_DEVICE_LL_HANDLE handle);
extern IOTHUB_DEVICE_CLIENT_LL_HANDLE __real_IoTHubDeviceClient_LL_CreateFromDeviceAuth(
    const char* iothub_uri, const char* device_id, IOTHUB_CLIENT_TRANSPORT_PROVIDER protocol);
extern void __real_IoTHubDeviceClient_LL_Destroy(IOTHUB_DEVICE_CLIENT_LL_HANDLE handle);

WRAPPED(Prov_Device_LL_Create)
PROV_DEVICE_LL_HANDLE __wrap_Prov_Device_LL_Create(const char* uri, const char* scope_id,
                                                   PROV_DEVICE_TRANSPORT_PROVIDER_FUNCTION protocol)
{
    PROV_DEVICE_LL_HANDLE handle;
    (void)credential_binding_last_made();
    handle = __real_Prov_Device_LL_Create(uri, scope_id, protocol);
    if (remember(handle, NULL) != 0)
    {
        __real_Prov_Device_LL_Destroy(handle);
        handle = NULL;
    }
    return handle;
}

WRAPPED(Prov_Device_LL_Destroy)
void __wrap_Prov_Device_LL_Destroy(PROV_DEVICE_LL_HANDLE handle)
{
    forget(handle);
    __real_Prov_Device_LL_Destroy(handle);
}

WRAPPED(IoTHubDeviceClient_LL_CreateFromDeviceAuth)
IOTHUB_DEVICE_CLIENT_LL_HANDLE __wrap_IoTHubDeviceClient_LL_CreateFromDeviceAuth(
    const char* iothub_uri, const char* device_id, IOTHUB_CLIENT_TRANSPORT_PROVIDER protocol)
{
    IOTHUB_DEVICE_CLIENT_LL_HANDLE handle;
    (void)credential_binding_last_made();
    handle = __real_IoTHubDeviceClient_LL_CreateFromDeviceAuth(iothub_uri, device_id, protocol);
    if (remember(handle, device_id) != 0)
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
