import { Catalog, CertificateAuthority, type Credential } from '../../../src/certificates/index.js';
import type { AllocationRequest } from '../../../src/emulator/index.js';
import { answerTo, atDps, poll, put, register } from '../dps-device.js';
import { DPS, dpsConnect, HUB, hubConnect, World } from '../support.js';

describe('DPS', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  test('answers 202, 202, 200 with the bodies of the real service', async () => {
    await world.enroll();
    const client = await atDps(world, await world.ca.issue({ commonName: 'device-1' }));
    const first = await put(client, 'device-1');
    expect(first.topic).toBe('$dps/registrations/res/202/?$rid=7&retry-after=3');
    expect(Object.keys(first.body)).toEqual(['operationId', 'status']);
    expect(first.body.operationId).toMatch(/^4\.[0-9a-f]{16}\.[0-9a-f-]{36}$/);
    // As in the trace in azure-docs: 94 bytes, whatever the id.
    expect(JSON.stringify(first.body)).toHaveLength(94);
    const second = await poll(client, first.body.operationId);
    expect(second.topic).toBe('$dps/registrations/res/202/?$rid=a-b&retry-after=3');
    expect(second.body).toMatchObject({ registrationState: { registrationId: 'device-1', status: 'assigning' } });
    const third = await poll(client, first.body.operationId);
    expect(third.topic).toBe('$dps/registrations/res/200/?$rid=a-b');
    expect(third.body).toMatchObject({
      operationId: first.body.operationId,
      status: 'assigned',
      registrationState: {
        x509: {},
        registrationId: 'device-1',
        createdDateTimeUtc: '2026-01-01T00:00:00.0000000Z',
        assignedHub: HUB,
        deviceId: 'device-1',
        status: 'assigned',
        substatus: 'initialAssignment',
      },
    });
    expect(world.azure.dps.registration('DEVICE-1')).toMatchObject({ status: 'assigned', enrollmentGroupId: 'group' });
    expect(world.azure.dps.events().map(({ type }) => type)).toEqual(['connected', 'registered']);
  });

  test('a newer connection of a device takes over; one that only says its name closes nothing', async () => {
    await world.enroll();
    const credential = await world.ca.issue({ commonName: 'device-1' });
    const first = await atDps(world, credential);
    const stranger = await CertificateAuthority.create({ subject: { commonName: 'Another CA' }, clock: world.clock });
    const forged = await atDps(world, await stranger.issue({ commonName: 'DEVICE-1' }));
    expect(first.isClosed).toBe(false);
    expect((await put(forged, 'device-1')).topic).toContain('/res/401/');
    expect((await put(first, 'device-1')).topic).toContain('/res/202/');
    const second = await atDps(world, credential);
    await first.closed();
    expect(second.isClosed).toBe(false);
  });

  test('takes an Azure Sphere DAA certificate with its 128 characters, and the hub takes it too', async () => {
    const { clock, azure } = world;
    const catalog = await Catalog.create({ clock });
    const deviceId = catalog.claim();
    const daa = await catalog.attest(deviceId);
    const { certificates, enrollmentGroups } = azure.dps;
    certificates.upload('catalog', catalog.caCertificate.raw);
    certificates.verify('catalog', await catalog.proofOfPossession(certificates.generateVerificationCode('catalog')));
    enrollmentGroups.create({ id: 'sphere', attestation: { x509: { caName: 'catalog' } } });
    const { body } = await register(world, daa);
    expect(body['registrationState']).toMatchObject({ assignedHub: HUB, deviceId });
    await world.online(daa);
    expect(world.hub.device(deviceId).isConnected).toBe(true);
  });

  test('binds the hub identity to the leaf: a new leaf has to register again', async () => {
    await world.enroll();
    const before = await world.ca.issue({ commonName: 'device-1' });
    await register(world, before);
    const after = await world.ca.issue({ commonName: 'device-1' });
    const refused = await world.open(HUB, after);
    expect((await refused.connect(hubConnect('device-1'))).returnCode).toBe(5);
    expect(world.hub.events().at(-1)).toMatchObject({
      type: 'authenticationFailed',
      reason: expect.stringContaining('thumbprint'),
    });
    world.hub.device('device-1').updateDesired({ kept: true });
    await register(world, after);
    await world.online(after);
    expect(world.hub.device('device-1').twin.desired).toEqual({ kept: true });
  });

  test('in ca mode the hub asks its own CA list', async () => {
    await world.enroll();
    world.azure.dps.enrollmentGroups.update('group', { credentialMode: 'ca' });
    const credential = await world.ca.issue({ commonName: 'device-1' });
    await register(world, credential);
    const refused = await world.open(HUB, credential);
    expect((await refused.connect(hubConnect('device-1'))).returnCode).toBe(5);
    world.hub.certificates.upload('ca', world.ca.pem, { verified: true });
    await world.online(await world.ca.issue({ commonName: 'device-1' }));
  });

  test('follows intermediates that the device sent up to the CA, and the nearest group decides', async () => {
    const { clock, azure, ca } = world;
    await world.enroll();
    const below = await CertificateAuthority.create({ subject: { commonName: 'Below' }, issuer: ca, clock });
    const credential = await below.issue({ commonName: 'device-1' });
    expect((await register(world, credential)).body.status).toBe('assigned');
    azure.dps.certificates.upload('below', below.certificate);
    azure.dps.enrollmentGroups.create({ id: 'below', attestation: { x509: { caName: 'below' } }, enabled: false });
    const { topic, body } = await register(world, credential);
    expect(topic).toBe('$dps/registrations/res/200/?$rid=7');
    expect(body).toEqual({
      operationId: '',
      status: 'disabled',
      registrationState: { registrationId: 'device-1', status: 'disabled' },
    });
  });

  test('hands the payload to an allocation callback and its answer to the device', async () => {
    await world.enroll();
    const asked: AllocationRequest[] = [];
    world.azure.dps.enrollmentGroups.update('group', {
      allocate: async (request) => {
        asked.push(request);
        return { hub: HUB, payload: { hello: 1 }, initialTwin: { desired: { a: 1 }, tags: { t: 2 } } };
      },
    });
    const credential = await world.ca.issue({ commonName: 'device-1' });
    const { body } = await register(world, credential, { model: 'x' });
    expect(body['registrationState']).toMatchObject({ payload: { hello: 1 } });
    expect(asked).toEqual([
      {
        registrationId: 'device-1',
        enrollmentGroupId: 'group',
        enrollmentGroup: world.azure.dps.enrollmentGroups.get('group'),
        linkedHubs: [HUB],
        certificate: expect.anything(),
        payload: { model: 'x' },
      },
    ]);
    expect(world.hub.device('device-1').twin).toMatchObject({ desired: { a: 1 }, tags: { t: 2 } });
  });

  test.each([
    [
      'sync',
      () => {
        throw new Error('no');
      },
    ],
    [
      'async',
      async () => {
        throw new Error('no');
      },
    ],
  ])('an allocation callback that throws fails the registration with 400207 (%s)', async (_, allocate) => {
    await world.enroll();
    world.azure.dps.enrollmentGroups.update('group', { allocate });
    const { topic, body } = await register(world, await world.ca.issue({ commonName: 'd' }));
    expect(topic).toMatch('/res/200/');
    expect(body).toMatchObject({ status: 'failed', registrationState: { errorCode: 400207 } });
  });

  describe('refuses', () => {
    const connack = async (scope: string | undefined, id: string, credential?: Credential): Promise<unknown> => {
      const client = await world.open(DPS, credential);
      const { returnCode } = await client.connect(dpsConnect(scope ?? world.azure.dps.idScope, id));
      await client.closed();
      const event = world.azure.dps.events().at(-1);
      return [returnCode, event?.type === 'authenticationFailed' ? event.reason : event];
    };

    test('an unknown id scope, another common name, and no certificate with CONNACK 5', async () => {
      const credential = await world.ca.issue({ commonName: 'device-1' });
      expect(await connack('0ne11111111', 'device-1', credential)).toEqual([5, expect.stringContaining('scope')]);
      expect(await connack(undefined, 'device-2', credential)).toEqual([5, expect.stringContaining('device-1')]);
      expect(await connack(undefined, 'device-1')).toEqual([
        5,
        expect.stringContaining('no client certificate was sent'),
      ]);
      expect(await connack(undefined, 'DEVICE_', credential)).toEqual([
        5,
        expect.stringContaining('no registration id'),
      ]);
    });

    test.each(['unknown', 'unverified', 'without group'])('a CA that is %s with 401002', async (what) => {
      const { certificates } = world.azure.dps;
      if (what !== 'unknown') certificates.upload('ca', world.ca.pem, { verified: what === 'without group' });
      if (what === 'unverified')
        world.azure.dps.enrollmentGroups.create({ id: 'g', attestation: { x509: { caName: 'ca' } } });
      const { topic, body } = await register(world, await world.ca.issue({ commonName: 'device-1' }));
      expect(topic).toBe('$dps/registrations/res/401/?$rid=7');
      expect(Object.keys(body)).toEqual(['errorCode', 'trackingId', 'message', 'timestampUtc']);
      expect(body).toMatchObject({ errorCode: 401002, message: 'CA certificate not found.' });
      expect(world.azure.dps.events()).toContainEqual(
        expect.objectContaining({ type: 'registrationRefused', errorCode: 401002, status: 401 }),
      );
    });

    test('an expired leaf, by the clock', async () => {
      await world.enroll();
      const credential = await world.ca.issue({ commonName: 'device-1', validityMs: 86_400_000 });
      await world.clock.advance(86_401_000);
      const { body } = await register(world, credential);
      expect(body).toMatchObject({ errorCode: 401002, message: 'Invalid certificate.' });
      expect(world.azure.dps.events()).toContainEqual(
        expect.objectContaining({ reason: expect.stringContaining('expired at 2026-01-02T00:00:00.000Z') }),
      );
    });

    test('a registration without a linked hub with 400208', async () => {
      await world.enroll();
      world.azure.dps.unlinkHub(HUB);
      const { body } = await register(world, await world.ca.issue({ commonName: 'device-1' }));
      expect(body).toMatchObject({ status: 'failed', registrationState: { errorCode: 400208, status: 'failed' } });
    });

    test('a body that is malformed or names another device, and an operation of another device', async () => {
      await world.enroll();
      const client = await atDps(world, await world.ca.issue({ commonName: 'device-1' }));
      client.publish('$dps/registrations/PUT/iotdps-register/?$rid=1', '{');
      expect((await answerTo(client)).topic).toBe('$dps/registrations/res/400/?$rid=1');
      expect((await put(client, 'device-2')).topic).toBe('$dps/registrations/res/400/?$rid=7');
      const other = await atDps(world, await world.ca.issue({ commonName: 'device-2' }));
      const { body } = await put(other, 'device-2');
      expect((await poll(client, body.operationId)).topic).toMatch('/res/404/');
    });

    test('other filters with 0x80, and closes on other topics', async () => {
      const client = await atDps(world, await world.ca.issue({ commonName: 'device-1' }));
      expect(await client.subscribe('$dps/#')).toBe(0x80);
      client.publish('$dps/registrations/POST/x/?$rid=1');
      await client.closed();
      expect(world.azure.dps.events().at(-1)).toMatchObject({ type: 'disconnected' });
    });
  });
});
