// The overrides for a chain that is in the certificate store already: TypeScript calls these, so that a key which comes
// from there never passes through C.
#ifndef SPHERE_IOT_INSTALLED_OVERRIDE_H
#define SPHERE_IOT_INSTALLED_OVERRIDE_H

#include "azure_prov_client/prov_device_ll_client.h"
#include "iothub_device_client_ll.h"

// For DPS. `installed` is a number from host_credential_install, or 0: that is refused. It becomes the handle's, or is discarded where the
// result is not OK. Results as in azure_sphere_auth_override.h.
PROV_DEVICE_RESULT sphere_override_dps(PROV_DEVICE_LL_HANDLE handle, int installed);
// The same for the hub.
IOTHUB_CLIENT_RESULT sphere_override_iothub(IOTHUB_DEVICE_CLIENT_LL_HANDLE handle, int installed);

#endif
