import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppDevice, buildApp, SphereApp } from '../../src/app/index.js';
import { Catalog } from '../../src/certificates/index.js';
import { realClock } from '../../src/clock/index.js';
import { codeOf } from '../support/sphere.js';
import { failuresOf, useApp, useBuiltApp } from './harness.js';

const built = useBuiltApp('apps/posix');

const suite = useApp(built);
const { launch } = suite;

test.each(['time', 'timerfd', 'eventfd', 'poll', 'epoll', 'loop', 'gpio', 'storage', 'sizes', 'threads', 'wait-deep'])(
  '%s',
  async (part) => {
    const app = await launch(part);
    const code = await app.exitCode;
    expect(failuresOf(app)).toEqual([]);
    expect(code).toBe(0);
    expect(app.lines.at(-1)).toBe(`${part} done`);
  },
);

test.each([0, -1, 1.5, NaN])('a limit of %p bytes for the heap is none', async (heapLimit) => {
  expect(await codeOf(() => launch('time', { heapLimit }))).toBe('HEAP_LIMIT_INVALID');
});

test('signals wait until the app waits, are handled there, and interrupt it', async () => {
  const app = await launch('signals');
  await app.log('send');
  app.signal('SIGUSR1');
  app.signal('SIGTERM');
  expect(await app.exitCode).toBe(0);
  expect(failuresOf(app)).toEqual([]);
});

test('a signal that the app does not handle ends it', async () => {
  const app = await launch('spin');
  app.signal('SIGTERM');
  expect(await app.exitCode).toBe(128 + 15);
});

test('device authentication follows the device; the certificate is the leaf alone', async () => {
  const catalog = await Catalog.create({ clock: suite.clock, id: '6d3c6a0e-2a0b-4f0e-8a9e-0b8a3f1d2c55' });
  const device = await AppDevice.start({ catalog, clock: suite.clock });
  const ready = await launch('device', { device });
  expect(await ready.exitCode).toBe(0);
  expect(failuresOf(ready)).toEqual([]);
  expect(ready.lines).toContain('ready 1, /run/daa/6d3c6a0e-2a0b-4f0e-8a9e-0b8a3f1d2c55');
  const without = await launch('device');
  expect(await without.exitCode).toBe(0);
  expect(without.lines).toContain('ready 0, /run/daa/6d3c6a0e-2a0b-4f0e-8a9e-0b8a3f1d2c55');
  device.close();
});

test('a device of another catalog than the manifest names', async () => {
  const catalog = await Catalog.create({ clock: suite.clock });
  const app = await launch('device', { catalog });
  expect(await app.exitCode).toBe(0);
  expect(app.lines[0]).toMatch(/DeviceAuthentication is 6d3c6a0e.*but the device belongs to the catalog/);
  expect(app.lines.filter((line) => line.startsWith('[sphere-iot]'))).toHaveLength(1);
  expect(app.deviceId).toBe(catalog.devices[0]);
  const silent = await launch('time', { catalog });
  expect(await silent.exitCode).toBe(0);
  expect(silent.lines).toEqual(['time done']); // it asks for no certificate
});

test('device authentication without the capability, and with a placeholder for the catalog', async () => {
  const catalog = await Catalog.create({ clock: suite.clock });
  const withCapabilities = (capabilities: object): object => ({
    ...(built().manifest as object),
    Capabilities: capabilities,
  });
  const without = await launch('device', { catalog, manifest: withCapabilities({}) });
  await without.exitCode;
  expect(without.lines[0]).toBe(
    '[sphere-iot] The manifest has no capability DeviceAuthentication: the app gets no DAA certificate.',
  );
  expect(without.lines).toContain('ready 0, (null)');

  const manifest = withCapabilities({ DeviceAuthentication: '<TENANT>' });
  const placeholder = await launch('device', { catalog, manifest });
  expect(await placeholder.exitCode).toBe(0);
  expect(placeholder.lines[0]).toBe(
    `[sphere-iot] The manifest's DeviceAuthentication is a placeholder: the device is claimed by the catalog ${catalog.id}.`,
  );
  expect(placeholder.lines).toContain(`ready 1, /run/daa/${catalog.id}`);
  expect(placeholder.manifest.deviceAuthentication).toBe(catalog.id);
  expect(failuresOf(placeholder)).toEqual([]);

  const alone = await launch('device', { manifest });
  expect(await alone.exitCode).toBe(0);
  expect(alone.lines).toContain('ready 0, /run/daa/00000000-0000-0000-0000-000000000000');
});

