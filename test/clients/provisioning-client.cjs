// Registers with the unmodified azure-iot-provisioning-device; its CA comes by NODE_EXTRA_CA_CERTS.
// stdin: {"endpoint","idScope","registrationId","cert","key","payload"}; stdout: {"result"} or {"error"}.
const { readFileSync } = require('node:fs');
const { ProvisioningDeviceClient } = require('azure-iot-provisioning-device');
const { Mqtt } = require('azure-iot-provisioning-device-mqtt');
const { X509Security } = require('azure-iot-security-x509');

const { endpoint, idScope, registrationId, cert, key, payload } = JSON.parse(readFileSync(0, 'utf8'));
const security = new X509Security(registrationId, { cert, key });
const client = ProvisioningDeviceClient.create(endpoint, idScope, new Mqtt(), security);
if (payload !== undefined) client.setProvisioningPayload(payload);
client.register((error, result) => {
  console.log(JSON.stringify(error ? { error: { name: error.name, message: error.message } } : { result }));
});
