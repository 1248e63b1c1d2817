// A Sphere device goes into an IoT Central application, by its DAA certificate and by a custom chain.
import {
  Catalog,
  CertificateAuthority,
  CertificateStore,
  DeviceAuthentication,
  type Credential,
} from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { Pump, SphereDevice } from '../../src/device/index.js';
import { Central } from '../../src/emulator/index.js';
import { createSdk, type Sdk } from '../../src/sdk/index.js';

const MODEL = 'dtmi:contoso:kettle;1';
const MODELS = [
  {
    '@id': MODEL,
    '@type': 'Interface',
    '@context': 'dtmi:dtdl:context;2',
    extends: 'dtmi:contoso:base;1',
    contents: [
      { '@type': ['Telemetry', 'Temperature'], name: 'temperature', schema: 'double' },
      { '@type': 'Property', name: 'level', schema: 'integer', writable: true },
      { '@type': 'Command', name: 'descale' },
      { '@type': 'Component', name: 'lamp', schema: 'dtmi:contoso:lamp;1' },
    ],
  },
  {
    '@id': 'dtmi:contoso:base;1',
    '@type': 'Interface',
    contents: [{ '@type': 'Property', name: 'serial', schema: 'string' }],
  },
  {
    '@id': 'dtmi:contoso:lamp;1',
    '@type': 'Interface',
    contents: [
      { '@type': 'Property', name: 'bright', schema: 'boolean', writable: true },
      { '@type': 'Command', name: 'blink' },
    ],
  },
];

const clock = new VirtualClock();
let central: Central;
let sdk: Sdk;
let pump: Pump;
let device: SphereDevice;
let renewal: DeviceAuthentication | undefined;

beforeEach(async () => void (central = await Central.start({ clock, models: MODELS })));
afterEach(async () => {
  device?.close();
  pump?.close();
  sdk?.close();
  renewal?.close();
  renewal = undefined;
  await central.close();
});

const run = <T>(promise: Promise<T>): Promise<T> => clock.runUntil(promise);

async function start(store: CertificateStore, custom?: Credential): Promise<void> {
  sdk = await createSdk({ clock, store, resolve: central.cloud.resolve, trustRoots: central.cloud.trustRoots });
  pump = new Pump(sdk);
  device = new SphereDevice({
    sdk,
    pump,
    idScope: central.idScope,
    modelId: MODEL,
    provisioningPayload: { modelId: MODEL },
    ...(custom === undefined
      ? {}
      : {
          custom: {
            chain: custom.chain,
            privateKey: custom.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
          },
        }),
  });
}

/** A claimed device with its DAA certificate; the application is given the catalog's CA. */
async function byDaa(verify = true): Promise<string> {
  const store = new CertificateStore();
  const catalog = await Catalog.create({ clock });
  const deviceId = catalog.claim();
  renewal = DeviceAuthentication.start({ catalog, deviceId, store, clock });
  await renewal.renew();
  const code = central.createGroup('sphere', catalog.authority.certificate);
  if (verify) central.verify('sphere', await catalog.authority.proofOfPossession(code));
  await start(store);
  return deviceId;
}

async function byCustomChain(): Promise<string> {
  const ca = await CertificateAuthority.create({ subject: { commonName: 'Factory' }, clock });
  central.verify('factory', await ca.proofOfPossession(central.createGroup('factory', ca.certificate)));
  await start(new CertificateStore(), await ca.issue({ commonName: 'kettle-7' }));
  return 'kettle-7';
}

describe.each([
  ['DAA', byDaa],
  ['a custom chain', byCustomChain],
])('by %s', (_name, prepare) => {
  test('a device gets to the application’s hub, with its model', async () => {
    const deviceId = await prepare();
    await run(device.connect());
    expect(central.hubName).toMatch(/^iotc-[0-9a-f-]{36}\.azure-devices\.net$/);
    expect(device.assignment).toEqual({ hub: central.hubName, deviceId });
    expect(central.device(deviceId).modelId).toBe(MODEL);
  });
});

test('a CA of which possession was not proved lets nobody in', async () => {
  await byDaa(false);
  await expect(run(device.connect())).rejects.toMatchObject({ code: 'PROVISIONING_FAILED' });
});

test('the model is known from the registration already', async () => {
  const deviceId = await byCustomChain();
  expect(central.device(deviceId).modelId).toBeUndefined();
  await run(device.provision());
  expect(central.device(deviceId).modelId).toBe(MODEL);
});

