// What happened at the services, and a test has not seen: `close` tells of it, as the test would pass otherwise.
import { Catalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { Central, LocalAzure, type CloudEvent, type HubDevice } from '../../src/emulator/index.js';

let clock: VirtualClock;
let cloud: LocalAzure;
let kettle: HubDevice;

beforeEach(async () => {
  clock = new VirtualClock();
  cloud = await LocalAzure.start({ clock });
  cloud.hub().devices.create({ deviceId: 'kettle', authentication: { type: 'certificateAuthority' } });
  kettle = cloud.hub().device('kettle');
});

afterEach(() => cloud.close());

const code = (expected: string, more = {}): Error => expect.objectContaining({ code: expected, ...more }) as Error;
const mine = new Error('mine');
const fail = (): never => {
  throw mine;
};

describe('a wait that nobody awaits', () => {
  test.each<[string, () => unknown]>([
    ['telemetry from kettle', () => kettle.nextTelemetry()],
    ['a file upload from kettle', () => kettle.nextUpload()],
    ['reported properties of kettle', () => kettle.reported()],
    ['kettle to connect', () => kettle.connected()],
    ['the end of a cloud-to-device message to kettle', () => kettle.sendC2D('on', { ttlMs: 7_200_000 }).finished()],
    ['an event', () => cloud.nextEvent(undefined, { onlyNew: true })],
  ])('for %s', async (what, begin) => {
    begin();
    await expect(cloud.close()).rejects.toEqual(
      code('WAIT_FORGOTTEN', {
        message: expect.stringMatching(new RegExp(`^Nobody awaits the wait for ${what}.*It has not come\\.`)),
        stack: expect.stringMatching(/emulator.unseen\.test\.ts/),
      }),
    );
    await cloud.close();
  });

  test('and that has failed', async () => {
    void kettle.nextTelemetry(undefined, { timeout: 1000 });
    await clock.advance(2000);
    await expect(cloud.close()).rejects.toEqual(code('WAIT_FORGOTTEN', { cause: code('TIMED_OUT') }));
  });

  test('is none where it came, lost a race, was given up, or somebody asks', async () => {
    void cloud.nextEvent();
    await Promise.race([kettle.connected(), clock.advance(1000)]);
    const enough = new AbortController();
    void kettle.connected({ signal: enough.signal });
    enough.abort();
    kettle.connected().catch(() => undefined);
    const asked = expect(clock.runUntil(kettle.nextTelemetry())).rejects.toEqual(code('EMULATOR_CLOSED'));
    await cloud.close();
    await asked;
  });
});

test('what listeners throw', async () => {
  const central = await Central.start({ clock });
  for (const listen of ['onEvent', 'trace'] as const) central.cloud[listen](fail);
  central.cloud.hub().onEvent(fail);
  central.cloud.hub().devices.create({ deviceId: 'kettle', authentication: { type: 'certificateAuthority' } });
  await expect(central.close()).rejects.toEqual(code('LISTENER_FAILED', { cause: mine }));
  cloud.hub().onFeedback(fail);
  kettle.sendC2D('on', { ack: 'full' });
  kettle.purge();
  await expect(cloud.close()).rejects.toEqual(code('LISTENER_FAILED', { cause: mine }));
});

test('who can not listen is refused at once', () => {
  const invalid = code('ARGUMENT_INVALID', {
    message: expect.stringMatching(/^The listener of .* has to be a function/),
  });
  for (const none of [undefined, null, 'x', {}])
    for (const listen of [
      () => cloud.onEvent(none as never),
      () => cloud.trace(none as never),
      () => cloud.hub().onFeedback(none as never),
    ])
      expect(listen).toThrow(invalid);
});

test('a device that is not connected can not be disconnected: nothing would come of it', () => {
  expect(() => kettle.disconnect()).toThrow(
    code('DEVICE_NOT_ONLINE', { message: expect.stringMatching(/^kettle can't be disconnected: .*deviceCreated/s) }),
  );
});

test.each([undefined, null, 5, {}, '', 'a/b'])('%p is no name of a method', async (name) => {
  await expect(kettle.invokeMethod(name as never)).rejects.toEqual(code('METHOD_NAME_INVALID'));
});

describe('attestation that is to be refused', () => {
  let catalog: Catalog;
  let deviceId: string;
  const never = code('ATTESTATION_NEVER_REFUSED', { message: expect.stringContaining('it asked for no certificate') });

  beforeEach(async () => {
    catalog = await Catalog.create({ clock });
    deviceId = catalog.claim();
  });

  test('and nobody asks: the test would pass without it, too', async () => {
    catalog.refuseAttestation(deviceId);
    await clock.advance(60_000);
    await expect(cloud.close()).rejects.toEqual(never);
  });

  test('is told of once, and by a close on its own clock only', async () => {
    catalog.refuseAttestation(deviceId);
    const other = await LocalAzure.start({ clock: new VirtualClock() });
    await other.close();
    const second = await LocalAzure.start({ clock });
    await expect(second.close()).rejects.toEqual(never);
  });

  test('is not told of where it was refused, or was taken back', async () => {
    await expect(catalog.attest(deviceId).catch(() => 'none')).resolves.not.toBe('none');
    catalog.refuseAttestation(deviceId);
    catalog.refuseAttestation(deviceId, 'osTooOld');
    await expect(catalog.attest(deviceId)).rejects.toEqual(code('DEVICE_OS_TOO_OLD'));
    const another = catalog.claim();
    catalog.refuseAttestation(another);
    catalog.acceptAttestation(another);
    await cloud.close();
  });

  test.each(['os-too-old', 5, null])('for the reason %p is refused itself', (reason) => {
    expect(() => catalog.refuseAttestation(deviceId, reason as never)).toThrow(code('ARGUMENT_INVALID'));
    expect(catalog.device(deviceId).refusal).toBeUndefined();
  });
});

test('a predicate that gives a promise is none', async () => {
  const invalid = code('PREDICATE_INVALID', { message: expect.stringContaining('Leave out async') });
  const isAsync = (async () => false) as never;
  expect(() => void kettle.nextTelemetry(isAsync)).toThrow(invalid);
  expect(() => void kettle.nextUpload(isAsync)).toThrow(invalid);
  expect(() => void kettle.reported(isAsync)).toThrow(invalid);
  expect(() => void cloud.nextEvent(isAsync)).toThrow(invalid);
  await expect(cloud.nextEvent((() => Promise.reject(mine)) as never)).rejects.toEqual(invalid);
});

test('a device that the hub has never had', () => {
  const ketle = cloud.hub().device('ketle');
  const unknown = code('DEVICE_NOT_FOUND');
  expect(() => ketle.receivedTelemetry()).toThrow(unknown);
  expect(() => ketle.uploads()).toThrow(unknown);
  expect(() => ketle.twin).toThrow(unknown);
  expect(() => void ketle.disconnected()).toThrow(unknown);
  expect(() => ketle.disconnect()).toThrow(unknown);
  expect(() => ketle.purge()).toThrow(unknown);
  expect(ketle.isConnected).toBe(false);
  cloud.hub().devices.delete('kettle');
  expect(kettle.receivedTelemetry()).toEqual([]);
});

test('what is sent is text or bytes', () => {
  for (const body of [5, undefined, null, { on: true }])
    expect(() => kettle.sendC2D(body as never)).toThrow(code('CONTENT_INVALID'));
});

test('a closed emulator can be asked, and nothing else', async () => {
  const { certificates, enrollmentGroups, enrollments, registrations } = cloud.dps;
  const { caCertificate } = await Catalog.create({ clock });
  const keys = { symmetricKey: {} };
  certificates.upload('ca', caCertificate);
  enrollmentGroups.create({ id: 'group', attestation: keys });
  enrollments.create({ registrationId: 'one', attestation: keys });
  await cloud.close();
  const closed = code('EMULATOR_CLOSED');
  for (const act of [
    () => kettle.updateDesired({ level: 1 }),
    () => kettle.replaceTags({}),
    () => kettle.sendC2D('on'),
    () => kettle.purge(),
    () => kettle.disconnect(),
    () => cloud.record(),
    () => cloud.trace(() => undefined),
    () => cloud.onEvent(() => undefined),
    () => cloud.hub().onFeedback(() => undefined),
    () => cloud.dps.onEvent(() => undefined),
    () => cloud.faults.add({ kind: 'twinSilence' }),
    () => cloud.hub().devices.create({ deviceId: 'pot', authentication: { type: 'sas' } }),
    () => cloud.hub().devices.update('kettle', { enabled: false }),
    () => cloud.hub().devices.delete('kettle'),
    () => cloud.hub().certificates.upload('ca', caCertificate),
    () => certificates.upload('another', caCertificate),
    () => certificates.generateVerificationCode('ca'),
    () => certificates.verify('ca', caCertificate),
    () => certificates.delete('ca'),
    () => enrollmentGroups.create({ id: 'another', attestation: keys }),
    () => enrollmentGroups.update('group', { enabled: false }),
    () => enrollmentGroups.delete('group'),
    () => enrollments.create({ registrationId: 'two', attestation: keys }),
    () => enrollments.update('one', { enabled: false }),
    () => enrollments.delete('one'),
    () => registrations.delete('one'),
    () => cloud.dps.unlinkHub(cloud.hub().name),
    () => cloud.dps.linkHub(cloud.hub().name),
  ])
    expect(act).toThrow(closed);
  await expect(cloud.nextEvent()).rejects.toEqual(closed);
  await expect(kettle.connected()).rejects.toEqual(closed);
  await expect(kettle.invokeMethod('heat')).rejects.toEqual(closed);
  expect(cloud.events().map(({ type }: CloudEvent) => type)).toEqual(['deviceCreated']);
  expect(kettle.twin.desired).toEqual({});
  expect(cloud.hub().devices.get('kettle').enabled).toBe(true);
  expect([certificates.list(), enrollmentGroups.list(), enrollments.list()].map(({ length }) => length)).toEqual([
    1, 1, 1,
  ]);
});
