import type { Clock } from '../../../clock/index.js';
import { SphereIotError } from '../../../errors.js';
import { kindOf } from '../../../options.js';
import { ReceivedBytes } from '../../../transport/index.js';
import type { Unseen } from '../../../waiting/index.js';
import { HostAdc, HostError, HostPeripheral, type Memory } from '../../../wasm/index.js';
import type { AppManifest } from '../../manifest.js';
import { capabilityOf, hasPeripheral, type PeripheralKind } from '../../peripherals.js';
import { UartText } from './uart-text.js';

const KINDS = {
  [HostPeripheral.i2c]: 'i2c',
  [HostPeripheral.spi]: 'spi',
  [HostPeripheral.uart]: 'uart',
  [HostPeripheral.adc]: 'adc',
  [HostPeripheral.pwm]: 'pwm',
} as const satisfies Record<HostPeripheral, PeripheralKind>;

type Kind = (typeof KINDS)[HostPeripheral];

/** How a transaction fails: no answer, no end, anything else. */
export const BUS_FAULTS = ['ENXIO', 'ETIMEDOUT', 'EIO'] as const;
export type BusFault = (typeof BUS_FAULTS)[number];

const FAULTS: Readonly<Record<BusFault, number>> = {
  ENXIO: HostError.noAnswer,
  ETIMEDOUT: HostError.timedOut,
  EIO: HostError.io,
};

/** The highest sample of an ADC. */
const MAX_SAMPLE = 2 ** HostAdc.sampleBits - 1;

/**
 * A device on an I2C or SPI bus. A transaction writes, or reads, or both, in this order. What a function throws ends the app
 * with it: for a fault that the app is to see, set `fault` of the bus.
 */
export interface BusDevice {
  /** Gets what the app wrote: a copy. */
  write?(bytes: Buffer): void;
  /** Gives what the app reads; missing bytes are 0xff. */
  read?(size: number): Uint8Array | readonly number[];
}

/** What a PWM channel was set to. */
export interface PwmState {
  readonly periodNs: number;
  readonly dutyCycleNs: number;
  readonly inverted: boolean;
  readonly enabled: boolean;
}

export interface BusState {
  /** I2C: by address; SPI: under 0. */
  readonly devices: Map<number, BusDevice>;
  fault: BusFault | undefined;
  /** How many transactions have failed by it. */
  hits: number;
}

export interface UartState {
  /** What the app has not read. */
  readonly input: ReceivedBytes;
  /** All that it wrote. */
  readonly output: ReceivedBytes;
  /** The same, as text. */
  readonly text: UartText;
  readonly listeners: Set<(output: Buffer) => void>;
}

export interface PeripheralsOptions {
  readonly clock: Clock;
  readonly memory: Memory;
  readonly manifest: AppManifest;
  readonly unseen: Unseen;
  readonly refuse: (what: string) => void;
}

function newUart(): UartState {
  return { input: new ReceivedBytes(), output: new ReceivedBytes(), text: new UartText(), listeners: new Set() };
}

/** The buses and converters of a device (host.h). */
export class PeripheralHost {
  readonly #options: PeripheralsOptions;
  readonly #open = new Set<string>();
  readonly #buses = new Map<string, BusState>();
  readonly #uarts = new Map<number, UartState>();
  readonly #voltages = new Map<string, number | (() => number)>();
  readonly #pwm = new Map<string, PwmState>();

  constructor(options: PeripheralsOptions) {
    this.#options = options;
  }

  bus(kind: 'i2c' | 'spi', id: number): BusState {
    const key = `${kind} ${id}`;
    let bus = this.#buses.get(key);
    if (bus === undefined) this.#buses.set(key, (bus = { devices: new Map(), fault: undefined, hits: 0 }));
    return bus;
  }

