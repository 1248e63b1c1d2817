// Changes the code of an app in two ways, which its C need not know of.
//
// An app can be left in every loop of its own, as a thread can be on the device: `while (true);` holds nobody up. The module gets a
// counter. Each call of the host and each round of a loop takes from it; who waits fills it again. Where it is used up, the head of
// a loop calls sphere_app_yield (native/posix/wait.c), which lets time pass.
// Functions that call themselves, in whatever way, take from another counter. Where that one is used up they call sphere_app_watch,
// which ends an app that does so for too long.
// Each access of the app to memory looks whether it is through NULL, and traps: WebAssembly has memory there (null-checks.cjs).
//
// The code of the libraries is left alone: a signal handler must not run in the middle of malloc. The compiler marks the functions
// of an app by a call at their beginning (-fsanitize-coverage=func,trace-pc), which is taken out.
//
// Arguments: the module, and the file for the new one; of a debug build, its source map and the file for the new one.
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const { FIRST_ACCESS, LAST_ACCESS, LOCAL_TYPES, accessChecks, callChecks } = require('./null-checks.cjs');
const { movedMap } = require('./source-map.cjs');
const { Reader, Writer, sectionsOf, signed, skipImmediates, unsigned } = require('./wasm-code.cjs');
const { INTERNAL } = require('./wasm-object.cjs');

const [moduleFile, outputFile, mapFile, outputMapFile] = process.argv.slice(2);

/** What the counter begins with, which is a millisecond: a round of a loop takes 1, so 10 ns. */
const BUDGET = 100_000;
/** A reading of the clock takes 1 µs; any other call of the host 10 µs, as a system call of the device. */
const READING_PRICE = 100;
const CALL_PRICE = 1000;

/** Calls of functions by themselves after which the watchdog is asked. */
const RECURSIONS = 1_000_000;

const MARK = 'env.__sanitizer_cov_trace_pc';
/** Calls that are only there for their price. */
const PRICE_ONLY = 'host.app_system_call';
const READINGS = new Set(['host.clock_now', 'host.clock_monotonic']);
const REFILLING = new Set(['host.app_wait', 'host.app_spun']);
const YIELD = 'sphere_app_yield';
const WATCH = 'sphere_app_watch';
/**
 * By which a function with setjmp calls another one: its first argument is the other's place in the table. It calls its mark so, too,
 * and there is no such function in the libraries.
 */
const INVOKE = 'env.invoke_';

