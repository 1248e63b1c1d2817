// Microsoft's device client for Node as a client of `npm run bench`.
import device from 'azure-iot-device';
import { Mqtt } from 'azure-iot-device-mqtt';
import tls from 'node:tls';
import { body, broker, deviceId, serve } from './client.mjs';

const { host, port, name, root: ca, certificate: cert, privateKey: key } = broker;
// It goes to port 8883 of the hub's name, and takes no other.
const { connect } = tls;
tls.connect = (options) => connect({ ...options, host, port, servername: name });

const client = device.Client.fromConnectionString(`HostName=${name};DeviceId=${deviceId};x509=true`, Mqtt);
await client.setOptions({ cert, key, ca });
await client.open();
const payload = Buffer.from(body);

const { begin, confirmed } = serve((count) => {
  for (let i = 0; i < count; i++) client.sendEvent(new device.Message(payload), onConfirmed);
});
function onConfirmed(error) {
  if (error) throw error;
  confirmed(1);
}
await begin();
