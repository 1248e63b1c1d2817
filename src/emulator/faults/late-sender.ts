import type { Clock, Timer } from '../../clock/index.js';
import type { Strike } from './fault.js';

/** Lets things go after a delay, in their order, also where the delay ends in between. */
export class LateSender<T> {
  readonly #clock: Clock;
  readonly #send: (item: T) => void;
  readonly #waiting: { readonly item: T; readonly timer: Timer }[] = [];
  #strike: Strike<'delay'>;
  #lastDue = 0;

  constructor(clock: Clock, strike: Strike<'delay'>, send: (item: T) => void) {
    this.#clock = clock;
    this.#strike = strike;
    this.#send = send;
  }

  /** How many things wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Another delay from now on. */
  renew(strike: Strike<'delay'>): void {
    this.#strike = strike;
  }

  send(item: T): void {
    const now = this.#clock.now();
    const ms = this.#strike.isOver ? 0 : this.#strike.options.ms;
    if (ms > 0) this.#strike.felt();
    if (ms === 0 && this.#waiting.length === 0) return this.#send(item);
    this.#lastDue = Math.max(now + ms, this.#lastDue);
    const timer = this.#clock.setTimer(this.#lastDue - now, () => {
      this.#waiting.shift();
      this.#send(item);
    });
    this.#waiting.push({ item, timer });
  }

  /** Lets everything go now. */
  flush(): void {
    for (const { item, timer } of this.#waiting.splice(0)) {
      timer.cancel();
      this.#send(item);
    }
  }

  /** Forgets what waits. */
  cancel(): void {
    for (const { timer } of this.#waiting.splice(0)) timer.cancel();
  }
}
