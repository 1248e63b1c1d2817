import { deriveDeviceKey, type SymmetricKey } from '../../../src/emulator/index.js';
import { register } from '../dps-device.js';
import { DPS, dpsConnect, HUB, hubConnect, sasToken, World, type SasOptions } from '../support.js';

const HOUR = 3_600_000;

describe('DPS with symmetric keys', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  const group = (): SymmetricKey => {
    const { attestation } = world.azure.dps.enrollmentGroups.create({ id: 'keys', attestation: { symmetricKey: {} } });
    return attestation.symmetricKey as SymmetricKey;
  };

  const shown = (registrationId: string, key: string, options: SasOptions = {}) => {
    const resource = `${world.azure.dps.idScope}/registrations/${registrationId}`;
    const token = sasToken(key, resource, world.clock.now() + HOUR, { keyName: 'registration', ...options });
    return { commonName: registrationId, password: token };
  };

  const hubTakes = async (deviceId: string, key: string): Promise<boolean> => {
    const client = await world.open(HUB);
    const password = Buffer.from(sasToken(key, `${HUB}/devices/${deviceId}`, world.clock.now() + HOUR));
    return (await client.connect(hubConnect(deviceId, { password }))).returnCode === 0;
  };

  test('derives the key of a device as documented', () => {
    // printf sn-007 | openssl dgst -sha256 -mac HMAC -macopt key:0123456789abcdef -binary | base64
    expect(deriveDeviceKey(Buffer.from('0123456789abcdef').toString('base64'), 'sn-007')).toBe(
      'xjWjhkbSVwFDbT39nSHp0PWBxPNeJz+ZopgCzjkBecM=',
    );
  });

  test('a group: the derived key lets the device in, here and at the hub', async () => {
    const key = group();
    for (const [id, signing] of Object.entries({ 'device-1': key.primaryKey, 'device-2': key.secondaryKey })) {
      const { body } = await register(world, shown(id, deriveDeviceKey(signing, id)));
      expect(body['registrationState']).toMatchObject({
        symmetricKey: { enrollmentGroupId: 'keys' },
        status: 'assigned',
        assignedHub: HUB,
        deviceId: id,
      });
      expect(body['registrationState']).not.toHaveProperty('x509');
      expect(await hubTakes(id, deriveDeviceKey(signing, id))).toBe(true);
      expect(await hubTakes(id, signing)).toBe(false);
    }
    expect(world.azure.dps.registration('device-1')).toMatchObject({
      attestation: 'symmetricKey',
      enrollmentGroupId: 'keys',
    });
    expect(world.azure.dps.registration('device-1')).not.toHaveProperty('thumbprint');
  });

  test('takes tokens as the C SDK encodes them, in lower case', async () => {
    const key = deriveDeviceKey(group().primaryKey, 'device-1');
    const encode = (text: string): string => encodeURIComponent(text).replace(/%../g, (hex) => hex.toLowerCase());
    expect((await register(world, shown('device-1', key, { encode }))).body.status).toBe('assigned');
  });

  test('a wrong key is told after the register request, with 401000', async () => {
    const { primaryKey } = group();
    for (const key of [primaryKey, deriveDeviceKey(primaryKey, 'device-2')]) {
      const { topic, body } = await register(world, shown('device-1', key));
      expect(topic).toBe('$dps/registrations/res/401/?$rid=7');
      expect(body).toMatchObject({ errorCode: 401000, message: 'Unauthorized' });
    }
    expect(JSON.stringify([world.azure.dps.events(), world.azure.events()])).not.toContain(primaryKey);
  });

  test('a disabled group answers disabled, to its own devices only', async () => {
    const key = deriveDeviceKey(group().primaryKey, 'device-1');
    world.azure.dps.enrollmentGroups.update('keys', { enabled: false });
    expect((await register(world, shown('device-1', key))).body.status).toBe('disabled');
    expect((await register(world, shown('device-2', key))).topic).toMatch('/res/401/');
  });

  test('refuses with CONNACK 5 what is no token for it', async () => {
    const { idScope } = world.azure.dps;
    const key = deriveDeviceKey(group().primaryKey, 'device-1');
    const resource = `${idScope}/registrations/device-1`;
    const later = world.clock.now() + HOUR;
    const cases: [string, RegExp][] = [
      ['', /no SAS token/],
      ['secret', /no SharedAccessSignature/],
      [sasToken(key, resource, later, { keyName: 'other' }), /skn/],
      [sasToken(key, `${idScope}/registrations/device-2`, later, { keyName: 'registration' }), /device-2, not/],
      [sasToken(key, resource, world.clock.now(), { keyName: 'registration' }), /expired/],
    ];
    for (const [password, reason] of cases) {
      const client = await world.open(DPS);
      const connack = await client.connect(dpsConnect(idScope, 'device-1', { password: Buffer.from(password) }));
      expect(connack.returnCode).toBe(5);
      expect(world.azure.dps.events().at(-1)).toMatchObject({ reason: expect.stringMatching(reason) });
    }
  });

  test('an individual enrollment: its own key, its own device id', async () => {
    const { attestation } = world.azure.dps.enrollments.create({
      registrationId: 'Sensor-1',
      deviceId: 'kitchen',
      attestation: { symmetricKey: { primaryKey: Buffer.alloc(32, 7).toString('base64') } },
      initialTwin: { desired: { interval: 5 } },
    });
    const { primaryKey, secondaryKey } = attestation.symmetricKey as SymmetricKey;
    const { body } = await register(world, shown('sensor-1', primaryKey));
    expect(body['registrationState']).toMatchObject({
      symmetricKey: {},
      deviceId: 'kitchen',
      registrationId: 'sensor-1',
    });
    expect(await hubTakes('kitchen', primaryKey)).toBe(true);
    expect(await hubTakes('kitchen', secondaryKey)).toBe(true);
    expect(world.hub.device('kitchen').twin.desired).toEqual({ interval: 5 });
    expect(world.azure.dps.registration('sensor-1')).not.toHaveProperty('enrollmentGroupId');
    const stranger = await register(world, shown('sensor-1', Buffer.alloc(32).toString('base64')));
    expect(stranger.body).toMatchObject({ errorCode: 401000 });
  });

  test('an individual enrollment decides before a group', async () => {
    const { primaryKey } = group();
    const derived = deriveDeviceKey(primaryKey, 'device-1');
    world.azure.dps.enrollments.create({
      registrationId: 'device-1',
      attestation: { symmetricKey: { primaryKey: derived } },
      enabled: false,
    });
    expect((await register(world, shown('device-1', derived))).body.status).toBe('disabled');
    world.azure.dps.enrollments.update('device-1', { enabled: true });
    expect((await register(world, shown('device-1', derived))).body.status).toBe('assigned');
    world.azure.dps.enrollments.delete('device-1');
    world.azure.dps.enrollments.create({ registrationId: 'device-1', attestation: { symmetricKey: {} } });
    expect((await register(world, shown('device-1', derived))).body).toMatchObject({ errorCode: 401000 });
  });
});