test('the mutable file is kept in a folder across runs', async () => {
  const storage = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
  try {
    const first = await launch('storage', { storage });
    expect(await first.exitCode).toBe(0);
    expect(first.lines).not.toContain('found kept');
    const second = await launch('storage', { storage });
    expect(await second.exitCode).toBe(0);
    expect(second.lines).toContain('found kept');
    const third = await launch('delete', { storage });
    expect(await third.exitCode).toBe(0);
    expect(failuresOf(third)).toEqual([]);
  } finally {
    rmSync(storage, { recursive: true });
  }
});

describe('the mutable file in a folder', () => {
  const name = '25025d2c-66da-4448-bae1-ac26fcdd3627.mutable';
  let storage: string;
  let file: string;
  beforeEach(() => {
    storage = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
    file = path.join(storage, name);
  });
  afterEach(() => rmSync(storage, { recursive: true }));

  test('is of the size that the app may give it, and for its owner only', async () => {
    const before = process.umask(0);
    try {
      const own = path.join(storage, 'new');
      const app = await launch('sizes', { storage: own });
      expect(await app.exitCode).toBe(0);
      expect(failuresOf(app)).toEqual([]);
      expect(readdirSync(own)).toEqual([name]);
      expect(readFileSync(path.join(own, name), 'utf8')).toBe('kept\0');
      expect([lstatSync(own).mode & 0o777, lstatSync(path.join(own, name)).mode & 0o777]).toEqual([0o700, 0o600]);
    } finally {
      process.umask(before);
    }
  });

  test.each(['a symbolic link', 'a link to nowhere', 'a folder'])('%s in its place is not followed', async (kind) => {
    const secret = path.join(storage, 'secret');
    if (kind === 'a symbolic link') writeFileSync(secret, 'secret');
    if (kind === 'a folder') mkdirSync(file);
    else symlinkSync(secret, file);
    await expect(launch('storage', { storage })).rejects.toMatchObject({
      code: 'MUTABLE_FILE_NOT_REGULAR',
      message: expect.stringContaining(file),
    });
    if (kind === 'a symbolic link') expect(readFileSync(secret, 'utf8')).toBe('secret');
    else expect(readdirSync(storage)).toEqual([name]);
  });

  test('one that is larger than an app can make it is refused, and stays', async () => {
    writeFileSync(file, '');
    truncateSync(file, 3_000_000_000);
    await expect(launch('storage', { storage })).rejects.toMatchObject({
      code: 'MUTABLE_FILE_TOO_LARGE',
      message: expect.stringContaining(`${file} has 3000000000 bytes`),
    });
    expect(lstatSync(file).size).toBe(3_000_000_000);
  });

  test.each([false, true])(
    'one that can not be emptied is not opened as if it were (isolated: %p)',
    async (isolate) => {
      const own = path.join(storage, 'own');
      mkdirSync(own);
      writeFileSync(path.join(own, name), 'kept');
      const app = await launch('unwritable', { storage: own, isolate });
      rmSync(own, { recursive: true });
      writeFileSync(own, '');
      expect(await app.exitCode).toBe(0);
      expect(failuresOf(app)).toEqual([]);
    },
  );

  test.each(['storage', 'delete'])('a link that comes later is not followed either: %s', async (part) => {
    const secret = path.join(storage, 'secret');
    writeFileSync(secret, 'secret');
    writeFileSync(file, 'kept');
    const app = await launch(part, { storage });
    rmSync(file);
    symlinkSync(secret, file);
    await app.exitCode;
    expect(readFileSync(secret, 'utf8')).toBe('secret');
    expect(lstatSync(file, { throwIfNoEntry: false })?.isFile()).toBe(part === 'storage' ? true : undefined);
  });
});

test('the id of a device may be said: the catalog claims it where it has not yet', async () => {
  const catalog = await Catalog.create({ clock: suite.clock, id: '6d3c6a0e-2a0b-4f0e-8a9e-0b8a3f1d2c55' });
  const deviceId = 'ab'.repeat(64);
  for (const id of [deviceId, deviceId.toUpperCase()]) {
    const app = await launch('time', { catalog, deviceId: id });
    expect(app.deviceId.toLowerCase()).toBe(deviceId);
    app.close();
  }
  expect(catalog.devices).toHaveLength(1);
  expect(await codeOf(() => launch('time', { catalog, deviceId: 'x' }))).toBe('DEVICE_ID_INVALID');
});

