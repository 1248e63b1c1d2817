// Builds what is out of date: the binding, the WebAssembly file, the TypeScript. Each has a stamp in the build folder
// with the hash of all that it is made from.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { readAbi } from './abi.mjs';
import { fetchCrates } from './fetch-crates.mjs';
import { checkGenerated } from './generated-files.mjs';
import { lock } from './lock.mjs';
import { checkInterrupted, runTool } from './run-tool.mjs';
import { fail, step } from './terminal.mjs';
import { ensureTools, toolEnvironment } from './tools.mjs';

export const root = path.resolve(import.meta.dirname, '..');
const build = path.join(root, 'build');

/** @returns whether anything was built. */
export async function buildAll() {
  const wasm = await upToDate(
    'wasm',
    ['native', 'wasm-build', 'CMakeLists.txt', 'src/sdk/generated', 'src/wasm/generated'],
    ['dist/sphere-iot.wasm', 'dist/api.json', 'dist/app'],
    buildWasm,
  );
  const typescript = await upToDate(
    'typescript',
    ['src', 'tsconfig.json', 'tsconfig.esm.json', 'package-lock.json', 'dist/sphere-iot.wasm'],
    ['dist/cjs', 'dist/esm'],
    buildTypeScript,
  );
  const boards = await upToDate(
    'boards',
    ['native/hardware', 'native/cmake/package', 'src/app/json-with-comments.ts', 'src/read-file.ts'],
    ['dist/app/HardwareDefinitions/inc'],
    buildBoardHeaders,
  );
  return wasm || typescript || boards;
}

/** Runs `make` unless the inputs are those of the last time and the outputs are there. */
async function upToDate(name, inputs, outputs, make) {
  const stamp = path.join(build, `${name}.stamp`);
  const before = hashOf(inputs);
  const there = outputs.every((output) => existsSync(path.join(root, output)));
  if (there && existsSync(stamp) && readFileSync(stamp, 'utf8') === before) return false;
  mkdirSync(build, { recursive: true });
  rmSync(stamp, { force: true });
  await make();
  writeFileSync(stamp, hashOf(inputs));
  return true;
}

