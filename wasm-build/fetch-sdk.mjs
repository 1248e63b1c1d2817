// Gets the Azure IoT C SDK: the crate of sdk.json, by cargo, its hash checked before anything is compiled.
import { spawnSync, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fail, step } from './terminal.mjs';

/** @returns the SDK's folder inside the build folder. */
export function fetchSdk({ root, build }) {
  const pin = JSON.parse(readFileSync(path.join(root, 'wasm-build/sdk.json'), 'utf8'));
  const target = path.join(build, 'sdk', pin.sha256.slice(0, 16));
  const sdk = path.join(target, pin.folder);
  if (existsSync(sdk)) return sdk;
  step(`Getting the Azure IoT C SDK ${pin.sdkVersion} (crate ${pin.crate} ${pin.version})`);
  const crate = downloadCrate(pin, path.join(build, 'sdk', 'cargo'));
  checkHash(crate, pin);
  unpack(crate, pin, target);
  return sdk;
}

/** Cargo downloads what a project depends on: a scratch project depends on the crate. */
function downloadCrate(pin, project) {
  mkdirSync(path.join(project, 'src'), { recursive: true });
  writeFileSync(path.join(project, 'src/lib.rs'), '');
  writeFileSync(
    path.join(project, 'Cargo.toml'),
    `[package]\nname = "scratch"\nversion = "0.0.0"\nedition = "2021"\n\n[dependencies]\n${pin.crate} = "=${pin.version}"\n`,
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
    `The package file of ${pin.crate} ${pin.version} is not the one that wasm-build/sdk.json names: SHA-256 ${found}, expected ${pin.sha256}.`,
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
