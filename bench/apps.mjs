// Ten minutes of virtual time of apps: one polls every millisecond, one has a timer of five seconds, one sleeps for 10 microseconds
// at a time, one looks at a pin without a wait, one is in an endless loop; and the first for a tenth of that in a thread of its own.
//
//   npm run bench:apps -- [--json]
//
// Needs dist/ (`npm run build`), emcc, cmake and ninja. The figures go to stdout. It fails where an app did not do what it
// should have in that time, or where its log was not the same twice.
import path from 'node:path';
import { parseArgs } from 'node:util';

import { buildApp, SphereApp } from '../dist/esm/app/index.js';
import { VirtualClock } from '../dist/esm/index.js';

const MINUTE = 60_000;
const RUNS = 3;

const RUN_KINDS = [
  { name: 'poll every 1 ms', part: 'poll', minutes: 10, lastLine: '600000' },
  { name: 'timer of 5 s', part: 'timers', minutes: 10, lastLine: '120' },
  { name: 'sleeps of 10 us', part: 'sleeps', minutes: 10, lastLine: '9' },
  { name: 'polls without a wait', part: 'spin', minutes: 10, lastLine: 'spins' },
  { name: 'while (true);', part: 'forever', minutes: 10, lastLine: 'for ever' },
  { name: 'poll every 1 ms, isolated', part: 'poll', minutes: 1, lastLine: '60000', isolate: true },
];

async function runOnce(built, { part, minutes, isolate = false }) {
  const clock = new VirtualClock();
  const app = await SphereApp.launch(built, { clock, isolate, args: [part] });
  try {
    const began = performance.now();
    await clock.advance(minutes * MINUTE);
    return { ms: performance.now() - began, lines: app.lines };
  } finally {
    app.close();
  }
}

async function measure(built, kind) {
  const runs = [];
  for (let run = 0; run < RUNS; run++) runs.push(await runOnce(built, kind));
  for (const { lines } of runs)
    if (lines.at(-1) !== kind.lastLine || lines.join() !== runs[0].lines.join())
      throw new Error(
        `${kind.name}: the log ends with ${lines.at(-1)}, not ${kind.lastLine}, or differs between runs.`,
      );
  const best = Math.min(...runs.map(({ ms }) => ms));
  return { name: kind.name, virtualMinutes: kind.minutes, bestMs: Math.round(best * 10) / 10 };
}

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const built = await buildApp(path.join(import.meta.dirname, 'app'));
const results = [];
for (const kind of RUN_KINDS) results.push(await measure(built, kind));
if (values.json) console.log(JSON.stringify({ node: process.version, results }));
else
  for (const { name, virtualMinutes, bestMs } of results)
    console.log(`${name.padEnd(28)} ${virtualMinutes} min in ${bestMs} ms`);
