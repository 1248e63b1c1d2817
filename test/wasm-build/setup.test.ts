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

function setup(options: SpawnSyncOptions & { node?: string[]; args?: string[] } = {}): {
  status: number | null;
  error: string;
  output: string;
} {
  const { node = [], args = [], ...rest } = options;
  const env = { ...process.env, PATH: path.join(folder, 'bin'), NO_COLOR: '1', ...rest.env };
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, 'wasm-build/setup.mjs', ...args], {
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

/** As somebody who may not install anything. */
function setupAsUser(...args: string[]): ReturnType<typeof setup> {
  program('apt-get', 'apt 2.6.1');
  program('apt-cache', '  Candidate: 99.0.0-1');
  // The folder is only its owner's.
  spawnSync('chmod', ['-R', 'a+rwX', folder]);
  return setup({ args, ...(process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}) });
}

test('no tools, apt but not root: the command to type', () => {
  program('cargo', 'cargo 1.66.0');
  const { status, error } = setupAsUser();
  expect(status).toBe(1);
  expect(error).toContain(
    'Missing: emcc 3.1.6 or newer, cmake 3.25 or newer, ninja 1.10 or newer, cargo 1.85 or newer.',
  );
  expect(error).toContain('Type: sudo apt-get update && sudo apt-get install -y emscripten cmake ninja-build cargo\n');
  expectNothingBuilt();
});

describe('what the tests need is not there, and the build needs nothing', () => {
  beforeEach(() => {
    program('emcc', 'emcc (…) 3.1.6');
    program('cmake', 'cmake version 3.25.1');
    program('ninja', '1.11.1');
    program('cargo', 'cargo 1.85.0');
  });

  test.each([
    ['test', 'openssl 3 or newer, python3 3 or newer, a compiler for C and C++', 'openssl python3 g++'],
    ['native', "a compiler for C and C++, OpenSSL's headers, libuuid's headers", 'g++ libssl-dev uuid-dev'],
    ['upstream', "a compiler for C and C++, OpenSSL's headers, libuuid's headers", 'g++ libssl-dev uuid-dev'],
  ])('%s: the command to type, before anything is built', (name, missing, packages) => {
    const { status, error, output } = setupAsUser('--for', name);
    expect(status).toBe(1);
    // mosquitto is looked for beyond this PATH, and may be there.
    const told = error.replace('mosquitto 2 or newer, ', '').replace(' mosquitto', '');
    expect(told).toContain(`Missing: ${missing}.`);
    expect(told).toContain(`Type: sudo apt-get update && sudo apt-get install -y ${packages}\n`);
    expect(output).toBe('');
    expectNothingBuilt();
  });

  test('no apt', () => {
    const { status, error } = setup({ args: ['--for', 'native'] });
    expect(status).toBe(1);
    expect(error).toContain('Install them: on macOS `brew install gcc openssl ossp-uuid`');
  });

  test('a compiler without headers', () => {
    writeFileSync(path.join(folder, 'bin/c++'), '#!/bin/sh\ncase "$*" in *uuid*) exit 1 ;; esac\n', { mode: 0o755 });
    expect(setupAsUser('--for', 'native').error).toContain("Missing: libuuid's headers.\n       Type: sudo");
  });
});

test('each script of the tests has set-up bring what it needs', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const tests = Object.keys(scripts).filter((name) => /^test(:|$)/.test(name));
  expect(tests.length).toBeGreaterThan(4);
  for (const name of tests) expect(scripts[`pre${name}`]).toMatch(/^node wasm-build\/setup\.mjs --for \w+$/);
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
