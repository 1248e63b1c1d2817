import { register } from '../dps-device.js';
import { HUB, World } from '../support.js';

describe('individual enrollments by certificate', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  test('let the enrolled leaf in, whoever signed it, under the device id that is set', async () => {
    const credential = await world.ca.issue({ commonName: 'device-1' });
    world.azure.dps.enrollments.create({
      registrationId: 'DEVICE-1',
      deviceId: 'kitchen',
      attestation: { x509: { certificate: credential.chain } },
    });
    const { body } = await register(world, credential);
    expect(body['registrationState']).toMatchObject({ x509: {}, assignedHub: HUB, deviceId: 'kitchen' });
    expect(world.hub.devices.get('kitchen').authentication).toMatchObject({ type: 'selfSigned' });
    expect(world.azure.dps.registration('device-1')).toMatchObject({ attestation: 'x509' });
  });

  test('take the secondary certificate, and no other, though a group would', async () => {
    await world.enroll();
    const [primary, secondary, other] = await Promise.all(
      [1, 2, 3].map(() => world.ca.issue({ commonName: 'device-1' })),
    );
    world.azure.dps.enrollments.create({
      registrationId: 'device-1',
      attestation: { x509: { certificate: primary!.leaf, secondaryCertificate: secondary!.leaf.raw } },
    });
    expect((await register(world, secondary!)).body.status).toBe('assigned');
    expect((await register(world, other!)).body).toMatchObject({ errorCode: 401002, message: 'Invalid certificate.' });
    world.azure.dps.enrollments.delete('device-1');
    expect((await register(world, other!)).body.status).toBe('assigned');
  });

  test('that are disabled block the device, though a group would let it in', async () => {
    await world.enroll();
    const credential = await world.ca.issue({ commonName: 'device-1' });
    world.azure.dps.enrollments.create({
      registrationId: 'device-1',
      attestation: { x509: { certificate: credential.leaf } },
      enabled: false,
    });
    expect((await register(world, credential)).body).toMatchObject({ status: 'disabled', operationId: '' });
  });

  test('refuse an expired leaf by the clock, and a certificate where a key is enrolled', async () => {
    const credential = await world.ca.issue({ commonName: 'device-1', validityMs: 1000 });
    const { enrollments } = world.azure.dps;
    enrollments.create({ registrationId: 'device-1', attestation: { x509: { certificate: credential.leaf } } });
    await world.clock.advance(2000);
    expect((await register(world, credential)).body).toMatchObject({ message: 'Invalid certificate.' });
    const other = await world.ca.issue({ commonName: 'device-2' });
    enrollments.create({ registrationId: 'device-2', attestation: { symmetricKey: {} } });
    expect((await register(world, other)).body).toMatchObject({ errorCode: 401002 });
  });

  test('tell the allocation callback that there is no group', async () => {
    const credential = await world.ca.issue({ commonName: 'device-1' });
    const requests: unknown[] = [];
    world.azure.dps.enrollments.create({
      registrationId: 'device-1',
      attestation: { x509: { certificate: credential.leaf } },
      allocate: (request) => (requests.push(request), { hub: HUB, payload: { mine: true } }),
    });
    expect((await register(world, credential)).body['registrationState']).toMatchObject({ payload: { mine: true } });
    expect(requests).toEqual([
      {
        registrationId: 'device-1',
        individualEnrollment: world.azure.dps.enrollments.get('device-1'),
        linkedHubs: [HUB],
        certificate: expect.anything(),
      },
    ]);
  });

  test('are kept apart and checked', () => {
    const { enrollments } = world.azure.dps;
    const attestation = { symmetricKey: {} };
    enrollments.create({ registrationId: 'device-1', attestation });
    const code = (value: string) => expect.objectContaining({ code: value });
    expect(() => enrollments.create({ registrationId: 'Device-1', attestation })).toThrow(
      code('ENROLLMENT_ALREADY_EXISTS'),
    );
    expect(() => enrollments.create({ registrationId: 'device_', attestation })).toThrow(
      code('REGISTRATION_ID_INVALID'),
    );
    const x509 = { certificate: 'no PEM' };
    expect(() => enrollments.create({ registrationId: 'device-2', attestation: { x509 } })).toThrow(
      code('ENROLLMENT_CERTIFICATE_NOT_READABLE'),
    );
    expect(() => enrollments.get('device-2')).toThrow(code('ENROLLMENT_NOT_FOUND'));
    expect(enrollments.list().map(({ registrationId }) => registrationId)).toEqual(['device-1']);
  });
});
