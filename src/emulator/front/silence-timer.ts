import type { Clock, Timer } from '../../clock/index.js';

/** Calls back when nothing was heard for a time. Hearing something costs no timer: it is looked at when one fires. */
export class SilenceTimer {
  readonly #clock: Clock;
  readonly #longest: number;
  readonly #expired: () => void;
  #heard: number;
  #timer: Timer | undefined;

  /** @param longest Clock ms. */
  constructor(clock: Clock, longest: number, expired: () => void) {
    this.#clock = clock;
    this.#longest = longest;
    this.#expired = expired;
    this.#heard = clock.monotonic();
    this.#wait(longest);
  }

  heard(): void {
    this.#heard = this.#clock.monotonic();
  }

  cancel(): void {
    this.#timer?.cancel();
  }

  #wait(ms: number): void {
    this.#timer = this.#clock.setTimer(ms, () => this.#look());
  }

  #look(): boolean {
    const left = this.#heard + this.#longest - this.#clock.monotonic();
    if (left > 0) {
      this.#wait(left);
      return false;
    }
    this.#expired();
    return true;
  }
}
