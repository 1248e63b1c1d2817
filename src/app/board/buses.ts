import { contentBytes } from '../../content.js';
import { beginWait, type WaitOptions, waitOf } from '../../waiting/index.js';
import type { AppWait } from '../app-wait.js';
import { expressionOf } from '../pattern.js';
import type { BusDevice, BusState, BusFault, PeripheralHost, PwmState, UartState } from '../host/peripherals/index.js';

/** An I2C bus, from outside. */
export class I2cBus {
  readonly #state: BusState;

  /** @internal */
  constructor(state: BusState) {
    this.#state = state;
  }

  /** Puts a device on the bus, in the place of one that was there. */
  attach(address: number, device: BusDevice): void {
    this.#state.devices.set(address, device);
  }

  /** Takes the device at an address away: it answers no more (ENXIO). */
  detach(address: number): void {
    this.#state.devices.delete(address);
  }

  /** How every transaction fails from now on; undefined: none does. */
  set fault(fault: BusFault | undefined) {
    this.#state.fault = fault;
  }
}

/** An SPI bus with its one device, from outside. */
export class SpiBus {
  readonly #state: BusState;

  /** @internal */
  constructor(state: BusState) {
    this.#state = state;
  }

  attach(device: BusDevice): void {
    this.#state.devices.set(0, device);
  }

  detach(): void {
    this.#state.devices.delete(0);
  }

  /** How every transaction fails from now on; undefined: none does. */
  set fault(fault: BusFault | undefined) {
    this.#state.fault = fault;
  }
}

/** How much of what a UART got the error of a wait shows: its end. */
const SHOWN_BYTES = 200;

/** What is at the other end of a UART. */
export class Uart {
  readonly #state: UartState;
  readonly #wake: () => void;
  readonly #wait: AppWait;
  readonly #checkOpen: () => void;

  /** @internal */
  constructor(state: UartState, wake: () => void, wait: AppWait, checkOpen: () => void) {
    this.#state = state;
    this.#wake = wake;
    this.#checkOpen = checkOpen;
    this.#wait = wait;
  }

  /**
   * Sends text (UTF-8) or bytes to the app.
   * @throws SphereIotError `CONTENT_INVALID`; `APP_ENDED`, or what else `SphereApp.exitCode` throws, where the app has ended.
   */
  send(content: string | Uint8Array): void {
    const bytes = contentBytes(content, 'what a UART is sent');
    this.#wake();
    this.#state.input.add(bytes);
  }

  /** All that the app wrote so far. */
  get received(): Buffer {
    return this.#state.output.view;
  }

  /** Calls `listener` with all that the app wrote so far, each time that it writes; returns what ends that. What it throws, `SphereApp.close` throws. */
  watch(listener: (received: Buffer) => void): () => void {
    const { listeners } = this.#state;
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /**
   * Waits, while the clock runs, until what the app wrote matches, as UTF-8; each call looks after what the last one found, so that none
   * is found twice. `received` has all.
   * @param pattern A text is looked for as it is.
   * @throws SphereIotError `PREDICATE_INVALID`; `APP_CLOSED`; `TIMED_OUT`, as `SphereApp.log` does.
   */
  receives(pattern: RegExp | string, options?: WaitOptions): Promise<RegExpExecArray> {
    return beginWait(() => this.#receives(pattern, options));
  }

  #receives(pattern: RegExp | string, options?: WaitOptions): Promise<RegExpExecArray> {
    const { listeners, text } = this.#state;
    const last = (): string => `It wrote: ${JSON.stringify(this.received.subarray(-SHOWN_BYTES).toString())}.`;
    const wait = waitOf(options, `${String(pattern)} from a UART`, last);
    const expression = expressionOf(pattern, "receives('OK') or receives(/OK/)");
    this.#checkOpen();
    const here = text.take(expression);
    if (here !== null) return Promise.resolve(here);
    let look = (): void => undefined;
    const came = new Promise<RegExpExecArray>((resolve) => {
      look = () => {
        const match = text.take(expression);
        if (match === null) return;
        listeners.delete(look);
        resolve(match);
      };
      listeners.add(look);
    });
    return this.#wait(came, wait, () => listeners.delete(look));
  }
}

/** The voltages at the inputs of an analogue to digital converter. */
export class Adc {
  readonly #host: PeripheralHost;
  readonly #id: number;

  /** @internal */
  constructor(host: PeripheralHost, id: number) {
    this.#host = host;
    this.#id = id;
  }

  /** Volts, or what gives them at each sample. Default 0. */
  set(channel: number, volts: number | (() => number)): void {
    this.#host.setVoltage(this.#id, channel, volts);
  }
}

/** The outputs of a PWM controller. */
export class Pwm {
  readonly #host: PeripheralHost;
  readonly #id: number;

  /** @internal */
  constructor(host: PeripheralHost, id: number) {
    this.#host = host;
    this.#id = id;
  }

  /** What the app set a channel to last; undefined: nothing yet. */
  channel(channel: number): PwmState | undefined {
    return this.#host.pwm(this.#id, channel);
  }
}
