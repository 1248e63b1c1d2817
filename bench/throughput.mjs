// Messages per second of one device: the C SDK natively, this package, MQTT.js and a bare Node TLS socket, side by side against one
// broker on loopback that costs next to nothing.
//
//   npm run bench -- [--quick] [--rounds 5] [--milliseconds 1000] [--windows 1,16,256,1024] [--clients native,sphere-iot]
//                    [--flat] [--also CLIENT.mjs] [--json FILE] [--svg FILE]
//                    [--only-correctness]
//
// A client keeps WINDOW telemetry messages of 256 bytes and QoS 1 under way over TLS 1.2 with a client certificate. In each round every
// client is started once, and for each window one after the other has its turn, so that what else the machine does strikes
// all of them; the table has medians, and the spread of the rounds. --flat compares 10,000 messages with a million;
// --also adds a client of your own, such as sphere-iot-client.mjs over another build.
// Needs dist/ (`npm run build`), and what `npm run test:native` needs.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { root } from '../wasm-build/build.mjs';
import { fetchSdk } from '../wasm-build/fetch-crates.mjs';
import { runTool } from '../wasm-build/run-tool.mjs';
import { fail, step } from '../wasm-build/terminal.mjs';
import { CertificateAuthority } from '../dist/esm/index.js';
import { chartOf } from './throughput/chart.mjs';

const folder = path.join(root, 'build/bench');
const script = (name) => [process.execPath, path.join(root, 'bench/throughput', name)];
const native = path.join(folder, 'native/bench/throughput/native-client');

/** What is compared: how each is started, and in which windows it makes sense. */
const CLIENTS = {
  native: { title: 'C SDK natively, DoWork in a tight loop', command: [native] },
  'native-1ms': { title: 'the same with 1 ms between two DoWork', command: [native], arguments: ['1'], most: 16 },
  'sphere-iot': { title: 'sphere-iot, under the pump', command: script('sphere-iot-client.mjs') },
  'mqtt-js': { title: 'MQTT.js', command: script('mqtt-js-client.mjs') },
  'node-tls': { title: 'bare Node TLS socket, packets made before', command: script('tls-client.mjs') },
};
const OURS = 'sphere-iot';

/** Of a machine's processors, what others may use before its figures are doubted. */
const BUSY = 0.15;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    milliseconds: { type: 'string' },
    windows: { type: 'string', default: '1,16,256,1024' },
    clients: { type: 'string', default: Object.keys(CLIENTS).join() },
    flat: { type: 'boolean', default: false },
    also: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    svg: { type: 'string' },
    'only-correctness': { type: 'boolean', default: false },
  },
});
const smoke = values['only-correctness'];
const rounds = count('rounds', values.rounds ?? (smoke ? 1 : values.quick ? 3 : 5));
const milliseconds = count('milliseconds', values.milliseconds ?? (values.quick ? 350 : 1000));
/** What ends one measurement: time, or in the smoke size messages, however long they take. */
const limits = smoke ? [0, 300] : [milliseconds, 0];
const windows = values.windows.split(',').map((text) => count('windows', text));
for (const file of values.also)
  CLIENTS[path.basename(file, '.mjs')] = { title: file, command: [process.execPath, path.resolve(file)] };
const clients = [...values.clients.split(','), ...values.also.map((file) => path.basename(file, '.mjs'))];
for (const name of clients)
  if (!(name in CLIENTS)) fail(`There is no client ${name}: ${Object.keys(CLIENTS).join(', ')}.`);

function count(name, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  return fail(`--${name} takes a number of at least 1, not ${text}.`);
}

/** A process that answers lines with lines. */
class Peer {
  #child;
  #answers;
  #name;

