// What `npm run setup` says where something is missing: in a copy of the project, with a PATH of its own.
import { spawn, spawnSync, type ChildProcess, type SpawnSyncOptions } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';

const root = path.resolve(__dirname, '../..');
const NOBODY = 65534;

type Pin = { crate: string; version: string; sha256: string };
type End = { status: number | null; output: string; error: string };

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

describe('interrupted', () => {
  const env = { PATH: process.env['PATH'] };

  /** The set-up comes to this crate, the second one, and no further. */
  function stopAtCurl(): void {
    const file = path.join(folder, 'wasm-build/crates.json');
    const pins = JSON.parse(readFileSync(file, 'utf8')) as Record<string, object>;
    writeFileSync(file, JSON.stringify({ ...pins, curl: { ...pins['curl'], sha256: '0'.repeat(64) } }));
  }

  /** What it says, in the making; it has a process group of its own, as on a terminal. */
  function start(environment = env): { child: ChildProcess; said: (text: string) => Promise<void>; end: Promise<End> } {
    const child = spawn(process.execPath, ['wasm-build/setup.mjs'], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1', ...environment },
      detached: true,
    });
    const told: End = { status: null, output: '', error: '' };
    child.stderr.setEncoding('utf8').on('data', (text: string) => (told.error += text));
    child.stdout.setEncoding('utf8').on('data', (text: string) => (told.output += text));
    const end = new Promise<End>((resolve) => child.on('close', (status) => resolve({ ...told, status })));
    const said = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => (told.output.includes(text) ? resolve() : undefined);
        child.stdout.on('data', look);
        void end.then(() => reject(new Error(`It never said ${text}, but: ${told.output}${told.error}`)));
        look();
      });
    return { child, said, end };
  }

  /** The locks of set-ups that are there. */
  function locks(): string[] {
    return readdirSync(path.join(folder, 'build')).filter((name) => name.startsWith('setup.lock'));
  }

  /** Waits until a program has written to a file. */
  async function written(file: string): Promise<void> {
    while (!existsSync(file) || readFileSync(file).length === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  test.each([
    ['Ctrl-C on a terminal', (pid: number) => process.kill(-pid, 'SIGINT'), 130],
    ['a signal to this process alone', (pid: number) => process.kill(pid, 'SIGTERM'), 143],
  ])(
    '%s: it ends with its tools, says no more than that, and goes on when it is called again',
    async (_, send, code) => {
      stopAtCurl();
      const { child, said, end } = start();
      await said('Getting Azure IoT C SDK');
      send(child.pid as number);
      expect(await end).toEqual({
        status: code,
        output: expect.any(String),
        error: 'Interrupted. The same command goes on from here.\n',
      });
      expect(locks()).toEqual([]);
      const { error, output } = setup({ env });
      expect(error).toMatch(/^error: The package file of curl-sys/);
      expect(output).not.toContain('Waiting');
      expectNothingBuilt();
    },
  );

  test('a tool that ignores the signal is ended by a second one', async () => {
    // A tool that can't be interrupted, as dpkg.
    writeFileSync(
      path.join(folder, 'bin/cargo'),
      `#!/bin/sh\n[ "$1" = --version ] && echo cargo 1.85.0 && exit\ntrap '' INT\necho $$ >${folder}/started\nwhile [ -e ${folder}/started ]; do sleep 1; done\n`,
      { mode: 0o755 },
    );
    const { child, said, end } = start({ PATH: `${path.join(folder, 'bin')}:${env.PATH}` });
    await said('Getting Azure IoT C SDK');
    await written(path.join(folder, 'started'));
    process.kill(-(child.pid as number), 'SIGINT');
    await once(child.stderr as Readable, 'data');
    process.kill(-(child.pid as number), 'SIGINT');
    expect(await end).toMatchObject({ status: 130, error: expect.stringMatching(/^Interrupted/) });
    const tool = Number(readFileSync(path.join(folder, 'started'), 'utf8'));
    expect(() => process.kill(tool, 0)).toThrow('ESRCH');
  });

  test('while the compiler reads headers, which this process waits for, and again at once', async () => {
    const started = path.join(folder, 'started');
    writeFileSync(
      path.join(folder, 'bin/emcc'),
      `#!/bin/sh\n[ "$1" = --version ] && echo 'emcc (…) 3.1.6' && exit\necho $$ >'${started}'\nexec sleep 1000\n`,
      { mode: 0o755 },
    );
    mkdirSync(path.join(folder, 'build'));
    symlinkSync(path.join(root, 'build/crates'), path.join(folder, 'build/crates'));
    for (let time = 0; time < 2; time++) {
      rmSync(started, { force: true });
      const { child, end } = start({ PATH: `${path.join(folder, 'bin')}:${env.PATH}` });
      await written(started);
      process.kill(-(child.pid as number), 'SIGINT');
      expect(await end).toEqual({
        status: 130,
        output: "==> Reading the SDK's headers (emcc 3.1.6)\n",
        error: 'Interrupted. The same command goes on from here.\n',
      });
      expect(locks()).toEqual([]);
    }
    expectNothingBuilt();
  });

  test('while npm installs, which would take long to undo that: it ends at once, and npm says nothing', async () => {
    rmSync(path.join(folder, 'node_modules'), { recursive: true });
    const started = path.join(folder, 'started');
    writeFileSync(
      path.join(folder, 'bin/npm'),
      `#!/bin/sh\ntrap 'echo npm error signal SIGINT >&2' INT\necho $$ >'${started}'\nwhile :; do sleep 1; done\n`,
      { mode: 0o755 },
    );
    const { child, end } = start({ PATH: `${path.join(folder, 'bin')}:${env.PATH}` });
    await written(started);
    process.kill(-(child.pid as number), 'SIGINT');
    expect(await end).toMatchObject({
      status: 130,
      error: 'Interrupted. The same command goes on from here.\n',
    });
  });

  test('a crate that cargo had written in part', () => {
    stopAtCurl();
    const { crate, version } = (
      JSON.parse(readFileSync(path.join(folder, 'wasm-build/crates.json'), 'utf8')) as Record<string, Pin>
    )['sdk'] as Pin;
    const real = process.env['CARGO_HOME'] ?? path.join(homedir(), '.cargo');
    const home = path.join(folder, 'cargo-home');
    mkdirSync(home);
    for (const part of ['config.toml', 'registry/index'])
      if (existsSync(path.join(real, part))) cpSync(path.join(real, part), path.join(home, part), { recursive: true });
    for (const index of readdirSync(path.join(real, 'registry/cache'))) {
      const file = path.join('registry/cache', index, `${crate}-${version}.crate`);
      if (!existsSync(path.join(real, file))) continue;
      mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
      writeFileSync(path.join(home, file), readFileSync(path.join(real, file)).subarray(0, 100_000));
    }
    const { error, output } = setup({ env: { ...env, CARGO_HOME: home } });
    expect(error).toMatch(/^error: The package file of curl-sys/);
    expect(output).toContain('Getting curl');
  });

  test.each([
    ['npm ci had not come to its end', () => writeFileSync(path.join(folder, 'build/npm-ci.unfinished'), '')],
    ['its list is written in part', () => writeFileSync(path.join(folder, 'node_modules/.package-lock.json'), '{ "na')],
  ])('npm packages are installed again where %s', (_, interrupt) => {
    mkdirSync(path.join(folder, 'build'));
    interrupt();
    symlinkSync('/bin/false', path.join(folder, 'bin/npm'));
    const { status, error, output } = setup();
    expect(status).toBe(1);
    expect(output).toContain('Installing npm packages');
    expect(error).toContain('npm ci failed.');
  });

  test('two at once: the second one waits', async () => {
    stopAtCurl();
    mkdirSync(path.join(folder, 'build'));
    const lock = path.join(folder, `build/setup.lock.${process.pid}.one`);
    writeFileSync(lock, '');
    const { said, end } = start();
    await said(`Waiting for the set-up that is under way (process ${process.pid};`);
    rmSync(lock);
    expect((await end).error).toMatch(/^error: The package file of curl-sys/);
    expect(locks()).toEqual([]);
  });

  test('a lock of a process that is gone is nobody’s', () => {
    stopAtCurl();
    mkdirSync(path.join(folder, 'build'));
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(path.join(folder, `build/setup.lock.${gone}.one`), '');
    const { error, output } = setup({ env });
    expect(error).toMatch(/^error: The package file of curl-sys/);
    expect(output).not.toContain('Waiting');
    expect(locks()).toEqual([]);
  });
});
