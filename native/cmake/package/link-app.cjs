// Links an app as the device's tools do, which know common symbols and shared libraries:
// - A variable that several C files define without a value (`int level;` in a header) is one variable. WebAssembly has no
//   common symbols, so such definitions become weak ones.
// - A function of the app wins over one of the same name in our libraries. The app is linked with copies of them that lack
//   the public name; wasm-build/app-archives.mjs has given each function an internal name for the libraries' own calls.
// - Functions that the app's objects have under another name, since clang would take them for the C library's
//   (native/include/app-libc/stdlib.h), get their own.
//
// Arguments: the folder with our archives, a folder for what is made here, a file that says how emcc calls the linker or nothing
// (src/app/build/toolchain.ts), and emcc's command line.
const { spawnSync } = require('node:child_process');
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { readArchive, readIndex, writeArchive } = require('./archive.cjs');
const { shellWords } = require('./shell-words.cjs');
const { FLAG, INTERNAL, KIND, isDefinition, isWasm, readObject, writeObject } = require('./wasm-object.cjs');

const OWN = 'sphere_iot_own.';

const [archives, work, linkerFile, command, ...given] = process.argv.slice(2);

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
const files = given
  .flatMap(expand)
  .flatMap(understood)
  .map((argument) => ({ argument, members: membersOf(argument) }));
const members = files.flatMap((file) => file.members);
members.forEach(giveOwnNames);
makeCommonSymbols(members);
const args = files.map((file, i) => written(file.argument, file.members, i));
const [program, ...rest] = linker([...args, ...libraries(definedNames(files))]);
const { status, error } = spawnSync(program, rest, { stdio: 'inherit' });
if (error) process.stderr.write(`error: ${program} can't be run: ${error.message}\n`);
process.exitCode = status ?? 1;

/**
 * The command line: of the linker itself, since emcc's Python takes longer than all the rest, and its wasm-opt does what ours does
 * again; of emcc for a debug build, whose source map it makes, and for what only emcc understands.
 */
function linker(list) {
  const own = linkerFile === '' || list.includes('-gsource-map') ? undefined : ofLinker(list);
  if (own === undefined) return [command, ...list];
  const { before, behind } = JSON.parse(readFileSync(linkerFile, 'utf8'));
  return [...before, ...own, ...behind];
}

/** Arguments of emcc as the linker has them; undefined where there is one that it has not. */
function ofLinker(list) {
  const own = [];
  for (let i = 0; i < list.length; i++) {
    const argument = list[i];
    if (argument === '-o') own.push(argument, list[++i]);
    else if (/^-L./.test(argument) || /\.(o|obj|a)$/.test(argument)) own.push(argument);
    else if (/^-l(stdc|supc)\+\+$/.test(argument)) continue;
    else if (/^-l./.test(argument)) own.push(argument);
    else if (argument.startsWith('-Wl,')) own.push(...argument.slice(4).split(','));
    else if (/^-isystem$|^-[IDU]$/.test(argument)) i++;
    // What is for the compiler, and our settings, which the linker's command line has already.
    else if (!/^-([OgDUIWfm]|std=|pedantic|ansi$|w$|pipe$)/.test(argument) && !settings().has(argument))
      return undefined;
    else if (/^-f(sanitize|(wasm-)?exceptions)/.test(argument)) return undefined;
  }
  return own;
}

function settings() {
  const switches = readFileSync(path.join(__dirname, 'link-switches.txt'), 'utf8').split('\n');
  return new Set([...switches, '-sTOTAL_STACK=131072', '-sSTACK_SIZE=131072']);
}

/** CMake puts long command lines into files. */
function expand(argument) {
  if (!argument.startsWith('@')) return [argument];
  return shellWords(readFileSync(argument.slice(1), 'utf8'));
}

/** A switch as emcc knows it. Those that only the device's gcc and linker have (-nodefaultlibs, --no-undefined) are left away. */
function understood(argument) {
  if (
    /^-(no(defaultlibs|stdlib|startfiles)|flto.*|fstack-protector.*|(no-)?pie|rdynamic|static(-libgcc)?|s|specs=.*|T.*|m(cpu|arch|tune|fpu|float-abi)=.*|mthumb)$/.test(
      argument,
    )
  )
    return [];
  if (!argument.startsWith('-Wl,')) return [argument];
  const parts = argument.slice(4).split(',');
  return parts.flatMap((part, i) => {
    if (/^--?(wrap|undefined|u)$/.test(part) && i + 1 < parts.length) return [`-Wl,${part},${parts[i + 1]}`];
    return /^--?(wrap=|undefined=|(no-)?(gc-sections|whole-archive)$)/.test(part) ? [`-Wl,${part}`] : [];
  });
}

