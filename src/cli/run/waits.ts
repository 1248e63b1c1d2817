import type { Clock, Timer, VirtualClock } from '../../clock/index.js';
import type { Happenings } from './happenings.js';

/** For how long an app may go on after SIGTERM, and its expectations after its end; clock ms. */
export const GRACE = 2_000;

export interface WaitsOptions {
  readonly clock: Clock;
  /** The same clock where it moves only while something is waited for; undefined: time is the machine's. */
  readonly virtualClock: VirtualClock | undefined;
  readonly happenings: Happenings;
  readonly hasEnded: () => boolean;
}

/** The waits of a session, and its timers: the one place where `run` lets time pass. Close it. */
export class Waits {
  readonly #options: WaitsOptions;
  /** What was set, and has perhaps fired. */
  readonly #timers = new Set<Timer>();

  constructor(options: WaitsOptions) {
    this.#options = options;
  }

  /**
   * Waits until `check` holds: it is asked now, and after each happening.
   * @param limitMs Clock ms.
   * @returns Whether it came to hold. Once the app has ended, only what is under way is waited for.
   */
  async waitFor(check: () => boolean, limitMs: number): Promise<boolean> {
    let met = check();
    if (met) return true;
    let stop = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      const unlisten = this.#options.happenings.listen(() => {
        met ||= check(); // which may take what it finds: not twice
        if (met) resolve();
      });
      const stopGrace = this.afterEnd(resolve);
      stop = () => (unlisten(), stopGrace());
    });
    await this.within(over, limitMs).finally(() => stop());
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- the listener sets it
    return met || check();
  }

  /** Lets time pass, in clock ms. */
  async pass(ms: number): Promise<void> {
    const { virtualClock } = this.#options;
    if (virtualClock !== undefined) return virtualClock.advance(ms);
    await new Promise<void>((resolve) => void this.after(ms, resolve));
  }

  /** Calls back in some clock ms, unless `close` comes first. */
  after(ms: number, act: () => void): Timer {
    const timer = this.#options.clock.setTimer(ms, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
    const cancel = (): void => {
      this.#timers.delete(timer);
      timer.cancel();
    };
    return { cancel };
  }

  /** Calls back once the app has ended and what was under way then has come; returns what keeps it from that. */
  afterEnd(act: () => void): () => void {
    let grace: Timer | undefined;
    const look = (): void => {
      if (this.#options.hasEnded()) grace ??= this.after(GRACE, act);
    };
    const unlisten = this.#options.happenings.listen(look);
    look();
    return () => (unlisten(), grace?.cancel());
  }

  /** Waits for a promise, `limitMs` of the clock at most. */
  async within(promise: Promise<unknown>, limitMs: number): Promise<void> {
    let timer: Timer | undefined;
    const limit = new Promise<void>((resolve) => (timer = this.after(limitMs, resolve)));
    await this.run(Promise.race([promise, limit])).finally(() => timer?.cancel());
  }

  /** Waits for a promise, while the clock runs. */
  run<T>(promise: Promise<T>): Promise<T> {
    const { virtualClock } = this.#options;
    return virtualClock === undefined ? promise : virtualClock.runUntil(promise, Infinity);
  }

  /** Cancels all timers. */
  close(): void {
    for (const timer of this.#timers) timer.cancel();
  }
}
