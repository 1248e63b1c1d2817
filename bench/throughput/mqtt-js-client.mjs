// MQTT.js as a client of `npm run bench`, over TLS or over WebSocket (`mqtt-ws`).
import mqtt from 'mqtt';
import { body, broker, deviceId, more, serve, telemetryTopic, userName } from './client.mjs';

const { host, port, name: servername, root: ca, certificate: cert, privateKey: key } = broker;
const username = userName(deviceId);
const topic = telemetryTopic(deviceId);
const client = await mqtt.connectAsync({
  ...{ host, port, ca, cert, key, clientId: deviceId, username, clean: false, keepalive: 240 },
  ...(more[0] === 'mqtt-ws'
    ? {
        protocol: 'wss',
        path: '/$iothub/websocket',
        wsOptions: { servername, ca, cert, key, perMessageDeflate: false },
      }
    : { protocol: 'mqtts', servername }),
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