describe('the mutable file stays with its device', () => {
  let device: AppDevice;
  beforeEach(async () => {
    const catalog = await Catalog.create({ clock: suite.clock, id: '6d3c6a0e-2a0b-4f0e-8a9e-0b8a3f1d2c55' });
    device = await AppDevice.start({ catalog, clock: suite.clock });
  });
  afterEach(() => device.close());

  test.each([false, true])('for the next run of the app (isolated: %p), and for no other device', async (isolate) => {
    const first = await launch('storage', { device, isolate });
    expect(await first.exitCode).toBe(0);
    expect(first.lines).not.toContain('found kept');
    const second = await launch('storage', { device, isolate });
    expect(await second.exitCode).toBe(0);
    expect(second.lines).toContain('found kept');
    const elsewhere = await launch('storage', { isolate });
    expect(await elsewhere.exitCode).toBe(0);
    expect(elsewhere.lines).not.toContain('found kept');
    const deleted = await launch('delete', { device, isolate });
    expect(await deleted.exitCode).toBe(0);
    const last = await launch('storage', { device, isolate });
    expect(await last.exitCode).toBe(0);
    expect(last.lines).not.toContain('found kept');
  });

  test('not where a folder is named', async () => {
    const storage = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
    try {
      expect(await (await launch('storage', { device, storage })).exitCode).toBe(0);
      const onDevice = await launch('storage', { device });
      expect(await onDevice.exitCode).toBe(0);
      expect(onDevice.lines).not.toContain('found kept');
    } finally {
      rmSync(storage, { recursive: true });
    }
  });

  // The app writes "kept" and a null, then as much as there is room for, then cuts the file to five bytes again.
  test.each([
    ['old', { outcome: 'old' }, 'old', 0],
    ['new', { outcome: 'new' }, 'new', 5],
    ['old at a later write', { after: 1, outcome: 'old' }, 'old', 5],
    ['new at a later write', { after: 1, outcome: 'new' }, 'new', 8192],
    ['at a change of its size', { after: 2, outcome: 'old' }, 'old', 8192],
  ] as const)('a write that the power does not last for: %s', async (_name, options, outcome, size) => {
    const app = await launch('storage', { device });
    const failure = app.power.failDuringWrite(options);
    expect(failure.outcome).toBe(undefined);
    expect(await failure.struck()).toBe(outcome);
    expect(failure.size).toBe(size);
    expect(app.power.state).toBe('failed');
    await expect(app.exitCode).rejects.toMatchObject({ code: 'POWER_FAILED' });
    expect(app.lines).not.toContain('storage done');
    const next = await launch('storage', { device });
    await next.exitCode;
    expect(next.lines.includes('found kept')).toBe(size > 0);
  });

  test.each([false, true])('cut, by its seed: the same each time (isolated: %p)', async (isolate) => {
    const sizes = new Set<number | undefined>();
    for (const seed of [1, 2, 3, 4, 1, 2, 3, 4]) {
      const own = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
      try {
        const app = await launch('storage', { storage: own, isolate });
        const failure = app.power.failDuringWrite({ after: 1, seed, outcome: 'cut' });
        expect(await failure.struck()).toBe('cut');
        expect(failure.size).toBeGreaterThan(5);
        expect(failure.size).toBeLessThan(8192);
        sizes.add(failure.size);
        const [file] = readdirSync(own);
        expect(readFileSync(path.join(own, file!)).length).toBe(failure.size);
      } finally {
        rmSync(own, { recursive: true });
      }
    }
    expect(sizes.size).toBe(4);
  });

  test('without an outcome, the seed draws each of them', async () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 12; seed++) {
      const app = await launch('storage', { device });
      outcomes.add(await app.power.failDuringWrite({ seed }).struck());
    }
    expect([...outcomes].sort()).toEqual(['cut', 'new', 'old']);
  });

  test('a failure that never strikes fails the wait; a second one is refused', async () => {
    const app = await launch('time', { device });
    const failure = app.power.failDuringWrite();
    expect(() => app.power.failDuringWrite()).toThrow(expect.objectContaining({ code: 'POWER_FAILURE_EXISTS' }));
    await expect(failure.struck()).rejects.toMatchObject({
      code: 'APP_ENDED',
      message: expect.stringMatching(
        /the power to fail during a write.* has written 0 times since\. The app has ended with exit code 0/,
      ),
    });
    expect(app.power.state).toBe('on');
  });
});

