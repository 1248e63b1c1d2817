// The clients of `npm run bench`: how each is started, and in which windows it makes sense.
import path from 'node:path';
import { root } from '../../wasm-build/build.mjs';
import { Peer } from './peer.mjs';

export const folder = path.join(root, 'build/bench');
export const script = (name) => [process.execPath, path.join(root, 'bench/throughput', name)];

const NATIVE = [path.join(folder, 'native/bench/throughput/native-client')];
const OURS = script('sphere-iot-client.mjs');
const MQTT_JS = script('mqtt-js-client.mjs');

/** Arguments of a client: PORT FOLDER DEVICE_ID, and what stands here. Its name is its device id. The others are compared with `ours`. */
export const CLIENTS = {
  native: { title: 'C SDK natively, DoWork in a tight loop', command: NATIVE, arguments: ['mqtt'] },
  'native-1ms': { title: 'the same with 1 ms between two DoWork', command: NATIVE, arguments: ['mqtt', '1'], most: 16 },
  'sphere-iot': { title: 'sphere-iot, under the pump', ours: true, command: OURS, arguments: ['mqtt'] },
  'mqtt-js': { title: 'MQTT.js', command: MQTT_JS, arguments: ['mqtt'] },
  'azure-iot-device': { title: 'azure-iot-device-mqtt', command: script('azure-client.mjs') },
  'node-tls': { title: 'bare Node TLS socket, packets made before', command: script('tls-client.mjs') },
  'native-ws': { title: 'C SDK natively, over WebSocket', command: NATIVE, arguments: ['mqtt-ws'] },
  'sphere-iot-ws': { title: 'sphere-iot, frames by the SDK', ours: true, command: OURS, arguments: ['mqtt-ws'] },
  'sphere-iot-host-ws': { title: 'sphere-iot, frames by ws', ours: true, command: OURS, arguments: ['mqtt-ws', 'ws'] },
  'mqtt-js-ws': { title: 'MQTT.js, over WebSocket', command: MQTT_JS, arguments: ['mqtt-ws'] },
};

/**
 * Starts a client of a broker; it has sent its first message when this returns.
 * @returns {Promise<{ client: Peer, start: number }>} `start` in ms, from before the process.
 */
export async function startClient(name, { port, folder: certificates }) {
  const { command, arguments: more = [] } = CLIENTS[name];
  const began = performance.now();
  const client = new Peer(name, [...command, port, certificates, name, ...more]);
  await client.line();
  return { client, start: performance.now() - began };
}
