// Changes the code of an app in two ways, which its C need not know of.
//
// An app can be left in every loop of its own, as a thread can be on the device: `while (true);` holds nobody up. The module gets a
// counter. Each call of the host and each round of a loop takes from it; who waits fills it again. Where it is used up, the head of
// a loop calls sphere_app_yield (native/applibs/wait.c), which lets time pass.
// Each access of the app to memory looks whether it is through NULL, and traps: WebAssembly has memory there.
//
// The code of the libraries is left alone: a signal handler must not run in the middle of malloc. The compiler marks the functions
// of an app by a call at their beginning (-fsanitize-coverage=func,trace-pc), which is taken out.
//
// Arguments: the module, and the file for the new one; of a debug build, its source map and the file for the new one.
const { readFileSync, writeFileSync } = require('node:fs');

const { movedMap } = require('./source-map.cjs');
const { Reader, Writer, sectionsOf, signed, skipImmediates, unsigned } = require('./wasm-code.cjs');

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

/** Below it is nothing: GLOBAL_BASE. */
const NULL_PAGE_SIZE = 4096;
/** Where the address of a read or a write through NULL is left for src/app/host-calls.ts. */
const READ_PLACE = NULL_PAGE_SIZE - 8;
const WRITE_PLACE = NULL_PAGE_SIZE - 4;

const Section = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 };
const Op = {
  unreachable: 0x00,
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  call: 0x10,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Store: 0x36,
  i32Const: 0x41,
  i32LessThan: 0x48,
  i32Below: 0x49,
  i32Add: 0x6a,
  i32Subtract: 0x6b,
};
const [I32, I64, F32, F64] = [0x7f, 0x7e, 0x7d, 0x7c];
/** The codes of the loads, and what each store stores, by its code. */
const FIRST_LOAD = 0x28;
const STORED = new Map([
  ...[0x36, 0x3a, 0x3b].map((code) => [code, I32]),
  ...[0x37, 0x3c, 0x3d, 0x3e].map((code) => [code, I64]),
  [0x38, F32],
  [0x39, F64],
]);
const FIRST_STORE = 0x36;
const LAST_STORE = 0x3e;
/** The locals that functions of the app get: an address, and a value of each type. */
const ADDRESS = 'address';
const LOCALS = [ADDRESS, I32, I64, F32, F64];
const LOCAL_TYPES = [I32, I32, I64, F32, F64];
const NO_RESULT = 0x40;
const MUTABLE = 1;
/** To 4 bytes. */
const ALIGNED = 2;
const FUNCTION = 0;

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

/** How many parameters each function has, in the order of the module's own. */
function parametersOf(types, functions) {
  const counts = [];
  for (let left = types.number(); left > 0; left--) {
    types.byte();
    counts.push(types.number());
    types.skip(counts.at(-1)); // a byte a type
    types.skip(types.number());
  }
  return Array.from({ length: functions.number() }, () => counts[functions.number()]);
}

