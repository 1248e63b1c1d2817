import { realClock, VirtualClock } from '../../src/clock/index.js';
import { Cursor, runWithin, Watch, within, type Wait } from '../../src/waiting/index.js';

const never = (): Promise<never> => new Promise(() => undefined);
const wait = (options: Partial<Wait> = {}): Wait => ({ what: 'tea', last: () => 'The kettle is cold.', ...options });

describe('within', () => {
  test('gives what comes in time, and leaves no timer', async () => {
    const clock = new VirtualClock();
    expect(await within(clock, wait(), () => Promise.resolve(1))).toBe(1);
    await expect(clock.runUntil(never())).rejects.toMatchObject({ code: 'CLOCK_STALLED' });
  });

  test("on the machine's clock, too", async () => {
    await expect(within(realClock, wait({ timeout: 2 }), never)).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: 'Waited 2 ms for tea, in vain. The kettle is cold.',
    });
  });

  test.each([-1, NaN, '5' as never])('refuses a limit of %p', async (timeout) => {
    await expect(within(realClock, wait({ timeout }), never)).rejects.toMatchObject({ code: 'TIMEOUT_INVALID' });
  });

  test('tells what it began that it is over', async () => {
    const clock = new VirtualClock();
    let seen: AbortSignal | undefined;
    const result = within(clock, wait({ timeout: 120_000 }), (signal) => ((seen = signal), never()));
    await expect(clock.runUntil(result)).rejects.toThrow('Waited 2 min of the virtual clock for tea');
    expect(seen?.reason).toMatchObject({ code: 'TIMED_OUT' });
  });

  test('is given up by a signal, before it began and after', async () => {
    const clock = new VirtualClock();
    const begin = jest.fn(never);
    await expect(within(clock, wait({ signal: AbortSignal.abort('no') }), begin)).rejects.toBe('no');
    expect(begin).not.toHaveBeenCalled();
    const controller = new AbortController();
    const result = within(clock, wait({ signal: controller.signal, timeout: Infinity }), begin);
    controller.abort('enough');
    await expect(result).rejects.toBe('enough');
  });

  test('what throws as it begins ends the wait', async () => {
    const clock = new VirtualClock();
    const result = within(clock, wait(), () => {
      throw new Error('mine');
    });
    await expect(result).rejects.toThrow('mine');
    await expect(clock.runUntil(never())).rejects.toMatchObject({ code: 'CLOCK_STALLED' });
  });

  describe('on a virtual clock that nobody moves', () => {
    beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick', 'performance'] }));
    afterEach(() => jest.useRealTimers());

    test('ends after 20 s of real time', async () => {
      const result = within(new VirtualClock(), wait(), never);
      const failed = expect(result).rejects.toMatchObject({
        code: 'TIMED_OUT',
        message: expect.stringMatching(/^Waited for tea, while the virtual clock stood still for 20 s .* cold\.$/),
      });
      await jest.advanceTimersByTimeAsync(20_000);
      await failed;
      expect(jest.getTimerCount()).toBe(0);
    });

    test('not while somebody moves it, and not for ever', async () => {
      const clock = new VirtualClock();
      let ended = false;
      const result = within(clock, wait(), never).finally(() => (ended = true));
      result.catch(() => undefined);
      void within(clock, wait({ timeout: Infinity }), never).finally(() => (ended = true));
      for (let second = 0; second < 100; second++) {
        await clock.advance(1);
        await jest.advanceTimersByTimeAsync(1000);
      }
      expect(ended).toBe(false);
    });
  });
});

describe('runWithin', () => {
  test('moves the clock; says why nothing can come any more', async () => {
    const clock = new VirtualClock();
    const later = new Promise((resolve) => clock.setTimer(500, () => resolve('here')));
    expect(await runWithin(clock, wait(), later)).toBe('here');
    await expect(runWithin(clock, wait(), never())).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: 'No timer is left on the virtual clock that could bring tea. The kettle is cold.',
      cause: { code: 'CLOCK_STALLED' },
    });
  });

  test('has moved the clock to its limit', async () => {
    const clock = new VirtualClock({ start: 0 });
    clock.setTimer(9000, () => undefined);
    await expect(runWithin(clock, wait({ timeout: 5000 }), never())).rejects.toThrow('Waited 5 s of the virtual clock');
    expect(clock.now()).toBe(5000);
  });

  test.each(['TIMED_OUT', 'CLOCK_STALLED'])('leaves an error with the code %s as it is', async (code) => {
    const error = Object.assign(new Error('its own'), { code });
    await expect(runWithin(new VirtualClock(), wait(), Promise.reject(error))).rejects.toBe(error);
  });

  test('is given up by a signal', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    clock.setTimer(100, () => controller.abort('enough'));
    await expect(runWithin(clock, wait({ signal: controller.signal }), never())).rejects.toBe('enough');
  });
});

describe('Cursor', () => {
  function entries(): { readonly cursor: Cursor<number>; add(...numbers: number[]): void } {
    const list: number[] = [];
    const watch = new Watch();
    const from = (number: number) => (number < list.length ? { number, entry: list[number]! } : undefined);
    return {
      cursor: new Cursor({ from }, watch),
      add: (...numbers) => {
        list.push(...numbers);
        watch.changed();
      },
    };
  }

  test('gives each entry once, in order, also to readers at the same time', async () => {
    const { cursor, add } = entries();
    const both = Promise.all([cursor.next((n) => n > 1), cursor.next(() => true)]);
    add(1, 2, 3);
    expect(await both).toEqual([2, 3]);
  });

  test('a reader that gave up takes nothing', async () => {
    const { cursor, add } = entries();
    const controller = new AbortController();
    const first = cursor.next(() => true, controller.signal);
    const second = cursor.next(() => true, controller.signal);
    await Promise.resolve();
    controller.abort('enough');
    await expect(first).rejects.toBe('enough');
    add(7);
    await expect(second).rejects.toBe('enough');
    expect(await cursor.next(() => true)).toBe(7);
  });
});
