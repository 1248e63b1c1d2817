// This package as a client of `npm run bench`: IoTHubDeviceClient_LL_… under the pump, over TLS or over WebSocket (`mqtt-ws`), whose frames
// the SDK or `ws` makes.
import { createSdk, Pump } from '../../dist/esm/index.js';
import { body, broker, deviceId, more, serve } from './client.mjs';

const { host, port, name } = broker;
const [protocol, webSocket = 'sdk'] = more;
const sdk = await createSdk({ resolve: () => ({ kind: 'tcp', host, port }), trustRoots: broker.root, webSocket });
const pump = new Pump(sdk);
const connectionString = `HostName=${name};DeviceId=${deviceId};x509=true`;
const transport = protocol === 'mqtt-ws' ? sdk.MQTT_WebSocket_Protocol : sdk.MQTT_Protocol;
const client = sdk.IoTHubDeviceClient_LL_CreateFromConnectionString(connectionString, transport);
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
