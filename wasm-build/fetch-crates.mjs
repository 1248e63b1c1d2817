// Gets the C sources that are not ours: the crates of crates.json, by cargo, each one's hash checked before anything is compiled.
import { spawnSync, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, step } from './terminal.mjs';

/** @returns the SDK's folder inside the build folder. */
export function fetchSdk({ root, build }) {
  return fetchCrate(pinsOf(root).sdk, build);
}

/** @returns the folders of all crates inside the build folder, by their keys in crates.json. */
export function fetchCrates({ root, build }) {
  return Object.fromEntries(Object.entries(pinsOf(root)).map(([key, pin]) => [key, fetchCrate(pin, build)]));
}

function pinsOf(root) {
  return JSON.parse(readFileSync(path.join(root, 'wasm-build/crates.json'), 'utf8'));
}

function fetchCrate(pin, build) {
  const target = path.join(build, 'crates', pin.sha256.slice(0, 16));
  const folder = path.join(target, pin.folder);
  if (existsSync(folder)) return folder;
  step(`Getting ${pin.name} (crate ${pin.crate} ${pin.version})`);
  const crate = downloadCrate(pin, path.join(build, 'crates', 'cargo', pin.crate));
  checkHash(crate, pin);
  unpack(crate, pin, target);
  return folder;
}

/** Cargo downloads what a project depends on: a scratch project depends on the crate. */
function downloadCrate(pin, project) {
  mkdirSync(path.join(project, 'src'), { recursive: true });
  writeFileSync(path.join(project, 'src/lib.rs'), '');
  // What follows a + tells of the version, and is no part of what is asked for.
  const version = pin.version.replace(/\+.*/, '');
  writeFileSync(
    path.join(project, 'Cargo.toml'),
    `[package]\nname = "scratch"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n${pin.crate} = "=${version}"\n`,
  );
  const { status, stderr } = spawnSync('cargo', ['fetch', '--quiet'], { cwd: project, encoding: 'utf8' });
  if (status !== 0)
    fail(`cargo can't get the crate ${pin.crate} ${pin.version}.`, `Is its registry reachable? cargo says:\n${stderr}`);
  const metadata = JSON.parse(
    execFileSync('cargo', ['metadata', '--format-version', '1', '--offline'], {
      cwd: project,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    }),
  );
  // registry/src/INDEX/NAME-VERSION/Cargo.toml stands beside registry/cache/INDEX/NAME-VERSION.crate
  const manifest = metadata.packages.find((p) => p.name === pin.crate).manifest_path;
  const index = path.dirname(path.dirname(manifest));
  return path.join(index, '../../cache', path.basename(index), `${pin.crate}-${pin.version}.crate`);
}

function checkHash(crate, pin) {
  const found = createHash('sha256').update(readFileSync(crate)).digest('hex');
  if (found === pin.sha256) return;
  fail(
    `The package file of ${pin.crate} ${pin.version} is not the one that wasm-build/crates.json names: SHA-256 ${found}, expected ${pin.sha256}.`,
    `Nothing was compiled. Delete ${crate} and try again; if it comes back the same, do not use it.`,
  );
}

function unpack(crate, pin, target) {
  const unfinished = `${target}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  execFileSync('tar', [
    '-xzf',
    crate,
    '-C',
    unfinished,
    '--strip-components=1',
    `${pin.crate}-${pin.version}/${pin.folder}`,
  ]);
  renameSync(unfinished, target);
}
