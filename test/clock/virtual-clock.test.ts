import { VirtualClock } from '../../src/clock/index.js';

describe('VirtualClock', () => {
  test('fires timers in the order of their deadlines, those of one deadline in the order they were set', async () => {
    const clock = new VirtualClock({ start: 1000 });
    const fired: string[] = [];
    clock.setTimer(50, () => void fired.push(`c@${clock.now()}`));
    clock.setTimer(10, () => void fired.push(`a@${clock.now()}`));
    clock.setTimer(10, () => void fired.push(`b@${clock.now()}`));
    clock.setTimer(51, () => void fired.push('late'));
    await clock.advance(50);
    expect(fired).toEqual(['a@1010', 'b@1010', 'c@1050']);
    expect(clock.now()).toBe(1050);
    expect(clock.monotonic()).toBe(50);
  });

  test('passes through deadlines that are set on the way', async () => {
    const clock = new VirtualClock({ start: 0 });
    const at: number[] = [];
    const tick = (): void => {
      at.push(clock.now());
      clock.setTimer(10, tick);
    };
    clock.setTimer(10, tick);
    await clock.advance(35);
    expect(at).toEqual([10, 20, 30]);
  });

  test('a cancelled timer does not fire', async () => {
    const clock = new VirtualClock();
    const fired = jest.fn();
    const timers = [5, 3, 9, 1, 7].map((delay) => clock.setTimer(delay, () => fired(delay)));
    timers[1]?.cancel();
    timers[1]?.cancel();
    timers[4]?.cancel();
    await clock.advance(10);
    expect(fired.mock.calls.flat()).toEqual([1, 5, 9]);
  });

  test('stands still while something is under way', async () => {
    const clock = new VirtualClock({ start: 0 });
    const release = clock.hold('a handshake');
    const fired = jest.fn();
    clock.setTimer(1, fired);
    const walk = clock.advance(10);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(clock.now()).toBe(0);
    release();
    release();
    await walk;
    expect(fired).toHaveBeenCalledTimes(1);
  });

  test('lets what a timer started settle before the next one fires', async () => {
    const clock = new VirtualClock({ start: 0 });
    const order: string[] = [];
    clock.setTimer(1, () => {
      const release = clock.hold('work');
      setImmediate(() => {
        order.push(`work done at ${clock.now()}`);
        release();
      });
    });
    clock.setTimer(2, () => void order.push('second timer'));
    await clock.advance(5);
    expect(order).toEqual(['work done at 1', 'second timer']);
  });

  test('a periodic timer that reports nothing costs no turn of the event loop', async () => {
    const clock = new VirtualClock({ start: 0 });
    let ticks = 0;
    const tick = (): boolean => {
      ticks++;
      clock.setTimer(1000, tick);
      return false;
    };
    clock.setTimer(1000, tick);
    await clock.advance(24 * 3_600_000);
    expect(ticks).toBe(24 * 3600);
  });

  test('walks are taken one after the other', async () => {
    const clock = new VirtualClock({ start: 0 });
    await Promise.all([clock.advance(10), clock.advance(10)]);
    expect(clock.now()).toBe(20);
  });

  describe('runUntil', () => {
    test.each([undefined, null, 3, 'text', {}, () => Promise.resolve()])(
      'is for promises, not for %p',
      async (none) => {
        await expect(new VirtualClock().runUntil(none as never)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
      },
    );

    test('returns what the promise returns, at the time it settled', async () => {
      const clock = new VirtualClock({ start: 0 });
      clock.setTimer(500, () => undefined);
      const promise = new Promise<string>((resolve) => clock.setTimer(100, () => resolve('here')));
      await expect(clock.runUntil(promise)).resolves.toBe('here');
      expect(clock.now()).toBe(100);
    });

    test('throws what the promise throws', async () => {
      const clock = new VirtualClock();
      const promise = new Promise((_, reject) => clock.setTimer(1, () => reject(new Error('refused'))));
      await expect(clock.runUntil(promise)).rejects.toThrow('refused');
    });

    test('says so when no timer is left, and when the limit is reached', async () => {
      const clock = new VirtualClock({ start: 0 });
      const never = new Promise<void>(() => undefined);
      await expect(clock.runUntil(never)).rejects.toMatchObject({ code: 'CLOCK_STALLED' });
      const tick = (): void => void clock.setTimer(10, tick);
      tick();
      await expect(clock.runUntil(never, 100)).rejects.toMatchObject({ code: 'TIMED_OUT' });
      expect(clock.now()).toBe(100);
    });
  });

  test.each([-1, NaN, Infinity, 1e12, '5', null, {}])('does not move by %p', async (ms) => {
    const clock = new VirtualClock({ start: 0 });
    await expect(clock.advance(ms as never)).rejects.toMatchObject({ code: 'DURATION_INVALID' });
    expect(clock.now()).toBe(0);
  });

  test('ten years can pass', async () => {
    const clock = new VirtualClock({ start: 0 });
    await clock.advance(3650 * 86_400_000);
    expect(clock.now()).toBe(3650 * 86_400_000);
  });

  test.each([{ start: NaN }, { start: new Date('never') }, { start: '2026' }, { strat: 0 }])(
    'does not start with %o',
    (options) => {
      expect(() => new VirtualClock(options as never)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
    },
  );

  // Each would go on for days of real time.
  test.each<[string, (clock: VirtualClock, isOver: () => boolean) => void]>([
    [
      'a timer that sets itself again',
      (clock, isOver) => {
        const again = (): boolean => {
          if (!isOver()) clock.setTimer(1e-3, again);
          return false;
        };
        again();
      },
    ],
    [
      'waits that are skipped',
      (clock, isOver) => {
        const run = (): void => {
          while (clock.skip(1e-3));
          if (!isOver()) clock.setTimer(1e-3, run);
        };
        run();
      },
    ],
  ])('%s leaves the event loop of Node its turn', async (_what, begin) => {
    const clock = new VirtualClock();
    let isOver = false;
    begin(clock, () => isOver);
    const walk = clock.runUntil(
      new Promise<void>((resolve) => {
        setTimeout(() => {
          isOver = true;
          resolve();
        }, 200); // real ms: long after the walk has begun
      }),
      Infinity,
    );
    await walk;
    expect(isOver).toBe(true);
  });
});