function hashOf(inputs) {
  const hash = createHash('sha256');
  for (const input of inputs)
    for (const file of filesIn(path.join(root, input))) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

function filesIn(entry) {
  if (!existsSync(entry)) return [];
  if (!statSync(entry).isDirectory()) return [entry];
  return readdirSync(entry, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => path.join(file.parentPath, file.name))
    .sort();
}

async function buildWasm() {
  const versions = await ensureTools('build');
  const { sdk, curl, zlib } = await fetchCrates({ root, build });
  step(`Reading the SDK's headers (emcc ${versions.emcc})`);
  process.env.NODE_PATH = toolEnvironment.NODE_PATH;
  const { functions, enums, imports, exports, surface, generated } = await reading(() =>
    readAbi({ emcc: 'emcc', root, build, sdk }),
  );
  checkGenerated(generated, root);
  step(`Compiling the SDK and curl to WebAssembly: ${functions} functions, ${enums} enums`);
  const folder = path.join(build, 'wasm');
  removeIfMoved(folder);
  const configuration = [
    `-DSDK_FOLDER=${sdk}`,
    `-DCURL_FOLDER=${curl}`,
    `-DZLIB_FOLDER=${zlib}`,
    `-DEXPORTS_FILE=${path.join(build, 'generated/exports.json')}`,
  ];
  await run(
    'emcmake',
    ['cmake', '-G', 'Ninja', '-S', root, '-B', folder, '-DCMAKE_BUILD_TYPE=Release', ...configuration],
    'configure',
  );
  await run('cmake', ['--build', folder], 'compile');
  const wasm = path.join(folder, 'sphere-iot.wasm');
  checkInterface(wasm, { exports, imports });
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  copyFileSync(wasm, path.join(root, 'dist/sphere-iot.wasm'));
  writeFileSync(path.join(root, 'dist/api.json'), `${JSON.stringify(surface, null, 2)}\n`);
  // What apps are built with: archives, headers, the CMake package.
  const app = path.join(root, 'dist/app');
  rmSync(app, { recursive: true, force: true });
  await run('cmake', ['--install', folder, '--prefix', app], 'install');
}

/** Runs what has the compiler read headers. */
async function reading(run) {
  try {
    return run();
  } catch (error) {
    await checkInterrupted();
    throw error;
  }
}

/** CMake refuses a build folder that was made for the sources of another folder: the clone was moved or copied. */
function removeIfMoved(folder) {
  const cache = path.join(folder, 'CMakeCache.txt');
  if (existsSync(cache) && !readFileSync(cache, 'utf8').includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${root}\n`))
    rmSync(folder, { recursive: true });
}

/** The module has to ask for nothing but what host.h, the callbacks and three functions of the C library name. */
function checkInterface(wasm, { exports, imports }) {
  const module = new WebAssembly.Module(readFileSync(wasm));
  const allowed = new Set([
    ...imports.map((name) => `host.${name}`),
    'env.emscripten_notify_memory_growth',
    'wasi_snapshot_preview1.environ_sizes_get',
    'wasi_snapshot_preview1.environ_get',
  ]);
  const asked = WebAssembly.Module.imports(module).map(({ module, name }) => `${module}.${name}`);
  const unknown = asked.filter((name) => !allowed.has(name) && !name.startsWith('callback.'));
  if (unknown.length > 0) fail(`The module asks for functions that nobody gives: ${unknown.join(', ')}.`);
  const given = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const absent = exports.filter((name) => !given.has(name));
  if (absent.length > 0) fail(`The module lacks functions that it should export: ${absent.join(', ')}.`);
}

async function buildTypeScript() {
  step('Compiling TypeScript');
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  for (const folder of ['cjs', 'esm']) rmSync(path.join(root, 'dist', folder), { recursive: true, force: true });
  await run(process.execPath, [tsc, '-p', path.join(root, 'tsconfig.json')], 'tsc');
  await run(process.execPath, [tsc, '-p', path.join(root, 'tsconfig.esm.json')], 'tsc-esm');
  writeFileSync(path.join(root, 'dist/esm/package.json'), '{ "type": "module" }\n');
  embedWasm();
}

/** The module as a part of the code, for bundles (src/wasm/embedded.d.ts). */
function embedWasm() {
  const gzipped = gzipSync(readFileSync(path.join(root, 'dist/sphere-iot.wasm')), { level: 9 }).toString('base64');
  writeFileSync(path.join(root, 'dist/cjs/wasm/embedded.js'), `exports.gzipped = '${gzipped}';\n`);
  writeFileSync(path.join(root, 'dist/esm/wasm/embedded.js'), `export const gzipped = '${gzipped}';\n`);
}

/** The headers of the boards that the SDK knows, from their definitions. */
function buildBoardHeaders() {
  step('Making the headers of the boards');
  const definitions = path.join(root, 'dist/app/HardwareDefinitions');
  const { definitionsIn, makeHeaders } = createRequire(import.meta.url)(
    path.join(root, 'dist/app/cmake/hardware-definition.cjs'),
  );
  makeHeaders(definitionsIn(definitions), [definitions], path.join(definitions, 'inc'));
}

/** Runs a tool quietly; its output is kept in a file, and shown if it fails. */
async function run(command, args, name) {
  const log = path.join(build, `${name}.log`);
  const { status, stdout, stderr, error } = await runTool(command, args, { env: toolEnvironment });
  writeFileSync(log, `${stdout}${stderr}`);
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}`);
  fail(
    `${name} failed${error ? `: ${error.message}` : ''}.`,
    `What it said is above and in ${path.relative(root, log)}.`,
  );
}

if (process.argv[1] === import.meta.filename) {
  await lock(build);
  if (!(await buildAll())) console.log('Everything is up to date.');
}
