// What Azure Sphere adds to the Azure IoT C SDK to create clients that use the DAA certificate, or another one.
#ifndef AZURE_SPHERE_PROVISIONING_H
#define AZURE_SPHERE_PROVISIONING_H

#include "azure_prov_client/prov_device_ll_client.h"
#include "azure_sphere_auth_override.h"
#include "iothub_client_core_common.h"
#include "iothub_device_client_ll.h"
#include "azure_macro_utils/macro_utils.h"
#include "umock_c/umock_c_prod.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief  How provisioning by IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning ended.
 */
typedef enum AZURE_SPHERE_PROV_RESULT_TAG
{
    AZURE_SPHERE_PROV_RESULT_OK = 0,
    AZURE_SPHERE_PROV_RESULT_INVALID_PARAM = 1,
    AZURE_SPHERE_PROV_RESULT_NETWORK_NOT_READY = 2,
    AZURE_SPHERE_PROV_RESULT_DEVICEAUTH_NOT_READY = 3,
    AZURE_SPHERE_PROV_RESULT_PROV_DEVICE_ERROR = 4,
    AZURE_SPHERE_PROV_RESULT_IOTHUB_CLIENT_ERROR = 5,
    AZURE_SPHERE_PROV_RESULT_GENERIC_ERROR = 6
} AZURE_SPHERE_PROV_RESULT;

/**
 * @brief  What IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning returns. `prov_device_error` means something
 *         only with AZURE_SPHERE_PROV_RESULT_PROV_DEVICE_ERROR, `iothub_client_error` only with
 *         AZURE_SPHERE_PROV_RESULT_IOTHUB_CLIENT_ERROR.
 */
typedef struct AZURE_SPHERE_PROV_RETURN_VALUE_TAG
{
    AZURE_SPHERE_PROV_RESULT result;
    PROV_DEVICE_RESULT prov_device_error;
    IOTHUB_CLIENT_RESULT iothub_client_error;
} AZURE_SPHERE_PROV_RETURN_VALUE;

/**
 * @brief  Registers with DPS by the DAA certificate and creates a client for the hub that it assigned. Blocks until that is
 *         done, or has failed.
 *
 * @param  idScope  Id scope of the DPS.
 * @param  timeout  Milliseconds after which to give up: AZURE_SPHERE_PROV_RESULT_PROV_DEVICE_ERROR with
 *                  PROV_DEVICE_RESULT_TIMEOUT.
 * @param  handle   Gets a handle that IoTHubDeviceClient_LL_Destroy frees, or NULL.
 */
AZURE_SPHERE_PROV_RETURN_VALUE IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning(
    const char* idScope, unsigned int timeout, IOTHUB_DEVICE_CLIENT_LL_HANDLE* handle);

/**
 * @brief  Creates an IoT Hub client that authenticates with the device's DAA certificate; the device id is the
 *         certificate's common name.
 *
 * @param  iothub_uri  Host name of the IoT hub.
 * @param  protocol    MQTT_Protocol or MQTT_WebSocket_Protocol.
 *
 * @return A handle that IoTHubDeviceClient_LL_Destroy frees, or NULL.
 */
MOCKABLE_FUNCTION(, IOTHUB_DEVICE_CLIENT_LL_HANDLE, IoTHubDeviceClient_LL_CreateWithAzureSphereFromDeviceAuth, const char*,
                  iothub_uri, IOTHUB_CLIENT_TRANSPORT_PROVIDER, protocol);

#ifdef __cplusplus
}
#endif

#endif
