// MQTT.js as a client of `npm run bench`.
import mqtt from 'mqtt';
import { body, broker, deviceId, serve, topic } from './client.mjs';

const { host, port, name: servername, root: ca, certificate: cert, privateKey: key } = broker;
const client = await mqtt.connectAsync({
  ...{ protocol: 'mqtts', host, port, servername, ca, cert, key, clientId: deviceId, clean: false, keepalive: 240 },
});
const payload = Buffer.from(body);

const { begin, confirmed } = serve((count) => {
  for (let i = 0; i < count; i++) client.publish(topic, payload, { qos: 1 }, onConfirmed);
});
function onConfirmed(error) {
  if (error) throw error;
  confirmed(1);
}
await begin();
