// The overrides for a chain that C brings: it goes into the host's store first.
#include "azure_sphere_auth_override.h"

#include "host.h"
#include "installed_override.h"

PROV_DEVICE_RESULT AzureIoT_OverrideAzureSphereAuthDPS(PROV_DEVICE_LL_HANDLE handle, const char* certificate_chain,
                                                       const char* private_key)
{
    return sphere_override_dps(handle, host_credential_install(HOST_SERVICE_DPS, certificate_chain, private_key));
}

IOTHUB_CLIENT_RESULT AzureIoT_OverrideAzureSphereAuthIoTHub(IOTHUB_DEVICE_CLIENT_LL_HANDLE handle,
                                                            const char* certificate_chain, const char* private_key)
{
    return sphere_override_iothub(handle, host_credential_install(HOST_SERVICE_HUB, certificate_chain, private_key));
}
