// What the clients of `npm run bench` in JavaScript have in common. A client gets the broker's port, the folder of the
// certificates and its device id as arguments. It writes a line of JSON to stdout when its first message is confirmed. Then it takes
// orders from stdin, "WINDOW MILLISECONDS MESSAGES" a line (0: no limit), and answers each with { messages, seconds, cpu }: what was
// confirmed while WINDOW messages were always under way, and the processor time of the client.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

const [port, folder, device, ...rest] = process.argv.slice(2);

export const broker = {
  host: '127.0.0.1',
  port: Number(port),
  name: 'bench.azure-devices.net',
  root: pem('root.pem'),
  certificate: pem('device.pem'),
  privateKey: pem('device-key.pem'),
};
export const deviceId = device;
/** Further arguments. */
export const more = rest;
export const body = new Uint8Array(256);
export const telemetryTopic = (id) => `devices/${id}/messages/events/`;
export const userName = (id) => `${broker.name}/${id}/?api-version=2021-04-12`;

function pem(name) {
  return readFileSync(path.join(folder, name), 'utf8');
}

/**
 * Serves until stdin ends.
 * @param {(count: number) => void} send Sends so many messages; each is reported by `confirmed` later.
 */
export function serve(send) {
  let order = { resolve: undefined, running: false, confirmed: 0, most: 0, began: 0, cpu: undefined, result: '' };
  let outstanding = 0;

  const end = () => {
    if (!order.running) return;
    order.running = false;
    const seconds = (performance.now() - order.began) / 1000;
    const { user, system } = process.cpuUsage(order.cpu);
    order.result = JSON.stringify({ messages: order.confirmed, seconds, cpu: (user + system) / 1e6 });
  };
  const confirmed = (count) => {
    outstanding -= count;
    order.confirmed += count;
    if (order.running && order.confirmed < order.most) {
      outstanding += count;
      send(count);
      return;
    }
    end();
    if (outstanding === 0) order.resolve(order.result);
  };
  const run = (window, milliseconds, messages) =>
    new Promise((resolve) => {
      const most = messages || Infinity;
      order = {
        resolve,
        running: true,
        confirmed: 0,
        most,
        began: performance.now(),
        cpu: process.cpuUsage(),
        result: '',
      };
      if (milliseconds > 0) setTimeout(end, milliseconds);
      outstanding = window;
      send(window);
    });

  const begin = async () => {
    await run(1, 0, 1);
    console.log('{}');
    for await (const line of createInterface({ input: process.stdin }))
      console.log(await run(...line.split(' ').map(Number)));
    process.exit();
  };
  return { begin, confirmed };
}
