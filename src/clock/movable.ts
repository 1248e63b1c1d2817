import type { Clock } from './clock.js';

/** A clock that moves only when it is told to: VirtualClock. */
export interface MovableClock extends Clock {
  runUntil<T>(promise: PromiseLike<T>, timeout?: number): Promise<T>;
  advance(ms: number): Promise<void>;
}

export function isMovable(clock: Clock): clock is MovableClock {
  return 'runUntil' in clock && 'advance' in clock;
}
