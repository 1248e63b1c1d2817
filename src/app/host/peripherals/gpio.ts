import type { Clock } from '../../../clock/index.js';
import { HostError } from '../../../wasm/index.js';
import { hasPeripheral, type AppManifest } from '../../manifest.js';

export type PinValue = 0 | 1;

/** How the app has opened a pin. */
export type PinDirection = 'input' | 'output';

interface State {
  value: PinValue;
  direction: PinDirection | undefined;
  readonly listeners: Set<(value: PinValue) => void>;
}

/** The pins of a device. An input that nobody has set is high: buttons pull it low. */
export class Pins {
  readonly #clock: Clock;
  readonly #manifest: AppManifest;
  /** Says to the app's log what is not allowed. */
  readonly #refuse: (what: string) => void;
  readonly #pins = new Map<number, State>();

  constructor(clock: Clock, manifest: AppManifest, refuse: (what: string) => void) {
    this.#clock = clock;
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
    // Whoever waits for it goes on before the clock does.
    setImmediate(this.#clock.hold('a change of a pin'));
    for (const listener of [...pin.listeners]) listener(value);
  }

  /** Calls `listener` with each new value; returns what ends that. */
  watch(id: number, listener: (value: PinValue) => void): () => void {
    const { listeners } = this.#pin(id);
    listeners.add(listener);
    return () => void listeners.delete(listener);
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
    return 0;
  }

  #pin(id: number): State {
    let pin = this.#pins.get(id);
    if (pin === undefined) this.#pins.set(id, (pin = { value: 1, direction: undefined, listeners: new Set() }));
    return pin;
  }
}
