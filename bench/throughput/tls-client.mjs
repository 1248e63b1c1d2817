// A bare Node TLS socket as a client of `npm run bench`: packets that were made before, one write a turn, and no MQTT client. What
// Node itself costs.
import mqttPacket from 'mqtt-packet';
import tls from 'node:tls';
import { body, broker, deviceId, serve, topic } from './client.mjs';

const PUBACK = 4;
const MAX_PACKETS = 65_536;

const { host, port, name: servername, root: ca, certificate: cert, privateKey: key } = broker;
const socket = tls.connect({ host, port, servername, ca, cert, key, noDelay: true });
socket.write(
  mqttPacket.generate({ cmd: 'connect', clientId: deviceId, protocolVersion: 4, clean: false, keepalive: 240 }),
);
await new Promise((resolve) => socket.once('data', resolve));

const publish = (messageId) =>
  mqttPacket.generate({ cmd: 'publish', topic, payload: Buffer.from(body), qos: 1, messageId });
const size = publish(1).length;
let packets = Buffer.alloc(0);

const { begin, confirmed } = serve((count) => {
  while (packets.length < count * size && packets.length < MAX_PACKETS * size)
    packets = Buffer.concat(Array.from({ length: Math.max(count, 1024) }, (_, i) => publish((i % 65_535) + 1)));
  socket.write(packets.subarray(0, count * size));
});
let rest = 0;
socket.on('data', (bytes) => {
  const count = Math.floor((rest + bytes.length) / PUBACK);
  rest += bytes.length - count * PUBACK;
  if (count > 0) confirmed(count);
});
await begin();
