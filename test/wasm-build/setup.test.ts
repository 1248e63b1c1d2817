// What `npm run setup` says where something is missing: in a copy of the project, with a PATH of its own.
import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const NOBODY = 65534;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-setup-'));
  for (const part of [
    'wasm-build',
    'native',
    'CMakeLists.txt',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.esm.json',
  ])
    cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
  mkdirSync(path.join(folder, 'src'));
  mkdirSync(path.join(folder, 'bin'));
  // The set-up asks no more of node_modules than which packages are in it.
  mkdirSync(path.join(folder, 'node_modules'));
  cpSync(path.join(root, 'node_modules/.package-lock.json'), path.join(folder, 'node_modules/.package-lock.json'));
  symlinkSync(process.execPath, path.join(folder, 'bin/node'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program on the PATH that prints one line. */
function program(name: string, prints: string): void {
  writeFileSync(path.join(folder, 'bin', name), `#!/bin/sh\necho '${prints}'\n`, { mode: 0o755 });
}

function setup(options: SpawnSyncOptions & { node?: string[] } = {}): {
  status: number | null;
  error: string;
  output: string;
} {
  const { node = [], ...rest } = options;
  const env = { ...process.env, PATH: path.join(folder, 'bin'), NO_COLOR: '1', ...rest.env };
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, 'wasm-build/setup.mjs'], {
    cwd: folder,
    encoding: 'utf8',
    ...rest,
    env,
  });
  return { status, error: String(stderr), output: String(stdout) };
}

/** Nothing was compiled, and nothing says that it was. */
function expectNothingBuilt(): void {
  expect(existsSync(path.join(folder, 'dist'))).toBe(false);
  expect(existsSync(path.join(folder, 'build/wasm.stamp'))).toBe(false);
}

test('Node is too old', () => {
  writeFileSync(
    path.join(folder, 'old.cjs'),
    "Object.defineProperty(process.versions, 'node', { value: '18.20.4' });\n",
  );
  const { status, error } = setup({ node: ['--require', './old.cjs'] });
  expect(status).toBe(1);
  expect(error).toBe('error: Node 18.20.4 is too old.\n       Install Node 20.19 or newer.\n');
});

test('no emcc and no apt', () => {
  program('cmake', 'cmake version 3.25.1');
  program('ninja', '1.11.1');
  program('cargo', 'cargo 1.85.0');
  const { status, error } = setup();
  expect(status).toBe(1);
  expect(error).toMatch(
    /^error: Missing: emcc 3\.1\.6 or newer\.\n {7}Install them: on macOS `brew install emscripten/,
  );
  expectNothingBuilt();
});

test('no tools, apt but not root: the command to type', () => {
  program('apt-get', 'apt 2.6.1');
  program('apt-cache', '  Candidate: 99.0.0-1');
  program('cargo', 'cargo 1.66.0');
  // The folder is only its owner's.
  spawnSync('chmod', ['-R', 'a+rwX', folder]);
  const asRoot = process.getuid?.() === 0;
  const { status, error } = setup(asRoot ? { uid: NOBODY, gid: NOBODY } : {});
  expect(status).toBe(1);
  expect(error).toContain(
    'Missing: emcc 3.1.6 or newer, cmake 3.25 or newer, ninja 1.10 or newer, cargo 1.85 or newer.',
  );
  expect(error).toContain('Type: sudo apt-get update && sudo apt-get install -y emscripten cmake ninja-build cargo\n');
  expectNothingBuilt();
});

describe('the crate', () => {
  const env = { PATH: process.env['PATH'] };

  test('can not be reached', () => {
    const home = path.join(folder, 'cargo-home');
    const { status, error } = setup({ env: { ...env, CARGO_HOME: home, CARGO_NET_OFFLINE: 'true' } });
    expect(status).toBe(1);
    expect(error).toMatch(
      /^error: cargo can't get the crate azure-iot-rs-sys 0\.7\.2\.\n {7}Is its registry reachable\? cargo says:\n/,
    );
    expectNothingBuilt();
  });

  test.each(['sdk', 'curl', 'zlib'])('%s is not the one that is pinned', (key) => {
    const file = path.join(folder, 'wasm-build/crates.json');
    const pins = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { sha256: string }>;
    const pin = pins[key] as { sha256: string };
    writeFileSync(file, JSON.stringify({ ...pins, [key]: { ...pin, sha256: '0'.repeat(64) } }));
    const { status, error } = setup({ env });
    expect(status).toBe(1);
    expect(error).toContain(`SHA-256 ${pin.sha256}, expected ${'0'.repeat(64)}.`);
    expect(error).toContain('Nothing was compiled.');
    expectNothingBuilt();
  });
});

test('npm packages can not be reached', () => {
  rmSync(path.join(folder, 'node_modules'), { recursive: true });
  symlinkSync('/bin/false', path.join(folder, 'bin/npm'));
  const { status, error } = setup();
  expect(status).toBe(1);
  expect(error).toContain('npm ci failed.');
});
