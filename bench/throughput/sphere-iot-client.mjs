// This package as a client of `npm run bench`: IoTHubDeviceClient_LL_… under the pump.
import { createSdk, Pump } from '../../dist/esm/index.js';
import { body, broker, deviceId, serve } from './client.mjs';

const { host, port, name } = broker;
const sdk = await createSdk({ resolve: () => ({ kind: 'tcp', host, port }), trustRoots: broker.root });
const pump = new Pump(sdk);
const connectionString = `HostName=${name};DeviceId=${deviceId};x509=true`;
const client = sdk.IoTHubDeviceClient_LL_CreateFromConnectionString(connectionString, sdk.MQTT_Protocol);
sdk.IoTHubDeviceClient_LL_SetOption(client, 'x509certificate', broker.certificate);
sdk.IoTHubDeviceClient_LL_SetOption(client, 'x509privatekey', broker.privateKey);
pump.add(client);

const { begin, confirmed } = serve((count) => {
  for (let i = 0; i < count; i++) {
    const message = sdk.IoTHubMessage_CreateFromByteArray(body);
    sdk.IoTHubDeviceClient_LL_SendEventAsync(client, message, onConfirmed);
    sdk.IoTHubMessage_Destroy(message);
  }
});
function onConfirmed(result) {
  if (result !== 0) throw new Error(`Not confirmed: ${result}.`);
  confirmed(1);
}
await begin();
