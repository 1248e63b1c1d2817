// A certificate chain of one's own in the place of the DAA certificate, handle by handle.
//
// Known of the device's functions, from Microsoft's pages "Use Azure IoT with Azure Sphere" and "Azure IoT C SDK library
// functions": their names; that they hand a custom device certificate chain to the SDK; that the one for DPS is called
// after Prov_Device_LL_Create and the one for IoT Hub after IoTHubDeviceClient_LL_CreateFromDeviceAuth; and that an app
// which uses both services calls both, with the same chain, because the SDK keeps DPS and IoT Hub apart.
//
// Not known: their prototypes, header, lifetimes, results and limits, which stand in no public file. What follows is this
// project's choice: the parameters (handle, chain, key), the result (the enum of the handle's family), and these rules:
//
// - Both texts are copied before the function returns: the caller may overwrite and free them at once. The key goes to
//   the certificate store, and C keeps a reference to it.
// - A call that is refused changes nothing: the handle goes on with what it had, the DAA certificate or the chain of an
//   override before. Why it was refused is in the log, and in the diagnostics of the SDK instance.
// - A handle may be overridden again while it may be overridden at all; the last chain counts. Options that are set in
//   between do not matter, but for those named below.
// - A chain is checked when it is handed over: that it and the key belong together, the leaf's common name, and by the
//   device's clock that the leaf is valid. What becomes of it later is for the service to judge.
// - The chain goes with its handle: it leaves the store when the handle is destroyed or another chain takes its place.
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
 *         name of the leaf; the SDK sets that only once, so a further chain has to have the same name, and so has the
 *         first one where the app set the option registration_id.
 *
 * @param  handle             A handle that Prov_Device_LL_Create made, with prov_dev_security_init for X.509, and for which
 *                            Prov_Device_LL_Register_Device was not called yet.
 * @param  certificate_chain  PEM: the leaf and its issuers. The leaf's common name has to be one that DPS takes as a
 *                            registration id.
 * @param  private_key        PEM: the leaf's private key, not encrypted.
 *
 * @return PROV_DEVICE_RESULT_OK: the handle uses the chain.
 *         PROV_DEVICE_RESULT_INVALID_ARG: the handle is NULL or does not use the device's certificate; the chain or the key
 *         is NULL or empty; or they can't be used (no PEM, cut off, not of each other, no chain, weak key, no such common
 *         name, expired, not valid yet).
 *         PROV_DEVICE_RESULT_INVALID_STATE: Prov_Device_LL_Register_Device was called; the registration id is another; or
 *         the option x509certificate or x509privatekey was set, which would be used in the chain's place.
 */
MOCKABLE_FUNCTION(, PROV_DEVICE_RESULT, AzureIoT_OverrideAzureSphereAuthDPS, PROV_DEVICE_LL_HANDLE, handle, const char*,
                  certificate_chain, const char*, private_key);

/**
 * @brief  Makes an IoT Hub handle use a certificate chain of the app's own.
 *
 * @param  handle             A handle that IoTHubDeviceClient_LL_CreateFromDeviceAuth (or …WithAzureSphereFromDeviceAuth)
 *                            made and that has not begun to connect: the first IoTHubDeviceClient_LL_DoWork does.
 * @param  certificate_chain  PEM: the leaf and its issuers. The leaf's common name has to be the device id that the handle
 *                            was created with, letter case included.
 * @param  private_key        PEM: the leaf's private key, not encrypted.
 *
 * @return IOTHUB_CLIENT_OK: the handle uses the chain.
 *         IOTHUB_CLIENT_INVALID_ARG: the handle is NULL or does not use the device's certificate; the chain or the key is
 *         NULL or empty; they can't be used (as above, by IoT Hub's rule for device ids); or the common name is not the
 *         handle's device id.
 *         IOTHUB_CLIENT_ERROR: the handle has begun to connect. It keeps its certificate, when the SDK reconnects too.
 */
MOCKABLE_FUNCTION(, IOTHUB_CLIENT_RESULT, AzureIoT_OverrideAzureSphereAuthIoTHub, IOTHUB_DEVICE_CLIENT_LL_HANDLE, handle,
                  const char*, certificate_chain, const char*, private_key);

#ifdef __cplusplus
}
#endif

#endif
