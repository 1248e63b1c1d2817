// The tests of examples/sdk-20.01, as a user would write them.
import path from 'node:path';
import { buildApp, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { Catalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure } from '../../src/emulator/index.js';
import { closeAll } from '../../src/index.js';

let built: BuiltApp;
let clock: VirtualClock;
let cloud: LocalAzure;
let app: SphereApp;
let deviceId: string;

beforeAll(async () => {
  built = await buildApp(path.resolve(__dirname));
}, 300_000);

beforeEach(async () => {
  clock = new VirtualClock();
  cloud = await LocalAzure.start({ clock });
  // The manifest has a placeholder: any catalog will do.
  const catalog = await Catalog.create({ clock });
  cloud.dps.trust(catalog);
  app = await SphereApp.launch(built, { clock, cloud, catalog });
  deviceId = app.deviceId;
});

afterEach(() => closeAll(app, cloud));

test('the board of CMakeSettings.json; a placeholder for the catalog is a warning', () => {
  expect(built.peripherals.get('MT3620_RDB_LED1_RED')?.type).toBe('Gpio');
  expect(built.warnings).toEqual([expect.stringMatching(/DeviceAuthentication is a placeholder/)]);
});

test('the button switches the lamp, and the twin says so', async () => {
  await app.log('Connected');
  await app.gpio('MT3620_RDB_BUTTON_A').press();
  await app.log('The lamp is on');
  expect(app.gpio('MT3620_RDB_LED1_RED').value).toBe(0);
  const device = cloud.hub().device(deviceId);
  await clock.advance(1000);
  expect(device.twin.reported).toMatchObject({ lit: true, network: expect.stringMatching(/./) });
});

test('a desired property switches it', async () => {
  const device = cloud.hub().device(deviceId);
  await app.log('Connected');
  await clock.runUntil(device.subscribedToDesiredProperties());
  device.updateDesired({ lit: true });
  await app.log('The lamp is on');
  app.signal('SIGTERM');
  expect(await app.exitCode).toBe(0);
});
