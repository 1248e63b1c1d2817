// The part of `npm run bench` that compares brokers: the processor time that each takes for a message and for a connection, and its
// memory. The load is one process of bare devices.
import { BROKERS, startBroker } from './brokers.mjs';
import { script } from './clients.mjs';
import { Peer } from './peer.mjs';
import { Results } from './results.mjs';
import { printTable, spread } from './tables.mjs';

const ONE = '1 device, window 256: µs a message';
const MANY = '200 devices, window 1: µs a message';
const CONNECT = 'a connection, µs';
const MEMORY = 'MiB after a million messages';
const PREFIX = 'many';

/**
 * @param {{ brokers: string[], devices: number, connections: number, million: boolean }} scene `devices` send at window 1,
 *   `connections` come after them.
 * @param {{ milliseconds: number, messages: number }} limits
 */
export function brokerScene(scene, limits) {
  const results = new Results();
  return {
    results,
    round: async () => {
      for (const name of scene.brokers) await measureBroker(name, scene, limits, results);
    },
    report: () => report(scene, results),
  };
}

async function measureBroker(name, { devices, connections, million }, limits, results) {
  const ids = Array.from({ length: devices + connections }, (_, i) => `${PREFIX}-${i}`);
  const broker = await startBroker(name, ids);
  const load = new Peer('The load', [...script('many-devices.mjs'), broker.port, broker.folder, PREFIX]);
  await load.line();
  const order = async (line) => JSON.parse(await load.ask(line));
  const microsecondsOf = async (work) => {
    const before = broker.peer.processorTime();
    const count = await work();
    const after = broker.peer.processorTime();
    return before === undefined ? undefined : ((after - before) * 1e6) / count;
  };
  const send = async (window, { milliseconds, messages }) =>
    (await order(`send ${window} ${milliseconds} ${messages}`)).messages;
  const connect = async (count) => {
    await order(`connect ${count}`);
    return count;
  };

  if (name === 'node-tls') await connect(devices);
  else {
    await connect(1);
    await send(256, limits);
    results.note(name, ONE, await microsecondsOf(() => send(256, limits)));
    await connect(devices - 1);
    await send(1, limits);
    results.note(name, MANY, await microsecondsOf(() => send(1, limits)));
  }
  results.note(name, CONNECT, await microsecondsOf(() => connect(connections)));
  if (million && name !== 'node-tls') {
    await send(1, { milliseconds: 0, messages: 1_000_000 });
    results.note(name, MEMORY, broker.peer.memory() / 2 ** 20);
  }
  await load.end();
  await broker.end();
}

/** Prints the table. @returns The ratios, for a program. */
function report({ brokers, million }, results) {
  const columns = [ONE, MANY, CONNECT, ...(million ? [MEMORY] : [])];
  const digits = (value) => value.toFixed(value < 100 ? 1 : 0);
  printTable(
    'Processor time of the broker: the median of the rounds, and the spread',
    ['', ...columns],
    brokers.map((name) => [
      BROKERS[name],
      ...columns.map((column) => spread(results.statistics(name, column), digits)),
    ]),
  );
  const others = brokers.includes('emulator') ? brokers.filter((name) => name !== 'emulator') : [];
  return Object.fromEntries(
    others.map((name) => [
      `emulator ÷ ${name}`,
      Object.fromEntries(columns.map((column) => [column, results.ratio('emulator', name, column)])),
    ]),
  );
}
