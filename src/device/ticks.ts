import type { Clock, Timer } from '../clock/index.js';

/** A timer that fires at multiples of a period, and skips the ticks that nobody awaits. */
export class Ticks {
  readonly #clock: Clock;
  readonly #period: number;
  readonly #onTick: (tick: number) => boolean;
  #timer: Timer | undefined;
  /** When they began, clock milliseconds (monotonic). */
  #begin = 0;
  /** The number of the tick that the timer is set for. */
  #next = 0;

  /**
   * @param period Milliseconds.
   * @param onTick Gets the number of the tick; returns whether anything came of it.
   */
  constructor(clock: Clock, period: number, onTick: (tick: number) => boolean) {
    this.#clock = clock;
    this.#period = period;
    this.#onTick = onTick;
  }

  /** The number of the next tick that has not passed, from 1. */
  get upcoming(): number {
    return Math.floor((this.#clock.monotonic() - this.#begin) / this.#period) + 1;
  }

  /** Begins to count anew, unless it counts already. */
  begin(): void {
    if (this.#timer === undefined) this.#begin = this.#clock.monotonic();
  }

  /** Makes this tick come, unless an earlier one is awaited already. One that has passed comes at once. */
  await(tick: number): void {
    if (this.#timer !== undefined && this.#next <= tick) return;
    this.#timer?.cancel();
    this.#next = tick;
    const delay = this.#begin + tick * this.#period - this.#clock.monotonic();
    this.#timer = this.#clock.setTimer(delay, () => {
      this.#timer = undefined;
      return this.#onTick(tick);
    });
  }

  /** No tick comes until one is awaited. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
