// Messages per second of one device: the C SDK natively, this package and others, side by side against the same brokers on loopback; and
// what the brokers take.
//
//   npm run bench -- [--quick] [--scenes tls,websocket,mosquitto,aedes,emulator,brokers] [--rounds 5] [--milliseconds 1000]
//                    [--windows 1,16,256,1024] [--clients native,sphere-iot] [--flat] [--also CLIENT.mjs] [--json FILE] [--svg FILE]
//                    [--only-correctness]
//
// A client keeps WINDOW telemetry messages of 256 bytes and QoS 1 under way over TLS 1.2 with a client certificate. The scenes `tls`
// and `websocket` have a broker in C that costs next to nothing; `mosquitto`, `aedes` and `emulator` have those. `brokers` measures their
// processor time. --windows and --clients are those of `tls`. The tables have medians, and the spread of the rounds. --flat compares
// 10,000 messages with a million; --also adds a client of your own, such as sphere-iot-client.mjs over another build.
// Needs dist/ (`npm run build`).
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fail, step } from '../wasm-build/terminal.mjs';
import { brokerScene } from './throughput/broker-scene.mjs';
import { BROKERS } from './throughput/brokers.mjs';
import { chartOf } from './throughput/chart.mjs';
import { clientScene } from './throughput/client-scene.mjs';
import { CLIENTS } from './throughput/clients.mjs';
import { buildBench } from './throughput/prepare.mjs';

/** Of a machine's processors, what others may use before its figures are doubted. */
const BUSY = 0.15;
const SCENES = ['tls', 'websocket', 'mosquitto', 'aedes', 'emulator', 'brokers'];
const IN_TLS = ['native', 'native-1ms', 'sphere-iot', 'mqtt-js', 'azure-iot-device', 'node-tls'];

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    scenes: { type: 'string' },
    rounds: { type: 'string' },
    milliseconds: { type: 'string' },
    windows: { type: 'string', default: '1,16,256,1024' },
    clients: { type: 'string', default: IN_TLS.join() },
    flat: { type: 'boolean', default: false },
    also: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    svg: { type: 'string' },
    'only-correctness': { type: 'boolean', default: false },
  },
});
const { quick, flat, 'only-correctness': smoke } = values;
const rounds = count('rounds', values.rounds ?? (smoke ? 1 : quick ? 3 : 5));
const milliseconds = count('milliseconds', values.milliseconds ?? (quick ? 350 : 1000));
/** What ends one measurement: time, or in the smoke size messages, however long they take. */
const limits = smoke ? { milliseconds: 0, messages: 300 } : { milliseconds, messages: 0 };
const windows = values.windows.split(',').map((text) => count('windows', text));
for (const file of values.also)
  CLIENTS[path.basename(file, '.mjs')] = { title: file, command: [process.execPath, path.resolve(file)] };
const clients = known('client', CLIENTS, [
  ...values.clients.split(','),
  ...values.also.map((file) => path.basename(file, '.mjs')),
]);
const makers = {
  tls: () => clientScene({ title: 'TLS, a broker in C', broker: 'minimal', clients, windows, flat }, limits),
  websocket: () =>
    clientScene(
      {
        ...{ title: 'MQTT over WebSocket, a broker in C', broker: 'minimal', windows: [256] },
        clients: ['native-ws', 'sphere-iot-ws', 'sphere-iot-host-ws', 'mqtt-js-ws'],
      },
      limits,
    ),
  ...Object.fromEntries(['mosquitto', 'aedes', 'emulator'].map((broker) => [broker, () => againstBroker(broker)])),
  brokers: () =>
    brokerScene(
      {
        brokers: Object.keys(BROKERS),
        ...(smoke ? { devices: 5, connections: 5 } : { devices: 200, connections: quick ? 200 : 800 }),
        million: flat,
      },
      limits,
    ),
};
const chosen = values.scenes?.split(',') ?? (quick ? ['tls', 'websocket'] : SCENES);
const scenes = new Map(known('scene', makers, chosen).map((name) => [name, makers[name]()]));

function againstBroker(broker) {
  const title = `TLS, ${BROKERS[broker]}`;
  return clientScene(
    { title, broker, clients: ['native', 'sphere-iot', 'mqtt-js', 'node-tls'], windows: [1, 256] },
    limits,
  );
}

function count(name, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  return fail(`--${name} takes a number of at least 1, not ${text}.`);
}

function known(kind, all, names) {
  for (const name of names)
    if (!Object.hasOwn(all, name)) fail(`There is no ${kind} ${name}: ${Object.keys(all).join(', ')}.`);
  return names;
}

/** The share of all processors that is in use while we only wait. */
async function foreignLoad() {
  const sum = () =>
    os
      .cpus()
      .reduce(
        ([idle, all], { times }) => [idle + times.idle, all + Object.values(times).reduce((a, b) => a + b)],
        [0, 0],
      );
  const before = sum();
  await new Promise((resolve) => setTimeout(resolve, smoke ? 20 : 500));
  const after = sum();
  return 1 - (after[0] - before[0]) / Math.max(after[1] - before[1], 1);
}

function reportAll(loads) {
  const ratios = Object.fromEntries([...scenes].map(([name, scene]) => [name, scene.report()]));
  const load = Math.max(...loads);
  if (load > BUSY)
    console.log(
      `\nThis machine was busy: others used up to ${Math.round(load * 100)} % of it. Believe only the ratios, and those not to the last digit.`,
    );
  if (values.svg !== undefined && scenes.has('tls')) writeFileSync(values.svg, chart());
  if (values.json === undefined) return;
  const about = {
    date: new Date().toISOString(),
    node: process.version,
    cpu: os.cpus()[0]?.model,
    cpus: os.cpus().length,
    rounds,
    milliseconds,
  };
  const results = Object.fromEntries([...scenes].map(([name, scene]) => [name, scene.results]));
  writeFileSync(values.json, `${JSON.stringify({ ...about, foreignLoad: load, results, ratios }, null, 2)}\n`);
}

/** Without the bare socket, beside which nothing else would be seen. */
function chart() {
  const shown = clients.filter((name) => name !== 'node-tls');
  const median = (scene, name, window) => scenes.get(scene)?.results.statistics(name, window)?.median;
  const groups = windows.map((window) => ({
    name: `window ${window.toLocaleString('en-US')}`,
    values: shown.map((name) => median('tls', name, window)),
  }));
  if (scenes.has('websocket'))
    groups.push({
      name: 'WebSocket, window 256',
      values: shown.map((name) => median('websocket', `${name}-ws`, 256)),
    });
  const title = `Messages per second; the height is a multiple of: ${CLIENTS[shown[0]].title}`;
  return chartOf(
    title,
    shown.map((name) => CLIENTS[name].title),
    groups,
  );
}

await buildBench();
const loads = [];
for (let round = 1; round <= rounds; round++)
  for (const [name, scene] of scenes) {
    step(`Round ${round} of ${rounds}: ${name}`);
    loads.push(await foreignLoad());
    await scene.round();
  }
reportAll(loads);
