// Apps in a thread of their own. What the thread runs is of dist/: `npm run build`.
import path from 'node:path';
import {
  buildApp,
  readManifest,
  RegisterMap,
  SphereApp,
  type BuiltApp,
  type LaunchOptions,
  type RealTimeApp,
} from '../../../src/app/index.js';
import { withSharedMemory } from '../../../src/app/program/shared-memory.js';
import { realClock, VirtualClock, type Clock } from '../../../src/clock/index.js';
import { LocalAzure } from '../../../src/emulator/index.js';
import { Catalog } from '../../../src/certificates/index.js';
import { codeOf, enroll } from '../../support/sphere.js';
import { useApp } from '../harness.js';

let built: BuiltApp;
let sensor: BuiltApp;
let eventLoop: BuiltApp;

beforeAll(async () => {
  built = await buildApp(path.join(__dirname, '../apps/posix'), { debug: true });
  sensor = await buildApp(path.join(__dirname, '../../../examples/sensor'));
  eventLoop = await buildApp(path.join(__dirname, '../../../examples/event-loop'));
});

const suite = useApp(() => built);

function launch(part: string, options: LaunchOptions = {}): Promise<SphereApp> {
  return suite.launch(part, { isolate: true, ...options });
}

const parts = ['time', 'timerfd', 'eventfd', 'poll', 'epoll', 'loop', 'gpio', 'storage', 'threads', 'grow'];

test.each(parts)('%s: as without a thread', async (part) => {
  const direct = await launch(part, { isolate: false });
  await direct.exitCode;
  const app = await launch(part);
  expect(await app.exitCode).toBe(0);
  expect(app.lines).toEqual(direct.lines);
});

test('signals', async () => {
  const app = await launch('signals');
  await app.log('send');
  app.signal('SIGUSR1');
  app.signal('SIGTERM');
  expect(await app.exitCode).toBe(0);
});

test.each<[string, Clock]>([
  ['virtual', new VirtualClock()],
  ['real', realClock],
])('an app that never waits is ended, and the error names its last call; %s clock', async (_, clock) => {
  const app = await launch('stuck', { clock, watchdogMs: 300 });
  await expect(app.exitCode).rejects.toMatchObject({
    code: 'APP_UNRESPONSIVE',
    message: expect.stringMatching(
      /for 300 ms without a wait.* Its last call was .*GPIO_GetValue .*← Stuck \(main\.c:\d+\)/,
    ),
  });
  expect(app.ended).toBe(true);
});

test('an app that asks without a wait is ended too, but what it asks is answered', async () => {
  const stuck = await launch('poller', { watchdogMs: 300 });
  expect(await codeOf(() => stuck.exitCode)).toBe('APP_UNRESPONSIVE');
  const app = await launch('poller', { clock: realClock });
  setTimeout(() => app.gpio(1).set(0), 50);
  expect(await app.exitCode).toBe(0);
});

test('exit in a callback, and a crash with its file and line', async () => {
  const exits = await launch('exit');
  expect(await exits.exitCode).toBe(42);
  const crashes = await launch('crash');
  await expect(crashes.exitCode).rejects.toMatchObject({
    code: 'APP_CRASHED',
    message: expect.stringMatching(/Crash \(main\.c:\d+\)/),
  });
});

test('buses, converters and a real-time core partner answer from TypeScript', async () => {
  const peripherals = { i2c: { DEMO_SENSOR_BUS: { 0x48: new RegisterMap({ 0: 0x15, 1: 0x80 }) } } };
  const realTimeApps: Record<string, RealTimeApp> = {
    'f6768b9a-e086-4f5a-8219-5ffe9684b001': (message, send) => send(`${message.toString()} understood`),
  };
  const app = await SphereApp.launch(sensor, { clock: suite.clock, isolate: true, peripherals, realTimeApps });
  suite.open.push(app);
  await app.log('Temperature 21.5');
  await app.log('Fan 215 understood');
  app.i2c('DEMO_SENSOR_BUS').fault = 'ETIMEDOUT';
  await app.log('does not answer');
});

test('provisions, connects, sends and answers over the cloud of this thread', async () => {
  const cloud = await LocalAzure.start({ clock: suite.clock });
  const id = readManifest(eventLoop.manifest, eventLoop.peripherals).deviceAuthentication!;
  const catalog = await Catalog.create({ clock: suite.clock, id });
  await enroll(cloud, 'catalog', catalog.authority);
  const running = await SphereApp.launch(eventLoop, { clock: suite.clock, cloud, catalog, isolate: true });
  suite.open.push(running);
  await running.log('Authenticated');
  const device = cloud.hub().device(running.deviceId);
  const telemetry = device.nextTelemetry();
  await running.gpio('DEMO_BUTTON').press();
  expect((await suite.clock.runUntil(telemetry)).body.toString()).toBe('{"button":true}');
  expect(await suite.clock.runUntil(device.invokeMethod('setTemperature', 35))).toMatchObject({ status: 200 });
  running.signal('SIGTERM');
  expect(await running.exitCode).toBe(1);
  await cloud.close();
});

test('two at once on one clock', async () => {
  const apps = await Promise.all([launch('time'), launch('loop')]);
  expect(await Promise.all(apps.map((app) => app.exitCode))).toEqual([0, 0]);
});

test('a listener that throws does not end the app, and `close` tells of it', async () => {
  const app = await launch('gpio');
  app.gpio(2).watch(() => {
    throw new RangeError('from a listener');
  });
  expect(await app.exitCode).toBe(0);
  expect(() => app.close()).toThrow(
    expect.objectContaining({ code: 'LISTENER_FAILED', cause: new RangeError('from a listener') }),
  );
});

test('a program of another version, and what is none', async () => {
  const other = Uint8Array.from(Buffer.from(built.wasm).toString('latin1').replace('clock_now', 'clock_xyz'), (c) =>
    c.charCodeAt(0),
  );
  expect(
    await codeOf(() =>
      launch('time', { isolate: true }).then(() =>
        SphereApp.launch({ ...built, wasm: Buffer.from(other) }, { clock: suite.clock, isolate: true }),
      ),
    ),
  ).toBe('WASM_MISMATCH');
  expect(() => withSharedMemory(Buffer.from('no module'))).toThrow(expect.objectContaining({ code: 'WASM_INVALID' }));
});
