// The tests of examples/epoll, as a user would write them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppDevice, buildApp, readManifest, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { Catalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure } from '../../src/emulator/index.js';

let built: BuiltApp;
let clock: VirtualClock;
let cloud: LocalAzure;
let device: AppDevice;
let storage: string;
let app: SphereApp;

beforeAll(async () => {
  built = await buildApp(path.resolve(__dirname));
}, 300_000);

beforeEach(async () => {
  clock = new VirtualClock();
  cloud = await LocalAzure.start({ clock });
  const { deviceAuthentication } = readManifest(built.manifest, built.peripherals);
  device = await AppDevice.start({ catalog: await Catalog.create({ clock, id: deviceAuthentication! }), clock });
  // The hub knows the device by the thumbprint of its certificate.
  const { leaf } = device.store.resolve(device.authentication.reference!);
  cloud.hub().devices.create({
    deviceId: device.deviceId,
    authentication: { type: 'selfSigned', thumbprints: { primary: leaf.fingerprint } },
  });
  storage = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
});

afterEach(async () => {
  app.close();
  device.close();
  await cloud.close();
  rmSync(storage, { recursive: true });
});

async function start(): Promise<void> {
  app = await SphereApp.launch(built, { clock, cloud, device, storage });
  await app.log('Connected');
}

test('counts presses, shows them by the lamp, and reports them', async () => {
  await start();
  for (const count of [1, 2, 3]) {
    await app.gpio('DEMO_BUTTON').press();
    await app.log(`Count ${count}`);
    expect(app.gpio('DEMO_LED').value).toBe(count % 2 === 0 ? 1 : 0);
  }
  await clock.advance(1000);
  expect(cloud.hub().device(device.deviceId).twin.reported).toMatchObject({ count: 3 });
});

test('the count survives a restart', async () => {
  await start();
  await app.gpio('DEMO_BUTTON').press();
  app.signal('SIGTERM');
  expect(await app.exitCode).toBe(0);
  await start();
  expect(app.lines).toContain('Starts with 1');
});

test('a message from the cloud sets the count', async () => {
  await start();
  const message = cloud.hub().device(device.deviceId).sendC2D('41');
  await app.log('Count 41');
  expect(await clock.runUntil(message.finished())).toMatchObject({ status: 'completed' });
});

test('what it leaves open is closed when it ends', async () => {
  await start();
  app.signal('SIGTERM');
  expect(await app.exitCode).toBe(0);
  await clock.advance(1000);
  expect(cloud.hub().device(device.deviceId).isConnected).toBe(false);
});
