/** The peripherals of a board by their names: from the hardware definition, each with its type and what the manifest has. */
export type Peripherals = ReadonlyMap<string, { readonly type: string; readonly value: string }>;

/** The capability of each kind, and how the manifest writes one of them: its number in C is that in the text plus `first`. */
const KINDS = {
  gpio: { capability: 'Gpio', pattern: /^(\d+)$/, first: 0, last: 80 },
  i2c: { capability: 'I2cMaster', pattern: /^ISU([0-4])$/, first: 0, last: 4 },
  spi: { capability: 'SpiMaster', pattern: /^ISU([0-4])$/, first: 0, last: 4 },
  uart: { capability: 'Uart', pattern: /^ISU([0-4])$/, first: 4, last: 8 },
  adc: { capability: 'Adc', pattern: /^ADC-CONTROLLER-([0])$/, first: 0, last: 0 },
  pwm: { capability: 'Pwm', pattern: /^PWM-CONTROLLER-([0-2])$/, first: 0, last: 2 },
} as const;

export type PeripheralKind = keyof typeof KINDS;

/** Of the MT3620. */
export const LAST_GPIO = KINDS.gpio.last;

/** Characters of what a pattern is tried on: what is longer is no number of C, and has no end. */
const MAX_NAME = 40;

/** Whether the MT3620 has it. It has no pins 49 to 55. */
export function hasPeripheral(kind: PeripheralKind, id: number): boolean {
  const { first, last } = KINDS[kind];
  return id >= first && id <= last && !(kind === 'gpio' && id > 48 && id < 56);
}

/** The capability of the manifest that lists peripherals of a kind. */
export function capabilityOf(kind: PeripheralKind): string {
  return KINDS[kind].capability;
}

/** What the names of a hardware definition stand for. Each is followed once, however many others lead to it. */
export class PeripheralNames {
  readonly #peripherals: Peripherals;
  /** What each name that was followed stands for in the end; undefined: it goes round in circles. */
  readonly #ends = new Map<string, string | undefined>();

  constructor(peripherals: Peripherals) {
    this.#peripherals = peripherals;
  }

  get count(): number {
    return this.#peripherals.size;
  }

  has(name: string): boolean {
    return this.#peripherals.has(name);
  }

  /**
   * Follows names to what the manifest or the C code has in the end.
   * @returns Undefined for what is no such name, or for one whose names go round in circles.
   */
  resolve(name: string): string | undefined {
    return this.has(name) ? this.#follow(name) : undefined;
  }

  /** The number that C has for a peripheral, from its number or from its name in the hardware definition or the manifest. */
  idOf(kind: PeripheralKind, name: number | string): number | undefined {
    if (typeof name === 'number') return isInt(name) ? name : undefined;
    const text = this.resolve(name) ?? name;
    const { pattern, first } = KINDS[kind];
    const number = text.length > MAX_NAME ? undefined : pattern.exec(text)?.[1];
    return number !== undefined && isInt(Number(number)) ? Number(number) + first : undefined;
  }

  #follow(name: string): string | undefined {
    const passed: string[] = [];
    let at = name;
    while (!this.#ends.has(at)) {
      const peripheral = this.#peripherals.get(at);
      if (peripheral === undefined) break;
      // Until its end is known: what comes here again goes round in circles.
      this.#ends.set(at, undefined);
      passed.push(at);
      at = peripheral.value;
    }
    const end = this.#ends.has(at) ? this.#ends.get(at) : at;
    for (const each of passed) this.#ends.set(each, end);
    return end;
  }
}

/** Whether C has an int for it, which is not negative. */
function isInt(number: number): boolean {
  return number >= 0 && number === (number | 0);
}
