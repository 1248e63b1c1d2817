// Cloud-to-device messages, a direct method's answer in C, and a batch of telemetry.
import path from 'node:path';
import { AppDevice, buildApp, readManifest, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { Catalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure, type HubDevice } from '../../src/emulator/index.js';
import { closeAll } from '../../src/index.js';

const DEVICE_ID = 'ab'.repeat(64);

let built: BuiltApp;
let clock: VirtualClock;
let cloud: LocalAzure;
let device: AppDevice;
let app: SphereApp;
let remote: HubDevice;

beforeAll(async () => {
  built = await buildApp(path.resolve(__dirname));
});

beforeEach(async () => {
  clock = new VirtualClock();
  cloud = await LocalAzure.start({ clock });
  const { deviceAuthentication } = readManifest(built.manifest, built.peripherals);
  const catalog = await Catalog.create({ clock, id: deviceAuthentication! });
  cloud.hub().certificates.upload('catalog', catalog.caCertificate, { verified: true });
  cloud.hub().devices.create({ deviceId: DEVICE_ID, authentication: { type: 'certificateAuthority' } });
  device = await AppDevice.start({ catalog, clock, deviceId: catalog.claim(DEVICE_ID) });
  app = await SphereApp.launch(built, { clock, cloud, device });
  remote = cloud.hub().device(DEVICE_ID);
  await app.log('Connected');
});

afterEach(() => closeAll(app, device, cloud));

test('a cloud-to-device message arrives with its properties, and is acknowledged', async () => {
  const delivery = remote.sendC2D('open the door', { properties: { level: 'info' } });
  await app.log("Message 'open the door', level info");
  expect(await clock.runUntil(delivery.finished())).toMatchObject({ status: 'completed' });
});

test('one that is sent while the device is away waits for it', async () => {
  app.close();
  await clock.runUntil(remote.disconnected());
  const delivery = remote.sendC2D('good morning');
  app = await SphereApp.launch(built, { clock, cloud, device });
  await app.log("Message 'good morning', level none");
  expect(await clock.runUntil(delivery.finished())).toMatchObject({ status: 'completed' });
});

test('the answer of a method: status and JSON', async () => {
  const options = { connectTimeout: 10_000 };
  const known = await clock.runUntil(remote.invokeMethod('sendBatch', 1, options));
  expect(known).toMatchObject({ status: 200, payload: { queued: true } });
  const unknown = await clock.runUntil(remote.invokeMethod('explode'));
  expect(unknown).toMatchObject({ status: 404, payload: { error: 'unknown method' } });
  const refused = await clock.runUntil(remote.invokeMethod('sendBatch', 'many'));
  expect(refused).toMatchObject({ status: 400 });
});

test('a batch: twenty messages that are queued at once leave together', async () => {
  await clock.runUntil(remote.invokeMethod('sendBatch', 20, { connectTimeout: 10_000 }));
  await app.log('All confirmed');
  const batch = remote.receivedTelemetry();
  const readings = batch.map(({ body }) => JSON.parse(body.toString()) as unknown);
  expect(readings).toEqual(Array.from({ length: 20 }, (_, reading) => ({ reading })));
  expect(new Set(batch.map(({ enqueuedTime }) => enqueuedTime)).size).toBe(1);
});
