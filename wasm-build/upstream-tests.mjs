// `npm run test:upstream`: builds and runs the SDK's own unit tests, natively as the base line and in wasm, and compares
// their counts with test/upstream/expected.json. `--update` writes that file.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { root } from './build.mjs';
import { cmakeLists } from './cmake-lists.mjs';
import { fetchSdk } from './fetch-crates.mjs';
import { runTool } from './run-tool.mjs';
import { fail, step } from './terminal.mjs';
import { toolEnvironment } from './tools.mjs';
import { differences } from './upstream/compare.mjs';
import { commandOf, runSuite } from './upstream/run-suite.mjs';
import { suitesOf } from './upstream/suites.mjs';

const build = path.join(root, 'build/upstream');
const expectedFile = path.join(root, 'test/upstream/expected.json');
const SHIPPED = [
  'c_utility',
  'umqtt',
  'iothub_client',
  'iothub_client_device',
  'iothub_client_upload',
  'provisioning_client',
];
const CLIENTS = [
  ...['run_unittests', 'use_mqtt', 'use_prov_client', 'hsm_type_x509', 'hsm_type_symm_key'].map((on) => `-D${on}=ON`),
  ...['use_amqp', 'build_service_client', 'build_provisioning_service_client'].map((off) => `-D${off}=OFF`),
];
const COMMON = ['-Duse_builtin_httpapi=ON', '-Dskip_samples=ON', '-DCMAKE_POLICY_VERSION_MINIMUM=3.5'];

const sdk = await fetchSdk({ root, build: path.join(root, 'build') });
const shipped = shippedSources();
const projects = [
  { name: 'clients', source: sdk, options: CLIENTS },
  {
    name: 'libraries',
    source: path.join(root, 'test/upstream'),
    options: [`-DSDK_FOLDER=${sdk}`, `-DUMQTT_FOLDER=${umqttFolder()}`],
  },
];
const results = [];
const skipped = new Map();
for (const side of ['native', 'wasm']) for (const project of projects) await runProject(side, project);
report();

/** The names of the source files that sphere-iot takes from the SDK. */
function shippedSources() {
  const listOf = cmakeLists(path.join(root, 'CMakeLists.txt'), { SDK_FOLDER: sdk });
  const names = SHIPPED.flatMap((name) => listOf(`${name}_sources`));
  return new Set([...names.map((name) => `${path.basename(name, '.c')}.c`), 'agenttime.c']);
}

/** umqtt's tests look for c-utility in a folder of its own, which the crate has not. */
function umqttFolder() {
  const folder = path.join(build, 'umqtt');
  if (!existsSync(folder)) {
    mkdirSync(build, { recursive: true });
    cpSync(path.join(sdk, 'umqtt'), folder, { recursive: true });
    mkdirSync(path.join(folder, 'deps'), { recursive: true });
    symlinkSync(path.join(sdk, 'c-utility'), path.join(folder, 'deps/c-utility'));
  }
  return folder;
}

async function runProject(side, { name, source, options }) {
  const folder = path.join(build, `${side}-${name}`);
  await configure(side, folder, source, options);
  const commands = JSON.parse(await run('ninja', ['-C', folder, '-t', 'compdb'], { quiet: true }));
  const suites = suitesOf(commands, shipped);
  for (const { name: suite, reason } of suites.skipped) skipped.set(suite, reason);
  step(`Building ${suites.applies.length} suites of the ${name}, ${side}`);
  await run('ninja', ['-C', folder, ...suites.applies.map(({ target }) => target)]);
  step('Running them');
  const waiting = [...suites.applies];
  const runner = async () => {
    for (let suite = waiting.shift(); suite !== undefined; suite = waiting.shift())
      results.push({ side, name: suite.name, ...(await runSuite(commandOf(side, folder, suite))) });
  };
  await Promise.all(Array.from({ length: availableParallelism() }, runner));
}

/** Once for each set of options; what is built stays. */
async function configure(side, folder, source, options) {
  const include = path.join(root, 'test/upstream/time-t.h');
  const flags = side === 'wasm' ? `-Wno-error -include "${include}"` : '-Wno-error';
  const own = ['-Duse_openssl=OFF', `-DCMAKE_C_FLAGS=${flags}`];
  // Some suites of blobs take hundreds of megabytes.
  if (side === 'wasm') own.push('-DCMAKE_EXE_LINKER_FLAGS=-sALLOW_MEMORY_GROWTH=1');
  const args = ['-G', 'Ninja', '-S', source, '-B', folder, ...COMMON, ...options, ...own];
  const hash = createHash('sha256').update(args.join('\n')).update(readFileSync(include));
  const stamp = path.join(folder, 'sphere-iot.stamp');
  const wanted = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  if (side === 'wasm') await run('emcmake', ['cmake', ...args]);
  else await run('cmake', args);
  writeFileSync(stamp, wanted);
}

async function run(command, args, { quiet = false } = {}) {
  const { status, stdout, stderr } = await runTool(command, args, {
    env: toolEnvironment,
    stdio: ['ignore', quiet || !process.stdout.isTTY ? 'pipe' : 'inherit', 'pipe'],
  });
  if (status !== 0) fail(`${command} failed.`, `${stdout ?? ''}${stderr ?? ''}`.slice(-4000));
  return stdout ?? '';
}

function report() {
  if (process.argv.includes('--update')) update();
  const expected = JSON.parse(readFileSync(expectedFile, 'utf8'));
  console.log(`\nNot run, ${skipped.size}:`);
  for (const [name, reason] of [...skipped].sort()) console.log(`  ${name}: ${reason}`);
  console.log('\nTests            native   wasm');
  for (const component of [...new Set(results.map(componentOf))].sort()) {
    const count = (side) =>
      results
        .filter((result) => result.side === side && componentOf(result) === component)
        .reduce((sum, { ran }) => sum + ran, 0);
    console.log(`${component.padEnd(20)} ${`${count('native')}`.padStart(5)} ${`${count('wasm')}`.padStart(6)}`);
  }
  const found = differences(expected, results);
  for (const line of found) console.error(line);
  const failed = results.reduce((sum, { failed: tests, broken }) => sum + tests.length + (broken ? 1 : 0), 0);
  const passed = results.reduce((sum, { ran, failed: tests }) => sum + ran - tests.length, 0);
  console.log(`${passed} passed, ${failed} failed`);
  if (found.length > 0) process.exitCode = 1;
}

function componentOf({ name }) {
  return name.split('/')[0];
}

/** Counts of the native side, which is the base line. */
function update() {
  const before = existsSync(expectedFile) ? JSON.parse(readFileSync(expectedFile, 'utf8')) : { known: [] };
  const native = results.filter(({ side }) => side === 'native').sort((a, b) => (a.name < b.name ? -1 : 1));
  const suites = Object.fromEntries(native.map(({ name, ran }) => [name, ran]));
  writeFileSync(expectedFile, `${JSON.stringify({ suites, known: before.known }, null, 2)}\n`);
}
