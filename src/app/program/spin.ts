/** For how long an app that spins runs on the machine's clock before Node has a turn, in ms. */
const SLICE = 10;

/** Pauses after which an app that calls nothing is taken to do so for ever; from then on each is longer, up to the longest. */
const PATIENCE = 1000;
const GROWTH = 1.002;
const MAX_PAUSE = 1000;

/** Of a virtual clock, in ms: an app that calls nothing for so long is not waited for. Less than the waits of SphereApp have. */
const MAX_SILENCE = 1_800_000;
/** In words. */
export const LONG_SILENCE = 'half an hour of the virtual clock';

export interface SpinOptions {
  /** Whether the clock is one that moves only when it is told to. */
  readonly virtual: boolean;
  /** How often the app has called the host. */
  readonly calls: () => number;
  /** For how long the app may do so, in ms of real time; Infinity: for ever, or on a virtual clock as long as any. */
  readonly watchdogMs: number;
}

/**
 * What becomes of an app that runs on and on without a wait: it pauses for a millisecond of a virtual clock each time that it
 * has used up what it may do in one; on the machine's clock, where time passes by itself, it only lets Node have its turns.
 */
export class Spin {
  readonly #options: SpinOptions;
  /** Pauses one after the other without a call of the host between them. */
  #silent = 0;
  #calls = 0;
  /** Since when C runs, as performance.now. */
  #entered = 0;
  /** Real milliseconds that it ran before without a wait or a call. */
  #ran = 0;
  /** Milliseconds of a virtual clock that it paused for without a wait or a call. */
  #paused = 0;
  /** The calls when it was last looked at where it can't pause, and since when there were no others. */
  #callsInside = 0;
  #quietSince = 0;
  /** Whether what C waits for next is a pause. */
  #pausing = false;

  constructor(options: SpinOptions) {
    this.#options = options;
  }

  /** Real milliseconds for which C has run without a wait or a call of the host, as seen when it last spun. */
  get idle(): number {
    return this.#silent === 0 ? 0 : this.#ran;
  }

  /** Whether it has run for longer than the watchdog lets it. */
  get isOver(): boolean {
    return this.idle > this.#options.watchdogMs || this.#paused > MAX_SILENCE;
  }

  /** For how long it has run then. */
  get ranFor(): string {
    return this.#paused > MAX_SILENCE ? LONG_SILENCE : `${this.#options.watchdogMs} ms`;
  }

  /** Where C was, as JavaScript's stack, when it was taken to spin for ever; undefined: it does not. */
  spinsAt: string | undefined;

  /** C begins to run, or goes on. `now` is performance.now. */
  enter(now: number): void {
    this.#entered = now;
  }

  /** C has used up what it may do: the milliseconds to pause for; 0: it goes on. */
  spun(): number {
    const { virtual, calls } = this.#options;
    const now = performance.now();
    this.#silent = calls() === this.#calls ? this.#silent + 1 : 0;
    this.#calls = calls();
    if (this.#silent === 0) this.spinsAt = undefined;
    if (this.#silent === PATIENCE) this.spinsAt = new Error().stack;
    const slice = now - this.#entered;
    if (!virtual && slice < SLICE) return 0;
    const pause = virtual ? Math.min(MAX_PAUSE, GROWTH ** Math.max(0, this.#silent - PATIENCE)) : 1;
    this.#ran = this.#silent === 0 ? 0 : this.#ran + slice;
    this.#paused = this.#silent === 0 || !virtual ? 0 : this.#paused + pause;
    this.#entered = now;
    this.#pausing = true;
    return pause;
  }

  /** C goes on where it can't pause: whether it has run there for longer than the watchdog lets it, without a call of the host. */
  isOverInside(): boolean {
    const { calls, watchdogMs } = this.#options;
    const now = performance.now();
    if (calls() !== this.#callsInside) this.#quietSince = now;
    this.#callsInside = calls();
    return now - Math.max(this.#entered, this.#quietSince) > watchdogMs;
  }

  /** C waits: whether that is a wait of the app's own, and not a pause. */
  waits(): boolean {
    if (this.#pausing) {
      this.#pausing = false;
      return false;
    }
    this.#silent = 0;
    this.#paused = 0;
    this.spinsAt = undefined;
    return true;
  }
}