test('without MutableStorage the mutable file is refused, and the log names the capability', async () => {
  const manifest = { ...(built().manifest as object), Capabilities: {} };
  const app = await launch('delete', { manifest });
  expect(await app.exitCode).toBe(2);
  expect(app.lines[0]).toMatch(/no capability MutableStorage/);
});

test('pthread_create fails, and the log says so', async () => {
  const app = await launch('threads');
  await app.log(/no threads here/);
});

test('an app that never waits moves the clock by looking at it: every thousandth time by a millisecond', async () => {
  const app = await launch('spin');
  const [, readings] = await app.log(/(\d+) readings/);
  expect(Number(readings)).toBeGreaterThan(1_900_000);
  expect(Number(readings)).toBeLessThan(2_100_000);
});

test('exit in a callback; a line without an end', async () => {
  const app = await launch('exit');
  expect(await app.exitCode).toBe(42);
  expect(app.lines).toEqual(['no end of line']);
  expect(app.ended).toBe(true);
});

test.each(['abort', 'crash'])('%s: the error names the C functions', async (part) => {
  const app = await launch(part);
  const error = await app.exitCode.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'APP_CRASHED' });
  expect((error as Error).message).toMatch(part === 'abort' ? /called abort/ : /in Crash/);
  expect(await codeOf(() => app.log('x'))).toBe('APP_CRASHED');
});

test.each([
  ['too-deep', false],
  ['too-large', false],
  ['too-deep', true],
  ['too-large', true],
])('%s for the stack: the error says so (isolate: %s)', async (part, isolate) => {
  const app = await launch(part, { isolate });
  await expect(app.exitCode).rejects.toMatchObject({
    code: 'APP_CRASHED',
    message: expect.stringContaining('Its stack overflowed: it has 128 KiB here'),
  });
  const other = await launch('crash', { isolate });
  await expect(other.exitCode).rejects.toMatchObject({ message: expect.not.stringContaining('overflowed') });
});

test('a debug build tells files and lines', async () => {
  const debug = await buildApp(path.join(__dirname, 'apps/posix'), { debug: true });
  const lines = readFileSync(path.join(__dirname, 'apps/posix/main.c'), 'utf8').split('\n');
  const line = 1 + lines.findIndex((text) => text.includes('0xfffffff0'));
  const app = await SphereApp.launch(debug, { clock: suite.clock, args: ['crash'] });
  suite.open.push(app);
  await expect(app.exitCode).rejects.toMatchObject({
    code: 'APP_CRASHED',
    message: expect.stringContaining(`Crash (main.c:${line})`),
  });
});

test('two apps at once on one clock', async () => {
  const apps = await Promise.all([launch('time'), launch('loop')]);
  expect(await Promise.all(apps.map((app) => app.exitCode))).toEqual([0, 0]);
});

test('waiting in vain says what the app wrote last', async () => {
  const app = await launch('device');
  await expect(app.log('never')).rejects.toMatchObject({
    code: 'APP_ENDED',
    message: expect.stringContaining('device done'),
  });
  const waiting = await launch('signals');
  await expect(waiting.log('never', { timeout: 5000 })).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: expect.stringContaining('send SIGUSR1'),
  });
  waiting.close();
  expect(await codeOf(() => waiting.exitCode)).toBe('APP_CLOSED');
  expect(await codeOf(() => Promise.resolve(waiting.deviceId))).toBe('NO_DEVICE');
});

test('on the real clock', async () => {
  const app = await launch('timerfd', { clock: realClock });
  // Exact times are for the virtual clock; here it has to come to its end.
  expect(await app.exitCode).toBeLessThan(99);
  expect(app.lines.at(-1)).toBe('timerfd done');
});

test('a listener that throws does not end the app, and `close` tells of it', async () => {
  const app = await launch('gpio');
  app.gpio(2).watch(() => {
    throw new Error('mine');
  });
  expect(await app.exitCode).toBe(0);
  expect(() => app.close()).toThrow(expect.objectContaining({ code: 'LISTENER_FAILED', cause: new Error('mine') }));
});

test('an unknown pin name', async () => {
  const app = await launch('gpio');
  expect(() => app.gpio('LAMP')).toThrow(expect.objectContaining({ code: 'PERIPHERAL_UNKNOWN' }));
});
