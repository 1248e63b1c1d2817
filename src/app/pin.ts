import { SphereIotError } from '../errors.js';
import { kindOf } from '../options.js';
import { type WaitOptions, waitOf } from '../waiting/index.js';
import type { AppWait } from './app-wait.js';
import type { Pins, PinDirection, PinValue } from './host/gpio.js';

/** A pin of the device, from outside. 0 is low, 1 is high. */
export class Pin {
  readonly id: number;
  readonly #pins: Pins;
  readonly #wait: AppWait;
  readonly #pause: (ms: number) => Promise<void>;
  readonly #checkRuns: () => void;

  /** @internal */
  constructor(id: number, pins: Pins, wait: AppWait, pause: (ms: number) => Promise<void>, checkRuns: () => void) {
    this.id = id;
    this.#pins = pins;
    this.#wait = wait;
    this.#pause = pause;
    this.#checkRuns = checkRuns;
  }

  /** An input that nobody has set is high. */
  get value(): PinValue {
    return this.#pins.value(this.id);
  }

  /** How the app has opened it; undefined while it has not. */
  get direction(): PinDirection | undefined {
    return this.#pins.direction(this.id);
  }

  /**
   * Puts a level on it, which stays.
   * @throws SphereIotError `PIN_VALUE_INVALID`; `PIN_IS_OUTPUT`: only the app sets it.
   */
  set(value: PinValue): void {
    if (value !== 0 && value !== 1)
      throw new SphereIotError('PIN_VALUE_INVALID', `A pin is 0 (low) or 1 (high), not ${String(value)}.`);
    if (this.direction === 'output')
      throw new SphereIotError(
        'PIN_IS_OUTPUT',
        `The app has opened the pin ${this.id} as an output: only the app sets it.`,
      );
    this.#pins.set(this.id, value);
  }

  /**
   * Presses a button: pulls the pin low for `ms` of the clock, and lets it be high again for as long.
   * @throws SphereIotError `PIN_PRESS_INVALID`, `PIN_IS_OUTPUT`; `APP_ENDED`, or what else `SphereApp.exitCode` throws, where the app
   * has ended before.
   */
  async press(ms = 100): Promise<void> {
    this.#checkRuns();
    if (!Number.isFinite(ms) || ms <= 0)
      throw new SphereIotError(
        'PIN_PRESS_INVALID',
        `A pin is pressed for milliseconds, more than 0, and not for ${kindOf(ms)}.`,
      );
    this.set(0);
    await this.#pause(ms);
    this.#pins.set(this.id, 1);
    await this.#pause(ms);
  }

  /** Calls `listener` with each new value; returns what ends that. */
  watch(listener: (value: PinValue) => void): () => void {
    return this.#pins.watch(this.id, listener);
  }

  /**
   * Waits, while the clock runs, until the pin has a value.
   * @throws SphereIotError `TIMED_OUT`, as `SphereApp.log` does.
   */
  async becomes(value: PinValue, options?: WaitOptions): Promise<void> {
    const wait = waitOf(options, `pin ${this.id} to become ${value}`, () => `It is ${this.value}.`);
    if (this.value === value) return;
    let end = (): void => undefined;
    const became = new Promise<void>((resolve) => {
      end = this.watch((now) => {
        if (now === value) resolve();
      });
    });
    await this.#wait(became, wait).finally(() => end());
  }
}
