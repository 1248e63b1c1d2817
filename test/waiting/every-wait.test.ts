// Every public promise that depends on what somebody else does, and its time limit.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

import { buildApp, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { SphereDevice } from '../../src/device/index.js';
import {
  Central,
  LocalAzure,
  type CentralDevice,
  type FaultOptions,
  type HubDevice,
} from '../../src/emulator/index.js';
import type { WaitOptions } from '../../src/waiting/index.js';
import { startSphere } from '../support/sphere.js';

const LIMIT = 5000;
const HOUR = 3_600_000;
const root = path.resolve(__dirname, '../..');

/** A wait that is about to begin, in vain. */
interface Ready {
  readonly clock: VirtualClock;
  readonly begin: () => Promise<unknown>;
}

interface Row {
  /** Class and member. */
  readonly wait: string;
  /** Has all ready for it. */
  readonly ready: (options: WaitOptions) => Promise<Ready>;
  /** What the error says was awaited. */
  readonly what: string;
  /** What it says happened last. */
  readonly last: string;
}

const toClose: (() => unknown)[] = [];
let built: BuiltApp;

beforeAll(async () => {
  built = await buildApp(path.join(__dirname, 'app'));
});

/** In each describe: there it comes before that of the support, which looks at what is left. */
async function closeAll(): Promise<void> {
  for (const close of toClose.splice(0)) await close();
}

type Begin<T> = (subject: T, options: WaitOptions) => Promise<unknown>;

const SENT_NOTHING =
  'kettle is not connected, and has sent no telemetry. The last that the services saw of it, of 1 event:';

function hubRow(name: string, what: string, begin: Begin<HubDevice>): Row {
  const ready = async (options: WaitOptions): Promise<Ready> => {
    const { clock, cloud } = await kettle();
    return { clock, begin: () => begin(cloud.hub().device('kettle'), options) };
  };
  return { wait: `HubDevice.${name}`, what, last: SENT_NOTHING, ready };
}

/** A cloud that knows a device, which never does anything. */
async function kettle(): Promise<{ clock: VirtualClock; cloud: LocalAzure }> {
  const clock = new VirtualClock();
  const cloud = await LocalAzure.start({ clock });
  toClose.push(() => cloud.close());
  cloud.hub().devices.create({ deviceId: 'kettle', authentication: { type: 'certificateAuthority' } });
  return { clock, cloud };
}

function centralRow(name: string, what: string, begin: Begin<CentralDevice>): Row {
  const ready = async (options: WaitOptions): Promise<Ready> => {
    const clock = new VirtualClock();
    const central = await Central.start({ clock });
    toClose.push(() => central.close());
    central.cloud.hub().devices.create({ deviceId: 'kettle', authentication: { type: 'certificateAuthority' } });
    return { clock, begin: () => begin(central.device('kettle'), options) };
  };
  return { wait: `CentralDevice.${name}`, what, last: 'kettle is not connected', ready };
}

function appRow(wait: string, what: string, begin: Begin<SphereApp>, last = ''): Row {
  const ready = async (options: WaitOptions): Promise<Ready> => {
    const clock = new VirtualClock();
    // exitCode takes no options: its limit is that of launch.
    const app = await SphereApp.launch(built, { clock, ...(wait === 'SphereApp.exitCode' && options) });
    toClose.push(() => app.close());
    return { clock, begin: () => begin(app, options) };
  };
  return { wait, what, last: `${last}The last that it wrote:\n  waits for ever`, ready };
}

/** A connected device, or one that is about to be. */
function deviceRow(name: string, what: string, fault: FaultOptions, begin: Begin<SphereDevice>, last: string): Row {
  const ready = async (options: WaitOptions): Promise<Ready> => {
    const sphere = await startSphere({ pump: true });
    const { sdk, pump, clock, cloud } = sphere;
    const device = new SphereDevice({ sdk, pump, idScope: cloud.dps.idScope });
    toClose.push(() => device.close());
    if (!fault.kind.startsWith('dps')) await clock.runUntil(device.connect());
    const added = cloud.faults.add({ ...fault, times: 1000 });
    toClose.push(() => added.remove()); // not every row comes to it
    return { clock, begin: () => begin(device, options) };
  };
  return { wait: `SphereDevice.${name}`, what, last, ready };
}

const rows: readonly Row[] = [
  {
    wait: 'VirtualClock.runUntil',
    what: 'What runUntil waits for did not come in 5000 virtual ms.',
    last: '',
    ready: async ({ timeout }) => {
      const clock = new VirtualClock();
      clock.setTimer(2 * HOUR, () => undefined);
      return { clock, begin: () => clock.runUntil(new Promise(() => undefined), timeout) };
    },
  },
  {
    wait: 'LocalAzure.nextEvent',
    what: "for an event for which ({ type }) => type === 'connected' holds",
    last: 'The last that happened at the services, of 1 event:\n  2026-01-01T00:00:00.000Z contoso.azure-devices.net deviceCreated',
    ready: async (options) => {
      const { clock, cloud } = await kettle();
      return { clock, begin: () => cloud.nextEvent(({ type }) => type === 'connected', options) };
    },
  },
  {
    wait: 'C2dDelivery.finished',
    what: 'for the end of a cloud-to-device message to kettle',
    last: SENT_NOTHING,
    ready: async (options) => {
      const { clock, cloud } = await kettle();
      const message = cloud
        .hub()
        .device('kettle')
        .sendC2D('on', { ttlMs: 24 * HOUR });
      return { clock, begin: () => message.finished(options) };
    },
  },
  hubRow('connected', 'for kettle to connect', (device, options) => device.connected(options)),
  hubRow('subscribedToDesiredProperties', 'for kettle to subscribe to desired properties', (device, options) =>
    device.subscribedToDesiredProperties(options),
  ),
  hubRow('telemetry', 'for telemetry from kettle', (device, options) => device.telemetry(options).next()),
  hubRow('nextTelemetry', 'for telemetry from kettle for which ({ qos }) => qos === 1 holds', (device, options) =>
    device.nextTelemetry(({ qos }) => qos === 1, options),
  ),
  hubRow('nextUpload', 'for a file upload from kettle', (device, options) => device.nextUpload(undefined, options)),
  hubRow('reported', 'for reported properties of kettle', (device, options) => device.reported(undefined, options)),
  centralRow('setProperty', 'for reported properties of kettle', (device, options) =>
    device.setProperty('level', 3, options),
  ),
  appRow('SphereApp.log', 'for a line with never', (app, options) => app.log('never', options)),
  appRow('SphereApp.exitCode', 'for the exit', (app) => app.exitCode),
  appRow('Pin.becomes', 'for pin 1 to become 0', (app, options) => app.gpio(1).becomes(0, options), 'It is 1. '),
  appRow(
    'Uart.receives',
    'for /OK/ from a UART',
    (app, options) => app.uart(4).receives(/OK/, options),
    'It wrote: "". ',
  ),
  appRow(
    'Update.becomes',
    'for an update to become deferred',
    (app, options) => app.update({ anotherApp: true }).becomes('deferred', options),
    'It is (pending|final|installed). ',
  ),
  appRow(
    'PowerFailure.struck',
    'for the power to fail during a write',
    (app, options) => app.power.failDuringWrite().struck(options),
    'The app has written 0 times since. ',
  ),
  deviceRow(
    'provision',
    'for an assignment by DPS',
    { kind: 'dpsSilence' },
    (device, options) => device.provision(options),
    'The device is disconnected; nothing was diagnosed',
  ),
  deviceRow(
    'connect',
    'for the connection to the hub',
    { kind: 'dpsSilence' },
    (device, options) => device.connect(options),
    'The device is connecting; nothing was diagnosed',
  ),
  deviceRow(
    'sendTelemetry',
    'for the confirmation of telemetry',
    { kind: 'throttledTelemetry', ms: 59_000 },
    (device, options) => device.sendTelemetry('warm', options),
    'The device [0-9a-f]+ of contoso.azure-devices.net is connected',
  ),
  deviceRow(
    'getTwin',
    'for the twin',
    { kind: 'twinSilence' },
    (device, options) => device.getTwin(options),
    'of contoso.azure-devices.net is connected',
  ),
  deviceRow(
    'updateReported',
    'for the answer to reported properties',
    { kind: 'twinSilence' },
    (device, options) => device.updateReported({ level: 3 }, options),
    'of contoso.azure-devices.net is connected',
  ),
];

/** The rest of the waits: those of which the limit is not their own to say. */
const OTHERS: Readonly<Record<string, string>> = {
  'HubDevice.disconnected': 'its time-out is in the test of a connected device, below',
  'HubDevice.invokeMethod': 'has two limits, each tested below',
  'CentralDevice.command': 'is invokeMethod',
  'CentralDevice.longRunningCommand': 'is invokeMethod; `completed` is tested below',
  'VirtualClock.advance': 'waits for nobody: CLOCK_HELD is its limit',
  'Pin.press': 'takes its own time',
  'SphereApp.launch': 'waits for nobody',
  'LocalAzure.start': 'waits for nobody',
  'LocalAzure.saved': 'waits for the disk',
  'LocalAzure.listen': 'waits for nobody',
  'LocalAzure.close': 'waits for nobody',
  'Central.start': 'waits for nobody',
  'Central.close': 'waits for nobody',
  'SphereApp.outage': 'ends by itself',
  'SphereDevice.outage': 'ends by itself',
  'AppDevice.start': 'waits for nobody',
};

describe.each(rows)('$wait', ({ wait, ready, what, last }) => {
  afterEach(closeAll);

  test('ends at its limit, and says what was awaited and what happened last', async () => {
    const { clock, begin } = await ready({ timeout: LIMIT });
    const start = clock.now();
    const error: Error = await clock.runUntil(begin()).then(
      () => Promise.reject(new Error('it came')),
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ name: 'SphereIotError', code: 'TIMED_OUT' });
    expect(clock.now() - start).toBe(LIMIT);
    expect(error.message).toContain(what);
    expect(error.message).toMatch(new RegExp(last.replace(/[.]/g, '\\.')));
    if (wait !== 'VirtualClock.runUntil') expect(error.message).toMatch(/^Waited 5 s of the virtual clock for /);
  });

  test('refuses a limit that is none', async () => {
    for (const timeout of [-1, NaN, '5' as never])
      await expect(ready({ timeout }).then(({ begin }) => begin())).rejects.toMatchObject({ code: 'TIMEOUT_INVALID' });
  });
});