  constructor(name, [command, ...args]) {
    this.#name = name;
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.on('error', (error) => fail(`${name} can't be started: ${error.message}`));
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async line() {
    const { value, done } = await this.#answers.next();
    if (done) fail(`${this.#name} has ended without an answer.`);
    return value;
  }

  ask(line) {
    this.#child.stdin.write(`${line}\n`);
    return this.line();
  }

  async end() {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin.end();
    await ended;
  }
}

async function buildNative() {
  const sdk = await fetchSdk({ root, build: path.join(root, 'build') });
  step('Building the broker and the native client');
  const build = path.join(folder, 'native');
  await tool('cmake', ['-G', 'Ninja', '-S', root, '-B', build, `-DSDK_FOLDER=${sdk}`, '-DSDK_OPTIMIZATION=-O2']);
  await tool('ninja', ['-C', build, 'broker', 'native-client']);
}

async function tool(command, args) {
  const { status, error, stdout, stderr } = await runTool(command, args);
  if (status !== 0) fail(`${command} failed: ${error?.message ?? `${stdout}${stderr}`.slice(-4000)}`);
}

async function makeCertificates() {
  const authority = await CertificateAuthority.create({ subject: { commonName: 'bench root' } });
  const server = await authority.issue({ commonName: 'bench.azure-devices.net', usage: 'server' });
  const device = await authority.issue({ commonName: 'bench' });
  const write = (name, text) => writeFileSync(path.join(folder, name), text);
  write('root.pem', authority.pem);
  for (const [name, { chain, privateKey }] of Object.entries({ server, device })) {
    write(`${name}.pem`, chain);
    write(`${name}-key.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
}

function startBroker() {
  const files = ['server.pem', 'server-key.pem', 'root.pem'].map((name) => path.join(folder, name));
  return new Peer('The broker', [path.join(folder, 'native/bench/throughput/broker'), ...files]);
}

/** Starts a client; it has sent its first message when this returns. */
async function startClient(name, port) {
  const { command, arguments: more = [] } = CLIENTS[name];
  const began = performance.now();
  const client = new Peer(name, [...command, port, folder, ...more]);
  await client.line();
  return { client, start: performance.now() - began };
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

const results = new Map();
const loads = [];

function note(name, column, value) {
  const key = JSON.stringify([name, column]);
  if (!results.has(key)) results.set(key, []);
  results.get(key).push(value);
}

async function measure(client, window, limit, messages) {
  const { messages: confirmed, seconds, cpu } = JSON.parse(await client.ask(`${window} ${limit} ${messages}`));
  if (!(confirmed > 0)) fail('A client has sent messages of which none was confirmed.');
  return { rate: confirmed / seconds, cpu: (cpu * 1e6) / confirmed };
}

async function measureAndNote([name, client], column, window, limit, messages) {
  const { rate, cpu } = await measure(client, window, limit, messages);
  note(name, column, rate);
  note(name, `cpu ${column}`, cpu);
}

async function runRound(port) {
  loads.push(await foreignLoad());
  const running = [];
  for (const name of clients) {
    const { client, start } = await startClient(name, port);
    note(name, 'start', start);
    running.push([name, client]);
  }
  // The code of the clients in JavaScript is to be compiled before anything counts.
  for (const [, client] of running) await measure(client, 64, ...limits);
  for (const window of windows)
    for (const each of running)
      if (window <= (CLIENTS[each[0]].most ?? Infinity)) await measureAndNote(each, window, window, ...limits);
  if (values.flat)
    for (const each of running)
      if (each[0] === OURS || each[0] === 'native')
        for (const messages of [10_000, 1_000_000]) await measureAndNote(each, `${messages} at 256`, 256, 0, messages);
  for (const [, client] of running) await client.end();
}

function statisticsOf(values) {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, least: sorted[0], most: sorted.at(-1) };
}

function noted(name, column) {
  return results.get(JSON.stringify([name, column])) ?? [];
}

function statistics(name, column) {
  return statisticsOf(noted(name, column));
}

/** The median of the rounds' ratios: both sides of each were measured one after the other. */
function ratio(ours, peer, column) {
  const theirs = noted(peer, column);
  const ratios = noted(ours, column).slice(0, theirs.length);
  return statisticsOf(ratios.map((value, round) => value / theirs[round]))?.median;
}

function rounded(value) {
  const digits = Math.max(0, Math.floor(Math.log10(value)) - 2);
  return (Math.round(value / 10 ** digits) * 10 ** digits).toLocaleString('en-US');
}

function table(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i].length)));
  const line = (row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  return [
    line(head),
    `| ${widths.map((width, i) => '-'.repeat(width - (i > 0)) + (i > 0 ? ':' : '')).join(' | ')} |`,
    ...rows.map(line),
  ].join('\n');
}

function report() {
  const columns = [...windows, ...(values.flat ? ['10000 at 256', '1000000 at 256'] : [])];
  const cell = ({ median, least, most }) => `${rounded(median)} (${rounded(least)}–${rounded(most)})`;
  const cpuOf = (name, column) => statistics(name, `cpu ${column}`)?.median.toFixed(1) ?? '';
  const cellOf = (name, column) => {
    const found = statistics(name, column);
    return found === undefined ? '' : cell(found);
  };
  console.log(`\nMessages per second, by window: the median of ${rounds} rounds, and the spread\n`);
  const head = ['client', ...columns.map(String), 'start → first confirm, ms'];
  console.log(
    table(
      head,
      clients.map((name) => [CLIENTS[name].title, ...columns.map((c) => cellOf(name, c)), cellOf(name, 'start')]),
    ),
  );
  console.log('\nMicroseconds of processor time a message (DoWork in a tight loop uses all there is)\n');
  console.log(
    table(
      ['client', ...columns.map(String)],
      clients.map((name) => [CLIENTS[name].title, ...columns.map((c) => cpuOf(name, c))]),
    ),
  );
  const peers = clients.includes(OURS) ? clients.filter((name) => name !== OURS) : [];
  const ratioOf = (name, column) => ratio(OURS, name, column)?.toFixed(2) ?? '';
  if (peers.length > 0) {
    console.log('\nsphere-iot as a multiple of each\n');
    console.log(
      table(
        head,
        peers.map((name) => [CLIENTS[name].title, ...[...columns, 'start'].map((c) => ratioOf(name, c))]),
      ),
    );
  }
  const load = Math.max(...loads);
  if (load > BUSY)
    console.log(
      `\nThis machine was busy: others used up to ${Math.round(load * 100)} % of it. Believe only the ratios, and those not to the last digit.`,
    );
  if (values.svg !== undefined) writeFileSync(values.svg, chart());
  if (values.json === undefined) return;
  const listed = Object.fromEntries([...results].map(([key, list]) => [JSON.parse(key).join(' '), list]));
  const about = {
    date: new Date().toISOString(),
    node: process.version,
    cpu: os.cpus()[0]?.model,
    cpus: os.cpus().length,
    rounds,
    milliseconds,
  };
  const ratios = Object.fromEntries(
    peers.map((name) => [name, Object.fromEntries([...columns, 'start'].map((c) => [c, ratio(OURS, name, c)]))]),
  );
  writeFileSync(values.json, `${JSON.stringify({ ...about, foreignLoad: load, results: listed, ratios }, null, 2)}\n`);
}

/** Without the bare socket, beside which nothing else would be seen. */
function chart() {
  const shown = clients.filter((name) => name !== 'node-tls');
  const groups = windows.map((window) => ({
    name: `window ${window.toLocaleString('en-US')}`,
    values: shown.map((name) => statistics(name, window)?.median),
  }));
  const title = `Messages per second; the height is a multiple of: ${CLIENTS[shown[0]].title}`;
  return chartOf(
    title,
    shown.map((name) => CLIENTS[name].title),
    groups,
  );
}

mkdirSync(folder, { recursive: true });
await buildNative();
await makeCertificates();
const broker = startBroker();
const port = await broker.line();
for (let round = 1; round <= rounds; round++) {
  step(`Round ${round} of ${rounds}`);
  await runRound(port);
}
await broker.end();
report();
