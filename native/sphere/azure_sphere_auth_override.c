// AzureIoT_OverrideAzureSphereAuthDPS and AzureIoT_OverrideAzureSphereAuthIoTHub.
#include "azure_sphere_auth_override.h"

#include <string.h>

#include "azure_c_shared_utility/xlogging.h"
#include "credential_binding.h"
#include "handle_credentials.h"
#include "host.h"
#include "installed_override.h"

static int install(const char* certificate_chain, const char* private_key)
{
    if (certificate_chain == NULL || certificate_chain[0] == '\0' || private_key == NULL || private_key[0] == '\0')
    {
        LogError("A certificate chain and a private key have to be given, both as PEM");
        return 0;
    }
    return host_credential_install(certificate_chain, private_key);
}

static const HANDLE_CREDENTIAL* find(const void* handle)
{
    const HANDLE_CREDENTIAL* entry = handle == NULL ? NULL : handle_credentials_find(handle);
    if (entry == NULL)
    {
        LogError("The handle %p is not one that uses the device's own certificate", handle);
    }
    return entry;
}

static PROV_DEVICE_RESULT override_dps(PROV_DEVICE_LL_HANDLE handle, int installed)
{
    const HANDLE_CREDENTIAL* entry = find(handle);
    char name[CREDENTIAL_COMMON_NAME_SIZE];
    if (entry == NULL || host_credential_installed_name(installed, name, sizeof(name)) == 0)
    {
        return PROV_DEVICE_RESULT_INVALID_ARG;
    }
    // First the one thing that the SDK can refuse.
    if (Prov_Device_LL_SetOption(handle, PROV_REGISTRATION_ID, name) != PROV_DEVICE_RESULT_OK)
    {
        LogError("The handle has begun to register, or its registration id was set before");
        return PROV_DEVICE_RESULT_INVALID_STATE;
    }
    return host_credential_override(entry->binding, installed) == 0 ? PROV_DEVICE_RESULT_OK
                                                                    : PROV_DEVICE_RESULT_INVALID_STATE;
}

static IOTHUB_CLIENT_RESULT override_iothub(IOTHUB_DEVICE_CLIENT_LL_HANDLE handle, int installed)
{
    const HANDLE_CREDENTIAL* entry = find(handle);
    char name[CREDENTIAL_COMMON_NAME_SIZE];
    if (entry == NULL || host_credential_installed_name(installed, name, sizeof(name)) == 0)
    {
        return IOTHUB_CLIENT_INVALID_ARG;
    }
    // The device id and the topics are fixed when the handle is created.
    if (strcmp(name, entry->device_id) != 0)
    {
        LogError("The certificate's common name is %s, but the handle was created for device %s", name, entry->device_id);
        return IOTHUB_CLIENT_INVALID_ARG;
    }
    if (host_credential_override(entry->binding, installed) != 0)
    {
        LogError("The handle has connected: override its certificate before the first DoWork");
        return IOTHUB_CLIENT_ERROR;
    }
    return IOTHUB_CLIENT_OK;
}

PROV_DEVICE_RESULT sphere_override_dps(PROV_DEVICE_LL_HANDLE handle, int installed)
{
    PROV_DEVICE_RESULT result = override_dps(handle, installed);
    if (result != PROV_DEVICE_RESULT_OK)
    {
        host_credential_discard(installed);
    }
    return result;
}

IOTHUB_CLIENT_RESULT sphere_override_iothub(IOTHUB_DEVICE_CLIENT_LL_HANDLE handle, int installed)
{
    IOTHUB_CLIENT_RESULT result = override_iothub(handle, installed);
    if (result != IOTHUB_CLIENT_OK)
    {
        host_credential_discard(installed);
    }
    return result;
}

PROV_DEVICE_RESULT AzureIoT_OverrideAzureSphereAuthDPS(PROV_DEVICE_LL_HANDLE handle, const char* certificate_chain,
                                                       const char* private_key)
{
    return sphere_override_dps(handle, install(certificate_chain, private_key));
}

IOTHUB_CLIENT_RESULT AzureIoT_OverrideAzureSphereAuthIoTHub(IOTHUB_DEVICE_CLIENT_LL_HANDLE handle,
                                                            const char* certificate_chain, const char* private_key)
{
    return sphere_override_iothub(handle, install(certificate_chain, private_key));
}
