/** How deep values may lie in each other, and how many one frame or message may have: rhea makes an object of each. */
const MAX_DEPTH = 16;
const MAX_VALUES = 8192;
/** The type codes that there are (AMQP 1.0, 1.6), by their high nibble: bytes of a value, or of its size. */
const CODES = new Set([
  ...[0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x60, 0x61, 0x70, 0x71, 0x72],
  ...[0x73, 0x74, 0x80, 0x81, 0x82, 0x83, 0x84, 0x94, 0x98, 0xa0, 0xa1, 0xa3, 0xb0, 0xb1, 0xb3, 0xc0, 0xc1, 0xd0],
  ...[0xd1, 0xe0, 0xf0],
]);
const WIDTHS: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 };

/** What is wrong with encoded values, in words. */
export class MalformedValue extends Error {}

/** A described list, as performatives are: its descriptor, and where its fields are. */
export interface DescribedList {
  readonly code: number;
  readonly fields: readonly number[];
  /** Where it ends. */
  readonly end: number;
}

/** Walks over encoded values without making anything of them, so that nothing malformed comes to rhea. */
export class Values {
  readonly #bytes: Buffer;
  #count = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The descriptors of a sequence of whole values up to the end, as `descriptor` gives them. @throws MalformedValue. */
  descriptors(): readonly (number | 'null' | undefined)[] {
    const found: (number | 'null' | undefined)[] = [];
    for (let at = 0; at < this.#bytes.length; at = this.#skip(at, this.#bytes.length, 0))
      found.push(this.descriptor(at));
    return found;
  }

  /** @throws MalformedValue Also where it is no described list with a numeric descriptor. */
  describedList(at: number): DescribedList {
    if (this.#byte(at) !== 0) throw new MalformedValue('a performative without a descriptor');
    const code = this.number(at + 1);
    if (typeof code !== 'number') throw new MalformedValue('a performative whose descriptor is no number');
    const list = this.#skip(at + 1, this.#bytes.length, 0);
    const end = this.#skip(list, this.#bytes.length, 0);
    return { code, fields: this.#fieldsOf(list), end };
  }

  /** A number or boolean that is encoded there; undefined for everything else. */
  number(at: number | undefined): number | boolean | undefined {
    if (at === undefined) return undefined;
    const code = this.#byte(at);
    if (code === 0x41 || code === 0x42) return code === 0x41;
    if (code === 0x43 || code === 0x44) return 0;
    if (code === 0x56) return this.#byte(at + 1) === 1;
    const width = { 0x50: 1, 0x52: 1, 0x53: 1, 0x60: 2, 0x70: 4, 0x80: 8 }[code];
    if (width === undefined || at + 1 + width > this.#bytes.length) return undefined;
    return width === 8 ? Number(this.#bytes.readBigUInt64BE(at + 1)) : this.#bytes.readUIntBE(at + 1, width);
  }

  /** The numeric descriptor of a described value, 'null' for null; undefined for everything else. */
  descriptor(at: number): number | 'null' | undefined {
    if (this.#byte(at) === 0x40) return 'null';
    const code = this.#byte(at) === 0 ? this.number(at + 1) : undefined;
    return typeof code === 'number' ? code : undefined;
  }

  #fieldsOf(at: number): number[] {
    const code = this.#byte(at);
    if (code === 0x45) return [];
    if (code !== 0xc0 && code !== 0xd0) throw new MalformedValue('a performative that is no list');
    const width = code === 0xc0 ? 1 : 4;
    const count = this.#bytes.readUIntBE(at + 1 + width, width);
    const fields: number[] = [];
    let next = at + 1 + 2 * width;
    while (fields.length < count) {
      fields.push(next);
      next = this.#skip(next, this.#bytes.length, 1);
    }
    return fields;
  }

  #skip(at: number, end: number, depth: number): number {
    if (depth > MAX_DEPTH) throw new MalformedValue(`values that are more than ${MAX_DEPTH} deep in each other`);
    if (this.#byte(at) !== 0) return this.#skipValue(this.#byte(at), at + 1, end, depth);
    return this.#skip(this.#skip(at + 1, end, depth + 1), end, depth + 1);
  }

  #skipValue(code: number, at: number, end: number, depth: number): number {
    if (!CODES.has(code)) throw new MalformedValue(`the type code 0x${code.toString(16)}`);
    if (++this.#count > MAX_VALUES) throw new MalformedValue(`more than ${MAX_VALUES} values in one`);
    const category = code >> 4;
    const fixed = WIDTHS[category];
    if (fixed !== undefined) return within(at + fixed, end);
    const width = category % 2 === 0 ? 1 : 4;
    const begin = within(at + width, end);
    const next = within(begin + this.#bytes.readUIntBE(at, width), end);
    if (category >= 0xc) this.#skipItems(code, begin, next, width, depth);
    return next;
  }

  #skipItems(code: number, begin: number, end: number, width: number, depth: number): void {
    let at = within(begin + width, end);
    const count = this.#bytes.readUIntBE(begin, width);
    if (code === 0xe0 || code === 0xf0) at = this.#skipElements(count, at, end, depth);
    else for (let i = 0; i < count; i++) at = this.#skip(at, end, depth + 1);
    if (at !== end) throw new MalformedValue('a list that is longer or shorter than it says');
  }

  /** Of an array: one constructor for all. */
  #skipElements(count: number, at: number, end: number, depth: number): number {
    if (this.#byte(at) === 0) at = this.#skip(at + 1, end, depth + 1);
    const code = this.#byte(at);
    let next = within(at + 1, end);
    for (let i = 0; i < count; i++) next = this.#skipValue(code, next, end, depth + 1);
    return next;
  }

  #byte(at: number): number {
    const byte = this.#bytes[at];
    if (byte === undefined) throw new MalformedValue('a value that is not whole');
    return byte;
  }
}

function within(at: number, end: number): number {
  if (at > end) throw new MalformedValue('a value that is not whole');
  return at;
}