test('a writable property is acknowledged with value, ac, av and ad', async () => {
  const seen = central.device(await byCustomChain());
  await run(device.connect());
  device.onDesired((patch) => {
    const { level, lamp, $version: av } = patch as { level?: number; lamp?: { bright: boolean }; $version: number };
    if (level !== undefined) void device.updateReported({ level: { value: level, ac: 200, av, ad: 'set' } });
    if (lamp !== undefined)
      void device.updateReported({ lamp: { __t: 'c', bright: { value: false, ac: 400, av, ad: 'broken' } } });
  });
  await clock.advance(1000);
  expect(await run(seen.setProperty('level', 3))).toEqual({ value: 3, status: 200, version: 2, description: 'set' });
  expect(await run(seen.setProperty('bright', true, { component: 'lamp' }))).toMatchObject({
    value: false,
    status: 400,
    version: 3,
    description: 'broken',
  });
  expect(seen.acknowledgement('level')).toMatchObject({ version: 2 });
  await run(device.updateReported({ level: 3 }));
  expect(seen.acknowledgement('level')).toBeUndefined();
  expect(seen.unmodelled()).toEqual([]);
});

test('commands: answered at once, long-running, and of a component', async () => {
  const seen = central.device(await byCustomChain());
  await run(device.connect());
  device.onMethod('lamp*blink', () => ({ status: 200, payload: { blinked: 2 } }));
  device.onMethod('descale', () => {
    clock.setTimer(60_000, () => void device.updateReported({ descale: { value: 'done' } }));
    return { status: 202 };
  });
  await clock.advance(1000);
  const answer = await run(seen.command('blink', 2, { component: 'lamp' }));
  expect(answer).toEqual({ status: 200, payload: { blinked: 2 } });
  for (let time = 0; time < 2; time++) {
    const before = clock.now();
    const { status, completed } = await run(seen.longRunningCommand('descale'));
    expect(status).toBe(202);
    expect(await run(completed)).toBe('done');
    expect(clock.now() - before).toBeGreaterThanOrEqual(60_000);
  }
  await expect(run(seen.longRunningCommand('blink', 2, { component: 'lamp' }))).rejects.toMatchObject({
    code: 'COMMAND_NOT_LONG_RUNNING',
  });
});

test('an offline command waits for the device', async () => {
  const seen = central.device(await byCustomChain());
  await run(device.provision());
  const sent = [seen.offlineCommand('descale'), seen.offlineCommand('descale', { hard: true })];
  const came: string[] = [];
  device.onMessage((message) => {
    came.push(`${message.property('method-name')} ${Buffer.from(message.body).toString()}`);
    return 'accept';
  });
  await run(device.connect());
  for (const each of sent) expect(await run(each.finished())).toMatchObject({ status: 'completed' });
  expect(came).toEqual(['descale @', 'descale {"hard":true}']);
});

test('what the model does not have is told', async () => {
  const seen = central.device(await byCustomChain());
  await run(device.connect());
  await run(device.sendTelemetry({ temperature: 21.5 }));
  await run(device.sendTelemetry({ temperature: 'hot', humidity: 1, User: 'x' }));
  await run(device.sendTelemetry('no JSON'));
  await run(device.updateReported({ serial: 'k1', level: 1.5, fan: { __t: 'c', on: true }, color: 'red' }));
  const told = seen.unmodelled().map(({ kind, component, name, reason }) => [kind, component, name, reason]);
  expect(told).toEqual([
    ['telemetry', undefined, 'temperature', `${MODEL} says double, and it is "hot"`],
    ['telemetry', undefined, 'humidity', `${MODEL} has no telemetry of that name`],
    ['telemetry', undefined, 'User', "the name is Central's own"],
    ['telemetry', undefined, '', 'the message is no JSON object'],
    ['property', undefined, 'level', `${MODEL} says integer, and it is 1.5`],
    ['property', 'fan', 'on', `${MODEL} has no component fan`],
    ['property', undefined, 'color', `${MODEL} has no property of that name`],
  ]);
  expect(() => central.device('nobody').unmodelled()).toThrow(expect.objectContaining({ code: 'MODEL_NOT_FOUND' }));
});

test.each([
  ['no interface', [{ '@id': 'x' }], 'no DTDL interface'],
  ['what it extends is missing', [MODELS[0]], 'is not given'],
  [
    'itself above itself',
    [{ '@id': 'dtmi:a;1', '@type': 'Interface', extends: 'dtmi:a;1' }],
    'contains or extends itself',
  ],
])('models that can’t be used are refused: %s', async (_name, models, message) => {
  await expect(Central.start({ models })).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    message: expect.stringContaining(message),
  });
});
