import { SphereIotError } from '../../errors.js';
import { checkFunction, kindOf } from '../../options.js';
import { duration } from '../../rules.js';
import { beginWait, type Wait, type WaitOptions, waitOf } from '../../waiting/index.js';
import type { AppWait } from '../app-wait.js';
import type { Pins, PinDirection, PinValue } from '../host/peripherals/gpio.js';

/** What a pin needs of the app that it belongs to. */
export interface PinContext {
  readonly pins: Pins;
  readonly wait: AppWait;
  /** Has `close` tell of what nobody awaits. */
  readonly awaited: <T>(what: string, promise: Promise<T>, signal?: AbortSignal) => Promise<T>;
  /** Lets time of the clock pass: ms. */
  readonly pause: (ms: number) => Promise<void>;
  /** Throws where the app has ended. */
  readonly checkRuns: () => void;
  /** Throws where the app was closed. */
  readonly checkOpen: () => void;
}

/** A pin of the device, from outside. 0 is low, 1 is high. */
export class Pin {
  readonly id: number;
  readonly #name: string;
  readonly #context: PinContext;

  /**
   * @internal
   * @param name As the test calls it, for errors.
   */
  constructor(id: number, name: string, context: PinContext) {
    this.id = id;
    this.#name = name;
    this.#context = context;
  }

  /** An input that nobody has set is high. To assign it is to `set` it. */
  get value(): PinValue {
    return this.#context.pins.value(this.id);
  }

  set value(value: PinValue) {
    this.set(value);
  }

  /** How the app has opened it; undefined while it has not. */
  get direction(): PinDirection | undefined {
    return this.#context.pins.direction(this.id);
  }

  /**
   * Puts a level on it, which stays.
   * @throws SphereIotError `PIN_VALUE_INVALID`, `PIN_IS_OUTPUT`, `APP_CLOSED`.
   */
  set(value: PinValue): void {
    checkValue(value);
    this.#context.checkOpen();
    this.#checkInput();
    this.#context.pins.set(this.id, value);
  }

  /**
   * Presses a button: pulls the pin low for `ms` of the clock, and lets it be high again for as long. Before, it waits, while the clock
   * runs, until the app has opened the pin.
   * @throws SphereIotError `DURATION_INVALID`, `PIN_IS_OUTPUT`; `TIMED_OUT`, as `SphereApp.log` does, where the app does not open it;
   * `APP_ENDED`, or what else `SphereApp.exitCode` throws, where the app has ended before.
   */
  press(ms = 100, options?: WaitOptions): Promise<void> {
    return this.#context.awaited(`${this.#name} to be pressed`, this.#press(ms, options), options?.signal);
  }

  async #press(ms: number, options?: WaitOptions): Promise<void> {
    if (!duration.fits(ms))
      throw new SphereIotError('DURATION_INVALID', `A button is pressed for ${duration.words}; not ${kindOf(ms)}.`);
    const wait = waitOf(
      options,
      `the app to open ${this.#name}, which is to be pressed`,
      () => 'It has not opened it.',
    );
    this.#context.checkRuns();
    if (this.direction === undefined) await this.#opened(wait);
    this.set(0);
    await this.#context.pause(ms);
    // The app may have made an output of it meanwhile.
    if (this.direction !== 'output') this.set(1);
    await this.#context.pause(ms);
  }

  #opened(wait: Wait): Promise<void> {
    let stop = (): void => undefined;
    const opened = new Promise<void>((resolve) => (stop = this.#context.pins.onOpen(this.id, resolve)));
    return this.#context.wait(opened, wait, () => stop());
  }

  /**
   * Calls `listener` with each new value; returns what ends that. What it throws, `SphereApp.close` throws.
   * @throws SphereIotError `ARGUMENT_INVALID`, `APP_CLOSED`.
   */
  watch(listener: (value: PinValue) => void): () => void {
    checkFunction('The listener of a pin', listener);
    this.#context.checkOpen();
    return this.#context.pins.watch(this.id, listener);
  }

  /**
   * Waits, while the clock runs, until the pin has a value.
   * @throws SphereIotError `PIN_VALUE_INVALID`; `APP_CLOSED`; `TIMED_OUT`, as `SphereApp.log` does.
   */
  becomes(value: PinValue, options?: WaitOptions): Promise<void> {
    return beginWait(() => this.#becomes(value, options));
  }

  #becomes(value: PinValue, options?: WaitOptions): Promise<void> {
    const wait = waitOf(options, `pin ${this.id} to become ${value}`, () => `It is ${this.value}.`);
    checkValue(value);
    this.#context.checkOpen();
    if (this.value === value) return Promise.resolve();
    let end = (): void => undefined;
    const became = new Promise<void>((resolve) => {
      end = this.watch((now) => {
        if (now === value) resolve();
      });
    });
    return this.#context.wait(became, wait, () => end());
  }

  #checkInput(): void {
    if (this.direction === 'output') throw isOutput(this.#name);
  }
}

function checkValue(value: unknown): void {
  if (value !== 0 && value !== 1)
    throw new SphereIotError('PIN_VALUE_INVALID', `A pin is 0 (low) or 1 (high), not ${kindOf(value)}.`);
}

/** The error where a test sets a pin that is the app's output. */
export function isOutput(name: string): SphereIotError {
  return new SphereIotError('PIN_IS_OUTPUT', `The app has opened ${name} as an output: only the app sets it.`);
}
