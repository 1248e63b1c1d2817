// Prepares the archives that apps are linked with, so that they behave as the device's shared libraries do: a function of
// the app wins over one of the same name in a library, and the libraries go on calling their own.
//
// Each function of an archive gets a second, internal name, and the archives call each other and themselves by that one
// only. Where an app defines a function itself, native/cmake/package/link-app.cjs leaves the public name of ours away.
//
// Two more rules give our code the places of the SDK's and of the C library's:
// - __wrap_NAME takes the place of NAME, which is __real_NAME then, as with the linker's --wrap;
// - a function that the C library has too is ours, and the C library's is __real_NAME.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const require = createRequire(import.meta.url);
const { readArchive, writeArchive } = require('../native/cmake/package/archive.cjs');
const { shellWords } = require('../native/cmake/package/shell-words.cjs');
const {
  FLAG,
  KIND,
  INTERNAL,
  isDefinition,
  isWasm,
  readObject,
  writeObject,
} = require('../native/cmake/package/wasm-object.cjs');

const WRAP = '__wrap_';
const REAL = '__real_';

/** Of what emcc links with: not C++, and nothing of the web. */
const C_LIBRARY = /^lib(c|compiler_rt|emmalloc|sockets|standalonewasm|stubs|noexit)(-[\w-]+)?\.a$/;

/** What the linker and the C library's start know by name, and functions that the app may be asked for. */
const FIXED = /^(_start|main|__main_\w+|__original_main|__wasm_\w+)$/;

/**
 * @param {string[]} own Archives of ours, in the order in which a name is looked for.
 * @param {string[]} system Archives of the C library, in the same order.
 * @param {string} folder Where the prepared ones go, under their names.
 */
export function prepareArchives(own, system, folder) {
  mkdirSync(folder, { recursive: true });
  const ours = own.map(read);
  const theirs = system.map(read);
  const defined = definedFunctions(ours);
  const wrapped = new Set([...defined].filter((name) => name.startsWith(WRAP)).map((name) => name.slice(WRAP.length)));
  const taken = new Set([...defined, ...wrapped]);
  const ownName = (name) => {
    if (name.startsWith(WRAP)) return name.slice(WRAP.length);
    return wrapped.has(name) ? REAL + name : name;
  };
  const systemName = (name) => (taken.has(name) ? REAL + name : name);
  const known = new Set([
    ...[...defined].map(ownName),
    ...[...definedFunctions(theirs)].flatMap((name) => [name, systemName(name)]),
  ]);
  for (const { name, members } of ours) write(folder, name, members, ownName, known);
  for (const { name, members } of theirs) write(folder, name, members, systemName, known);
  // In which a name is looked for: ours before the C library's, of which the parts have an order too.
  writeFileSync(path.join(folder, 'order.txt'), [...ours, ...theirs].map(({ name }) => `${name}\n`).join(''));
}

function read(file) {
  const members = readArchive(readFileSync(file)).filter(({ bytes }) => isWasm(bytes));
  return {
    name: path.basename(file),
    members: members.map((member) => ({ ...member, object: readObject(member.bytes) })),
  };
}

function definedFunctions(archives) {
  const symbols = archives.flatMap(({ members }) => members.flatMap(({ object }) => object.symbols));
  return new Set(symbols.filter(isPublicFunction).map(({ name }) => name));
}

function isPublicFunction(symbol) {
  return (
    symbol.kind === KIND.function &&
    isDefinition(symbol) &&
    (symbol.flags & FLAG.exported) === 0 &&
    !FIXED.test(symbol.name)
  );
}

function write(folder, name, members, newName, known) {
  const prepared = members.map((member) => ({
    name: member.name,
    bytes: member.object.place === undefined ? member.bytes : withInternalNames(member.object, newName, known),
  }));
  writeFileSync(path.join(folder, name), writeArchive(prepared));
}

function withInternalNames(object, newName, known) {
  const aliases = [];
  const symbols = object.symbols.map((symbol) => {
    if (symbol.kind !== KIND.function) return symbol;
    if (isPublicFunction(symbol)) {
      const name = newName(symbol.name);
      if (!name.startsWith(REAL)) aliases.push({ ...symbol, name });
      return { ...symbol, name: INTERNAL + name };
    }
    const isCall = (symbol.flags & FLAG.undefined) !== 0 && known.has(symbol.name);
    return isCall ? { ...symbol, flags: symbol.flags | FLAG.explicitName, name: INTERNAL + symbol.name } : symbol;
  });
  return writeObject(object, [...symbols, ...aliases]);
}

/**
 * The archives of the C library that emcc links an app with, by their paths: what it tells the linker for a program of
 * nothing, less what is not C's.
 */
function systemArchives() {
  const folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
  try {
    const source = path.join(folder, 'main.c');
    writeFileSync(source, 'int main(void) { return 0; }\n');
    const switches = [
      '-O2',
      '-sASSERTIONS=0',
      '-sSTANDALONE_WASM',
      '-sFILESYSTEM=0',
      '-sMALLOC=emmalloc',
      '-sALLOW_MEMORY_GROWTH=1',
    ];
    const { stderr } = spawnSync('emcc', ['-v', source, ...switches, '-o', path.join(folder, 'main.wasm')], {
      encoding: 'utf8',
    });
    const line = stderr.split('\n').find((each) => each.includes('wasm-ld') && each.includes('crt1.o')) ?? '';
    const words = shellWords(line);
    const folders = words.filter((word) => word.startsWith('-L')).map((word) => word.slice(2));
    const names = words.filter((word) => word.startsWith('-l')).map((word) => `lib${word.slice(2)}.a`);
    const found = names
      .filter((name) => C_LIBRARY.test(name))
      .map((name) => folders.map((each) => path.join(each, name)).find(existsSync));
    if (!found.some((file) => file !== undefined && path.basename(file) === 'libc.a'))
      throw new Error(`emcc does not say where its C library is:\n${stderr}`);
    return found.filter((file) => file !== undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const [folder, ...own] = process.argv.slice(2);
  prepareArchives(own, systemArchives(), folder);
}
