// Lets an app be left in every loop of its own, as a thread can be on the device: `while (true);` holds nobody up.
//
// The module gets a counter. Each call of the host and each round of a loop takes from it; who waits fills it again. Where it
// is used up, the head of a loop calls sphere_app_yield (native/applibs/wait.c), which lets time pass.
// Loops of the libraries are left alone: a signal handler must not run in the middle of malloc. The compiler marks the functions
// of an app by a call at their beginning (-fsanitize-coverage=func,trace-pc), which is taken out.
//
// Arguments: the module, and the file for the new one; of a debug build, its source map and the file for the new one.
const { readFileSync, writeFileSync } = require('node:fs');

const [moduleFile, outputFile, mapFile, outputMapFile] = process.argv.slice(2);

/** What the counter begins with, which is a millisecond: a round of a loop takes 1, so 10 ns. */
const BUDGET = 100_000;
/** A reading of the clock takes 1 µs; any other call of the host 10 µs, as a system call of the device. */
const READING_PRICE = 100;
const CALL_PRICE = 1000;

const MARK = 'env.__sanitizer_cov_trace_pc';
/** Calls that are only there for their price. */
const PRICE_ONLY = 'host.app_system_call';
const READINGS = new Set(['host.clock_now', 'host.clock_monotonic']);
const REFILLING = new Set(['host.app_wait', 'host.app_spun']);
const YIELD = 'sphere_app_yield';

const Section = { type: 1, import: 2, global: 6, export: 7, code: 10 };
const Op = {
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  call: 0x10,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  i32LessThan: 0x48,
  i32Subtract: 0x6b,
};
const I32 = 0x7f;
const NO_RESULT = 0x40;
const MUTABLE = 1;
const FUNCTION = 0;

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

/** The imported functions, "module.name", in the order of their numbers. */
function importedFunctions(reader) {
  const names = [];
  for (let left = reader.number(); left > 0; left--) {
    const name = `${reader.text()}.${reader.text()}`;
    if (reader.byte() !== FUNCTION) throw new Error(`${name} is imported, and no function.`);
    names.push(name);
    reader.number();
  }
  return names;
}

