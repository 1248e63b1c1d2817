// A device without an MQTT client: packets that are made before, over a Node TLS socket. What Node itself costs.
import mqttPacket from 'mqtt-packet';
import tls from 'node:tls';
import { body, broker, telemetryTopic, userName } from './client.mjs';

const PUBACK = 4;

/**
 * Connects a device.
 * @returns {Promise<tls.TLSSocket>} After its CONNACK.
 */
export async function connectDevice(deviceId) {
  const { host, port, name: servername, root: ca, certificate: cert, privateKey: key } = broker;
  const socket = tls.connect({ host, port, servername, ca, cert, key, noDelay: true });
  socket.write(
    mqttPacket.generate({
      ...{ cmd: 'connect', clientId: deviceId, username: userName(deviceId) },
      ...{ protocolVersion: 4, clean: false, keepalive: 240 },
    }),
  );
  await new Promise((resolve, reject) => socket.once('data', resolve).once('error', reject));
  return socket;
}

/** A message of telemetry as a packet of QoS 1. */
export function publishPacket(deviceId, messageId) {
  const payload = Buffer.from(body);
  return mqttPacket.generate({ cmd: 'publish', topic: telemetryTopic(deviceId), payload, qos: 1, messageId });
}

/** Calls `confirmed` with the number of PUBACKs that came, which is all that comes. */
export function onPubacks(socket, confirmed) {
  let rest = 0;
  socket.on('data', (bytes) => {
    const count = Math.floor((rest + bytes.length) / PUBACK);
    rest += bytes.length - count * PUBACK;
    if (count > 0) confirmed(count);
  });
}
