// IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning in steps: on a device it blocks for up to its time-out,
// here the caller takes the steps. src/sdk/provisioning.ts makes a promise of them.
#ifndef SPHERE_IOT_SPHERE_PROVISIONING_H
#define SPHERE_IOT_SPHERE_PROVISIONING_H

#include "azure_sphere_provisioning.h"

typedef struct SPHERE_PROVISIONING_TAG SPHERE_PROVISIONING;

// Begins; `timeout` in milliseconds. NULL when out of memory. sphere_provisioning_finish frees it.
SPHERE_PROVISIONING* sphere_provisioning_begin(const char* id_scope, unsigned int timeout);
// Goes on; 0 while there is more to do. On a device 100 ms pass between two calls.
int sphere_provisioning_poll(SPHERE_PROVISIONING* provisioning);
// Ends, wherever it stands, and returns the hub's handle, or NULL. `prov_device_error` means something only with
// AZURE_SPHERE_PROV_RESULT_PROV_DEVICE_ERROR, `iothub_client_error` only with AZURE_SPHERE_PROV_RESULT_IOTHUB_CLIENT_ERROR.
IOTHUB_DEVICE_CLIENT_LL_HANDLE sphere_provisioning_finish(SPHERE_PROVISIONING* provisioning, AZURE_SPHERE_PROV_RESULT* result,
                                                          PROV_DEVICE_RESULT* prov_device_error,
                                                          IOTHUB_CLIENT_RESULT* iothub_client_error);

#endif
