import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { SphereIotError } from '../../errors.js';
import { makeFolder } from '../../make-folder.js';
import { MAX_BINARY_BYTES, readFileWithin, readTextWithin } from '../../read-file.js';

/** What cmake would otherwise ask emcc for, each time an app is configured, and the programs that emcc runs. */
export interface Toolchain {
  /** Where emcc and em++ are. */
  readonly emcc: string;
  readonly emxx: string;
  /** The folder of Emscripten's own files. */
  readonly emscripten: string;
  readonly emscriptenVersion: string;
  readonly clangVersion: string;
  readonly wasmOpt: string;
  /** The folder with Emscripten's sysroot. */
  readonly cache: string;
  /** How emcc calls clang, before the arguments that it was given. emcc itself where that is not known. */
  readonly c: readonly string[];
  readonly cxx: readonly string[];
  /** How emcc calls the linker: before the files, and behind them. Absent where that is not known: emcc links. */
  readonly link?: { readonly before: readonly string[]; readonly behind: readonly string[] };
  readonly ar?: string;
  readonly ranlib?: string;
}

/** The version of toolchain.json: grows when its fields change. */
const FORMAT = 2;

/** Runs a program and gives what it writes on both streams. */
export type Run = (command: string, args: readonly string[]) => Promise<string>;

/**
 * Finds out about emcc: once for each one that is installed, as what it says is kept in `kit`, the folder of the archives, or, where this
 * belongs to somebody else, in the user's cache folder (`XDG_CACHE_HOME`).
 * @throws SphereIotError `TOOLS_MISSING`
 */
export async function findToolchain(kit: string, run: Run): Promise<Toolchain> {
  const [emcc, emxx] = [await findOnPath('emcc'), await findOnPath('em++')];
  const switches = await readTextWithin(path.join(kit, 'cmake/link-switches.txt'));
  const key = JSON.stringify([FORMAT, emcc.file, emcc.changed, switches]);
  const caches = [kit, path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'sphere-iot')];
  const files = caches.map((folder) => path.join(folder, 'toolchain.json'));
  for (const file of files) {
    const kept = await keptIn(file, key);
    if (kept !== undefined) return kept;
  }
  const toolchain = await askEmcc(run, emcc.file, emxx.file, switches.split('\n').filter(Boolean));
  for (const file of files) if (await keep(file, { [key]: toolchain })) break;
  return toolchain;
}

async function keptIn(file: string, key: string): Promise<Toolchain | undefined> {
  try {
    return (JSON.parse(await readTextWithin(file)) as Record<string, Toolchain | undefined>)[key];
  } catch {
    return undefined; // There is none, or a part of one.
  }
}

/** Whether the file could be written. */
async function keep(file: string, content: object): Promise<boolean> {
  const scratch = `${file}.${process.pid}`;
  try {
    await makeFolder(path.dirname(file), 0o755);
    await writeFile(scratch, JSON.stringify(content), { mode: 0o644 });
    await rename(scratch, file);
    return true;
  } catch {
    return false;
  }
}

async function askEmcc(run: Run, emcc: string, emxx: string, linkSwitches: readonly string[]): Promise<Toolchain> {
  const [version, emscripten, binaryen, cache] = await Promise.all([
    run(emcc, ['-v']),
    run('em-config', ['EMSCRIPTEN_ROOT']),
    run('em-config', ['BINARYEN_ROOT']),
    run('em-config', ['CACHE']),
  ]);
  const [, emscriptenVersion] = /emcc \(.*\) ([0-9.]+)/.exec(version) ?? [];
  const [, clangVersion] = /clang version ([0-9.]+)/.exec(version) ?? [];
  if (emscriptenVersion === undefined || clangVersion === undefined)
    throw new SphereIotError('TOOLS_MISSING', `emcc -v does not say its version, but: ${version.trim()}`);
  return {
    emcc,
    emxx,
    emscripten: lastLine(emscripten),
    emscriptenVersion,
    clangVersion,
    wasmOpt: path.join(lastLine(binaryen), 'bin/wasm-opt'),
    cache: lastLine(cache),
    ...(await askForCommands(run, emcc, emxx, [...linkSwitches, `-s${stackSwitch(emscriptenVersion)}=131072`])),
  };
}

/** The name of the setting has changed, as in AzureSphere.cmake. */
function stackSwitch(version: string): string {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return major * 1e6 + minor * 1e3 + patch < 3_001_025 ? 'TOTAL_STACK' : 'STACK_SIZE';
}

