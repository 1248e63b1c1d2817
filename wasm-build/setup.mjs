// From a clean clone to something that runs: `npm run setup`. With `--for NAME` the tools are there too that tools.mjs lists under this
// name: those of the tests. With `--then COMMAND …` that command is run afterwards.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, step } from './terminal.mjs';

const root = path.resolve(import.meta.dirname ?? '.', '..');

checkNode();
const { buildAll } = await import('./build.mjs');
const { lock } = await import('./lock.mjs');
const { leaveSignals, runTool } = await import('./run-tool.mjs');
const { ensureTools } = await import('./tools.mjs');

const build = path.join(root, 'build');
const release = await lock(build);
await installPackages();
const purpose = process.argv.indexOf('--for');
if (purpose > 0) await ensureTools('build', process.argv[purpose + 1]);
const started = performance.now();
if (await buildAll()) step(`Built in ${((performance.now() - started) / 1000).toFixed(0)} s`);
release();

const then = process.argv.indexOf('--then');
if (then > 0) {
  const [command, ...args] = process.argv.slice(then + 1);
  leaveSignals();
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? (signal ? 1 : 0);
}

function checkNode() {
  const wanted = [20, 19];
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < wanted[0] || (major === wanted[0] && minor < wanted[1]))
    fail(`Node ${process.versions.node} is too old.`, `Install Node ${wanted.join('.')} or newer.`);
}

/** `npm ci`, unless node_modules is what package-lock.json asks for, and no earlier one was interrupted. */
async function installPackages() {
  const lock = packagesIn(path.join(root, 'package-lock.json'));
  const installed = packagesIn(path.join(root, 'node_modules/.package-lock.json'));
  const missing = Object.keys(lock).filter(
    (name) => name !== '' && !lock[name].optional && installed[name]?.version !== lock[name].version,
  );
  const unfinished = path.join(build, 'npm-ci.unfinished');
  if (missing.length === 0 && !existsSync(unfinished)) return;
  step('Installing npm packages');
  writeFileSync(unfinished, '');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // Interrupted, npm would take long to undo what it did, and next time all is done anew anyway.
  const options = { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], killSignal: 'SIGKILL' };
  const { status } = await runTool('npm', args, options);
  if (status !== 0) fail('npm ci failed.', 'Is the registry of npm packages reachable? Its message is above.');
  rmSync(unfinished);
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return {}; // It is not there, or was written in part.
  }
}