function instrumented(bytes) {
  const sections = sectionsOf(bytes);
  const section = (id) => sections.find((candidate) => candidate.id === id);
  const read = (id) => new Reader(bytes, section(id).start, section(id).end);
  const imports = importedFunctions(read(Section.import));
  const module = {
    imports,
    mark: imports.indexOf(MARK),
    counter: read(Section.global).number(), // after those that there are: none is imported
    yield: exportedFunction(read(Section.export), YIELD),
    parameters: parametersOf(read(Section.type), read(Section.function)),
  };
  const output = new Writer();
  output.add(bytes.subarray(0, 8));
  for (const { id, start, end } of sections) {
    output.add([id]);
    const content = new Writer();
    if (id === Section.global) addCounter(content, bytes, start, end);
    else if (id === Section.code) addCode(content, bytes, start, end, module);
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

function addCode(content, bytes, start, end, module) {
  const reader = new Reader(bytes, start, end);
  const snippets = snippetsFor(module);
  const count = reader.number();
  content.add(unsigned(count));
  for (let index = 0; index < count; index++) {
    const size = reader.number();
    const code = functionAt(bytes, reader.at, reader.at + size);
    const body = new Writer();
    addFunction(body, bytes, code, module.parameters[index], module, snippets);
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

/** What is in a function: its locals, and where its calls, the heads of its loops and its accesses to memory are. */
function functionAt(bytes, start, end) {
  const reader = new Reader(bytes, start, end);
  const groups = reader.number();
  const groupsStart = reader.at;
  let locals = 0;
  for (let left = groups; left > 0; left--) {
    locals += reader.number();
    reader.number();
  }
  const found = { start, end, groups, groupsStart, locals, codeStart: reader.at, calls: [], loops: [], accesses: [] };
  while (reader.at < end) {
    const at = reader.at;
    const code = reader.byte();
    if (code === Op.call) found.calls.push({ at, index: reader.number(), next: reader.at });
    else if (code >= FIRST_LOAD && code <= LAST_STORE) {
      reader.number(); // the alignment
      found.accesses.push({ at, code, offset: reader.number() });
    } else skipImmediates(reader, code);
    if (code === Op.loop) found.loops.push(reader.at);
  }
  return found;
}

function addFunction(body, bytes, code, parameters, module, snippets) {
  const isOwn = module.mark >= 0 && code.calls.some(({ index }) => index === module.mark);
  const changes = pricesOf(code, module, snippets);
  const firstLocal = parameters + code.locals;
  if (isOwn) {
    changes.push(...code.loops.map((at) => ({ at, next: at, snippet: snippets.round })));
    changes.push(...nullChecks(code, firstLocal));
  }
  const added = isOwn ? LOCAL_TYPES : [];
  body.add(unsigned(code.groups + added.length));
  body.copy(bytes, code.groupsStart, code.codeStart);
  for (const type of added) body.add([1, type]);
  let done = code.codeStart;
  for (const { at, next, snippet } of changes.sort((a, b) => a.at - b.at || a.next - b.next)) {
    body.copy(bytes, done, at);
    body.add(snippet);
    done = next;
  }
  body.copy(bytes, done, code.end);
}

/** Takes the price of each call of the host, and takes the marks out. */
function pricesOf({ calls }, { imports, mark }, snippets) {
  return calls.flatMap(({ at, index, next }) => {
    if (index === mark) return [{ at, next, snippet: [] }];
    const name = imports[index];
    if (name === undefined || !name.startsWith('host.')) return [];
    return [{ at, next: name === PRICE_ONLY ? next : at, snippet: priceOf(name, snippets) }];
  });
}

function priceOf(name, { refill, reading, call }) {
  if (REFILLING.has(name)) return refill;
  return READINGS.has(name) ? reading : call;
}

/**
 * What looks at the address before each access. One whose offset alone is beyond NULL's page is to a variable, or to the end of a
 * very large struct.
 */
function nullChecks({ accesses }, firstLocal) {
  const address = unsigned(firstLocal + LOCALS.indexOf(ADDRESS));
  return accesses
    .filter(({ offset }) => offset < NULL_PAGE_SIZE)
    .map(({ at, code, offset }) => {
      const writes = code >= FIRST_STORE;
      const value = writes ? unsigned(firstLocal + LOCALS.indexOf(STORED.get(code))) : [];
      return {
        at,
        next: at,
        snippet: [
          ...(writes ? [Op.localSet, ...value] : []),
          ...[Op.localTee, ...address, Op.i32Const, ...signed(NULL_PAGE_SIZE - offset), Op.i32Below],
          // No call: one that may come back makes all of a loop slower.
          ...[Op.if, NO_RESULT, Op.i32Const, ...signed(writes ? WRITE_PLACE : READ_PLACE)],
          ...[Op.localGet, ...address, Op.i32Const, ...signed(offset), Op.i32Add, Op.i32Store, ALIGNED, 0],
          ...[Op.unreachable, Op.end],
          ...[Op.localGet, ...address],
          ...(writes ? [Op.localGet, ...value] : []),
        ],
      };
    });
}

const result = instrumented(readFileSync(moduleFile));
writeFileSync(outputFile, result.bytes());
if (mapFile !== undefined) {
  const map = JSON.parse(readFileSync(mapFile, 'utf8'));
  writeFileSync(outputMapFile, JSON.stringify(movedMap(map, result.moves)));
}
