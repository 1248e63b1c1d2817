import type { Unseen } from '../../../waiting/index.js';
import type { Clock } from '../../../clock/index.js';
import { HostError } from '../../../wasm/index.js';
import type { AppManifest } from '../../manifest.js';
import { hasPeripheral } from '../../peripherals.js';

export type PinValue = 0 | 1;

/** How the app has opened a pin. */
export type PinDirection = 'input' | 'output';

interface State {
  value: PinValue;
  direction: PinDirection | undefined;
  readonly listeners: Set<(value: PinValue) => void>;
  /** Called when the app opens it. */
  readonly openers: Set<() => void>;
}

/** The pins of a device. An input that nobody has set is high: buttons pull it low. */
export class Pins {
  readonly #clock: Clock;
  readonly #manifest: AppManifest;
  readonly #unseen: Unseen;
  /** Writes to the app's log that something is not allowed. */
  readonly #refuse: (what: string) => void;
  readonly #pins = new Map<number, State>();

  constructor(clock: Clock, manifest: AppManifest, unseen: Unseen, refuse: (what: string) => void) {
    this.#clock = clock;
    this.#unseen = unseen;
    this.#manifest = manifest;
    this.#refuse = refuse;
  }

  value(id: number): PinValue {
    return this.#pin(id).value;
  }

  /** How the app has opened it; undefined while it has not. */
  direction(id: number): PinDirection | undefined {
    return this.#pin(id).direction;
  }

  set(id: number, value: PinValue): void {
    const pin = this.#pin(id);
    if (pin.value === value) return;
    pin.value = value;
    if (pin.listeners.size === 0) return;
    // A wait for it goes on before the clock does.
    setImmediate(this.#clock.hold('a change of a pin'));
    for (const listener of [...pin.listeners]) this.#unseen.tell('a pin', () => listener(value));
  }

  /** Calls `listener` with each new value; returns what ends that. */
  watch(id: number, listener: (value: PinValue) => void): () => void {
    const { listeners } = this.#pin(id);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** Calls `listener` whenever the app opens it; returns what ends that. */
  onOpen(id: number, listener: () => void): () => void {
    const { openers } = this.#pin(id);
    openers.add(listener);
    return () => void openers.delete(listener);
  }

  /** The imports of host.h. */
  imports() {
    return {
      gpio_open_input: (id: number): number => this.#open(id, 'input'),
      gpio_open_output: (id: number, _mode: number, value: number): number => {
        const result = this.#open(id, 'output');
        if (result === 0) this.set(id, value === 0 ? 0 : 1);
        return result;
      },
      gpio_close: (id: number): void => {
        this.#pin(id).direction = undefined;
      },
      gpio_get: (id: number): number => this.#pin(id).value,
      gpio_set: (id: number, value: number): void => this.set(id, value === 0 ? 0 : 1),
    };
  }

  #open(id: number, direction: PinDirection): number {
    if (!this.#manifest.gpio.includes(id)) {
      this.#refuse(`The manifest's capability Gpio does not list ${id}: opening it fails with EACCES.`);
      return HostError.access;
    }
    if (!hasPeripheral('gpio', id)) return HostError.noDevice;
    const pin = this.#pin(id);
    if (pin.direction !== undefined) return HostError.busy;
    pin.direction = direction;
    if (pin.openers.size > 0) setImmediate(this.#clock.hold('the opening of a pin'));
    for (const opened of [...pin.openers]) opened();
    return 0;
  }

  #pin(id: number): State {
    let pin = this.#pins.get(id);
    if (pin === undefined)
      this.#pins.set(id, (pin = { value: 1, direction: undefined, listeners: new Set(), openers: new Set() }));
    return pin;
  }
}
