// Registers with the unmodified azure-iot-provisioning-device; its CA comes by NODE_EXTRA_CA_CERTS.
// stdin: {"endpoint","idScope","registrationId","payload"} with {"cert","key"} or {"symmetricKey"}, {"webSocket"};
// stdout: {"result"} or {"error"}.
const { readFileSync } = require('node:fs');
const { ProvisioningDeviceClient } = require('azure-iot-provisioning-device');
const { Mqtt, MqttWs } = require('azure-iot-provisioning-device-mqtt');
const { SymmetricKeySecurityClient } = require('azure-iot-security-symmetric-key');
const { X509Security } = require('azure-iot-security-x509');

const { endpoint, idScope, registrationId, cert, key, symmetricKey, payload, webSocket } = JSON.parse(
  readFileSync(0, 'utf8'),
);

const security =
  symmetricKey === undefined
    ? new X509Security(registrationId, { cert, key })
    : new SymmetricKeySecurityClient(registrationId, symmetricKey);
const client = ProvisioningDeviceClient.create(endpoint, idScope, webSocket ? new MqttWs() : new Mqtt(), security);
if (payload !== undefined) client.setProvisioningPayload(payload);
client.register((error, result) => {
  console.log(JSON.stringify(error ? { error: { name: error.name, message: error.message } } : { result }));
});
