// A certificate chain of one's own in the place of the DAA certificate, handle by handle.
//
// Known: Microsoft's list of the C SDK functions on Azure Sphere names both functions; its page on Azure IoT says that
// they hand a custom device certificate chain to the SDK, after the handle's Create, and that an app which uses DPS and
// IoT Hub calls both, with the same chain. Not known: their prototypes, which stand in no public header. Those below
// are this project's choice: the handle, the chain, the key; the result enum of the handle's family.
#ifndef AZURE_SPHERE_AUTH_OVERRIDE_H
#define AZURE_SPHERE_AUTH_OVERRIDE_H

#include "azure_prov_client/prov_device_ll_client.h"
#include "iothub_device_client_ll.h"
#include "azure_macro_utils/macro_utils.h"
#include "umock_c/umock_c_prod.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief  Makes a provisioning handle use a certificate chain of the app's own. Its registration id becomes the common
 *         name of the new leaf.
 *
 * @param  handle             A handle that Prov_Device_LL_Create made and that has not begun to register.
 * @param  certificate_chain  PEM: leaf first, then its issuers. Copied.
 * @param  private_key        PEM: the leaf's private key. Put into the certificate store, not kept in C.
 *
 * @return PROV_DEVICE_RESULT_OK; PROV_DEVICE_RESULT_INVALID_ARG if an argument is missing or the chain and the key
 *         can't be used (the log says why); PROV_DEVICE_RESULT_INVALID_STATE if the handle has begun to register or its
 *         registration id was set before.
 */
MOCKABLE_FUNCTION(, PROV_DEVICE_RESULT, AzureIoT_OverrideAzureSphereAuthDPS, PROV_DEVICE_LL_HANDLE, handle, const char*, certificate_chain, const char*, private_key);

/**
 * @brief  Makes an IoT Hub handle use a certificate chain of the app's own.
 *
 * @param  handle             A handle that IoTHubDeviceClient_LL_CreateFromDeviceAuth (or …WithAzureSphereFromDeviceAuth)
 *                            made and that has not connected yet.
 * @param  certificate_chain  PEM: leaf first, then its issuers. Copied. The leaf's common name has to be the device id of
 *                            the handle.
 * @param  private_key        PEM: the leaf's private key. Put into the certificate store, not kept in C.
 *
 * @return IOTHUB_CLIENT_OK; IOTHUB_CLIENT_INVALID_ARG if an argument is missing, the chain and the key can't be used or
 *         name another device (the log says why); IOTHUB_CLIENT_ERROR if the handle has connected.
 */
MOCKABLE_FUNCTION(, IOTHUB_CLIENT_RESULT, AzureIoT_OverrideAzureSphereAuthIoTHub, IOTHUB_DEVICE_CLIENT_LL_HANDLE, handle, const char*, certificate_chain, const char*, private_key);

#ifdef __cplusplus
}
#endif

#endif
