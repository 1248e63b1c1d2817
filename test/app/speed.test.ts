// The apps of bench/apps.mjs, with room for a busy machine: `npm run bench:apps` has the figures.
import { SphereApp } from '../../src/app/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { useBuiltApp } from './harness.js';

const TEN_MINUTES = 600_000;

const built = useBuiltApp('../../bench/app');

/** Ten minutes of one of its parts: milliseconds of processor time, whatever else the machine does, and the log. */
async function tenMinutes(part: string): Promise<{ ms: number; lines: readonly string[] }> {
  const clock = new VirtualClock();
  const app = await SphereApp.launch(built(), { clock, args: [part] });
  const began = process.cpuUsage();
  await clock.advance(TEN_MINUTES);
  app.close();
  const { user, system } = process.cpuUsage(began);
  return { ms: (user + system) / 1000, lines: app.lines };
}

/** `each`, twice that, … up to `last`. */
function multiples(each: number, last: number): string[] {
  return Array.from({ length: last / each }, (_, i) => String(each * (i + 1)));
}

test.each([
  ['poll', 60_000, TEN_MINUTES, 1_000],
  ['timers', 12, 120, 200],
])('ten minutes: %s; the log is the same each time', async (part, each, last, limit) => {
  const first = await tenMinutes(part);
  expect(first.lines).toEqual(multiples(each, last));
  expect(first.ms).toBeLessThan(limit);
  expect((await tenMinutes(part)).lines).toEqual(first.lines);
});
