// A virtual clock that can't move says so, and what holds it; not where there is only much to do.
import { VirtualClock } from '../../src/clock/index.js';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** The walk's end, as soon as it is there. */
function walk(clock: VirtualClock): { readonly end: () => unknown } {
  let end: unknown;
  clock.advance(1).then(
    () => (end = 'moved'),
    (error: unknown) => (end = error),
  );
  return { end: () => end };
}

/** Lets real time pass, and what waits for it. */
async function pass(seconds: number): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await jest.advanceTimersByTimeAsync(seconds * 1000);
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('a hold that is never released is told of after 20 s', async () => {
  const clock = new VirtualClock();
  clock.hold('a handshake');
  const { end } = walk(clock);
  await pass(19);
  expect(end()).toBeUndefined();
  await pass(1);
  expect(end()).toMatchObject({
    code: 'CLOCK_HELD',
    message: "The virtual clock can't move: still under way after 20 s: a handshake.",
  });
});

test('as long as something begins and ends, it is not: a loaded machine takes its time', async () => {
  const clock = new VirtualClock();
  const release = clock.hold('a handshake');
  const { end } = walk(clock);
  for (let i = 0; i < 5; i++) {
    await pass(19);
    clock.hold('bytes in flight')();
  }
  expect(end()).toBeUndefined();
  release();
  await pass(0);
  expect(end()).toBe('moved');
});

test('what goes round without end is told of after 120 s', async () => {
  const clock = new VirtualClock();
  clock.hold('a handshake');
  const { end } = walk(clock);
  for (let second = 0; second < 119; second++) {
    await pass(1);
    clock.hold('bytes in flight')();
  }
  expect(end()).toBeUndefined();
  await pass(1);
  expect(end()).toMatchObject({ code: 'CLOCK_HELD', message: expect.stringContaining('after 120 s: a handshake') });
});
