// Keeps dist/ up to date while you work: `npm run dev`, until Ctrl-C. TypeScript is compiled as it changes, by tsc's own watch; after a change of C, CMake
// or the generators build.mjs builds what is out of date.
import { spawn } from 'node:child_process';
import { existsSync, rmSync, watch } from 'node:fs';
import path from 'node:path';
import { step } from './terminal.mjs';

const root = path.resolve(import.meta.dirname, '..');
const NATIVE = ['native', 'wasm-build', 'CMakeLists.txt'];
/** Milliseconds without a change after which a build begins: an editor writes several files at once. */
const REST = 200;

/** Runs a script of Node; resolves with its exit code. */
function node(script, ...args) {
  const child = spawn(process.execPath, [path.join(root, script), ...args], { cwd: root, stdio: 'inherit' });
  return new Promise((resolve) => child.on('exit', resolve));
}

/** tsc's watch writes dist/ from now on: the next build compiles all of it, whatever the sources are then. */
function forgetStamp() {
  rmSync(path.join(root, 'build/typescript.stamp'), { force: true });
}

/** Builds once at a time, and once more for changes that came meanwhile. */
function builder() {
  let timer;
  let isBuilding = false;
  const build = async () => {
    if (isBuilding) return schedule();
    isBuilding = true;
    // What is wrong is printed there; the next change is the next try.
    if ((await node('wasm-build/build.mjs')) === 0) step('Up to date. Waiting for changes of native/ and src/');
    forgetStamp();
    isBuilding = false;
  };
  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(build, REST);
  };
  return schedule;
}

if ((await node('wasm-build/setup.mjs')) !== 0) process.exit(1);
forgetStamp();
const rebuild = builder();
for (const entry of NATIVE.map((name) => path.join(root, name)).filter(existsSync))
  watch(entry, { recursive: true }, rebuild);
for (const config of ['tsconfig.json', 'tsconfig.esm.json'])
  void node('node_modules/typescript/bin/tsc', '--watch', '--preserveWatchOutput', '-p', config);
