// A part of `npm run bench` that compares clients against one broker. In each round every client is started once, and for each window
// one after the other has its turn, so that what else the machine does strikes all of them.
import { fail } from '../../wasm-build/terminal.mjs';
import { startBroker } from './brokers.mjs';
import { CLIENTS, startClient } from './clients.mjs';
import { Results } from './results.mjs';
import { printTable, rounded, spread } from './tables.mjs';

const START = 'start → first confirmation, ms';
const FLAT = [10_000, 1_000_000];
const flatColumn = (messages) => `${rounded(messages)} at 256`;

/**
 * @param {{ title: string, broker: string, clients: string[], windows: number[], flat?: boolean }} scene
 * @param {{ milliseconds: number, messages: number }} limits What ends one measurement; 0: not that.
 */
export function clientScene(scene, limits) {
  const results = new Results();
  return { results, round: () => round(scene, limits, results), report: () => report(scene, results) };
}

async function round({ broker: name, clients, windows, flat }, limits, results) {
  const broker = await startBroker(name, clients);
  const running = [];
  for (const name of clients) {
    const { client, start } = await startClient(name, broker);
    results.note(name, START, start);
    running.push([name, client]);
  }
  const measureAndNote = async ([name, client], column, window, limits) => {
    const { rate, cpu } = await measure(client, window, limits);
    results.note(name, column, rate);
    results.note(name, `cpu ${column}`, cpu);
  };
  // The code of the clients in JavaScript is to be compiled before anything counts.
  for (const [, client] of running) await measure(client, 64, limits);
  for (const window of windows)
    for (const each of running)
      if (window <= (CLIENTS[each[0]].most ?? Infinity)) await measureAndNote(each, window, window, limits);
  for (const each of running)
    if (flat && (CLIENTS[each[0]].ours || each[0] === 'native'))
      for (const messages of FLAT) await measureAndNote(each, flatColumn(messages), 256, { milliseconds: 0, messages });
  for (const [, client] of running) await client.end();
  await broker.end();
}

async function measure(client, window, { milliseconds, messages }) {
  const { messages: confirmed, seconds, cpu } = JSON.parse(await client.ask(`${window} ${milliseconds} ${messages}`));
  if (!(confirmed > 0)) fail('A client has sent messages of which none was confirmed.');
  return { rate: confirmed / seconds, cpu: (cpu * 1e6) / confirmed };
}

/** Prints the tables. @returns The ratios, for a program. */
function report({ title, clients, windows, flat }, results) {
  const columns = [...windows, ...(flat ? FLAT.map(flatColumn) : [])];
  const titleOf = (name) => CLIENTS[name].title;
  const table = (title, columns, rows) => printTable(title, ['', ...columns.map(String)], rows);

  table(
    `${title}: messages per second, by window: the median of the rounds, and the spread`,
    [...columns, START],
    clients.map((name) => [titleOf(name), ...[...columns, START].map((c) => spread(results.statistics(name, c)))]),
  );
  table(
    'Microseconds of processor time of the client a message (DoWork in a tight loop uses all there is)',
    columns,
    clients.map((name) => [
      titleOf(name),
      ...columns.map((column) => results.statistics(name, `cpu ${column}`)?.median.toFixed(1) ?? ''),
    ]),
  );
  const pairs = clients
    .filter((name) => CLIENTS[name].ours)
    .flatMap((ours) => clients.filter((name) => !CLIENTS[name].ours).map((peer) => [ours, peer]));
  if (pairs.length === 0) return {};
  table(
    'As a multiple',
    [...columns, START],
    pairs.map(([ours, peer]) => [
      `${titleOf(ours)} ÷ ${titleOf(peer)}`,
      ...[...columns, START].map((column) => results.ratio(ours, peer, column)?.toFixed(2) ?? ''),
    ]),
  );
  return Object.fromEntries(
    pairs.map(([ours, peer]) => [
      `${ours} ÷ ${peer}`,
      Object.fromEntries([...columns, START].map((column) => [column, results.ratio(ours, peer, column)])),
    ]),
  );
}
