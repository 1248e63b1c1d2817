// Devices that connect and do nothing, for `npm run bench:idle`. Arguments: PORT FOLDER PREFIX KIND; the ids are PREFIX-0 and so on.
// Orders, a line each, answered with JSON after garbage collection:
//   connect COUNT       so many more devices, each of which has had a message confirmed → { milliseconds }
//   wait MILLISECONDS   → {}
import { createInterface } from 'node:readline';
import { body, broker, deviceId, more } from './client.mjs';

const AT_ONCE = 50;

const connectOne = more[0] === 'node-tls' ? await bare() : await ours();
let connected = 0;

async function bare() {
  const { connectDevice, onPubacks, publishPacket } = await import('./bare-device.mjs');
  return async (id) => {
    const socket = await connectDevice(id);
    await new Promise((resolve) => {
      onPubacks(socket, resolve);
      socket.write(publishPacket(id, 1));
    });
  };
}

async function ours() {
  const { createSdk, Pump } = await import('../../dist/esm/index.js');
  const { host, port, name } = broker;
  const sdk = await createSdk({ resolve: () => ({ kind: 'tcp', host, port }), trustRoots: broker.root });
  const pump = new Pump(sdk);
  return (id) => {
    const connectionString = `HostName=${name};DeviceId=${id};x509=true`;
    const client = sdk.IoTHubDeviceClient_LL_CreateFromConnectionString(connectionString, sdk.MQTT_Protocol);
    sdk.IoTHubDeviceClient_LL_SetOption(client, 'x509certificate', broker.certificate);
    sdk.IoTHubDeviceClient_LL_SetOption(client, 'x509privatekey', broker.privateKey);
    pump.add(client);
    const message = sdk.IoTHubMessage_CreateFromByteArray(body);
    const confirmed = new Promise((resolve) => sdk.IoTHubDeviceClient_LL_SendEventAsync(client, message, resolve));
    sdk.IoTHubMessage_Destroy(message);
    return confirmed;
  };
}

async function connect(count) {
  const began = performance.now();
  for (let left = count; left > 0; left -= AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, () => connectOne(`${deviceId}-${connected++}`)));
  return { milliseconds: performance.now() - began };
}

async function wait(milliseconds) {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return {};
}

/** What is garbage only after a turn of the event loop, too. */
async function collect() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await wait(20);
  }
}

await connect(1);
await collect();
console.log('{}');
for await (const line of createInterface({ input: process.stdin })) {
  const [name, number] = line.split(' ');
  const answer = await { connect, wait }[name](Number(number));
  if (name === 'connect') await collect();
  console.log(JSON.stringify(answer));
}
process.exit();
