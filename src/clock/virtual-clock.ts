import { types } from 'node:util';

import { checkArgument, checkOptions, checkTimeout, kindOf } from '../options.js';
import { distance, like, type Rule } from '../rules.js';
import { SphereIotError } from '../errors.js';
import { Unseen } from '../waiting/unseen.js';
import type { Timer, TimerCallback } from './clock.js';
import type { MovableClock } from './movable.js';
import { TimerQueue } from './timer-queue.js';

// Once for all: where jest runs this, a global takes longer to find than a wait to be skipped.
const { floor, max } = Math;
// Of Node, also where a test has put its own in the place of the global.
const realTime = performance.now.bind(performance);

/** Idle turns of Node's event loop after which nothing more is expected to happen by itself. */
const IDLE_TURNS = 3;
/** Real milliseconds after which Node's event loop has its turn, whatever there is to do on the clock. */
const MAX_TURN = 50;
/** Real milliseconds in which nothing begins or ends, after which a hold counts as forgotten. */
const FORGOTTEN_HOLD = 20_000;
/** As many of these in a row are too many, though something begins and ends: it goes round without end. */
const MAX_BUSY_PERIODS = 6;
/** Virtual milliseconds that `runUntil` waits unless told otherwise: an hour. */
const DEFAULT_LIMIT = 3_600_000;

export interface VirtualClockOptions {
  /** Where it starts: milliseconds since 1970, or a date. Default 2026-01-01T00:00:00Z. */
  readonly start?: number | Date | undefined;
}

const A_PROMISE = like('a promise, as of a wait', 'then');

const aStart: Rule = {
  words: 'milliseconds since 1970, or a date',
  fits: (value) => (typeof value === 'number' || types.isDate(value)) && Number.isFinite(Number(value)),
};

/**
 * Time that moves only when it is told to, and then from one deadline to the next, each time waiting until all that
 * shares the clock is quiet. So a day passes in seconds, and no time-out fires that real life would not have fired.
 *
 * It can't see what other processes do: use it with in-process connections only.
 */
export class VirtualClock implements MovableClock {
  readonly #start: number;
  /** Milliseconds since the start: parts of a microsecond would get lost in milliseconds since 1970. */
  #elapsed = 0;
  readonly #timers = new TimerQueue();
  readonly #holds = new Map<symbol, string>();
  /** Counts everything that could make something else happen. */
  #activity = 0;
  #walk: Promise<unknown> = Promise.resolve();
  readonly #unseen = new Unseen();
  #wake: (() => void) | undefined;
  /** How far the callback that runs now may skip: the walk's limit, the activity at its begin, and real time. */
  #skippable: { readonly limit: number; readonly activity: number; readonly until: number } | undefined;

  constructor(options: VirtualClockOptions = {}) {
    checkOptions(options, 'a VirtualClock', '{ start: Date.UTC(2026, 0) }', { start: aStart });
    this.#start = Number(options.start ?? Date.UTC(2026, 0, 1));
  }

