import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** An attack, and what it may cost: measured beside an honest request of the same kind, so that a slow machine is no failure. */
export interface Attack {
  readonly name: string;
  /** An honest request. */
  honest(): Promise<void> | void;
  /** The attack; it asserts what the peer is told. */
  attack(): Promise<void> | void;
  /** The attack may take as long as so many honest requests, at most. */
  readonly times: number;
  /** What it may leave in memory, in bytes. Default 4 MiB. */
  readonly bytes?: number;
}

/** Milliseconds of an honest request and of an attack right after it. */
export interface Measured {
  readonly honestMs: number;
  readonly attackMs: number;
}

const BYTES = 4 * 1024 * 1024;
/** An honest request may be too quick to be measured. */
const MIN_MS = 20;
/** Something else on the machine may have had the time that an attack seems to take; what is quadratic is too slow each time. */
const MAX_TRIES = 3;

/** One test for each attack. Each is tried once before it is measured, so that neither pays for what is loaded then. */
export function attacks(title: string, rows: readonly Attack[]): void {
  describe(title, () => {
    test.each(rows)('$name', async ({ honest, attack, times, bytes = BYTES }) => {
      await honest();
      await attack();
      let before = memoryInUse();
      const factor = await leastFactor(times, async () => {
        before = memoryInUse();
        return { honestMs: await timeOf(honest), attackMs: await timeOf(attack) };
      });
      expect(factor).toBeLessThan(times);
      // Another thread frees buffers, which has its turn later where the machine is loaded.
      for (let tries = 0; tries < 20 && memoryInUse() - before >= bytes; tries++)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(memoryInUse() - before).toBeLessThan(bytes);
    });
  });
}

/** In bytes, without what nobody refers to any more. */
export function memoryInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** How often an attack takes the time of an honest request: the least of some tries, unless one is below `times`. */
export async function leastFactor(times: number, measure: () => Promise<Measured>): Promise<number> {
  let least = Infinity;
  for (let tries = 0; tries < MAX_TRIES && least >= times; tries++) {
    const { honestMs, attackMs } = await measure();
    least = Math.min(least, attackMs / Math.max(honestMs, MIN_MS));
  }
  return least;
}

/** How long it takes, less the time that this thread waited for a processor, which other processes had meanwhile. */
export async function timeOf(act: () => Promise<void> | void): Promise<number> {
  const [waited, begin] = [waitedForProcessorMs(), performance.now()];
  await act();
  return performance.now() - begin - (waitedForProcessorMs() - waited);
}

/** Since this thread began; 0 where the system does not tell. Linux: the second number of /proc/PID/schedstat, in ns. */
function waitedForProcessorMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