/** Has emcc compile and link a small program, and looks at what it runs for that: Python takes longer than clang and the linker. */
async function askForCommands(
  run: Run,
  emcc: string,
  emxx: string,
  linkSwitches: readonly string[],
): Promise<Pick<Toolchain, 'c' | 'cxx' | 'link' | 'ar' | 'ranlib'>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sphere-iot-'));
  try {
    const source = path.join(folder, 'main.c');
    const object = path.join(folder, 'main.o');
    const program = path.join(folder, 'main.wasm');
    await writeFile(source, 'int main(void) { return 0; }\n');
    const c = compilerIn(await run(emcc, ['-v', '-c', source, '-o', object]), '');
    const cxx = compilerIn(await run(emxx, ['-v', '-x', 'c++', '-c', source, '-o', object]), '-x');
    if (c === undefined || cxx === undefined) return { c: [emcc], cxx: [emxx] };
    await run(emcc, ['-c', source, '-o', object]);
    const link = linkerIn(await run(emxx, ['-v', '-O3', '-g2', ...linkSwitches, object, '-o', program]), object);
    if (!(await works(run, c, link, source, folder))) return { c: [emcc], cxx: [emxx] };
    const [ar, ranlib] = await Promise.all([besideClang(c[0], 'llvm-ar'), besideClang(c[0], 'llvm-ranlib')]);
    return { c, cxx, ...(link && { link }), ...(ar && { ar }), ...(ranlib && { ranlib }) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Whether the commands do for themselves what emcc has them do. */
async function works(
  run: Run,
  [clang = '', ...c]: readonly string[],
  link: Toolchain['link'],
  source: string,
  folder: string,
): Promise<boolean> {
  if (link === undefined) return false;
  const object = path.join(folder, 'direct.o');
  const program = path.join(folder, 'direct.wasm');
  const [linker = '', ...before] = link.before;
  try {
    await run(clang, [...c, '-c', source, '-o', object]);
    await run(linker, [...before, '-o', program, object, ...link.behind]);
    const made = await readFileWithin(program, MAX_BINARY_BYTES);
    return ['_start', 'memory'].every((name) => made.includes(name));
  } catch {
    return false;
  }
}

/** Of the line with which emcc -v shows its call of clang, what comes before its own arguments. */
function compilerIn(said: string, firstOwn: string): string[] | undefined {
  const words = wordsOfCall(said, /^ "?(\/[^" \n]*clang[^" \n/]*)"? (.*)$/m);
  const own = words?.findIndex((word) => word === '-v' || word === firstOwn || word === '-c');
  return words !== undefined && own !== undefined && own > 0 ? words.slice(0, own) : undefined;
}

/**
 * Of the line with which emcc -v shows its call of the linker, what is before and behind the program's file. Newer versions name their
 * libraries as `-lc`, which an app does, too: here they are files, and their folder is searched after those of the app.
 */
function linkerIn(said: string, object: string): Toolchain['link'] {
  const words = wordsOfCall(said, /^ "?(\/[^" \n]*wasm-ld[^" \n/]*)"? (.*)$/m);
  if (words === undefined) return undefined;
  const output = words.indexOf('-o');
  const at = words.indexOf(object);
  if (output < 0 || at < 0) return undefined;
  const folders = words.filter((word) => word.startsWith('-L'));
  const isKept = (word: string, i: number): boolean =>
    i !== output && i !== output + 1 && !word.startsWith('-L') && (!word.startsWith('/') || existsSync(word)); // Some are made for one call.
  const kept = (from: number, to?: number): string[] =>
    words
      .slice(from, to)
      .filter((word, i) => isKept(word, from + i))
      .map((word) => libraryIn(folders, word));
  return { before: kept(0, at), behind: [...kept(at + 1), ...folders] };
}

/** The file that `-lNAME` stands for; any other word as it is. */
function libraryIn(folders: readonly string[], word: string): string {
  const [, name] = /^-l(.+)$/.exec(word) ?? [];
  const files = folders.map((folder) => path.join(folder.slice(2), `lib${name}.a`));
  return name === undefined ? word : (files.find((file) => existsSync(file)) ?? word);
}

function wordsOfCall(said: string, line: RegExp): string[] | undefined {
  const [, program, args = ''] = line.exec(said) ?? [];
  if (program === undefined) return undefined;
  // Newer versions put what is more than a path in quotes.
  return [program, ...[...args.matchAll(/(["'])(.*?)\1|(\S+)/g)].map(([, , quoted, plain = '']) => quoted ?? plain)];
}

/** A tool of the same LLVM, `clang-14` has `llvm-ar-14` beside it. */
async function besideClang(clang = '', name = ''): Promise<string | undefined> {
  const file = path.join(path.dirname(clang), path.basename(clang).replace('clang', name));
  return stat(file).then(
    () => file,
    () => undefined,
  );
}

/** Emscripten may first report what it does to its cache. */
function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

async function findOnPath(name: string): Promise<{ readonly file: string; readonly changed: number }> {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    const real = await realpath(file).catch(() => undefined);
    if (real !== undefined) return { file, changed: (await stat(real)).mtimeMs };
  }
  throw toolsMissing(name);
}

/** The error where a program that builds can't be run. */
export function toolsMissing(command: string, cause?: unknown): SphereIotError {
  return new SphereIotError(
    'TOOLS_MISSING',
    `${command} can't be run. Building an app takes emcc, cmake and ninja: on Debian, apt-get install emscripten cmake ninja-build.`,
    { cause },
  );
}
