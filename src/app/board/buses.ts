import { type WaitOptions, waitOf } from '../../waiting/index.js';
import type { AppWait } from '../app-wait.js';
import { expressionOf } from '../pattern.js';
import type { BusDevice, BusState, Fault, PeripheralHost, PwmState, UartState } from '../host/peripherals/index.js';

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
  set fault(fault: Fault | undefined) {
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
  set fault(fault: Fault | undefined) {
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

  /** @internal */
  constructor(state: UartState, wake: () => void, wait: AppWait) {
    this.#state = state;
    this.#wake = wake;
    this.#wait = wait;
  }

  /** Sends text (UTF-8) or bytes to the app. */
  send(content: string | Uint8Array): void {
    this.#state.input.add(Buffer.from(content));
    this.#wake();
  }

  /** All that the app wrote so far. */
  get received(): Buffer {
    return this.#state.output.view;
  }

  /** Calls `listener` with all that the app wrote so far, each time that it writes; returns what ends that. */
  watch(listener: (received: Buffer) => void): () => void {
    const { listeners } = this.#state;
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /**
   * Waits, while the clock runs, until what the app wrote matches, as UTF-8.
   * @param pattern A text is looked for as it is.
   * @throws SphereIotError `TIMED_OUT`, as `SphereApp.log` does.
   */
  async receives(pattern: RegExp | string, options?: WaitOptions): Promise<RegExpExecArray> {
    const { listeners } = this.#state;
    const last = (): string => `It wrote: ${JSON.stringify(this.received.subarray(-SHOWN_BYTES).toString())}.`;
    const wait = waitOf(options, `${String(pattern)} from a UART`, last);
    const expression = expressionOf(pattern, "receives('OK') or receives(/OK/)");
    const here = expression.exec(this.received.toString());
    if (here !== null) return here;
    let listener: (output: Buffer) => void = () => undefined;
    const came = new Promise<RegExpExecArray>((resolve) => {
      listener = (output) => {
        const match = expression.exec(output.toString());
        if (match !== null) resolve(match);
      };
      listeners.add(listener);
    });
    return this.#wait(came, wait).finally(() => listeners.delete(listener));
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
