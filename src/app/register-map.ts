import type { BusDevice } from './host/peripherals.js';

/**
 * A device with 256 registers of a byte, as most sensors are: what is written begins with the number of a register, and goes on
 * into it and those after it; what is read comes from where the last write ended.
 */
export class RegisterMap implements BusDevice {
  /** Their values, to be read and changed. */
  readonly registers = new Uint8Array(256);
  /** Bits that a write's first byte has beside the number: SPI sensors mark reads by the highest. */
  readonly #mask: number;
  #at = 0;

  /** @param initial Values by register number; the others are 0. */
  constructor(initial: Readonly<Record<number, number>> = {}, options: { readonly addressMask?: number } = {}) {
    for (const [register, value] of Object.entries(initial)) this.registers[Number(register)] = value;
    this.#mask = options.addressMask ?? 0xff;
  }

  write(bytes: Buffer): void {
    this.#at = (bytes[0] ?? 0) & this.#mask;
    for (const value of bytes.subarray(1)) this.registers[this.#next()] = value;
  }

  read(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.registers[this.#next()] as number);
  }

  #next(): number {
    const at = this.#at;
    this.#at = (at + 1) & 0xff;
    return at;
  }
}
