// Gets the C sources that are not ours: the crates of crates.json, by cargo, each one's hash checked before anything is compiled.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { runTool } from './run-tool.mjs';
import { fail, step } from './terminal.mjs';

/** @returns the SDK's folder inside the build folder. */
export function fetchSdk({ root, build }) {
  return fetchCrate(pinsOf(root).sdk, build);
}

/** @returns the folders of all crates inside the build folder, by their keys in crates.json. */
export async function fetchCrates({ root, build }) {
  const folders = {};
  for (const [key, pin] of Object.entries(pinsOf(root))) folders[key] = await fetchCrate(pin, build);
  return folders;
}

function pinsOf(root) {
  return JSON.parse(readFileSync(path.join(root, 'wasm-build/crates.json'), 'utf8'));
}

async function fetchCrate(pin, build) {
  const target = path.join(build, 'crates', pin.sha256.slice(0, 16));
  const folder = path.join(target, pin.folder);
  if (existsSync(folder)) return folder;
  step(`Getting ${pin.name} (crate ${pin.crate} ${pin.version})`);
  const crate = await downloadCrate(pin, path.join(build, 'crates', 'cargo', pin.crate));
  checkHash(crate, pin);
  await unpack(crate, pin, target);
  return folder;
}

/** Cargo downloads what a project depends on: a scratch project depends on the crate. */
async function downloadCrate(pin, project) {
  mkdirSync(path.join(project, 'src'), { recursive: true });
  writeFileSync(path.join(project, 'src/lib.rs'), '');
  // What follows a + tells of the version, and is no part of what is asked for.
  const version = pin.version.replace(/\+.*/, '');
  writeFileSync(
    path.join(project, 'Cargo.toml'),
    `[package]\nname = "scratch"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n${pin.crate} = "=${version}"\n`,
  );
  let fetched = await cargo(project, 'fetch', '--quiet');
  if (fetched.status !== 0 && removeUnfinished(pin)) fetched = await cargo(project, 'fetch', '--quiet');
  if (fetched.status !== 0)
    fail(
      `cargo can't get the crate ${pin.crate} ${pin.version}.`,
      `Is its registry reachable? cargo says:\n${fetched.error?.message ?? fetched.stderr}`,
    );
  const { status, stdout, stderr } = await cargo(project, 'metadata', '--format-version', '1', '--offline');
  if (status !== 0) fail(`cargo does not say where the crate ${pin.crate} is.`, stderr);
  const metadata = JSON.parse(stdout);
  // registry/src/INDEX/NAME-VERSION/Cargo.toml stands beside registry/cache/INDEX/NAME-VERSION.crate
  const manifest = metadata.packages.find((p) => p.name === pin.crate).manifest_path;
  const index = path.dirname(path.dirname(manifest));
  return path.join(index, '../../cache', path.basename(index), `${pin.crate}-${pin.version}.crate`);
}

function cargo(project, ...args) {
  return runTool('cargo', args, { cwd: project });
}

/**
 * Deletes package files of this crate that are not what they should be: cargo takes what it wrote in part, when it was interrupted, for
 * the whole. @returns whether there were any.
 */
function removeUnfinished(pin) {
  const registry = path.join(process.env.CARGO_HOME ?? path.join(homedir(), '.cargo'), 'registry');
  const name = `${pin.crate}-${pin.version}`;
  const unfinished = (existsSync(path.join(registry, 'cache')) ? readdirSync(path.join(registry, 'cache')) : [])
    .map((index) => ({ index, file: path.join(registry, 'cache', index, `${name}.crate`) }))
    .filter(({ file }) => existsSync(file) && hashOf(file) !== pin.sha256);
  for (const { index, file } of unfinished) {
    rmSync(file);
    rmSync(path.join(registry, 'src', index, name), { recursive: true, force: true });
  }
  return unfinished.length > 0;
}

function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function checkHash(crate, pin) {
  const found = hashOf(crate);
  if (found === pin.sha256) return;
  fail(
    `The package file of ${pin.crate} ${pin.version} is not the one that wasm-build/crates.json names: SHA-256 ${found}, expected ${pin.sha256}.`,
    `Nothing was compiled. Delete ${crate} and try again; if it comes back the same, do not use it.`,
  );
}

async function unpack(crate, pin, target) {
  const unfinished = `${target}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const member = `${pin.crate}-${pin.version}/${pin.folder}`;
  const { status, stderr } = await runTool('tar', ['-xzf', crate, '-C', unfinished, '--strip-components=1', member]);
  if (status !== 0) fail(`tar can't unpack ${crate}.`, stderr);
  renameSync(unfinished, target);
}
