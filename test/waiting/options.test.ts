import path from 'node:path';

import { AppDevice, buildApp, RegisterMap, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { Catalog, DeviceAuthentication, saveCatalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { Pump, SphereDevice } from '../../src/device/index.js';
import { Central, LocalAzure } from '../../src/emulator/index.js';
import { createSdk } from '../../src/sdk/index.js';
import { startSphere } from '../support/sphere.js';

const WRONG = [5000, true, 'text', null, [], () => undefined] as const;

type Given = never;
const starters: Readonly<Record<string, (options: Given) => unknown>> = {
  launch: (options) => SphereApp.launch({} as BuiltApp, options),
  buildApp: (options) => buildApp(path.join(__dirname, 'app'), options),
  createSdk: (options) => createSdk(options),
  'LocalAzure.start': (options) => LocalAzure.start(options),
  'Central.start': (options) => Central.start(options),
  'Catalog.create': (options) => Catalog.create(options),
  'AppDevice.start': (options) => AppDevice.start(options),
  'DeviceAuthentication.start': (options) => DeviceAuthentication.start(options),
  saveCatalog: async (options) => saveCatalog(await Catalog.create({ clock: new VirtualClock() }), '', options),
  'a VirtualClock': (options) => new VirtualClock(options),
  'a RegisterMap': (options) => new RegisterMap({}, options),
  'a SphereDevice': (options) => new SphereDevice(options),
};

test.each(Object.entries(starters))(
  '%s refuses options that are no object, and does not show a text',
  async (of, start) => {
    for (const options of WRONG) {
      const message = expect.stringMatching(
        `^The options of ${of} are an object, and not (5000|true|a text|null|a list|a function)\\. Write them as in \\{ `,
      );
      await expect((async () => start(options as never))()).rejects.toMatchObject({ code: 'OPTIONS_INVALID', message });
    }
  },
);

/** One misspelled name, and wrong values, of each. */
const WRONG_FIELDS: readonly (readonly [of: string, options: object, fault: string])[] = [
  ['launch', { networkready: () => false }, 'there is no networkready; networkReady is meant, perhaps.'],
  ['buildApp', { buildfolder: 'x' }, 'there is no buildfolder; buildFolder is meant, perhaps.'],
  ['buildApp', { debug: 'yes' }, 'debug has to be true or false, and is a text.'],
  ['buildApp', { hardwareDefinitions: 'boards' }, 'hardwareDefinitions has to be a list of texts, and is a text.'],
  ['createSdk', { allowinternet: true }, 'there is no allowinternet; allowInternet is meant, perhaps.'],
  ['createSdk', { clock: 5 }, 'clock has to be a clock, as realClock or a VirtualClock, and is 5.'],
  ['createSdk', { webSocket: 'WS' }, 'webSocket has to be one of sdk, ws, and is a text.'],
  ['createSdk', { resolve: {} }, 'resolve has to be a function, and is an object.'],
  ['LocalAzure.start', { hub: {}, hubNames: [] }, 'there is no hubNames, but clock, hubs, '],
  ['LocalAzure.start', { hubs: 'a.azure-devices.net' }, 'hubs has to be a list of texts, and is a text.'],
  ['LocalAzure.start', { faults: {} }, 'faults has to be a list, and is an object.'],
  ['LocalAzure.start', { clock: Date }, 'clock has to be a clock, as realClock or a VirtualClock, and is a function.'],
  ['dps', { dps: { assigningpolls: 0 } }, 'there is no assigningpolls; assigningPolls is meant, perhaps.'],
  ['dps', { dps: { retryAfterSeconds: 0 } }, 'retryAfterSeconds has to be a whole number from 1 to 300, and is 0.'],
  ['dps', { dps: { credentialMode: 'CA' } }, 'credentialMode has to be one of thumbprint, ca, and is a text.'],
  ['a hub', { hub: { maxDevice: 1 } }, 'there is no maxDevice; maxDevices is meant, perhaps.'],
  [
    'a hub',
    { hub: { telemetryLimit: '5' } },
    'telemetryLimit has to be a whole number from 0, or Infinity, and is a text.',
  ],
  ['file upload', { hub: { fileUpload: { container: 'x' } } }, 'there is no container, but containerName, sasTtlMs.'],
  ['storage', { storage: { limt: 5 } }, 'there is no limt; limit is meant, perhaps.'],
  ['Central.start', { model: [] }, 'there is no model; models is meant, perhaps.'],
  ['Central.start', { hubs: [] }, 'there is no hubs; hub is meant, perhaps.'],
  ['Catalog.create', { clock: new VirtualClock(), skewms: 5 }, 'there is no skewms; skewMs is meant, perhaps.'],
  ['Catalog.create', { clock: Date }, 'clock has to be a clock, as realClock or a VirtualClock, and is a function.'],
  ['AppDevice.start', { catalog: {} }, 'catalog has to be a Catalog, and is an object.'],
  ['AppDevice.start', {}, 'catalog is missing, a Catalog.'],
  ['DeviceAuthentication.start', { renewEvery: 5 }, 'there is no renewEvery; renewEveryMs is meant, perhaps.'],
  ['saveCatalog', { passphrase: 5 }, 'passphrase has to be a text, and is 5.'],
  ['a VirtualClock', { begin: 0 }, 'there is no begin, but start.'],
  ['a RegisterMap', { addressMask: 256 }, 'addressMask has to be a whole number from 0 to 255, and is 256.'],
  ['a SphereDevice', { sdk: {} }, 'sdk has to be an SDK instance, as createSdk makes it, and is an object.'],
  ['a SphereDevice', { idscope: '0ne' }, 'there is no idscope; idScope is meant, perhaps.'],
];

test.each(WRONG_FIELDS)('%s refuses %o', async (of, options, fault) => {
  const start = starters[of] ?? starters['LocalAzure.start'];
  const message = expect.stringContaining(`The options of ${of} are wrong: ${fault}`);
  await expect((async () => start?.(options as never))()).rejects.toMatchObject({ code: 'OPTIONS_INVALID', message });
});

test('identities, enrollments and messages', async () => {
  const { sdk, cloud, deviceId } = await startSphere();
  const { dps } = cloud;
  const hub = cloud.hub();
  const device = hub.device('kettle');
  const authentication = { type: 'certificateAuthority' };
  const attestation = { symmetricKey: {} };
  dps.enrollments.create({ registrationId: 'known', attestation });
  const calls: readonly (readonly [call: (options: never) => unknown, options: object, fault: string])[] = [
    [(o) => hub.devices.create(o), { deviceId, authentication, enable: false }, 'there is no enable; enabled is meant'],
    [(o) => hub.devices.create(o), { deviceId }, 'authentication is missing, an object.'],
    [(o) => hub.devices.create(o), { deviceId, authentication: { type: 'SAS' } }, 'type has to be one of selfSigned, '],
    [
      (o) => dps.enrollments.create(o),
      { registrationId: 'x', attestation, enable: true },
      'there is no enable; enabled',
    ],
    [(o) => dps.enrollments.create(o), { registrationId: 'x' }, 'attestation is missing, an object.'],
    [
      (o) => dps.enrollments.create(o),
      { registrationId: 'x', attestation: { tpm: {} } },
      'there is no tpm, but x509, ',
    ],
    [(o) => dps.enrollments.update('known', o), { initialtwin: {} }, 'there is no initialtwin; initialTwin is meant'],
    [(o) => dps.enrollmentGroups.create(o), { attestation }, 'id is missing, a text.'],
    [(o) => dps.enrollmentGroups.create(o), { id: 'x', attestation, hubs: 'a' }, 'hubs has to be a list of texts'],
    [(o) => dps.enrollmentGroups.create(o), { id: 'x', attestation, enabled: 0 }, 'enabled has to be true or false'],
    [(o) => dps.certificates.upload('x', '', o), { verifed: true }, 'there is no verifed; verified is meant, perhaps.'],
    [(o) => device.invokeMethod('heat', null, o), { connecttimeout: 5 }, 'there is no connecttimeout; connectTimeout'],
    [(o) => device.invokeMethod('heat', null, o), { connectTimeout: '5' }, 'connectTimeout has to be milliseconds, 0'],
    [(o) => device.sendC2D('on', o), { ttlms: 5 }, 'there is no ttlms; ttlMs is meant, perhaps.'],
    [(o) => device.sendC2D('on', o), { ack: 'always' }, 'ack has to be one of none, positive, negative, full'],
    [(o) => cloud.listen(o), { port: '8883' }, 'port has to be a whole number from 0 to 65535, and is a text.'],
    [(o) => cloud.listen(o), { allowNonLoopBack: 1, port: -1 }, 'there is no allowNonLoopBack; allowNonLoopback'],
    [(o) => cloud.nextEvent(undefined, o), { onlynew: true }, 'there is no onlynew; onlyNew is meant, perhaps.'],
    [(o) => cloud.trace(() => undefined, o), { payloadlimit: 5 }, 'there is no payloadlimit; payloadLimit is meant'],
    [(o) => new Pump(sdk, o), { idleMs: 0 }, 'idleMs has to be milliseconds, more than 0, and ten years'],
  ];
  for (const [call, options, fault] of calls)
    await expect((async () => call(options as never))()).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringContaining(`are wrong: ${fault}`),
    });
  for (const id of [undefined, '', 5, 'a/b', null, {}])
    expect(() => hub.device(id as never)).toThrow(expect.objectContaining({ code: 'DEVICE_ID_INVALID' }));
});

