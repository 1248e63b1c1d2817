import { readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SphereIotError } from '../../errors.js';

/** What cmake would otherwise ask emcc for, each time an app is configured. */
export interface Toolchain {
  /** The folder of Emscripten's own files. */
  readonly emscripten: string;
  readonly emscriptenVersion: string;
  readonly clangVersion: string;
  readonly wasmOpt: string;
}

/** Runs a program and gives what it writes on both streams. */
export type Run = (command: string, args: readonly string[]) => Promise<string>;

/**
 * Finds out about emcc: once for each one that is installed, as what it says is kept in `cache`, where this file can be written.
 * @throws SphereIotError `TOOLS_MISSING`
 */
export async function findToolchain(cache: string, run: Run): Promise<Toolchain> {
  const emcc = await findOnPath('emcc');
  const key = `${emcc.file} ${emcc.changed}`;
  const known = await readFile(cache, 'utf8').catch(() => '{}');
  const { [key]: kept } = JSON.parse(known) as Record<string, Toolchain | undefined>;
  if (kept !== undefined) return kept;
  const toolchain = await askEmcc(run);
  const scratch = `${cache}.${process.pid}`;
  // A kit that belongs to somebody else stays without it: each configuration is half a second slower.
  await writeFile(scratch, JSON.stringify({ [key]: toolchain }))
    .then(() => rename(scratch, cache))
    .catch(() => undefined);
  return toolchain;
}

async function askEmcc(run: Run): Promise<Toolchain> {
  const [version, emscripten, binaryen] = await Promise.all([
    run('emcc', ['-v']),
    run('em-config', ['EMSCRIPTEN_ROOT']),
    run('em-config', ['BINARYEN_ROOT']),
  ]);
  const [, emscriptenVersion] = /emcc \(.*\) ([0-9.]+)/.exec(version) ?? [];
  const [, clangVersion] = /clang version ([0-9.]+)/.exec(version) ?? [];
  if (emscriptenVersion === undefined || clangVersion === undefined)
    throw new SphereIotError('TOOLS_MISSING', `emcc -v does not say its version, but: ${version.trim()}`);
  const wasmOpt = path.join(lastLine(binaryen), 'bin/wasm-opt');
  return { emscripten: lastLine(emscripten), emscriptenVersion, clangVersion, wasmOpt };
}

/** Emscripten may first say what it does to its cache. */
function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

async function findOnPath(name: string): Promise<{ readonly file: string; readonly changed: number }> {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = await realpath(path.join(folder, name)).catch(() => undefined);
    if (file !== undefined) return { file, changed: (await stat(file)).mtimeMs };
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
