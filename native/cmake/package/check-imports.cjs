// What an app calls and nobody defines is an error of its build, not of its run: emcc would leave it as an import. It is told by
// the name that C has for it, with the file that calls it.
// Arguments: the linked program, the folder with the C library, that of the build (with the app's static libraries), the app's object
// files.
const { existsSync, readFileSync, readdirSync } = require('node:fs');
const path = require('node:path');

const FUNCTION_SYMBOL = 0;
const DATA_SYMBOL = 1;
const SECTION_SYMBOL = 3;
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;
const SYMBOL_TABLE = 8;
const FUNCTION_NAMES = 1;
const WASM_MAGIC = 0x6d736100;

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
function symbolsOf({ name: file, bytes }) {
  const module = new WebAssembly.Module(bytes);
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

const ARCHIVE = '!<arch>\n';
const MEMBER_HEADER = 60;

/** Whether it is WebAssembly, and not a symbol table or LLVM's bit code. */
const isModule = (bytes) => bytes.length > 4 && bytes.readUInt32LE(0) === WASM_MAGIC;

/** The object files in a static library, as ar writes it. */
function membersOf(file) {
  const bytes = readFileSync(file);
  const members = [];
  let longNames = '';
  if (bytes.toString('latin1', 0, ARCHIVE.length) !== ARCHIVE) return [];
  for (let at = ARCHIVE.length; at + MEMBER_HEADER <= bytes.length;) {
    const name = bytes.toString('latin1', at, at + 16).trimEnd();
    const size = Number(bytes.toString('latin1', at + 48, at + 58));
    const content = bytes.subarray(at + MEMBER_HEADER, at + MEMBER_HEADER + size);
    if (name === '//') longNames = content.toString('latin1');
    else if (isModule(content))
      members.push({
        name: /^\/\d/.test(name) ? longNames.slice(Number(name.slice(1))).split('/\n', 1)[0] : name.replace(/\/$/, ''),
        bytes: content,
      });
    at += MEMBER_HEADER + size + (size % 2);
  }
  return members;
}

/** What the app's own static libraries hold. */
function libraryObjects(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.a'))
    .flatMap((name) => membersOf(path.join(folder, name)));
}

/** The C library's object files: what the app calls may need there what is missing. */
function systemObjects(folder) {
  return ['libc.a', 'libstubs.a', 'libstandalonewasm.a']
    .map((name) => path.join(folder, name))
    .filter((file) => existsSync(file))
    .flatMap(membersOf);
}

/** What the app's objects call that comes to a missing function: that itself, or functions of the C library. */
function calledByApp(missing, own, system) {
  const found = new Set();
  const seen = new Set([missing]);
  for (const name of seen) {
    if (own.some(({ needs }) => needs.has(name))) found.add(name);
    else for (const { needs, defines } of system()) if (needs.has(name)) defines.forEach((caller) => seen.add(caller));
  }
  return [...found];
}

function messages(program, absent, own, system) {
  const names = functionNames(program);
  const lines = absent.flatMap(({ name, index }) => {
    const missing = names.get(index) ?? name;
    const called = calledByApp(missing, own, system);
    if (called.length === 0) return [`error: undefined symbol: ${missing}`];
    return called.map((symbol) => {
      const files = own.filter(({ needs }) => needs.has(symbol)).map(({ file }) => file);
      return `error: undefined symbol: ${symbol} (called in ${files.join(', ')})`;
    });
  });
  return [...new Set(lines)];
}

/** The result of a function, which is called when it is first needed. */
function once(make) {
  let made;
  return () => (made ??= make());
}

const [file, systemLibraries, buildFolder, ...objectFiles] = process.argv.slice(2);
const linked = new WebAssembly.Module(readFileSync(file));
const absent = functionImports(linked)
  .map((wanted, index) => ({ ...wanted, index }))
  .filter((wanted) => !isThere(wanted));
if (absent.length > 0) {
  const objects = objectFiles.map((name) => ({ name, bytes: readFileSync(name) }));
  const own = [...objects, ...libraryObjects(buildFolder)].filter(({ bytes }) => isModule(bytes)).map(symbolsOf);
  const system = once(() => systemObjects(systemLibraries).map(symbolsOf));
  for (const line of messages(linked, absent, own, system)) process.stderr.write(`${line}\n`);
  process.stderr.write(
    'Neither the app nor the libraries of sphere-iot define it: docs/posix.md says what there is of the C library, ' +
      'docs/apps.md what there is of the others.\n',
  );
  process.exitCode = 1;
}