/** Those that take no options of their own. */
const WITHOUT_OPTIONS = ['VirtualClock.runUntil', 'SphereApp.exitCode'];

describe.each(rows.filter(({ wait }) => !WITHOUT_OPTIONS.includes(wait)))('$wait', ({ ready }) => {
  afterEach(closeAll);

  test.each<[options: object, fault: string]>([
    [{ timout: LIMIT }, 'there is no timout; timeout is meant, perhaps.'],
    [{ onlyOld: true }, 'there is no onlyOld, but timeout, signal'],
    [{ signal: true }, 'signal has to be an AbortSignal, and is true.'],
  ])('refuses %o', async (options, fault) => {
    const { clock, begin } = await ready(options);
    await expect(clock.runUntil((async () => begin())())).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringContaining(`are wrong: ${fault}`),
    });
  });

  test('refuses options that are no object', async () => {
    const { clock, begin } = await ready(LIMIT as never);
    await expect(clock.runUntil((async () => begin())())).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringMatching(/ an object, and not 5000\. Write them as in \{ timeout: 5000 \}/),
    });
  });
});

// Those of SphereDevice end earlier, by the SDK's own limits.
describe.each(rows.filter(({ wait }) => !wait.startsWith('SphereDevice.')))('$wait', ({ ready }) => {
  afterEach(closeAll);

  test('has a limit of an hour unless told otherwise', async () => {
    const { clock, begin } = await ready({});
    const start = clock.now();
    await expect(clock.runUntil(begin(), 10 * HOUR)).rejects.toMatchObject({ code: 'TIMED_OUT' });
    expect(clock.now() - start).toBe(HOUR);
  });
});

