// What an app calls and nobody defines is an error of its build, not of its run: emcc would leave it as an import. It is told by
// the name that C has for it, with the file that calls it.
// Arguments: the linked program, the folder with our archives and the C library's, that of the build (with the app's static
// libraries), the app's object files.
const { readFileSync, readdirSync } = require('node:fs');
const path = require('node:path');
const { readArchive } = require('./archive.cjs');
const { FLAG, INTERNAL, KIND, isDefinition, isWasm, readObject } = require('./wasm-object.cjs');

const FUNCTION_NAMES = 1;

const runtime = new Set([
  'env.emscripten_notify_memory_growth',
  'env.__sanitizer_cov_trace_pc', // until instrument.cjs has taken it out
  'env.__sanitizer_cov_trace_pc', // until instrument.cjs has taken it out
  ...['args_get', 'args_sizes_get', 'environ_get', 'environ_sizes_get', 'proc_exit'].map(
    (name) => `wasi_snapshot_preview1.${name}`,
  ),
]);

/** Whether the host plays an import: invoke_… are the calls of functions with setjmp. */
function isThere({ module, name }) {
  return module === 'host' || runtime.has(`${module}.${name}`) || (module === 'env' && /^invoke_[ijfdv]+$/.test(name));
}

/** What the linked program calls its functions, by their numbers: the name section. */
function functionNames(module) {
  const names = new Map();
  for (const section of WebAssembly.Module.customSections(module, 'name')) {
    const bytes = Buffer.from(section);
    let at = 0;
    const number = () => {
      for (let value = 0, shift = 0; ; shift += 7) {
        const byte = bytes[at++];
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) return value >>> 0;
      }
    };
    const text = () => {
      const size = number();
      at += size;
      return bytes.toString('utf8', at - size, at);
    };
    while (at < bytes.length) {
      const id = bytes[at++];
      const end = number() + at;
      if (id === FUNCTION_NAMES) for (let left = number(); left > 0; left--) names.set(number(), text());
      at = end;
    }
  }
  return names;
}

/** The functions that an object file calls and does not define, and those that it defines. */
function symbolsOf({ name, bytes }) {
  const functions = readObject(bytes).symbols.filter(({ kind }) => kind === KIND.function);
  const names = (wanted) => new Set(functions.filter(wanted).map((each) => each.name.replace(INTERNAL, '')));
  return {
    file: name.replace(/^.*\.dir\/(\.\/)?/, '').replace(/\.o(bj)?$/, ''),
    needs: names(({ flags }) => (flags & FLAG.undefined) !== 0),
    defines: names(isDefinition),
  };
}

/** What the static libraries in these files hold. */
function membersOf(files) {
  return files.flatMap((file) => readArchive(readFileSync(file))).filter(({ bytes }) => isWasm(bytes));
}

/** The app's own static libraries, less what link-app.cjs makes of them and of ours. */
function ownLibraries(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.a') && !/\.link[\\/]/.test(name))
    .map((name) => path.join(folder, name));
}

/** What the app's objects call that comes to a missing function: that itself, or functions of our archives. */
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

const [file, archives, buildFolder, ...objectFiles] = process.argv.slice(2);
const linked = new WebAssembly.Module(readFileSync(file));
const absent = WebAssembly.Module.imports(linked)
  .filter(({ kind }) => kind === 'function')
  .map((wanted, index) => ({ ...wanted, index }))
  .filter((wanted) => !isThere(wanted));
if (absent.length > 0) {
  const objects = objectFiles.map((name) => ({ name, bytes: readFileSync(name) }));
  const own = [...objects, ...membersOf(ownLibraries(buildFolder))].filter(({ bytes }) => isWasm(bytes)).map(symbolsOf);
  const system = once(() =>
    membersOf(
      readdirSync(archives)
        .filter((name) => name.endsWith('.a'))
        .map((name) => path.join(archives, name)),
    ).map(symbolsOf),
  );
  for (const line of messages(linked, absent, own, system)) process.stderr.write(`${line}\n`);
  process.stderr.write(
    'Neither the app nor the libraries of sphere-iot define it: docs/posix.md says what there is of the C library, ' +
      'docs/apps.md what there is of the others.\n',
  );
  if (absent.some(({ name }) => /^(wolfSSL|wolfTLS|wolfCrypt|wc_)/.test(name)))
    process.stderr.write(
      'wolfSSL is GPL and not linked: sphere-iot has only the calls of wolfSSL that public apps make, over the TLS of Node.\n',
    );
  process.exitCode = 1;
}