const Section = { custom: 0, type: 1, import: 2, function: 3, global: 6, export: 7, element: 9, code: 10 };
const Op = {
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  call: 0x10,
  callIndirect: 0x11,
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
const FUNCTION_NAMES = 1;

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

/** What the functions are called, by their numbers: the section "name". */
function functionNames(bytes, sections) {
  const names = new Map();
  for (const { id, start, end } of sections) {
    const reader = new Reader(bytes, start, end);
    if (id !== Section.custom || reader.text() !== 'name') continue;
    while (reader.at < end) {
      const part = reader.byte();
      const next = reader.number() + reader.at;
      if (part === FUNCTION_NAMES)
        for (let left = reader.number(); left > 0; left--) names.set(reader.number(), reader.text());
      reader.at = next;
    }
  }
  return names;
}

/** The number of parameters of each type of function. */
function parameterCounts(types) {
  return Array.from({ length: types.number() }, () => {
    types.byte();
    const count = types.number();
    types.skip(count); // a byte a type
    types.skip(types.number());
    return count;
  });
}

/** The type of each of the module's own functions. */
function typesOf(functions) {
  return Array.from({ length: functions.number() }, () => functions.number());
}

/** The functions that have places in the table, by those. */
function tableOf(elements) {
  const table = new Map();
  for (let left = elements.number(); left > 0; left--) {
    if (elements.number() !== 0 || elements.byte() !== Op.i32Const)
      throw new Error('The table is not as wasm-ld makes it.');
    let place = elements.number();
    elements.byte(); // end
    for (let count = elements.number(); count > 0; count--) table.set(place++, elements.number());
  }
  return table;
}

function instrumented(bytes) {
  const sections = sectionsOf(bytes);
  const section = (id) => sections.find((candidate) => candidate.id === id);
  const read = (id) => new Reader(bytes, section(id).start, section(id).end);
  const imports = importedFunctions(read(Section.import));
  const module = {
    imports,
    names: functionNames(bytes, sections),
    mark: imports.indexOf(MARK),
    counter: read(Section.global).number(), // after those that there are: none is imported
    yield: exportedFunction(read(Section.export), YIELD),
    watch: exportedFunction(read(Section.export), WATCH),
    types: typesOf(read(Section.function)),
    parameterCounts: parameterCounts(read(Section.type)),
    table: section(Section.element) === undefined ? new Map() : tableOf(read(Section.element)),
  };
  const output = new Writer();
  output.add(bytes.subarray(0, 8));
  for (const { id, start, end } of sections) {
    output.add([id]);
    const content = new Writer();
    if (id === Section.global) addCounters(content, bytes, start, end);
    else if (id === Section.code) addCode(content, bytes, start, end, module);
    else content.copy(bytes, start, end);
    output.addWhole(content);
  }
  return output;
}

function addCounters(content, bytes, start, end) {
  const reader = new Reader(bytes, start, end);
  const counters = [BUDGET, RECURSIONS];
  content.add(unsigned(reader.number() + counters.length));
  content.copy(bytes, reader.at, end);
  for (const first of counters) content.add([I32, MUTABLE, Op.i32Const, ...signed(first), Op.end]);
}

function addCode(content, bytes, start, end, module) {
  const reader = new Reader(bytes, start, end);
  const snippets = snippetsFor(module);
  const count = reader.number();
  content.add(unsigned(count));
  const functions = Array.from({ length: count }, (_, i) => {
    const size = reader.number();
    const code = functionAt(bytes, reader.at, reader.at + size, module);
    reader.skip(size);
    return { ...code, index: module.imports.length + i, type: module.types[i] };
  });
  const recursive = recursiveOf(functions, module.table);
  module.libraryFunction = (index) => {
    const { isOwn = true, type } = functions[index - module.imports.length] ?? {};
    if (isOwn) return undefined;
    return {
      name: module.names
        .get(index)
        ?.replace(INTERNAL, '')
        .replace(/^__(real_)?/, ''),
      parameters: module.parameterCounts[type],
    };
  };
  for (const code of functions) {
    const body = new Writer();
    addFunction(body, bytes, { ...code, isRecursive: recursive.has(code.index) }, module, snippets);
    content.addWhole(body);
  }
}

/**
 * Those of the app's own functions that call themselves, be it by others of them or by a pointer: a pointer may be to any function of
 * its type.
 */
function recursiveOf(functions, table) {
  const own = functions.filter(({ isOwn }) => isOwn);
  const isPointedAt = new Set(table.values());
  const ofType = (type) => own.filter((each) => each.type === type && isPointedAt.has(each.index));
  const callees = new Map(
    own.map(({ index, calls, pointerTypes, constants, invokes }) => [
      index,
      [
        ...calls.map((call) => call.index),
        ...(invokes ? [...constants].map((place) => table.get(place)) : []),
        ...[...pointerTypes].flatMap((type) => ofType(type).map((callee) => callee.index)),
      ],
    ]),
  );
  return circular(callees);
}

function snippetsFor({ counter, yield: yieldIndex, watch }) {
  const get = [Op.globalGet, ...unsigned(counter)];
  const set = [Op.globalSet, ...unsigned(counter)];
  const take = (price) => [...get, Op.i32Const, ...signed(price), Op.i32Subtract, ...set];
  const recursions = unsigned(counter + 1);
  return {
    reading: take(READING_PRICE),
    call: take(CALL_PRICE),
    refill: [Op.i32Const, ...signed(BUDGET), ...set],
    round: [
      ...take(1),
      ...[...get, Op.i32Const, 0, Op.i32LessThan],
      ...[Op.if, NO_RESULT, Op.call, ...unsigned(yieldIndex), Op.end],
    ],
    recursion: [
      ...[Op.globalGet, ...recursions, Op.i32Const, 1, Op.i32Subtract, Op.globalSet, ...recursions],
      ...[Op.globalGet, ...recursions, Op.i32Const, 0, Op.i32LessThan],
      ...[Op.if, NO_RESULT, Op.i32Const, ...signed(RECURSIONS), Op.globalSet, ...recursions],
      ...[Op.call, ...unsigned(watch), Op.end],
    ],
  };
}

/**
 * What is in a function: its locals, where its calls, the heads of its loops and its accesses to memory are, whether it has a mark,
 * the types of what it calls by pointers, and its constants: places in the table for invoke_…, too.
 */
function functionAt(bytes, start, end, { imports, mark }) {
  const reader = new Reader(bytes, start, end);
  const groups = reader.number();
  const groupsStart = reader.at;
  let locals = 0;
  for (let left = groups; left > 0; left--) {
    locals += reader.number();
    reader.number();
  }
  const found = { start, end, groups, groupsStart, locals, codeStart: reader.at, calls: [], loops: [], accesses: [] };
  Object.assign(found, { isOwn: false, pointerTypes: new Set(), constants: new Set(), invokes: false });
  while (reader.at < end) {
    const at = reader.at;
    const code = reader.byte();
    if (code === Op.call) {
      const index = reader.number();
      found.calls.push({ at, index, next: reader.at });
      found.invokes ||= imports[index]?.startsWith(INVOKE) ?? false;
      found.isOwn ||= index === mark || found.invokes;
    } else if (code === Op.i32Const) {
      found.constants.add(reader.number());
    } else if (code === Op.callIndirect) {
      found.pointerTypes.add(reader.number());
      reader.number(); // the table
    } else if (code >= FIRST_ACCESS && code <= LAST_ACCESS) {
      reader.number(); // the alignment
      found.accesses.push({ at, code, offset: reader.number() });
    } else skipImmediates(reader, code);
    if (code === Op.loop) found.loops.push(reader.at);
  }
  return found;
}

function addFunction(body, bytes, code, module, snippets) {
  const { isOwn } = code;
  const changes = pricesOf(code, module, snippets);
  const firstLocal = module.parameterCounts[code.type] + code.locals;
  if (code.isRecursive) changes.push({ at: code.codeStart, next: code.codeStart, snippet: snippets.recursion });
  if (isOwn) {
    changes.push(...code.loops.map((at) => ({ at, next: at, snippet: snippets.round })));
    changes.push(
      ...accessChecks(code.accesses, firstLocal),
      ...callChecks(code.calls, firstLocal, module.libraryFunction),
    );
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

/** The nodes of a graph that lie on a circle: Tarjan's components, without recursion. */
function circular(graph) {
  const order = new Map();
  const lowest = new Map();
  const open = [];
  const isOpen = new Set();
  const found = new Set();
  const enter = (node) => {
    order.set(node, order.size);
    lowest.set(node, order.get(node));
    open.push(node);
    isOpen.add(node);
    return { node, left: graph.get(node).filter((next) => graph.has(next)) };
  };
  const leave = (node) => {
    if (lowest.get(node) !== order.get(node)) return;
    const component = open.splice(open.indexOf(node));
    for (const each of component) isOpen.delete(each);
    if (component.length > 1 || graph.get(node).includes(node)) component.forEach((each) => found.add(each));
  };
  for (const root of graph.keys()) {
    const path = order.has(root) ? [] : [enter(root)];
    while (path.length > 0) {
      const { node, left } = path.at(-1);
      const next = left.pop();
      if (next === undefined) {
        leave(node);
        path.pop();
        const parent = path.at(-1)?.node;
        if (parent !== undefined) lowest.set(parent, Math.min(lowest.get(parent), lowest.get(node)));
      } else if (!order.has(next)) path.push(enter(next));
      else if (isOpen.has(next)) lowest.set(node, Math.min(lowest.get(node), order.get(next)));
    }
  }
  return found;
}

const result = instrumented(readFileSync(moduleFile));
writeFileSync(outputFile, result.bytes());
if (mapFile !== undefined) {
  const map = JSON.parse(readFileSync(mapFile, 'utf8'));
  writeFileSync(outputMapFile, JSON.stringify(movedMap(map, result.moves, path.dirname(mapFile))));
}