test('options in the place of the predicate are told of at once', async () => {
  const { cloud } = await kettle();
  const device = cloud.hub().device('kettle');
  const options = { timeout: LIMIT } as never;
  const invalid = expect.objectContaining({ code: 'PREDICATE_INVALID' });
  for (const wait of ['nextTelemetry', 'nextUpload', 'reported'] as const)
    expect(() => device[wait](options)).toThrow(invalid);
  expect(() => cloud.nextEvent(options)).toThrow(invalid);
  await closeAll();
});

describe('what is looked for', () => {
  afterEach(closeAll);

  test.each([
    [''],
    [new RegExp('')],
    [/(?:)/g],
    [/^/],
    [/$/m],
    [/x*/],
    [/(?:never)?/],
    [undefined],
    [5],
    [null],
    [() => true],
    [{ timeout: LIMIT }],
  ])('is not %o', async (pattern) => {
    const app = await SphereApp.launch(built, { clock: new VirtualClock() });
    toClose.push(() => app.close());
    const invalid = { code: 'PREDICATE_INVALID' };
    await expect((async () => app.log(pattern as never))()).rejects.toMatchObject(invalid);
    await expect((async () => app.uart(4).receives(pattern as never))()).rejects.toMatchObject(invalid);
  });
});

test('what is so already does not hide options that are no object', async () => {
  const app = await SphereApp.launch(built, { clock: new VirtualClock() });
  toClose.push(() => app.close());
  const invalid = { code: 'OPTIONS_INVALID' };
  await expect(app.gpio(1).becomes(1, LIMIT as never)).rejects.toMatchObject(invalid);
  await expect(app.uart(4).receives(/./, 'soon' as never)).rejects.toMatchObject(invalid);
  await closeAll();
});

