// What an app calls and nobody defines is an error of its build, not of its run: emcc would leave it as an import. It is told by
// the name that C has for it, with who calls it.
// Arguments: the linked program, wasm-opt, the app's object files.
const { execFileSync } = require('node:child_process');
const { readFileSync } = require('node:fs');

const FUNCTION_SYMBOL = 0;
const DATA_SYMBOL = 1;
const SECTION_SYMBOL = 3;
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;
const SYMBOL_TABLE = 8;
const FUNCTION_NAMES = 1;

const runtime = new Set([
  'env.emscripten_notify_memory_growth',
  ...['args_get', 'args_sizes_get', 'environ_get', 'environ_sizes_get', 'proc_exit'].map(
    (name) => `wasi_snapshot_preview1.${name}`,
  ),
]);

/** Whether the host plays an import: invoke_… are the calls of functions with setjmp. */
function isThere({ module, name }) {
  return module === 'host' || runtime.has(`${module}.${name}`) || (module === 'env' && /^invoke_[ijfdv]+$/.test(name));
}

/** Reads numbers and names as WebAssembly writes them. */
class Reader {
  at = 0;
  constructor(bytes) {
    this.bytes = Buffer.from(bytes);
  }
  byte() {
    return this.bytes[this.at++];
  }
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
  name() {
    const size = this.number();
    this.at += size;
    return this.bytes.toString('utf8', this.at - size, this.at);
  }
  get done() {
    return this.at >= this.bytes.length;
  }
}

/** The subsection of a custom section; undefined: it has none of this type. */
function subsection(module, section, type, skipped = 0) {
  for (const bytes of WebAssembly.Module.customSections(module, section)) {
    const reader = new Reader(bytes);
    reader.at = skipped;
    while (!reader.done) {
      const found = reader.byte();
      const size = reader.number();
      if (found === type) return new Reader(reader.bytes.subarray(reader.at, reader.at + size));
      reader.at += size;
    }
  }
  return undefined;
}

const functionImports = (module) => WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'function');

/** What the linked program calls its functions, by their numbers. */
function functionNames(module) {
  const names = new Map();
  const reader = subsection(module, 'name', FUNCTION_NAMES);
  for (let left = reader?.number() ?? 0; left > 0; left--) names.set(reader.number(), reader.name());
  return names;
}

/** The functions that an object file calls and does not define, and those that it defines. */
function symbolsOf(file) {
  const module = new WebAssembly.Module(readFileSync(file));
  const imports = functionImports(module);
  const needs = new Set();
  const defines = new Set();
  const reader = subsection(module, 'linking', SYMBOL_TABLE, 1); // after its version
  for (let left = reader?.number() ?? 0; left > 0; left--) {
    const kind = reader.byte();
    const flags = reader.number();
    const undefinedHere = (flags & UNDEFINED) !== 0;
    if (kind === DATA_SYMBOL) {
      reader.name();
      for (let i = undefinedHere ? 3 : 0; i < 3; i++) reader.number();
      continue;
    }
    const index = reader.number();
    if (kind === SECTION_SYMBOL) continue;
    const name = !undefinedHere || (flags & EXPLICIT_NAME) !== 0 ? reader.name() : imports[index]?.name;
    if (kind === FUNCTION_SYMBOL) (undefinedHere ? needs : defines).add(name);
  }
  return { file: file.replace(/^.*\.dir\/(\.\/)?/, '').replace(/\.o(bj)?$/, ''), needs, defines };
}

/** The callers of each function, by the names in the program. */
function callersIn(program, wasmOpt) {
  const callers = new Map();
  const graph = execFileSync(wasmOpt, ['--all-features', '--print-call-graph', program], {
    encoding: 'utf8',
    maxBuffer: Infinity,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for (const [, caller, callee] of graph.matchAll(/^\s*"([^"]+)" -> "([^"]+)"; \/\/ call/gm)) {
    if (!callers.has(callee)) callers.set(callee, new Set());
    callers.get(callee).add(caller);
  }
  return callers;
}

/** What the app's objects call because of which the program lacks a function: the function itself, or what comes to it. */
function calledByApp(missing, callers, objects) {
  const found = new Set();
  const seen = new Set([missing]);
  for (const name of seen) {
    if (objects.some(({ needs }) => needs.has(name))) found.add(name);
    else for (const caller of callers.get(name) ?? []) seen.add(caller);
  }
  return [...found];
}

function placesOf(name, callers, objects) {
  const files = objects.filter(({ needs }) => needs.has(name));
  const own = [...(callers.get(name) ?? [])].filter((caller) => files.some(({ defines }) => defines.has(caller)));
  if (files.length > 0)
    return `called in ${files.map(({ file }) => file).join(', ')}${own.length > 0 ? ` by ${own.join(', ')}` : ''}`;
  const others = [...(callers.get(name) ?? [])];
  return others.length > 0 ? `called by ${others.join(', ')}` : undefined;
}

function messages(program, absent, wasmOpt, objectFiles) {
  const names = functionNames(program.module);
  const callers = callersIn(program.file, wasmOpt);
  const objects = objectFiles.map(symbolsOf);
  const lines = absent.flatMap(({ name, index }) => {
    const missing = names.get(index) ?? name;
    const called = calledByApp(missing, callers, objects);
    return (called.length > 0 ? called : [missing.replace(/^(__wasi|__syscall)_/, '')]).map((symbol) => {
      const places = placesOf(symbol, callers, objects);
      return `error: undefined symbol: ${symbol}${places === undefined ? '' : ` (${places})`}`;
    });
  });
  return [...new Set(lines)];
}

const [file, wasmOpt, ...objectFiles] = process.argv.slice(2);
const linked = new WebAssembly.Module(readFileSync(file));
const absent = functionImports(linked)
  .map((wanted, index) => ({ ...wanted, index }))
  .filter((wanted) => !isThere(wanted));
if (absent.length > 0) {
  for (const line of messages({ file, module: linked }, absent, wasmOpt, objectFiles))
    process.stderr.write(`${line}\n`);
  process.stderr.write(
    'Neither the app nor the libraries of sphere-iot define it: docs/posix.md says what there is of the C library, ' +
      'docs/apps.md what there is of the others.\n',
  );
  process.exitCode = 1;
}
