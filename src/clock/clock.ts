/** A timer that was set on a clock. */
export interface Timer {
  /** Cancels it; nothing happens if it has fired. */
  cancel(): void;
}

/**
 * What a timer calls. To return `false` says that nothing came of it (nothing sent, nothing called, nothing set), which
 * saves a virtual clock from waiting for the consequences.
 */
export type TimerCallback = () => void | boolean;

/**
 * The one source of time. The SDK's tickcounter, agenttime and C's `time`, certificate validity, the emulator's
 * time-outs and the device's pump all read the same clock, so that "24 hours later" is one call on a virtual one.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Milliseconds that only ever grow; where they start means nothing. */
  monotonic(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now (at once, on the next turn, if that is 0 or less). */
  setTimer(delayMs: number, callback: TimerCallback): Timer;
  /**
   * Says that something is under way that takes no time of this clock: bytes in flight, a handshake, a round of
   * DoWork that is due. A virtual clock stands still until the returned function was called; calling it twice is
   * harmless. `what` appears in the error of a hold that is never released.
   */
  hold(what: string): () => void;
  /**
   * For a caller that runs synchronously in a timer's callback and would only set the next timer: moves `delayMs` on at once, where
   * nothing else is due by then and nothing has happened since the callback began. False, and always so on a clock that can't:
   * set a timer.
   */
  skip?(delayMs: number): boolean;
}
