import { checkOptions, checkTimeout, type Rules } from '../options.js';
import { anything, like, type Rule } from '../rules.js';
import { isMovable, type Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';

/** How long a wait lasts unless told otherwise, on the machine's clock and on a virtual one: ms. */
const REAL_TIMEOUT = 60_000;
const VIRTUAL_TIMEOUT = 3_600_000;

/**
 * A virtual clock that nobody moves is looked at so often, so many real ms apart. The looks are counted, and not the time: a
 * process that a debugger stops sees one of them, however long it stood.
 */
const LOOKS = 20;
const BETWEEN_LOOKS = 1000;

/** What every wait takes. */
export interface WaitOptions {
  /**
   * How long to wait at most, in ms of the clock; `Infinity` waits for ever. Default: 60 000 on the machine's clock, 3 600 000 (an
   * hour) on a virtual one. On a virtual clock that nobody moves, every wait but one for ever also ends after 20 s of real time.
   */
  readonly timeout?: number | undefined;
  /** Gives up the wait, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export const WAIT_RULES: Rules<WaitOptions> = {
  timeout: anything, // judged by timeoutOf
  signal: like('an AbortSignal', 'addEventListener', 'throwIfAborted'),
};

/** A wait, as its error tells of it. */
export interface Wait extends WaitOptions {
  /** What is waited for, after "Waited for". */
  readonly what: string;
  /** What happened last, in whole sentences. Asked when the wait has failed. */
  readonly last: () => string;
}

/**
 * A wait with the options of its caller.
 * @param rules Of all that they may hold.
 * @throws SphereIotError `OPTIONS_INVALID`.
 */
export function waitOf<T extends WaitOptions = WaitOptions>(
  options: T | undefined,
  what: string,
  last: () => string,
  rules: Rules<WaitOptions> & Readonly<Record<string, Rule>> = WAIT_RULES,
): T & Wait {
  checkOptions<WaitOptions>(options, 'a wait', '{ timeout: 5000 }', rules);
  return { ...(options as T), what, last };
}

/**
 * Begins a wait and ends it at its limit: then it rejects, and aborts the signal that `begin` got. No timer is left behind, and a
 * promise that is dropped is no unhandled rejection.
 * @throws SphereIotError (the promise rejects) `TIMED_OUT`, `TIMEOUT_INVALID`; the reason of `wait.signal`; what `begin` rejects with.
 */
export function within<T>(clock: Clock, wait: Wait, begin: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const result = new Promise<T>((resolve, reject) => {
    const timeout = timeoutOf(clock, wait);
    const give = (reason: unknown): void => {
      reject(reason);
      limit.abort(reason);
    };
    if (wait.signal?.aborted) return give(wait.signal.reason);
    const ends = [
      onTime(clock, timeout, () =>
        give(timedOut(wait, `Waited ${duration(clock, timeout)} for ${wait.what}, in vain.`)),
      ),
      timeout === Infinity ? nothing : onStandstill(clock, () => give(timedOut(wait, stoodStill(wait)))),
      onAbort(wait.signal, give),
    ];
    const over = (): void => ends.forEach((end) => end());
    limit.signal.addEventListener('abort', over, { once: true });
    // In a promise, so that what it throws ends the wait as well.
    new Promise<T>((begun) => begun(begin(limit.signal))).then(resolve, reject).finally(over);
  });
  result.catch(() => undefined);
  return result;
}

/**
 * The limit of a wait, in ms of the clock.
 * @throws SphereIotError `TIMEOUT_INVALID`.
 */
export function timeoutOf(clock: Clock, { timeout }: WaitOptions): number {
  if (timeout === undefined) return isMovable(clock) ? VIRTUAL_TIMEOUT : REAL_TIMEOUT;
  checkTimeout(timeout);
  return timeout;
}

/** The one error of waits that come to their limit. */
export function timedOut({ last }: Wait, how: string, cause?: unknown): SphereIotError {
  return new SphereIotError('TIMED_OUT', `${how} ${last()}`.trimEnd(), { cause });
}

/** In words: 500 ms, 60 s, 5 min, 1 h. */
export function duration(clock: Clock, ms: number): string {
  const [size, unit] = (
    [
      [3_600_000, 'h'],
      [60_000, 'min'],
      [1000, 's'],
    ] as const
  ).find(([size]) => ms >= (size === 60_000 ? 2 * size : size) && ms % size === 0) ?? [1, 'ms'];
  return `${ms / size} ${unit}${isMovable(clock) ? ' of the virtual clock' : ''}`;
}

function stoodStill({ what }: Wait): string {
  const seconds = (LOOKS * BETWEEN_LOOKS) / 1000;
  return `Waited for ${what}, while the virtual clock stood still for ${seconds} s of real time: nobody moves it. Give the promise to clock.runUntil.`;
}

const nothing = (): void => undefined;

function onTime(clock: Clock, timeout: number, act: () => void): () => void {
  if (timeout === Infinity) return nothing;
  const timer = clock.setTimer(timeout, act);
  return () => timer.cancel();
}

function onStandstill(clock: Clock, act: () => void): () => void {
  if (!isMovable(clock)) return nothing;
  let last = clock.monotonic();
  let looks = 0;
  const look = (): void => {
    const now = clock.monotonic();
    looks = now === last ? looks + 1 : 0;
    last = now;
    if (looks >= LOOKS) act();
    else timer = setTimeout(look, BETWEEN_LOOKS);
  };
  let timer = setTimeout(look, BETWEEN_LOOKS);
  return () => clearTimeout(timer);
}

function onAbort(signal: AbortSignal | undefined, act: (reason: unknown) => void): () => void {
  if (signal === undefined) return nothing;
  const listener = (): void => act(signal.reason);
  signal.addEventListener('abort', listener);
  return () => signal.removeEventListener('abort', listener);
}
