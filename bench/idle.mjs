// What connected devices cost that do nothing: memory and processor time of each in one process, beside bare Node TLS sockets.
//
//   npm run bench:idle -- [--devices 2000] [--seconds 10] [--rounds 3] [--json FILE]
//
// Every device has connected over TLS 1.2 with a client certificate to a broker in C and sent one message. The memory is what the process
// has more (VmRSS, after garbage collection) than before the first, which was a device of the same kind. Needs dist/ (`npm run build`).
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startBroker } from './throughput/brokers.mjs';
import { script } from './throughput/clients.mjs';
import { Peer } from './throughput/peer.mjs';
import { buildBench } from './throughput/prepare.mjs';
import { Results } from './throughput/results.mjs';
import { printTable, spread } from './throughput/tables.mjs';
import { fail, step } from '../wasm-build/terminal.mjs';

const KINDS = { 'sphere-iot': 'sphere-iot, under one pump', 'node-tls': 'bare Node TLS socket' };
const MEMORY = 'KiB a device';
const PROCESSOR = 'all of them, % of a core';
const CONNECT = 'to connect, ms a device';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const [devices, seconds, rounds] = ['devices', 'seconds', 'rounds'].map((name) => {
  const value = Number(values[name]);
  return Number.isInteger(value) && value > 0 ? value : fail(`--${name} takes a number of at least 1.`);
});

await buildBench();
const results = new Results();
for (let round = 1; round <= rounds; round++)
  for (const kind of Object.keys(KINDS)) {
    step(`Round ${round} of ${rounds}: ${kind}`);
    await measure(kind);
  }
report();

async function measure(kind) {
  const broker = await startBroker('minimal', []);
  const [node, file] = script('idle-client.mjs');
  const client = new Peer(kind, [node, '--expose-gc', file, broker.port, broker.folder, 'idle', kind]);
  await client.line();
  const before = client.memory();
  const { milliseconds } = JSON.parse(await client.ask(`connect ${devices}`));
  results.note(kind, CONNECT, milliseconds / devices);
  results.note(kind, MEMORY, (client.memory() - before) / devices / 1024);
  const busy = client.processorTime();
  await client.ask(`wait ${seconds * 1000}`);
  results.note(kind, PROCESSOR, ((client.processorTime() - busy) * 100) / seconds);
  await client.end();
  await broker.end();
}

function report() {
  const digits = (value) => value.toFixed(1);
  const columns = [MEMORY, PROCESSOR, CONNECT];
  printTable(
    `${devices} connected idle devices in one process: the median of the rounds, and the spread`,
    ['', ...columns],
    Object.entries(KINDS).map(([kind, title]) => [
      title,
      ...columns.map((column) => spread(results.statistics(kind, column), digits)),
    ]),
  );
  const median = (kind) => results.statistics(kind, MEMORY).median;
  console.log(`\nAbove the bare socket: ${digits(median('sphere-iot') - median('node-tls'))} KiB a device`);
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ devices, seconds, results }, null, 2)}\n`);
}
