import { checkOptions } from '../../options.js';
import { callback, whole } from '../../rules.js';
import type { BusDevice } from '../host/peripherals/index.js';

/** Called after an access to a register, with its value. The result is its value from then on; without one it keeps its value. */
export type RegisterAccess = (register: number, value: number) => number | void;

export interface RegisterMapOptions {
  /** Bits of a write's first byte that are the number: SPI sensors mark reads by the highest bit, 0x7f leaves that out. Default 0xff. */
  readonly addressMask?: number | undefined;
  /** After each write, with the value written. For bits that clear themselves, as those that start a reset or a measurement. */
  readonly onWrite?: RegisterAccess | undefined;
  /** After each read, with the value read. For flags that reading clears. */
  readonly onRead?: RegisterAccess | undefined;
}

/**
 * A device with 256 registers of a byte, as most sensors are: what is written begins with the number of a register, and goes on
 * into it and those after it; what is read comes from where the last write ended.
 */
export class RegisterMap implements BusDevice {
  /** Their values, to be read and changed. */
  readonly registers = new Uint8Array(256);
  readonly #options: RegisterMapOptions;
  #at = 0;

  /** @param initial Values by register number; the others are 0. */
  constructor(initial: Readonly<Record<number, number>> = {}, options: RegisterMapOptions = {}) {
    checkOptions(options, 'a RegisterMap', '{ addressMask: 0x7f }', {
      addressMask: whole(0, 255),
      onWrite: callback,
      onRead: callback,
    });
    for (const [register, value] of Object.entries(initial)) this.registers[Number(register)] = value;
    this.#options = options;
  }

  write(bytes: Buffer): void {
    const { addressMask = 0xff, onWrite } = this.#options;
    this.#at = (bytes[0] ?? 0) & addressMask;
    for (const value of bytes.subarray(1)) {
      const register = this.#next();
      this.registers[register] = value;
      this.#accessed(onWrite, register);
    }
  }

  read(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => {
      const register = this.#next();
      const value = this.registers[register] as number;
      this.#accessed(this.#options.onRead, register);
      return value;
    });
  }

  #accessed(access: RegisterAccess | undefined, register: number): void {
    const value = access?.(register, this.registers[register] as number);
    if (typeof value === 'number') this.registers[register] = value;
  }

  #next(): number {
    const at = this.#at;
    this.#at = (at + 1) & 0xff;
    return at;
  }
}
