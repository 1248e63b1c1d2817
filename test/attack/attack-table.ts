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

const BYTES = 4 * 1024 * 1024;
/** An honest request may be too quick to be measured. */
const MIN_MS = 20;

/** One test for each attack. Each is tried once before it is measured, so that neither pays for what is loaded then. */
export function attacks(title: string, rows: readonly Attack[]): void {
  describe(title, () => {
    test.each(rows)('$name', async ({ honest, attack, times, bytes = BYTES }) => {
      await honest();
      await attack();
      const before = memoryInUse();
      const honestMs = await timeOf(honest);
      const attackMs = await timeOf(attack);
      expect(attackMs).toBeLessThan(times * Math.max(honestMs, MIN_MS));
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

async function timeOf(act: () => Promise<void> | void): Promise<number> {
  const begin = performance.now();
  await act();
  return performance.now() - begin;
}