  now(): number {
    return floor(this.#start + this.#elapsed); // as Date.now, whatever parts of a millisecond timers are set for
  }

  monotonic(): number {
    return this.#elapsed;
  }

  setTimer(delayMs: number, callback: TimerCallback): Timer {
    this.#activity++;
    return this.#timers.add(this.#elapsed + max(0, delayMs), callback);
  }

  skip(delayMs: number): boolean {
    const skippable = this.#skippable;
    const deadline = this.#elapsed + max(0, delayMs);
    if (skippable === undefined || deadline > skippable.limit) return false;
    if (this.#activity !== skippable.activity || this.#holds.size > 0) return false;
    const next = this.#timers.next();
    if (next !== undefined && next.deadline <= deadline) return false;
    if (realTime() > skippable.until) return false;
    this.#elapsed = deadline;
    return true;
  }

  hold(what: string): () => void {
    const key = Symbol(what);
    this.#holds.set(key, what);
    this.#activity++;
    return () => {
      if (!this.#holds.delete(key)) return;
      this.#activity++;
      if (this.#holds.size === 0) this.#wake?.();
    };
  }

  /**
   * Moves time on by `ms` milliseconds, ten years at most, through every deadline on the way, and waits until all is quiet.
   * @throws SphereIotError `DURATION_INVALID`; `CLOCK_HELD` when something stays under way for 20 s of real time in which nothing else
   * begins or ends, or for 120 s.
   */
  advance(ms: number): Promise<void> {
    return this.#unseen.begin(`the clock to move on by ${ms} ms`, this.#advance(ms));
  }

  async #advance(ms: number): Promise<void> {
    if (!distance.fits(ms))
      throw new SphereIotError('DURATION_INVALID', `A clock moves on by ${distance.words}; not by ${kindOf(ms)}.`);
    await this.#inTurn(async () => {
      const target = this.#elapsed + ms;
      while (await this.#step(target));
      this.#elapsed = target;
      await this.#quiet();
    });
  }

  /**
   * Moves time on, deadline by deadline, until `promise` settles; returns or throws what it does.
   * @param timeout Virtual milliseconds after which to give up; Infinity: never. Default one hour.
   * @throws SphereIotError `ARGUMENT_INVALID`, `TIMEOUT_INVALID`; `CLOCK_STALLED` when no timer is left that could settle it, `TIMED_OUT` after `timeout`,
   * `CLOCK_HELD` when something stays under way for 20 s of real time in which nothing else
   * begins or ends, or for 120 s.
   */
  runUntil<T>(promise: PromiseLike<T>, timeout = DEFAULT_LIMIT): Promise<T> {
    return this.#unseen.begin('the clock to run until what it was given has come', this.#runUntil(promise, timeout));
  }

  async #runUntil<T>(promise: PromiseLike<T>, timeout: number): Promise<T> {
    checkArgument('What runUntil waits for', promise, A_PROMISE);
    checkTimeout(timeout);
    let settled = false;
    const done = (): void => {
      settled = true;
      this.#activity++;
    };
    promise.then(done, done);
    await this.#inTurn(async () => {
      const limit = this.#elapsed + timeout;
      for (;;) {
        await this.#quiet(() => settled);
        if (settled) return;
        if (this.#timers.next() === undefined)
          throw new SphereIotError('CLOCK_STALLED', 'The virtual clock has nothing left to wait for: no timer is set.');
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it settles meanwhile
        if ((await this.#step(limit, () => settled)) || settled) continue;
        this.#elapsed = limit;
        throw new SphereIotError('TIMED_OUT', `What runUntil waits for did not come in ${timeout} virtual ms.`);
      }
    });
    return promise;
  }

  /** @internal See MovableClock. */
  forgotten(): readonly unknown[] {
    return this.#unseen.take();
  }

  /** Runs the next timer that is due by `limit`; false if there is none. Skips the wait where nothing came of it. */
  async #step(limit: number, stop: () => boolean = () => false): Promise<boolean> {
    await this.#quiet(stop);
    const until = realTime() + MAX_TURN;
    for (;;) {
      const next = this.#timers.next();
      if (next === undefined || next.deadline > limit || stop()) return false;
      this.#timers.remove(next);
      this.#elapsed = max(this.#elapsed, next.deadline);
      const before = this.#activity;
      this.#skippable = { limit, activity: before, until };
      const nothing = next.callback() === false;
      this.#skippable = undefined;
      // A timer that only set itself again: go on without a turn of the event loop.
      if (!nothing || this.#activity > before + 1 || this.#holds.size > 0 || realTime() > until) return true;
    }
  }

  /** Resolves once nothing is under way and nothing has happened for some turns, or `stop` says so. */
  async #quiet(stop: () => boolean = () => false): Promise<void> {
    for (let idle = 0; idle < IDLE_TURNS && !stop();) {
      if (this.#holds.size > 0) {
        await this.#released();
        idle = 0;
      }
      const before = this.#activity;
      await new Promise((resolve) => setImmediate(resolve));
      idle = this.#activity === before && this.#holds.size === 0 ? idle + 1 : 0;
    }
  }

  async #released(): Promise<void> {
    let period: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      let periods = 0;
      let activity = this.#activity;
      period = setInterval(() => {
        periods++;
        if (this.#activity === activity || periods === MAX_BUSY_PERIODS)
          reject(this.#heldError((periods * FORGOTTEN_HOLD) / 1000));
        activity = this.#activity;
      }, FORGOTTEN_HOLD);
    }).finally(() => {
      clearInterval(period);
      this.#wake = undefined;
    });
  }

  #heldError(seconds: number): SphereIotError {
    const what = [...new Set(this.#holds.values())].join(', ');
    return new SphereIotError(
      'CLOCK_HELD',
      `The virtual clock can't move: still under way after ${seconds} s: ${what}.`,
    );
  }

  /** One walk at a time: a second caller waits for the first. */
  #inTurn(walk: () => Promise<void>): Promise<void> {
    const turn = this.#walk.then(walk, walk);
    this.#walk = turn.catch(() => undefined);
    return turn;
  }
}
