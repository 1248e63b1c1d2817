import type { Clock } from '../clock/index.js';
import type { SphereIotError } from '../errors.js';

/**
 * Waits, `timeoutMs` of the clock at most; then the signal that `wait` got is aborted with what `error` makes. No timer
 * is left, and who drops the promise is not hit by an unhandled rejection.
 */
export function within<T>(
  clock: Clock,
  timeoutMs: number,
  error: () => SphereIotError,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = clock.setTimer(timeoutMs, () => limit.abort(error()));
  const result = wait(limit.signal).finally(() => timer.cancel());
  result.catch(() => undefined);
  return result;
}