describe('with a device that connects', () => {
  afterEach(closeAll);

  test('HubDevice.disconnected', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, pump, clock, cloud, deviceId } = sphere;
    const device = new SphereDevice({ sdk, pump, idScope: cloud.dps.idScope });
    toClose.push(() => device.close());
    await clock.runUntil(device.connect());
    await clock.runUntil(device.sendTelemetry('warm'));
    await expect(clock.runUntil(cloud.hub().device(deviceId).disconnected({ timeout: LIMIT }))).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringMatching(
        /for [0-9a-f]+ to disconnect, in vain\. [0-9a-f]+ is connected, and has sent 1 message, the last of them at 2026-01-01T\S+: "warm"\. The last that the services saw of it/,
      ),
    });
  });

  test('HubDevice.invokeMethod, and CentralDevice.longRunningCommand until it is over', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, pump, clock, cloud, deviceId } = sphere;
    const device = new SphereDevice({ sdk, pump, idScope: cloud.dps.idScope });
    toClose.push(() => device.close());
    const { devices } = cloud.hub();
    devices.create({ deviceId, authentication: { type: 'certificateAuthority' } });
    const offline = clock.runUntil(cloud.hub().device(deviceId).invokeMethod('heat', null, { connectTimeout: LIMIT }));
    await expect(offline).rejects.toMatchObject({ code: 'DEVICE_NOT_ONLINE', cause: { code: 'TIMED_OUT' } });
    // DPS makes its own.
    devices.delete(deviceId);
    device.onMethod('heat', () => ({ status: 202 }));
    await clock.runUntil(device.connect());
    cloud.faults.add({ kind: 'lostMethod' });
    const lost = clock.runUntil(cloud.hub().device(deviceId).invokeMethod('heat', null, { connectTimeout: LIMIT }));
    await expect(lost).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringMatching(
        /^Waited 30 s of the virtual clock for [0-9a-f]+ to answer the method heat, in vain\./,
      ),
    });
  });
});

test('every public member that gives a promise is here', () => {
  const files = [
    'app/sphere-app',
    'app/board/pin',
    'app/board/buses',
    'app/board/update',
    'app/board/power-failure',
    'app/app-device',
    'device/sphere-device',
    'clock/virtual-clock',
  ].concat(
    ['local-azure', 'hub/hub-device', 'hub/iot-hub', 'central/central', 'central/central-device'].map(
      (name) => `emulator/${name}`,
    ),
  );
  const found = files.flatMap((name) => promisesOf(path.join(root, 'src', `${name}.ts`)));
  const known = [
    ...rows.map(({ wait }) => wait).filter((wait) => !wait.startsWith('C2dDelivery')),
    ...Object.keys(OTHERS),
  ];
  expect([...new Set(found)].sort()).toEqual(known.sort());
});

/** `Class.member` of what gives promises, by the types in a file. */
function promisesOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  return source.statements.filter(ts.isClassDeclaration).flatMap((found) =>
    found.members
      .filter((member) => ts.isMethodDeclaration(member) || ts.isGetAccessorDeclaration(member))
      .filter(
        (member) => ts.isIdentifier(member.name) && /^(Promise|AsyncGenerator)</.test(member.type?.getText() ?? ''),
      )
      .map((member) => `${found.name?.text}.${member.name.getText()}`),
  );
}