test('the services and a pump refuse them, too', async () => {
  const { sdk, cloud, deviceId } = await startSphere();
  const hub = cloud.hub();
  hub.devices.create({ deviceId, authentication: { type: 'certificateAuthority' } });
  const device = hub.device(deviceId);
  const wrong = 5000 as never;
  const invalid = { code: 'OPTIONS_INVALID', message: expect.stringContaining('and not 5000.') };
  await expect(device.invokeMethod('heat', null, wrong)).rejects.toMatchObject(invalid);
  await expect(cloud.listen(wrong)).rejects.toMatchObject(invalid);
  for (const call of [
    () => device.sendC2D('on', wrong),
    () => cloud.record(wrong),
    () => cloud.trace(() => undefined, wrong),
    () => new Pump(sdk, wrong),
  ])
    expect(call).toThrow(expect.objectContaining(invalid));
});

test.each<[object, string]>([
  [{}, 'It was given none of them.'],
  [{ hub: 'h' }, 'It was given hub.'],
  [{ endpoint: 'e' }, 'It was given endpoint.'],
  [{ idScope: '0ne', hub: 'h', deviceId: 'd' }, 'It was given idScope, hub, deviceId.'],
  [
    { idScope: '0ne', connectionString: 'HostName=h;DeviceId=d;SharedAccessKey=secret' },
    'It was given idScope, connectionString.',
  ],
  [{ connectionString: 'secret' }, 'connectionString has to be a connection string of a device, as in HostName='],
  [{ connectionString: 'HostName=;DeviceId=d;SharedAccessKey=secret' }, 'and is a text.'],
])('a SphereDevice has one target: %o', async (target, message) => {
  const sphere = await startSphere({ pump: true });
  const { sdk, pump } = sphere;
  expect(() => new SphereDevice({ sdk, pump, ...target } as never)).toThrow(
    expect.objectContaining({
      code: 'OPTIONS_INVALID',
      message: expect.stringMatching(new RegExp(`^(?!.*secret).*${message}`)) as string,
    }),
  );
  await sphere.close();
});