/** The number of an exported function. */
function exportedFunction(reader, wanted) {
  for (let left = reader.number(); left > 0; left--) {
    const name = reader.text();
    const kind = reader.byte();
    const index = reader.number();
    if (name === wanted && kind === FUNCTION) return index;
  }
  throw new Error(`The app does not export ${wanted}: was it linked with libapplibs.a?`);
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

// ---- the module

function withCounter(bytes) {
  const sections = sectionsOf(bytes);
  const section = (id) => sections.find((candidate) => candidate.id === id);
  const read = (id) => new Reader(bytes, section(id).start, section(id).end);
  const imports = importedFunctions(read(Section.import));
  const counter = read(Section.global).number(); // after those that there are: none is imported
  const numbers = {
    imports,
    mark: imports.indexOf(MARK),
    counter,
    yield: exportedFunction(read(Section.export), YIELD),
  };
  const output = new Writer();
  output.add(bytes.subarray(0, 8));
  for (const { id, start, end } of sections) {
    output.add([id]);
    const content = new Writer();
    if (id === Section.global) addCounter(content, bytes, start, end);
    else if (id === Section.code) addCode(content, bytes, start, end, numbers);
    else content.copy(bytes, start, end);
    output.addWhole(content);
  }
  return output;
}

function addCounter(content, bytes, start, end) {
  const reader = new Reader(bytes, start, end);
  content.add(unsigned(reader.number() + 1));
  content.copy(bytes, reader.at, end);
  content.add([I32, MUTABLE, Op.i32Const, ...signed(BUDGET), Op.end]);
}

function addCode(content, bytes, start, end, numbers) {
  const reader = new Reader(bytes, start, end);
  const snippets = snippetsFor(numbers);
  const count = reader.number();
  content.add(unsigned(count));
  for (let left = count; left > 0; left--) {
    const size = reader.number();
    const body = new Writer();
    addFunction(body, bytes, reader.at, reader.at + size, numbers, snippets);
    content.addWhole(body);
    reader.skip(size);
  }
}

function snippetsFor({ counter, yield: yieldIndex }) {
  const get = [Op.globalGet, ...unsigned(counter)];
  const set = [Op.globalSet, ...unsigned(counter)];
  const take = (price) => [...get, Op.i32Const, ...signed(price), Op.i32Subtract, ...set];
  return {
    reading: take(READING_PRICE),
    call: take(CALL_PRICE),
    refill: [Op.i32Const, ...signed(BUDGET), ...set],
    round: [
      ...take(1),
      ...[...get, Op.i32Const, 0, Op.i32LessThan],
      ...[Op.if, NO_RESULT, Op.call, ...unsigned(yieldIndex), Op.end],
    ],
  };
}

function addFunction(body, bytes, start, end, { imports, mark }, snippets) {
  const reader = new Reader(bytes, start, end);
  for (let left = reader.number(); left > 0; left--) skipNumbers(reader, 2); // its locals
  const calls = [];
  const loops = [];
  while (reader.at < end) {
    const at = reader.at;
    const code = reader.byte();
    if (code === Op.call) calls.push({ at, index: reader.number(), next: reader.at });
    else skipImmediates(reader, code);
    if (code === Op.loop) loops.push({ at: reader.at, next: reader.at, snippet: snippets.round });
  }
  const isOwn = mark >= 0 && calls.some(({ index }) => index === mark);
  const changes = calls.flatMap(({ at, index, next }) => {
    if (index === mark) return [{ at, next, snippet: [] }];
    const name = imports[index];
    if (name === undefined || !name.startsWith('host.')) return [];
    return [{ at, next: name === PRICE_ONLY ? next : at, snippet: priceOf(name, snippets) }];
  });
  if (isOwn) changes.push(...loops);
  let done = start;
  for (const { at, next, snippet } of changes.sort((a, b) => a.at - b.at || a.next - b.next)) {
    body.copy(bytes, done, at);
    body.add(snippet);
    done = next;
  }
  body.copy(bytes, done, end);
}

function priceOf(name, { refill, reading, call }) {
  if (REFILLING.has(name)) return refill;
  return READINGS.has(name) ? reading : call;
}

// ---- the source map: columns are offsets in the module

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function columnOf(segment) {
  let value = 0;
  let length = 0;
  for (let more = true; more; length++) {
    const bits = DIGITS.indexOf(segment[length]);
    value += (bits & 31) << (5 * length);
    more = (bits & 32) !== 0;
  }
  return { step: (value & 1) === 0 ? value >> 1 : -(value >> 1), rest: segment.slice(length) };
}

function column(step) {
  let text = '';
  let value = step < 0 ? (-step << 1) | 1 : step << 1;
  do {
    text += DIGITS[(value & 31) | (value > 31 ? 32 : 0)];
    value >>= 5;
  } while (value > 0);
  return text;
}

function movedMap(map, moves) {
  let [from, to, next] = [0, 0, 0];
  const mappings = map.mappings.split(',').map((segment) => {
    const { step, rest } = columnOf(segment);
    from += step;
    while (next < moves.length && moves[next][0] <= from) next++;
    const [old, now] = moves[next - 1] ?? [0, 0];
    const moved = now + from - old;
    const result = column(moved - to) + rest;
    to = moved;
    return result;
  });
  return { ...map, mappings: mappings.join(',') };
}

const result = withCounter(readFileSync(moduleFile));
writeFileSync(outputFile, result.bytes());
if (mapFile !== undefined) {
  const map = JSON.parse(readFileSync(mapFile, 'utf8'));
  writeFileSync(outputMapFile, JSON.stringify(movedMap(map, result.moves)));
}