  /** A bus that is to fail, and on which the app has done nothing since: a test would have passed without it, too. */
  neverStruck(): SphereIotError | undefined {
    for (const [key, { fault, hits }] of this.#buses)
      if (fault !== undefined && hits === 0)
        return new SphereIotError(
          'FAULT_NEVER_STRUCK',
          `The bus ${key} was to fail with ${fault}, and the app has done nothing on it since. Have it do something, or set the fault to undefined.`,
        );
    return undefined;
  }

  uart(id: number): UartState {
    let uart = this.#uarts.get(id);
    if (uart === undefined) this.#uarts.set(id, (uart = newUart()));
    return uart;
  }

  setVoltage(id: number, channel: number, volts: number | (() => number)): void {
    this.#voltages.set(`${id} ${channel}`, volts);
  }

  pwm(id: number, channel: number): PwmState | undefined {
    return this.#pwm.get(`${id} ${channel}`);
  }

  /** The imports of host.h. */
  imports() {
    return { ...this.#busImports(), ...this.#uartImports(), ...this.#converterImports() };
  }

  /** Opening and closing of all kinds, and the transactions on I2C and SPI. */
  #busImports() {
    return {
      peripheral_open: (kind: number, id: number): number => this.#openOne(KINDS[kind as HostPeripheral], id),
      peripheral_close: (kind: number, id: number): void =>
        void this.#open.delete(`${KINDS[kind as HostPeripheral]} ${id}`),
      i2c_transfer: (id: number, address: number, ...data: number[]): number =>
        this.#transfer('i2c', id, address, data),
      spi_transfer: (id: number, ...data: number[]): number => this.#transfer('spi', id, 0, data),
    };
  }

  #uartImports() {
    const { memory } = this.#options;
    return {
      uart_waiting: (id: number): number => this.uart(id).input.length,
      uart_read: (id: number, buffer: number, size: number): number => {
        const uart = this.uart(id);
        const bytes = uart.input.take(size >>> 0);
        memory.bytes.set(bytes, buffer);
        return bytes.length;
      },
      uart_write: (id: number, bytes: number, size: number): number => {
        const uart = this.uart(id);
        const written = Buffer.from(memory.bytesAt(bytes, size));
        uart.output.add(written);
        uart.text.add(written);
        if (uart.listeners.size > 0) setImmediate(this.#options.clock.hold('what a UART sent'));
        for (const listener of [...uart.listeners])
          this.#options.unseen.tell('a UART', () => listener(uart.output.view));
        return size;
      },
    };
  }

  #converterImports() {
    return {
      adc_sample: (id: number, channel: number, reference: number): number => {
        const given = this.#voltages.get(`${id} ${channel}`) ?? 0;
        const volts = typeof given === 'number' ? given : given();
        if (!Number.isFinite(volts)) throw noVoltage(channel, volts);
        return Math.round(Math.min(1, Math.max(0, volts / reference)) * MAX_SAMPLE);
      },
      pwm_apply: (
        id: number,
        channel: number,
        periodNs: number,
        dutyCycleNs: number,
        inverted: number,
        on: number,
      ): number => {
        this.#pwm.set(`${id} ${channel}`, { periodNs, dutyCycleNs, inverted: inverted !== 0, enabled: on !== 0 });
        return 0;
      },
    };
  }

  #openOne(kind: Kind, id: number): number {
    if (!this.#options.manifest[kind].includes(id)) {
      this.#options.refuse(
        `The manifest's capability ${capabilityOf(kind)} does not list what C opens as ${id}: it fails with EACCES.`,
      );
      return HostError.access;
    }
    if (!hasPeripheral(kind, id)) return HostError.noDevice;
    const key = `${kind} ${id}`;
    if (this.#open.has(key)) return HostError.busy;
    this.#open.add(key);
    return 0;
  }

  /** `data`: address and size of what is written, then of what is to be read. */
  #transfer(kind: 'i2c' | 'spi', id: number, address: number, data: readonly number[]): number {
    const { memory } = this.#options;
    const [written = 0, writeSize = 0, buffer = 0, readSize = 0] = data;
    // Before the device makes as many bytes.
    memory.bytesAt(buffer, readSize);
    const bus = this.bus(kind, id);
    const { devices, fault } = bus;
    const device = devices.get(address);
    if (fault !== undefined) {
      bus.hits++;
      return FAULTS[fault];
    }
    if (device === undefined) return HostError.noAnswer;
    if (writeSize !== 0) device.write?.(Buffer.from(memory.copyAt(written, writeSize)));
    if (readSize !== 0) {
      const read = Uint8Array.from(device.read?.(readSize) ?? []).subarray(0, readSize);
      memory.bytesAt(buffer, readSize).fill(0xff).set(read);
    }
    return writeSize + readSize;
  }
}

function noVoltage(channel: number, given: unknown): SphereIotError {
  return new SphereIotError(
    'VOLTAGE_INVALID',
    `The function for channel ${channel} of a converter gave ${kindOf(given)}, and no number of volts.`,
  );
}
