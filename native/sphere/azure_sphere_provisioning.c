// The creators that Azure Sphere adds to the SDK.
#include "azure_sphere_provisioning.h"

#include "azure_c_shared_utility/xlogging.h"
#include "azure_prov_client/iothub_security_factory.h"
#include "credential_binding.h"
#include "host.h"

// Apps that come from DPS never call iothub_security_init: prov_dev_security_init did. Others call neither.
static int ensure_security(void)
{
    return iothub_security_type() == IOTHUB_SECURITY_TYPE_UNKNOWN ? iothub_security_init(IOTHUB_SECURITY_TYPE_X509) : 0;
}

IOTHUB_DEVICE_CLIENT_LL_HANDLE IoTHubDeviceClient_LL_CreateWithAzureSphereFromDeviceAuth(
    const char* iothub_uri, IOTHUB_CLIENT_TRANSPORT_PROVIDER protocol)
{
    char device_id[CREDENTIAL_COMMON_NAME_SIZE];
    if (host_credential_common_name(0, device_id, sizeof(device_id)) == 0)
    {
        LogError("The device has no DAA certificate yet: device authentication is not ready");
        return NULL;
    }
    if (ensure_security() != 0)
    {
        LogError("The security layer can't be initialised for X.509");
        return NULL;
    }
    return IoTHubDeviceClient_LL_CreateFromDeviceAuth(iothub_uri, device_id, protocol);
}
