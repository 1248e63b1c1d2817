// The tests of examples/nanosleep, as a user would write them.
import path from 'node:path';
import { buildApp, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure } from '../../src/emulator/index.js';
import { closeAll } from '../../src/index.js';

const KEY = Buffer.alloc(32, 7).toString('base64');

let built: BuiltApp;
let clock: VirtualClock;
let cloud: LocalAzure;
let app: SphereApp;

beforeAll(async () => {
  built = await buildApp(path.resolve(__dirname));
}, 300_000);

beforeEach(async () => {
  clock = new VirtualClock();
  cloud = await LocalAzure.start({ clock });
  cloud
    .hub()
    .devices.create({ deviceId: 'thermometer', authentication: { type: 'sas', symmetricKey: { primaryKey: KEY } } });
});

afterEach(() => closeAll(app, cloud));

function connectionString(key = KEY): string {
  return `HostName=${cloud.hub().name};DeviceId=thermometer;SharedAccessKey=${key}`;
}

test('sends every ten seconds', async () => {
  app = await SphereApp.launch(built, { clock, cloud, args: [connectionString()] });
  await app.log('Connected');
  const device = cloud.hub().device('thermometer');
  for (const count of [0, 1, 2]) {
    const { body } = await clock.runUntil(device.nextTelemetry());
    expect(JSON.parse(body.toString())).toEqual({ count });
    await app.log('Confirmed: 0');
  }
});

test('a signal ends it at once', async () => {
  app = await SphereApp.launch(built, { clock, cloud, args: [connectionString()] });
  await app.log('Connected');
  app.signal('SIGTERM');
  expect(await app.exitCode).toBe(128 + 15);
});

test('a wrong key', async () => {
  const wrong = Buffer.alloc(32, 8).toString('base64');
  app = await SphereApp.launch(built, { clock, cloud, args: [connectionString(wrong)] });
  await app.log(/Not connected/);
  expect(app.lines.filter((line) => line.startsWith('Connected'))).toEqual([]);
});

test.each([
  [[], 1, 'missing'],
  [['HostName=only'], 2, "can't be used"],
])('arguments %j', async (args, code, line) => {
  app = await SphereApp.launch(built, { clock, cloud, args });
  expect(await app.exitCode).toBe(code);
  expect(app.lines.at(-1)).toContain(line);
});

test('waits for the network', async () => {
  let ready = false;
  app = await SphereApp.launch(built, { clock, cloud, args: [connectionString()], networkReady: () => ready });
  await clock.advance(60_000);
  expect(app.lines).toEqual([]);
  ready = true;
  await app.log('Connected');
});
