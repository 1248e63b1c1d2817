import type { Clock } from '../../clock/index.js';

/** Readings of a real clock that may pass before it is read again while C runs. */
export const MAX_READINGS = 64;

/** The clock of host.h. C reads it often, so it is read once for a call into C, and again after a number of readings. */
export function clockImports(clock: Clock, turns: () => number) {
  let turn = -1;
  let readings = 0;
  let now = 0;
  let monotonic = 0;
  const refresh = (): void => {
    if (turn === turns() && readings++ < MAX_READINGS) return;
    turn = turns();
    readings = 0;
    now = clock.now();
    monotonic = clock.monotonic();
  };
  return {
    clock_now: (): number => {
      refresh();
      return now;
    },
    clock_monotonic: (): number => {
      refresh();
      return monotonic;
    },
  };
}
