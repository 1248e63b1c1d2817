import type { Credential } from '../../../src/certificates/index.js';
import { LocalAzure, type AllocationCallback, type AllocationRequest } from '../../../src/emulator/index.js';
import { atDps, put, register } from '../dps-device.js';
import { hubConnect, World } from '../support.js';

const HUBS = ['alpha.azure-devices.net', 'beta.azure-devices.net', 'gamma.azure-devices.net'] as const;
const [ALPHA, BETA, GAMMA] = HUBS;

describe('DPS with several hubs', () => {
  let world: World;
  let credential: Credential;

  beforeEach(async () => {
    world = await World.create({ hubs: HUBS });
    await world.enroll();
    credential = await world.ca.issue({ commonName: 'device-1' });
  });
  afterEach(() => world.close());

  const dps = () => world.azure.dps;
  const group = (change: Parameters<LocalAzure['dps']['enrollmentGroups']['update']>[1]) =>
    dps().enrollmentGroups.update('group', change);
  const state = async (shown = credential) =>
    (await register(world, shown)).body['registrationState'] as Record<string, unknown>;
  const hubOf = async (shown = credential) => (await state(shown))['assignedHub'];
  const where = () => HUBS.filter((name) => world.azure.hub(name).devices.has('device-1'));

  describe('allocates', () => {
    test('evenly: every hub gets some, and a device stays when one is linked later', async () => {
      dps().unlinkHub(GAMMA);
      const devices = await Promise.all(
        Array.from({ length: 8 }, (_, index) => world.ca.issue({ commonName: `device-${index}` })),
      );
      const first = [];
      for (const device of devices) first.push(await hubOf(device));
      expect(new Set(first)).toEqual(new Set([ALPHA, BETA]));
      dps().linkHub(GAMMA);
      const again = [];
      for (const device of devices) again.push(await hubOf(device));
      expect(again).toEqual(first);
    });

    test('by latency: the first of the order given, looked at anew each time', async () => {
      group({ allocationPolicy: 'geoLatency' });
      expect(await hubOf()).toBe(ALPHA);
      group({ hubs: [GAMMA.toUpperCase(), BETA] });
      expect(await hubOf()).toBe(GAMMA);
      dps().unlinkHub(GAMMA);
      expect(await hubOf()).toBe(BETA);
    });

    test('statically, and by hash only among the hubs of the enrollment', async () => {
      group({ hub: BETA });
      expect(await hubOf()).toBe(BETA);
      group({ allocationPolicy: 'hashed', hubs: [GAMMA] });
      expect(await hubOf()).toBe(GAMMA);
    });

    test('by the policy of the enrollment before that of the service', async () => {
      const other = await World.create({ hubs: HUBS, dps: { allocate: () => ({ hub: BETA }) } });
      await other.enroll();
      const device = await other.ca.issue({ commonName: 'device-1' });
      expect((await register(other, device)).body['registrationState']).toMatchObject({ assignedHub: BETA });
      other.azure.dps.enrollmentGroups.update('group', { allocationPolicy: 'geoLatency' });
      expect((await register(other, device)).body['registrationState']).toMatchObject({ assignedHub: ALPHA });
      await other.close();
    });

    test('tells the callback where the device is, and which hubs it may choose', async () => {
      const requests: AllocationRequest[] = [];
      const allocate: AllocationCallback = (request) => (requests.push(request), { hub: BETA });
      group({ allocate, hubs: [BETA, GAMMA] });
      await state();
      await state();
      expect(requests).toMatchObject([
        { registrationId: 'device-1', linkedHubs: [BETA, GAMMA] },
        { currentHub: BETA, currentDeviceId: 'device-1', enrollmentGroup: { id: 'group', hubs: [BETA, GAMMA] } },
      ]);
      expect(requests[0]).not.toHaveProperty('currentHub');
      expect(requests[0]?.certificate?.fingerprint).toBe(credential.leaf.fingerprint);
    });

    test('only by a policy that has what it needs', async () => {
      const invalid = expect.objectContaining({ code: 'ALLOCATION_POLICY_INVALID' });
      expect(() => group({ allocationPolicy: 'static' })).toThrow(invalid);
      expect(() => group({ allocationPolicy: 'custom' })).toThrow(invalid);
      const create = () =>
        dps().enrollments.create({
          registrationId: 'device-1',
          attestation: { symmetricKey: {} },
          allocationPolicy: 'static',
        });
      expect(create).toThrow(invalid);
      await expect(LocalAzure.start({ dps: { allocationPolicy: 'custom' } })).rejects.toEqual(invalid);
      expect(await hubOf()).toMatch(/azure-devices/);
    });
  });

  describe('fails with 400207, and the device can try again, where the callback', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;

    test.each<[string, AllocationCallback, RegExp]>([
      ['throws', () => Promise.reject(new Error('database down')), /database down/],
      ['gives nothing', () => undefined as never, /no `hub`/],
      ['gives a hub that is no name', async () => ({ hub: 7 }) as never, /no `hub`/],
      ['gives a payload that is circular', async () => ({ hub: ALPHA, payload: circular }), /circular/],
      ['gives a payload that is not JSON', () => ({ hub: ALPHA, payload: () => 1 }), /not JSON/],
    ])('%s', async (_, allocate, message) => {
      group({ allocate });
      expect(await state()).toMatchObject({ errorCode: 400207, errorMessage: expect.stringMatching(message) });
      expect(where()).toEqual([]);
      group({ allocate: () => ({ hub: ALPHA }) });
      expect(await hubOf()).toBe(ALPHA);
    });

    test('never answers: after its time, while the device polls', async () => {
      group({ allocate: () => new Promise(() => undefined) });
      const start = world.clock.now();
      const client = await atDps(world, credential);
      await put(client, 'device-1');
      await world.run(world.azure.nextEvent(({ type }) => type === 'registrationRefused'));
      expect(world.clock.now() - start).toBe(30_000);
      expect(dps().registration('device-1')).toMatchObject({
        status: 'failed',
        errorCode: 400207,
        errorMessage: 'Custom allocation failed: the callback did not answer in 30000 ms.',
      });
    });
  });

  test('an answer that comes when nobody waits for it any more changes nothing', async () => {
    const answers: ((hub: string) => void)[] = [];
    group({ allocate: () => new Promise((resolve) => answers.push((hub) => resolve({ hub }))) });
    const client = await atDps(world, credential);
    await put(client, 'device-1');
    await put(client, 'device-1');
    answers[1]?.(BETA);
    await world.clock.advance(0);
    answers[0]?.(ALPHA);
    await world.clock.advance(60_000);
    expect(where()).toEqual([BETA]);
    expect(dps().registration('device-1')).toMatchObject({ assignedHub: BETA });
    // Nor one after the emulator was closed.
    await put(client, 'device-1');
    await world.azure.close();
    answers[2]?.(ALPHA);
    await world.clock.advance(0);
    expect(where()).toEqual([BETA]);
  });

  test('a hub that is unlinked while the callback thinks is not used: 400208', async () => {
    group({
      allocate: async () => {
        dps().unlinkHub(BETA);
        return { hub: BETA };
      },
    });
    expect(await state()).toMatchObject({ errorCode: 400208, errorMessage: expect.stringContaining(BETA) });
    expect(where()).toEqual([]);
  });

  describe('provisions a device again', () => {
    const move = (to: string) => group({ hub: to });
    const device = (name: string) => world.azure.hub(name).device('device-1');

    beforeEach(async () => {
      group({ hub: ALPHA, initialTwin: { desired: { interval: 60 }, tags: { site: 1 } } });
      expect(await state()).toMatchObject({ substatus: 'initialAssignment' });
      const client = await world.open(ALPHA, credential);
      await client.connect(hubConnect('device-1', { username: `${ALPHA}/device-1/?api-version=2020-09-30` }));
      await client.subscribe('$iothub/twin/res/#');
      client.publish('$iothub/twin/PATCH/properties/reported/?$rid=1', '{"firmware":7}');
      await client.next('publish');
      device(ALPHA).updateDesired({ interval: 30 });
      device(ALPHA).updateTags({ floor: 2 });
    });

    test('by default with its data: the twin moves with its versions, the old identity is deleted', async () => {
      const before = device(ALPHA).twin;
      move(BETA);
      expect(await state()).toMatchObject({ assignedHub: BETA, substatus: 'deviceDataMigrated' });
      expect(where()).toEqual([BETA]);
      expect(device(BETA).twin).toEqual(before);
      expect(device(BETA).twin).toMatchObject({ desired: { interval: 30 }, reported: { firmware: 7 } });
      await expect(world.run(device(BETA).reported())).resolves.toEqual({ firmware: 7 });
      await world.run(device(ALPHA).disconnected());
      expect(device(ALPHA).twin).toMatchObject({ desired: {}, reported: {}, tags: {} });
      // It stays, as what it is.
      expect(await state()).toMatchObject({ assignedHub: BETA, substatus: 'deviceDataMigrated' });
      expect(world.azure.dps.events().at(-2)).toMatchObject({ type: 'registered', substatus: 'deviceDataMigrated' });
    });

    test('a device that was disabled stays so in the other hub', async () => {
      world.azure.hub(ALPHA).devices.update('device-1', { enabled: false });
      move(BETA);
      await state();
      expect(world.azure.hub(BETA).devices.get('device-1').enabled).toBe(false);
    });

    test('with the initial twin, in another hub or in the same one', async () => {
      group({ reprovisionPolicy: 'resetData' });
      const fresh = { desired: { interval: 60 }, reported: {}, tags: { site: 1 } };
      expect(await state()).toMatchObject({ assignedHub: ALPHA, substatus: 'reprovisionedToInitialAssignment' });
      expect(device(ALPHA).twin).toMatchObject(fresh);
      device(ALPHA).updateTags({ floor: 2 });
      move(BETA);
      expect(await state()).toMatchObject({ assignedHub: BETA, substatus: 'deviceDataReset' });
      expect(device(BETA).twin).toMatchObject(fresh);
      expect(where()).toEqual([BETA]);
    });

    test('with the twin of the callback, whatever the policy says', async () => {
      group({ allocationPolicy: 'custom', allocate: () => ({ hub: BETA, initialTwin: { desired: { mine: 1 } } }) });
      expect(await state()).toMatchObject({ assignedHub: BETA, substatus: 'deviceDataReset' });
      expect(device(BETA).twin).toMatchObject({ desired: { mine: 1 }, reported: {}, tags: {} });
      expect(where()).toEqual([BETA]);
    });

    test('never: it keeps its hub and its twin, with the credential of now', async () => {
      group({ reprovisionPolicy: 'never', hub: BETA });
      const renewed = await world.ca.issue({ commonName: 'device-1' });
      expect(await state(renewed)).toMatchObject({ assignedHub: ALPHA, substatus: 'initialAssignment' });
      expect(device(ALPHA).twin).toMatchObject({ reported: { firmware: 7 } });
      const client = await world.open(ALPHA, renewed);
      const username = `${ALPHA}/device-1/?api-version=2020-09-30`;
      expect((await client.connect(hubConnect('device-1', { username }))).returnCode).toBe(0);
      // Even where DPS has no say there any more.
      dps().unlinkHub(ALPHA);
      expect(await state()).toMatchObject({ assignedHub: ALPHA, deviceId: 'device-1', status: 'assigned' });
      expect(where()).toEqual([ALPHA]);
    });

    test('out of a hub that was unlinked: its data stays there', async () => {
      group({ allocationPolicy: 'hashed' });
      dps().unlinkHub(ALPHA);
      expect(await state()).toMatchObject({
        assignedHub: expect.not.stringContaining('alpha'),
        substatus: 'deviceDataReset',
      });
      expect(where()).toHaveLength(2);
      expect(device(ALPHA).twin).toMatchObject({ reported: { firmware: 7 } });
    });

    test('not into a hub that is full: it stays where it was, with 400209, until there is room', async () => {
      const full = await World.create({ hubs: HUBS, hub: { maxDevices: 1 } });
      await full.enroll();
      const groups = full.azure.dps.enrollmentGroups;
      const one = await full.ca.issue({ commonName: 'device-1' });
      const two = await full.ca.issue({ commonName: 'device-2' });
      groups.update('group', { hub: BETA });
      await register(full, two);
      groups.update('group', { hub: ALPHA });
      await register(full, one);
      full.azure.hub(ALPHA).device('device-1').updateTags({ floor: 2 });
      groups.update('group', { hub: BETA });
      expect((await register(full, one)).body['registrationState']).toMatchObject({
        errorCode: 400209,
        errorMessage: `${BETA} has 1 device already, as many as it takes.`,
      });
      expect(full.azure.hub(ALPHA).device('device-1').twin.tags).toEqual({ floor: 2 });
      full.azure.hub(BETA).devices.delete('device-2');
      // A registration that failed did not make DPS forget where the device is.
      expect((await register(full, one)).body['registrationState']).toMatchObject({ substatus: 'deviceDataMigrated' });
      expect(full.azure.hub(BETA).device('device-1').twin.tags).toEqual({ floor: 2 });
      expect(full.azure.hub(ALPHA).devices.has('device-1')).toBe(false);
      await full.close();
    });

    test('not with an initial twin that is no twin: nothing was changed', async () => {
      group({ hub: BETA, reprovisionPolicy: 'resetData', initialTwin: { desired: { 'a.b': 1 } } });
      expect(await state()).toMatchObject({ errorCode: 400209, errorMessage: expect.stringContaining('a.b') });
      expect(where()).toEqual([ALPHA]);
      expect(device(ALPHA).twin).toMatchObject({ reported: { firmware: 7 } });
    });
  });

  describe('keeps a record of each registration', () => {
    test('which is found, listed, and deleted, after which the device provisions as a new one', async () => {
      group({ hub: ALPHA });
      await state();
      const { registrations } = dps();
      expect(registrations.get('DEVICE-1')).toMatchObject({ assignedHub: ALPHA, substatus: 'initialAssignment' });
      expect(registrations.list()).toEqual([registrations.get('device-1')]);
      registrations.delete('Device-1');
      expect([registrations.find('device-1'), registrations.list()]).toEqual([undefined, []]);
      expect(dps().events().at(-1)).toMatchObject({ type: 'registrationDeleted', registrationId: 'device-1' });
      expect(where()).toEqual([ALPHA]);
      await world.clock.advance(1000);
      group({ hub: BETA });
      expect(await state()).toMatchObject({ assignedHub: BETA, substatus: 'initialAssignment' });
      // DPS does not know of the other one any more.
      expect(where()).toEqual([ALPHA, BETA]);
      expect(registrations.get('device-1').createdAt).toBeGreaterThan(Date.UTC(2026, 0, 1));
    });

    test('and drops what is under way for a device whose record is deleted', async () => {
      await state();
      let answer = (): void => undefined;
      group({ allocate: () => new Promise((resolve) => (answer = () => resolve({ hub: BETA }))) });
      const client = await atDps(world, credential);
      await put(client, 'device-1');
      dps().registrations.delete('device-1');
      answer();
      await world.clock.advance(0);
      expect(dps().registrations.list()).toEqual([]);
    });

    test('and knows what it has not', () => {
      const missing = expect.objectContaining({ code: 'REGISTRATION_NOT_FOUND' });
      expect(() => dps().registrations.get('device-1')).toThrow(missing);
      expect(() => dps().registrations.delete('device-1')).toThrow(missing);
    });

    test('and a disabled individual enrollment shuts a device out that its group would take', async () => {
      await state();
      const attestation = { x509: { certificate: credential.leaf } };
      dps().enrollments.create({ registrationId: 'device-1', attestation, enabled: false });
      expect(await state()).toEqual({ registrationId: 'device-1', status: 'disabled' });
      dps().enrollments.delete('device-1');
      expect(await state()).toMatchObject({ status: 'assigned' });
    });
  });
});
