// Registers with the unmodified azure-iot-provisioning-device; its CA comes by NODE_EXTRA_CA_CERTS.
// stdin: {"endpoint","idScope","registrationId","payload"} with {"cert","key"} or {"symmetricKey"};
// stdout: {"result"} or {"error"}.
const { readFileSync } = require('node:fs');
const { ProvisioningDeviceClient } = require('azure-iot-provisioning-device');
const { Mqtt } = require('azure-iot-provisioning-device-mqtt');
const { SharedAccessSignature } = require('azure-iot-common');
const { X509Security } = require('azure-iot-security-x509');

const { endpoint, idScope, registrationId, cert, key, symmetricKey, payload } = JSON.parse(readFileSync(0, 'utf8'));

// The two functions that the client asks of a symmetric key's security client.
const keySecurity = {
  getRegistrationId: (callback) => callback(null, registrationId),
  createSharedAccessSignature: (scope, callback) => {
    const resource = `${scope}%2fregistrations%2f${registrationId}`;
    const expiry = Math.floor(Date.now() / 1000) + 2400;
    callback(null, SharedAccessSignature.create(resource, 'registration', symmetricKey, expiry));
  },
};

const security = symmetricKey === undefined ? new X509Security(registrationId, { cert, key }) : keySecurity;
const client = ProvisioningDeviceClient.create(endpoint, idScope, new Mqtt(), security);
if (payload !== undefined) client.setProvisioningPayload(payload);
client.register((error, result) => {
  console.log(JSON.stringify(error ? { error: { name: error.name, message: error.message } } : { result }));
});
