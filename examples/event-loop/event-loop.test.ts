// The tests of examples/event-loop, as a user would write them.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Catalog, closeAll, VirtualClock } from '../../src/index.js';
import {
  AppDevice,
  buildApp,
  readManifest,
  SphereApp,
  type BuiltApp,
  type LaunchOptions,
} from '../../src/app/index.js';
import { Central, LocalAzure } from '../../src/emulator/index.js';

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
  // Once per catalog: DPS trusts its CA, and enrolls every device under it.
  cloud.dps.trust(catalog);
});

afterEach(() => closeAll(app, cloud));

function device() {
  return cloud.hub().device(app.deviceId);
}

/** Launched, provisioned and connected. */
async function connected(options: LaunchOptions = {}): Promise<void> {
  app = await SphereApp.launch(built, { clock, cloud, catalog, ...options });
  await app.log('Authenticated');
}

/** The manifest with other capabilities beside, or in the place of, its own. */
function manifestWith(capabilities: object): unknown {
  const manifest = built.manifest as { Capabilities: object };
  return { ...manifest, Capabilities: { ...manifest.Capabilities, ...capabilities } };
}

test('provisions, connects and sends a temperature every five seconds', async () => {
  await connected();
  const start = clock.now();
  for (const temperature of [21, 21.5, 22]) {
    const { body } = await clock.runUntil(device().nextTelemetry());
    expect(JSON.parse(body.toString())).toEqual({ temperature });
  }
  expect(clock.now() - start).toBeLessThanOrEqual(15_000);
});

test('connects directly where it is given a hub', async () => {
  // The hub knows the device by the thumbprint of its certificate.
  const machine = await AppDevice.start({ catalog, clock });
  const { leaf } = machine.store.resolve(machine.authentication.reference!);
  cloud.hub().devices.create({
    deviceId: machine.deviceId,
    authentication: { type: 'selfSigned', thumbprints: { primary: leaf.fingerprint } },
  });
  const args = ['--ConnectionType', 'Direct', '--Hostname', cloud.hub().name];
  await connected({ device: machine, args });
  expect(cloud.dps.events()).toEqual([]);
  machine.close();
});

test('the button sends a message', async () => {
  await connected();
  const telemetry = device().nextTelemetry();
  await app.gpio('DEMO_BUTTON').press();
  expect((await clock.runUntil(telemetry)).body.toString()).toBe('{"button":true}');
});

test('the twin switches the lamp, and the app reports it', async () => {
  await connected();
  const lamp = app.gpio('DEMO_LED');
  expect(lamp.value).toBe(1); // off
  device().updateDesired({ lamp: true });
  await lamp.becomes(0);
  await app.log(/Properties reported: 20/);
  expect(device().twin.reported).toMatchObject({ lamp: { value: true, ac: 200, av: 2 } });
  device().updateDesired({ lamp: 'green' });
  await app.log(/Properties reported: 20/);
  expect(device().twin.reported).toMatchObject({ lamp: { value: true, ac: 400, av: 3 } });
  expect(lamp.value).toBe(0);
});

test('a direct method sets the temperature; one that it does not know gets 404', async () => {
  await connected();
  const whenSubscribed = { connectTimeout: 10_000 };
  const answer = await clock.runUntil(device().invokeMethod('setTemperature', 35, whenSubscribed));
  expect(answer).toMatchObject({ status: 200, payload: { temperature: 35 } });
  expect(await clock.runUntil(device().invokeMethod('explode', null))).toMatchObject({ status: 404 });
});

test('the same in IoT Central', async () => {
  const model: unknown = JSON.parse(await readFile(path.join(__dirname, 'model.json'), 'utf8'));
  const central = await Central.start({ clock, models: [model] });
  const code = central.createGroup('catalog', catalog.caCertificate);
  central.verify('catalog', await catalog.proofOfPossession(code));
  await connected({
    cloud: central.cloud,
    args: ['--ScopeID', central.idScope],
    manifest: manifestWith({ AllowedConnections: ['global.azure-devices-provisioning.net', central.hubName] }),
  });
  const thermometer = central.device(app.deviceId);
  expect(await clock.runUntil(thermometer.setProperty('lamp', true))).toMatchObject({ value: true, status: 200 });
  expect(app.gpio('DEMO_LED').value).toBe(0);
  expect(await clock.runUntil(thermometer.setProperty('lamp', 'green'))).toMatchObject({ value: true, status: 400 });
  expect(await clock.runUntil(thermometer.command('setTemperature', 35))).toMatchObject({ status: 200 });
  await clock.runUntil(thermometer.hub.nextTelemetry());
  expect(thermometer.unmodelled()).toEqual([]);
  app.close();
  await central.close();
});

test('SIGTERM ends it in order', async () => {
  await connected();
  app.signal('SIGTERM');
  expect(await app.exitCode).toBe(1);
  expect(app.lines.at(-1)).toBe('[App] Exit with 1');
  expect(app.gpio('DEMO_LED').direction).toBeUndefined(); // closed
});

test('bad arguments are told by the exit code', async () => {
  app = await SphereApp.launch(built, { clock, cloud, catalog, args: ['--ScopeID'] });
  expect(await app.exitCode).toBe(2);
});

test('a twin that is too large ends it', async () => {
  await connected();
  device().updateDesired({ text: 'x'.repeat(600) });
  expect(await app.exitCode).toBe(6);
});

test('waits for the network', async () => {
  let ready = false;
  app = await SphereApp.launch(built, { clock, cloud, catalog, networkReady: () => ready });
  await app.log('The network is not ready');
  ready = true;
  await app.log('Authenticated');
});

test('without device authentication it does not try to connect', async () => {
  app = await SphereApp.launch(built, { clock, cloud });
  await app.log('Device authentication is not ready');
  expect(cloud.events()).toEqual([]);
});

test('a device that is not enrolled tries again later and later', async () => {
  cloud.dps.enrollmentGroups.delete('catalog');
  app = await SphereApp.launch(built, { clock, cloud, catalog });
  for (const seconds of [10, 20, 40]) await app.log(`Next try in ${seconds} s.`);
  expect(app.diagnostics.length).toBeGreaterThan(0);
});

test('after a lost connection it provisions again, with the certificate of that day', async () => {
  const machine = await AppDevice.start({ catalog, clock });
  await connected({ device: machine });
  await clock.runUntil(machine.authentication.renew());
  device().disconnect();
  await app.log('Provisioned');
  await app.log('Authenticated');
  machine.close();
});

test('a pin that the manifest does not list', async () => {
  app = await SphereApp.launch(built, { clock, cloud, catalog, manifest: manifestWith({ Gpio: [12] }) });
  expect(await app.exitCode).toBe(5);
  expect(app.lines).toContain(
    "[sphere-iot] The manifest's capability Gpio does not list 8: opening it fails with EACCES.",
  );
});

test('a host that the manifest does not list', async () => {
  const manifest = manifestWith({ AllowedConnections: ['global.azure-devices-provisioning.net'] });
  app = await SphereApp.launch(built, { clock, cloud, catalog, manifest });
  await app.log(/CONNECTION_NOT_ALLOWED: .* contoso\.azure-devices\.net/);
});

test('its log is the same each time', async () => {
  const logs: string[][] = [];
  for (const _ of [1, 2]) {
    await connected();
    await clock.advance(60_000);
    logs.push(app.lines.filter((line) => !line.includes('Next try')));
    app.close();
  }
  expect(logs[1]).toEqual(logs[0]);
});
