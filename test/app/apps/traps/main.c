// What apps include, define and return, and the device's tools let pass.
#include <applibs/gpio.h>
#include <applibs/log.h>
#include <azure_c_shared_utility/macro_utils.h>
#include <azure_c_shared_utility/shared_util_options.h>
#include <azure_c_shared_utility/umock_c_prod.h>
#include <azure_prov_client/iothub_security_factory.h>
#include <azure_prov_client/prov_device_ll_client.h>
#include <azure_prov_client/prov_security_factory.h>
#include <azure_prov_client/prov_transport_mqtt_client.h>
#include <azure_sphere_provisioning.h>
#include <azureiot/azure_sphere_provisioning.h>
#include <azureiot/iothub_client_core_common.h>
#include <azureiot/iothub_client_options.h>
#include <azureiot/iothub_device_client_ll.h>
#include <iothub.h>
#include <iothub_client_core_common.h>
#include <iothub_client_options.h>
#include <iothub_device_client_ll.h>
#include <iothub_message.h>
#include <iothub_security_factory.h>
#include <iothubtransportmqtt.h>
#include <prov_device_ll_client.h>
#include <prov_security_factory.h>
#include <shared_util_options.h>
#include <soc/mt3620_adcs.h>
#include <soc/mt3620_gpios.h>
#include <soc/mt3620_i2cs.h>
#include <soc/mt3620_pwms.h>
#include <soc/mt3620_spis.h>
#include <soc/mt3620_uarts.h>
#include <string.h>
#include <strings.h>
#include <tlsutils/deviceauth.h>
#include <unistd.h>

// As on Windows.
#include <azureiot\iothub.h>
#include <hw\sample_appliance.h>

#include <hw/sample_appliance.h>

#include "parson.h"

// Defined by the app itself, as in Microsoft's samples.
MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(IOTHUB_CLIENT_RESULT, IOTHUB_CLIENT_RESULT_VALUES);
MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(IOTHUB_CLIENT_CONNECTION_STATUS_REASON, IOTHUB_CLIENT_CONNECTION_STATUS_REASON_VALUES);
MU_DEFINE_ENUM_STRINGS_WITHOUT_INVALID(PROV_DEVICE_RESULT, PROV_DEVICE_RESULT_VALUE);

// An enumerator of another enum, and a pointer of another sign: errors under -Wall -Werror with clang, not with the device's gcc.
static IOTHUBMESSAGE_DISPOSITION_RESULT OnMessage(IOTHUB_MESSAGE_HANDLE message, void* context)
{
    const unsigned char* bytes;
    const char* text;
    size_t size;
    IoTHubMessage_GetByteArray(message, &bytes, &size);
    text = bytes;
    Log_Debug("%d bytes: %.*s\n", size, size, text);
    return IOTHUB_MESSAGE_OK;
}

#pragma GCC diagnostic ignored "-Wthis-is-one-of-gcc"

int main(int argc, char* argv[])
{
    IOTHUB_DEVICE_CLIENT_LL_HANDLE hub;
    AZURE_SPHERE_PROV_RETURN_VALUE value;
    json_value_free(json_parse_string("{}"));
    Log_Debug("%s %s %s %s\n", MU_ENUM_TO_STRING(IOTHUB_CLIENT_RESULT, IOTHUB_CLIENT_INVALID_ARG),
              MU_ENUM_TO_STRING(IOTHUB_CLIENT_CONNECTION_STATUS_REASON, IOTHUB_CLIENT_CONNECTION_NO_NETWORK),
              MU_ENUM_TO_STRING(PROV_DEVICE_RESULT, PROV_DEVICE_RESULT_TIMEOUT),
              // not defined here: the library's
              MU_ENUM_TO_STRING(IOTHUB_CLIENT_CONFIRMATION_RESULT, IOTHUB_CLIENT_CONFIRMATION_MESSAGE_TIMEOUT));
    Log_Debug("led %d i2c %d uart %d\n", SAMPLE_LED, SAMPLE_I2C, MT3620_UART_ISU0);
    // The SDK reads the answers of DPS by its own parson.
    value = IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning(argv[1], 10000, &hub);
    Log_Debug("provisioned: %d %d %d\n", value.result, value.prov_device_error, value.iothub_client_error);
    if (hub != NULL)
    {
        IoTHubDeviceClient_LL_SetMessageCallback(hub, OnMessage, NULL);
        IoTHubDeviceClient_LL_Destroy(hub);
    }
    return value.result;
}
