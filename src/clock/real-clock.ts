import type { Clock, Timer, TimerCallback } from './clock.js';

/** setTimeout's longest delay, in ms; a longer one would fire at once. */
const MAX_DELAY = 0x7fffffff;

const released = (): void => undefined;

/** The machine's time. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer,
  hold: () => released,
};

function setTimer(delayMs: number, callback: TimerCallback): Timer {
  let left = Math.max(0, delayMs);
  let timeout: NodeJS.Timeout;
  const wait = (): void => {
    const part = Math.min(left, MAX_DELAY);
    left -= part;
    timeout = setTimeout(left > 0 ? wait : () => void callback(), part);
  };
  wait();
  return { cancel: () => clearTimeout(timeout) };
}
