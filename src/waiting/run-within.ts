import { isMovable, type Clock } from '../clock/index.js';
import { messageOf } from '../errors.js';
import { duration, timedOut, timeoutOf, within, type Wait } from './time-limit.js';

/** How a virtual clock says that it has given up, in the words of a wait. */
const GIVEN_UP: Readonly<Record<string, (limit: string, error: unknown) => string>> = {
  TIMED_OUT: (limit) => `Waited ${limit} for`,
  CLOCK_STALLED: () => 'No timer is left on the virtual clock that could bring',
  CLOCK_HELD: (_limit, error) => `${messageOf(error)} So this did not come:`,
};

/**
 * As `within`, for a promise that needs the clock to move: it moves a virtual clock until the promise settles.
 * @throws SphereIotError (the promise rejects) `TIMED_OUT`, also where no timer is left, or the clock can't move; `TIMEOUT_INVALID`;
 * what the promise rejects with.
 */
export async function runWithin<T>(clock: Clock, wait: Wait, promise: Promise<T>): Promise<T> {
  if (!isMovable(clock)) return within(clock, wait, () => promise);
  promise.catch(() => undefined); // nobody waits for it any more once the limit has come
  const timeout = timeoutOf(clock, wait);
  // The clock is the limit; the wait's signal may come before.
  const waiting = within(clock, { ...wait, timeout: Infinity }, () => promise);
  let own: { readonly error: unknown } | undefined;
  waiting.catch((error: unknown) => (own = { error }));
  // With catch, not await: the clock sees at once that it is awaited.
  return clock.runUntil(waiting, timeout).catch((error: unknown) => {
    const how = own?.error === error ? undefined : GIVEN_UP[String((error as { code?: unknown }).code)];
    if (how === undefined) throw error;
    throw timedOut(wait, `${how(duration(clock, timeout), error)} ${wait.what}.`, error);
  });
}
