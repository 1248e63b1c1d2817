// Many bare devices in one process, as load for a broker of `npm run bench`. Arguments: PORT FOLDER PREFIX; the ids of the devices are
// PREFIX-0, PREFIX-1 and so on. Orders, a line each, answered with JSON:
//   connect COUNT
//     So many more devices, 50 at a time → { connected }
//   send WINDOW MILLISECONDS MESSAGES
//     Each device has WINDOW messages under way, until one of the limits (0: none) → { messages, seconds }
import { createInterface } from 'node:readline';
import { connectDevice, onPubacks, publishPacket } from './bare-device.mjs';
import { deviceId } from './client.mjs';

const AT_ONCE = 50;

const deviceIdOf = (number) => `${deviceId}-${number}`;
const devices = [];
let order = { left: 0, under: 0, messages: 0, ended: () => {} };

async function connect(count) {
  for (let left = count; left > 0; left -= AT_ONCE) {
    const first = devices.length;
    const some = Array.from({ length: Math.min(left, AT_ONCE) }, (_, i) => connectDevice(deviceIdOf(first + i)));
    for (const [i, socket] of (await Promise.all(some)).entries()) {
      const packet = publishPacket(deviceIdOf(first + i), 1);
      onPubacks(socket, (confirmed) => onConfirmed(socket, packet, confirmed));
      devices.push({ socket, packet });
    }
  }
  return { connected: devices.length };
}

function onConfirmed(socket, packet, count) {
  order.messages += count;
  order.under -= count;
  if (order.left > 0) sendSome(socket, packet, count);
  else if (order.under === 0) order.ended();
}

function sendSome(socket, packet, count) {
  order.left -= count;
  order.under += count;
  socket.write(count === 1 ? packet : Buffer.concat(Array.from({ length: count }, () => packet)));
}

async function send(window, milliseconds, messages) {
  const began = performance.now();
  let timer;
  await new Promise((ended) => {
    order = { left: messages || Infinity, under: 0, messages: 0, ended };
    if (milliseconds > 0) timer = setTimeout(() => (order.left = 0), milliseconds);
    for (const { socket, packet } of devices) sendSome(socket, packet, window);
  });
  clearTimeout(timer);
  return { messages: order.messages, seconds: (performance.now() - began) / 1000 };
}

const ORDERS = { connect, send };
console.log('{}');
for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...numbers] = line.split(' ');
  console.log(JSON.stringify(await ORDERS[name](...numbers.map(Number))));
}
process.exit();
