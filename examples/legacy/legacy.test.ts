// The tests of examples/legacy, as a user would write them.
import path from 'node:path';
import { buildApp, readManifest, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { Catalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure } from '../../src/emulator/index.js';
import { closeAll } from '../../src/index.js';

let built: BuiltApp;
let clock: VirtualClock;
let cloud: LocalAzure;
let catalog: Catalog;
let app: SphereApp;

beforeAll(async () => {
  built = await buildApp(path.resolve(__dirname));
}, 300_000);

beforeEach(async () => {
  clock = new VirtualClock();
  cloud = await LocalAzure.start({ clock });
  catalog = await Catalog.create({ clock, id: readManifest(built.manifest, built.peripherals).deviceAuthentication! });
  const { certificates } = cloud.dps;
  certificates.upload('catalog', catalog.caCertificate);
  const code = certificates.generateVerificationCode('catalog');
  certificates.verify('catalog', await catalog.proofOfPossession(code));
});

afterEach(() => closeAll(app, cloud));

function enrolled(): void {
  cloud.dps.enrollmentGroups.create({ id: 'devices', attestation: { x509: { caName: 'catalog' } } });
}

test('provisions while the event loop stands still, and connects', async () => {
  enrolled();
  app = await SphereApp.launch(built, { clock, cloud, catalog });
  await app.log('AZURE_SPHERE_PROV_RESULT_OK');
  await app.log('Connected');
  expect(app.gpio('DEMO_LED').value).toBe(0);
});

test('a signal that comes while it provisions ends it when that is done', async () => {
  enrolled();
  app = await SphereApp.launch(built, { clock, cloud, catalog });
  await clock.advance(2000);
  expect(app.lines).toEqual([]);
  app.signal('SIGTERM');
  expect(await app.exitCode).toBe(0);
  expect(app.lines).toEqual(['AZURE_SPHERE_PROV_RESULT_OK, 0', 'Ends']);
});

test('a device that is not enrolled', async () => {
  app = await SphereApp.launch(built, { clock, cloud, catalog });
  await app.log('AZURE_SPHERE_PROV_RESULT_PROV_DEVICE_ERROR');
  enrolled();
  await app.log('Connected');
});

test('without device authentication', async () => {
  app = await SphereApp.launch(built, { clock, cloud });
  await app.log('AZURE_SPHERE_PROV_RESULT_DEVICEAUTH_NOT_READY');
});

test('without a cloud the ten seconds pass', async () => {
  app = await SphereApp.launch(built, {
    clock,
    catalog,
    cloud: { ...cloud, trustRoots: '', resolve: () => undefined },
  });
  await app.log(/AZURE_SPHERE_PROV_RESULT_PROV_DEVICE_ERROR, \d+/);
  expect(clock.monotonic()).toBeLessThanOrEqual(12_000);
});
