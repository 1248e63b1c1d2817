// What Azure Sphere adds to the Azure IoT C SDK to create clients that use the DAA certificate, or another one.
#ifndef AZURE_SPHERE_PROVISIONING_H
#define AZURE_SPHERE_PROVISIONING_H

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
 * @brief  Creates an IoT Hub client that authenticates with the device's DAA certificate; the device id is the
 *         certificate's common name.
 *
 * @param  iothub_uri  Host name of the IoT hub.
 * @param  protocol    MQTT_Protocol or MQTT_WebSocket_Protocol.
 *
 * @return A handle that IoTHubDeviceClient_LL_Destroy frees, or NULL.
 */
MOCKABLE_FUNCTION(, IOTHUB_DEVICE_CLIENT_LL_HANDLE, IoTHubDeviceClient_LL_CreateWithAzureSphereFromDeviceAuth, const char*, iothub_uri, IOTHUB_CLIENT_TRANSPORT_PROVIDER, protocol);

#ifdef __cplusplus
}
#endif

#endif