/** The object files that an argument stands for. Other arguments have none. */
function membersOf(argument) {
  if (argument.startsWith('-') || !/\.(o|obj|a)$/.test(argument)) return [];
  const bytes = readFileSync(argument);
  const members = argument.endsWith('.a') ? readArchive(bytes) : [{ name: path.basename(argument), bytes }];
  return members.map((member) => ({
    ...member,
    object: isWasm(member.bytes) ? readObject(member.bytes) : undefined,
    changed: false,
  }));
}

function giveOwnNames(member) {
  for (const symbol of member.object?.symbols ?? []) {
    if (!symbol.name.startsWith(OWN)) continue;
    symbol.name = symbol.name.slice(OWN.length);
    symbol.flags |= FLAG.explicitName;
    member.changed = true;
  }
}

/** Makes what C's tentative definitions define weak. Of different sizes the largest stays, as with common symbols. */
function makeCommonSymbols(members) {
  const largest = new Map();
  const initialised = new Set();
  const found = members.flatMap((member) =>
    (member.object?.symbols ?? [])
      .filter((symbol) => symbol.kind === KIND.data && isDefinition(symbol))
      .map((symbol) => ({ member, symbol, isCommon: isTentative(member, symbol) })),
  );
  for (const { symbol, isCommon } of found) {
    if (!isCommon) initialised.add(symbol.name);
    else if (!(largest.get(symbol.name)?.size >= symbol.size)) largest.set(symbol.name, symbol);
  }
  for (const { member, symbol, isCommon } of found) {
    if (!isCommon || (largest.get(symbol.name) === symbol && !initialised.has(symbol.name))) continue;
    symbol.flags |= FLAG.weak;
    member.changed = true;
  }
}

/** Whether it may be a tentative definition: a variable of a C file that begins with zeros. C++ has no such definitions. */
function isTentative({ name, object }, { flags, segment }) {
  if ((flags & (FLAG.weak | FLAG.absolute)) !== 0 || /\.(cc|cp|cpp|cxx|c\+\+)\.(o|obj)$/i.test(name)) return false;
  return object.segments[segment]?.startsWith('.bss') ?? false;
}

/** The argument for the linker: its own, or what was made of it. */
function written(argument, members, number) {
  if (!members.some(({ changed }) => changed)) return argument;
  const file = path.join(work, `${number}-${path.basename(argument)}`);
  const made = members.map(({ name, bytes, object, changed }) => ({
    name,
    bytes: changed ? writeObject(object, object.symbols) : bytes,
  }));
  writeFileSync(file, argument.endsWith('.a') ? writeArchive(made) : made[0].bytes);
  return file;
}

function definedNames(linked) {
  const symbols = linked.flatMap(({ members }) => members.flatMap(({ object }) => object?.symbols ?? []));
  return new Set(symbols.filter(isDefinition).map(({ name }) => name));
}

/** Our archives in their order, without the names that the app defines. */
function libraries(defined) {
  const names = readFileSync(path.join(archives, 'order.txt'), 'utf8').split('\n').filter(Boolean);
  return names.map((name) => {
    const file = path.join(archives, name);
    const archive = readFileSync(file);
    const index = new Set(readIndex(archive));
    if (![...index].some((each) => defined.has(each) && index.has(INTERNAL + each))) return file;
    const copy = path.join(work, name);
    writeFileSync(copy, writeArchive(readArchive(archive).map((member) => withoutNames(member, defined))));
    return copy;
  });
}

function withoutNames({ name, bytes }, defined) {
  const object = readObject(bytes);
  const internal = new Set(object.symbols.filter(({ name }) => name.startsWith(INTERNAL)).map(({ name }) => name));
  const isShadowed = (symbol) =>
    isDefinition(symbol) && defined.has(symbol.name) && internal.has(INTERNAL + symbol.name);
  const symbols = object.symbols.filter((symbol) => !isShadowed(symbol));
  return { name, bytes: symbols.length === object.symbols.length ? bytes : writeObject(object, symbols) };
}
