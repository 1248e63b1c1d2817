// How attacks are measured.
import { leastFactor, timeOf, type Measured } from './attack-table.js';

/** Measures in turn. */
function turns(...measured: readonly Measured[]): { measure(): Promise<Measured>; count(): number } {
  let count = 0;
  return { measure: async () => measured[count++] as Measured, count: () => count };
}

const quick = { honestMs: 40, attackMs: 400 };
const slow = { honestMs: 40, attackMs: 4000 };

test('a try that was disturbed is made again', async () => {
  const { measure, count } = turns(slow, quick, slow);
  expect(await leastFactor(20, measure)).toBe(10);
  expect(count()).toBe(2);
});

test('what is too slow each time is found', async () => {
  const { measure, count } = turns(slow, slow, slow, quick);
  expect(await leastFactor(20, measure)).toBe(100);
  expect(count()).toBe(3);
});

test('an honest request that is too quick to be measured counts as 20 ms', async () => {
  expect(await leastFactor(20, turns({ honestMs: 0.1, attackMs: 100 }).measure)).toBe(5);
});

test('quadratic work is a hundred times slower', async () => {
  const search = (length: number) => (): void => void /a+b/.test('a'.repeat(length));
  const [honestMs, attackMs] = [await timeOf(search(2000)), await timeOf(search(25_000))];
  expect(await leastFactor(20, async () => ({ honestMs, attackMs }))).toBeGreaterThan(20);
});

test('a wait counts as a whole, where something is awaited', async () => {
  expect(await timeOf(() => new Promise((resolve) => setTimeout(resolve, 100)))).toBeGreaterThan(95);
});
