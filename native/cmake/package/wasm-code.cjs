// Reads and writes the binary form of WebAssembly modules, as far as instrument.cjs needs it.

// ---- reading

/** A place in the module that moves on. */
class Reader {
  constructor(bytes, at, end) {
    Object.assign(this, { bytes, at, end });
  }
  byte() {
    return this.bytes[this.at++];
  }
  skip(count) {
    this.at += count;
  }
  /** LEB128, unsigned. Longer numbers than of 32 bits are only skipped. */
  number() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }
  text() {
    const length = this.number();
    this.skip(length);
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.at - length, length).toString();
  }
}

function sectionsOf(bytes) {
  const sections = [];
  const reader = new Reader(bytes, 8, bytes.length);
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const size = reader.number();
    sections.push({ id, start: reader.at, end: reader.at + size });
    reader.skip(size);
  }
  return sections;
}

// ---- instructions: all that is of interest is where the next one begins

/** How many numbers follow a code, of those that have any; all others have none. */
const NUMBERS = new Map([
  ...[0x02, 0x03, 0x04, 0x06].map((code) => [code, 1]), // block, loop, if, try: a type
  ...[0x07, 0x08, 0x09, 0x0c, 0x0d, 0x10, 0x12, 0x14, 0x15, 0x18].map((code) => [code, 1]), // exceptions, branches, calls
  [0x11, 2], // call_indirect
  [0x13, 2],
  ...[0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26].map((code) => [code, 1]), // locals, globals, tables
  ...Array.from({ length: 0x3e - 0x28 + 1 }, (_, i) => [0x28 + i, 2]), // loads and stores: alignment, offset
  [0x3f, 1],
  [0x40, 1],
  [0x41, 1],
  [0x42, 1],
  [0xd0, 1],
  [0xd2, 1],
]);

/** The same of the codes after 0xfc: conversions, bulk memory, tables. */
const BULK_NUMBERS = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];

function skipVector(reader) {
  const code = reader.number();
  const isAccess = code <= 11 || (code >= 84 && code <= 93);
  if (isAccess) skipNumbers(reader, 2);
  if (code === 12 || code === 13) reader.skip(16);
  if ((code >= 21 && code <= 34) || (code >= 84 && code <= 91)) reader.skip(1);
}

function skipNumbers(reader, count) {
  for (let left = count; left > 0; left--) reader.number();
}

/** Goes to the next instruction, from behind the code of this one. */
function skipImmediates(reader, code) {
  if (code === 0x0e || code === 0x1c)
    skipNumbers(reader, reader.number() + (code === 0x0e ? 1 : 0)); // br_table; select with types
  else if (code === 0x43) reader.skip(4);
  else if (code === 0x44) reader.skip(8);
  else if (code === 0xfc) skipNumbers(reader, BULK_NUMBERS[reader.number()] ?? 0);
  else if (code === 0xfd) skipVector(reader);
  else if (code === 0xfe)
    skipNumbers(reader, reader.number() === 3 ? 1 : 2); // atomics; 3: a fence
  else skipNumbers(reader, NUMBERS.get(code) ?? 0);
}

// ---- writing

function unsigned(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

function signed(value) {
  const bytes = [];
  for (; value > 63 || value < -64; value >>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value & 127];
}

/** Puts a module together, and knows where its old bytes have gone. */
class Writer {
  #parts = [];
  #length = 0;
  /** [old, new] offsets: from each on, bytes are as far apart as they were. */
  moves = [];
  get length() {
    return this.#length;
  }
  add(bytes) {
    this.#parts.push(Buffer.from(bytes));
    this.#length += bytes.length;
  }
  copy(bytes, start, end) {
    if (start === end) return;
    this.moves.push([start, this.#length]);
    this.add(bytes.subarray(start, end));
  }
  /** What another has written, after its length. */
  addWhole(other) {
    this.add(unsigned(other.length));
    for (const [from, to] of other.moves) this.moves.push([from, this.#length + to]);
    this.add(other.bytes());
  }
  bytes() {
    return Buffer.concat(this.#parts);
  }
}

module.exports = { Reader, Writer, sectionsOf, signed, skipImmediates, skipNumbers, unsigned };
