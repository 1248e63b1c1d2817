import type { Clock, Timer } from '../../../clock/index.js';

/** Clock ms between two frames, at least: what a peer asks for can't keep the emulator busy. */
const SHORTEST = 500;
/** An empty frame (AMQP 1.0, 2.4.5). */
const EMPTY = Buffer.from('0000000802000000', 'hex');

/** Sends an empty frame where nothing else went out for a time. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #send: (bytes: Buffer) => void;
  #hasWritten = false;
  #timer: Timer;

  /** @param interval Clock ms. */
  constructor(clock: Clock, interval: number, send: (bytes: Buffer) => void) {
    this.#clock = clock;
    this.#interval = Math.max(interval, SHORTEST);
    this.#send = send;
    this.#timer = this.#wait();
  }

  /** Something else went out. */
  wrote(): void {
    this.#hasWritten = true;
  }

  cancel(): void {
    this.#timer.cancel();
  }

  #wait(): Timer {
    return this.#clock.setTimer(this.#interval, () => {
      const isDue = !this.#hasWritten;
      this.#hasWritten = false;
      this.#timer = this.#wait();
      if (isDue) this.#send(EMPTY);
      return isDue;
    });
  }
}
