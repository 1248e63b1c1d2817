import type { Clock } from './clock.js';

/** A clock that moves only when it is told to: VirtualClock. */
export interface MovableClock extends Clock {
  runUntil<T>(promise: PromiseLike<T>, timeout?: number): Promise<T>;
  advance(ms: number): Promise<void>;
  /** `WAIT_FORGOTTEN` of each of its promises that nobody awaits, and that has not come: told once, by what is closed first. */
  forgotten?(): readonly unknown[];
}

export function isMovable(clock: Clock): clock is MovableClock {
  return 'runUntil' in clock && 'advance' in clock;
}

/** What a clock's `forgotten` says; nothing for one that moves by itself. */
export function forgottenWalks(clock: Clock): readonly unknown[] {
  return isMovable(clock) ? (clock.forgotten?.() ?? []) : [];
}
