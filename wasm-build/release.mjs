// A release: `npm run release -- VERSION` packs the package, has publint and arethetypeswrong look at the tarball, and makes the tag. It
// publishes and pushes nothing. `--check` does all but the tag, for the version in package.json.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, step } from './terminal.mjs';

const root = path.resolve(import.meta.dirname, '..');
const manifestFile = path.join(root, 'package.json');
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
const [wanted = ''] = process.argv.slice(2);
const isCheck = wanted === '--check';
const version = isCheck ? manifest.version : wanted;

if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
  fail(`${version || 'Nothing'} is no version.`, 'Type npm run release -- 1.2.3, or -- --check.');
if (!isCheck) {
  if (output('git', 'status', '--porcelain') !== '')
    fail('Not all is committed.', 'Commit, or take back, what git status shows.');
  if (!readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8').includes(`\n## ${version} `))
    fail(`CHANGELOG.md has no heading ## ${version} (date).`, 'Write what users have to know about it.');
  if (output('git', 'tag', '--list', `v${version}`) !== '') fail(`There is a tag v${version} already.`);
  writeFileSync(manifestFile, `${JSON.stringify({ ...manifest, version }, null, 2)}\n`);
  run('npm', 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund');
}

step('Packing');
const folder = path.join(root, 'build/release');
mkdirSync(folder, { recursive: true });
run('npm', 'pack', '--silent', '--pack-destination', folder);
const tarball = path.join(folder, `${manifest.name}-${version}.tgz`);
step('publint');
run('npx', '--yes', 'publint@0.3', tarball, '--strict');
step('arethetypeswrong');
run('npx', '--yes', '@arethetypeswrong/cli@0.18', tarball, '--exclude-entrypoints', './sphere-iot.wasm');

if (isCheck) step(`${path.relative(root, tarball)} is fit to be published`);
else {
  run('git', 'commit', '--quiet', '--message', `Version ${version}`, 'package.json', 'package-lock.json');
  run('git', 'tag', '--annotate', `v${version}`, '--message', `Version ${version}`);
  step(`Tagged v${version}. Now: git push --follow-tags, and npm publish ${path.relative(root, tarball)}`);
}

/** Runs a command with its output shown. */
function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail(`${command} ${args[0]} failed${error ? `: ${error.message}` : ''}.`, 'What it said is above.');
}

function output(command, ...args) {
  return spawnSync(command, args, { cwd: root, encoding: 'utf8' }).stdout.trim();
}
