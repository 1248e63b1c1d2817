import { contentBytes } from '../../content.js';
import type { ErrorCode } from '../../error-codes/index.js';
import { SphereIotError } from '../../errors.js';
import { checkFunction, kindOf } from '../../options.js';
import { callback, number, oneOf, whole, type Rule } from '../../rules.js';
import { beginWait, type WaitOptions, waitOf } from '../../waiting/index.js';
import type { AppWait } from '../app-wait.js';
import { expressionOf } from '../pattern.js';
import {
  BUS_FAULTS,
  type BusDevice,
  type BusFault,
  type BusState,
  type PeripheralHost,
  type PwmState,
  type UartState,
} from '../host/peripherals/index.js';

/** 7 bits, or 10. */
const I2C_ADDRESS = whole(0, 0x3ff);

const BUS_DEVICE: Rule = {
  words: 'an object with a function read, or write, or both',
  fits: (value) => {
    const { read, write } = Object(value) as { readonly read?: unknown; readonly write?: unknown };
    const given = [read, write].filter((each) => each !== undefined);
    return given.length > 0 && given.every(callback.fits);
  },
};

const FAULT = oneOf(...BUS_FAULTS);

const VOLTS: Rule = {
  words: 'a number of volts, or a function that gives one',
  fits: (value) => number.fits(value) || callback.fits(value),
};

/** An I2C bus, from outside. */
export class I2cBus {
  readonly #state: BusState;
  readonly #checkOpen: () => void;

  /** @internal */
  constructor(state: BusState, checkOpen: () => void) {
    this.#state = state;
    this.#checkOpen = checkOpen;
  }

  /**
   * Puts a device on the bus, in the place of one that was there.
   * @param address Of 7 or 10 bits.
   * @throws SphereIotError `BUS_INVALID`, `APP_CLOSED`.
   */
  attach(address: number, device: BusDevice): void {
    check('BUS_INVALID', 'the address of an I2C device', address, I2C_ADDRESS);
    check('BUS_INVALID', 'a device on a bus', device, BUS_DEVICE);
    this.#checkOpen();
    this.#state.devices.set(address, device);
  }

  /** Takes the device at an address away: it answers no more (ENXIO). @throws SphereIotError `BUS_INVALID`, `APP_CLOSED`. */
  detach(address: number): void {
    check('BUS_INVALID', 'the address of an I2C device', address, I2C_ADDRESS);
    this.#checkOpen();
    this.#state.devices.delete(address);
  }

  /**
   * How every transaction fails from now on; undefined: none does. Where one was set and none has failed, `SphereApp.close` throws
   * `FAULT_NEVER_STRUCK`. Throws `BUS_INVALID`, `APP_CLOSED`.
   */
  set fault(fault: BusFault | undefined) {
    setFault(this.#state, fault, this.#checkOpen);
  }
}

/** An SPI bus with its one device, from outside. */
export class SpiBus {
  readonly #state: BusState;
  readonly #checkOpen: () => void;

  /** @internal */
  constructor(state: BusState, checkOpen: () => void) {
    this.#state = state;
    this.#checkOpen = checkOpen;
  }

  /** Puts the device on the bus, in the place of one that was there. @throws SphereIotError `BUS_INVALID`, `APP_CLOSED`. */
  attach(device: BusDevice): void {
    check('BUS_INVALID', 'a device on a bus', device, BUS_DEVICE);
    this.#checkOpen();
    this.#state.devices.set(0, device);
  }

  /** Takes the device away: nothing answers (ENXIO). @throws SphereIotError `APP_CLOSED`. */
  detach(): void {
    this.#checkOpen();
    this.#state.devices.delete(0);
  }

  /** The same as that of an I2C bus. Throws `BUS_INVALID`, `APP_CLOSED`. */
  set fault(fault: BusFault | undefined) {
    setFault(this.#state, fault, this.#checkOpen);
  }
}

function setFault(bus: BusState, fault: BusFault | undefined, checkOpen: () => void): void {
  if (fault !== undefined) check('BUS_INVALID', 'the fault of a bus', fault, FAULT);
  checkOpen();
  bus.fault = fault;
  bus.hits = 0;
}

function check(code: ErrorCode, what: string, value: unknown, rule: Rule): void {
  if (!rule.fits(value)) throw new SphereIotError(code, `For ${what}, ${rule.words} is needed; not ${kindOf(value)}.`);
}

/** The last bytes of a UART that the error of a wait shows. */
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

  /**
   * Calls `listener` with all that the app wrote so far, each time that it writes; returns what ends that. What it throws, `SphereApp.close`
   * throws.
   * @throws SphereIotError `ARGUMENT_INVALID`, `APP_CLOSED`.
   */
  watch(listener: (received: Buffer) => void): () => void {
    checkFunction('The listener of a UART', listener);
    this.#checkOpen();
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
  readonly #checkOpen: () => void;

  /** @internal */
  constructor(host: PeripheralHost, id: number, checkOpen: () => void) {
    this.#host = host;
    this.#id = id;
    this.#checkOpen = checkOpen;
  }

  /**
   * Sets a voltage.
   * @param volts Volts, or what gives them at each sample; what it throws ends the app with it. Default 0.
   * @throws SphereIotError `VOLTAGE_INVALID`, `APP_CLOSED`.
   */
  set(channel: number, volts: number | (() => number)): void {
    check('VOLTAGE_INVALID', 'the channel of a converter', channel, whole(0));
    check('VOLTAGE_INVALID', 'what a channel of a converter is set to', volts, VOLTS);
    this.#checkOpen();
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
