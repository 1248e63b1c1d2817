// Reads WebAssembly object files, and writes them with other symbols: the custom section "linking" has the symbol table.
// Format: the page "Linking.md" of the WebAssembly tool conventions.

/** Kinds of symbols. */
const KIND = { function: 0, data: 1, global: 2, section: 3, tag: 4, table: 5 };

/** Bits of a symbol's flags. */
const FLAG = { weak: 0x01, local: 0x02, undefined: 0x10, exported: 0x20, explicitName: 0x40, absolute: 0x200 };

/** How the name begins by which our archives call their functions (wasm-build/app-archives.mjs). */
const INTERNAL = 'sphere_iot.';

const SECTION = { custom: 0, import: 2 };
const SUBSECTION = { segments: 5, symbols: 8 };

class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  text() {
    const size = this.number();
    this.at += size;
    return this.bytes.toString('utf8', this.at - size, this.at);
  }
}

function number(value) {
  const bytes = [];
  do {
    bytes.push((value % 0x80) + (value >= 0x80 ? 0x80 : 0));
    value = Math.floor(value / 0x80);
  } while (value > 0);
  return Buffer.from(bytes);
}

function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}

/** Whether these bytes are a WebAssembly file; those of an app may be LLVM's bitcode. */
function isWasm(bytes) {
  return bytes.length >= 8 && bytes.readUInt32BE(0) === 0x0061736d;
}

/**
 * Reads the symbols of an object file. Each has `kind`, `flags` and `name`, and the rest as the file has it: `index`, or
 * `segment`, `offset` and `size` of data. `segments` are the names of the data segments.
 */
function readObject(bytes) {
  const imports = { 0: [], 1: [], 2: [], 3: [], 4: [] };
  const object = { bytes, symbols: [], segments: [], place: undefined };
  const reader = new Reader(bytes, 8);
  while (reader.at < bytes.length) {
    const start = reader.at;
    const id = bytes[reader.at++];
    const size = reader.number();
    const end = reader.at + size;
    if (id === SECTION.import) readImports(reader, imports);
    else if (id === SECTION.custom && reader.text() === 'linking') readLinking(reader, start, end, imports, object);
    reader.at = end;
  }
  return object;
}

function readImports(reader, imports) {
  for (let count = reader.number(); count > 0; count--) {
    reader.text();
    const name = reader.text();
    const kind = reader.bytes[reader.at++];
    if (kind === 0) reader.number();
    else if (kind === 1 || kind === 2) {
      if (kind === 1) reader.at++;
      const hasMaximum = reader.number() & 1;
      reader.number();
      if (hasMaximum) reader.number();
    } else if (kind === 3) reader.at += 2;
    else {
      reader.at++;
      reader.number();
    }
    imports[kind].push(name);
  }
}

/** How imports are numbered that a kind of symbols stands for. */
const IMPORTED = { [KIND.function]: 0, [KIND.table]: 1, [KIND.global]: 3, [KIND.tag]: 4 };

function readLinking(reader, start, end, imports, object) {
  reader.number(); // version
  while (reader.at < end) {
    const subsection = reader.at;
    const id = reader.bytes[reader.at++];
    const size = reader.number();
    const next = reader.at + size;
    if (id === SUBSECTION.segments)
      for (let count = reader.number(); count > 0; count--) {
        object.segments.push(reader.text());
        reader.number();
        reader.number();
      }
    else if (id === SUBSECTION.symbols) {
      object.place = { start, end, subsection, next };
      for (let count = reader.number(); count > 0; count--) object.symbols.push(readSymbol(reader, imports));
    }
    reader.at = next;
  }
}

function readSymbol(reader, imports) {
  const kind = reader.bytes[reader.at++];
  const flags = reader.number();
  if (kind === KIND.section) return { kind, flags, index: reader.number(), name: '' };
  const isDefined = (flags & FLAG.undefined) === 0;
  if (kind === KIND.data) {
    const name = reader.text();
    if (!isDefined) return { kind, flags, name };
    return { kind, flags, name, segment: reader.number(), offset: reader.number(), size: reader.number() };
  }
  const index = reader.number();
  const isNamed = isDefined || (flags & FLAG.explicitName) !== 0;
  return { kind, flags, index, name: isNamed ? reader.text() : (imports[IMPORTED[kind]][index] ?? '') };
}

function writeSymbol({ kind, flags, name, index, segment, offset, size }) {
  const head = [Buffer.from([kind]), number(flags)];
  if (kind === KIND.section) return Buffer.concat([...head, number(index)]);
  const isDefined = (flags & FLAG.undefined) === 0;
  if (kind === KIND.data)
    return Buffer.concat([...head, text(name), ...(isDefined ? [segment, offset, size].map(number) : [])]);
  const isNamed = isDefined || (flags & FLAG.explicitName) !== 0;
  return Buffer.concat([...head, number(index), ...(isNamed ? [text(name)] : [])]);
}

/** The bytes of an object file with other symbols. Those that it has keep their order: relocations go by it. */
function writeObject({ bytes, place }, symbols) {
  const { start, end, subsection, next } = place;
  const table = Buffer.concat([number(symbols.length), ...symbols.map(writeSymbol)]);
  const reader = new Reader(bytes, start + 1);
  reader.number();
  const content = Buffer.concat([
    bytes.subarray(reader.at, subsection),
    Buffer.from([SUBSECTION.symbols]),
    number(table.length),
    table,
    bytes.subarray(next, end),
  ]);
  return Buffer.concat([
    bytes.subarray(0, start),
    Buffer.from([SECTION.custom]),
    number(content.length),
    content,
    bytes.subarray(end),
  ]);
}

/** Whether other files see that a symbol is defined here. */
function isDefinition({ kind, flags }) {
  return kind !== KIND.section && (flags & (FLAG.undefined | FLAG.local)) === 0;
}

module.exports = { FLAG, INTERNAL, KIND, isDefinition, isWasm, readObject, writeObject };
