import { CertificateAuthority, type Credential } from '../../../src/certificates/index.js';
import type { LocalAzure } from '../../../src/emulator/index.js';
import { register } from '../dps-device.js';
import { World } from '../support.js';

const HUBS = ['alpha.azure-devices.net', 'beta.azure-devices.net'] as const;
const [ALPHA, BETA] = HUBS;

type Group = Parameters<LocalAzure['dps']['enrollmentGroups']['update']>[1];

describe('a device that DPS provisioned comes by another enrollment', () => {
  let world: World;
  let first: Credential;
  let second: Credential;

  beforeEach(async () => {
    world = await World.create({ hubs: HUBS });
    await world.enroll();
    first = await world.ca.issue({ commonName: 'device-1' });
    const other = await CertificateAuthority.create({ subject: { commonName: 'Other CA' }, clock: world.clock });
    world.azure.dps.certificates.upload('other', other.certificate, { verified: true });
    world.azure.dps.enrollmentGroups.create({ id: 'other', attestation: { x509: { caName: 'other' } } });
    second = await other.issue({ commonName: 'device-1' });
    for (const id of ['group', 'other']) group(id, { hub: ALPHA });
    expect(await state(first)).toMatchObject({ status: 'assigned', assignedHub: ALPHA });
  });
  afterEach(() => world.close());

  const group = (id: string, change: Group) => world.azure.dps.enrollmentGroups.update(id, change);
  const state = async (credential: Credential) => (await register(world, credential)).body['registrationState'];
  const identity = (hub: string = ALPHA) => world.azure.hub(hub).devices.get('device-1');
  const refused = {
    status: 'failed',
    errorCode: 400209,
    errorMessage: expect.stringContaining('one of the two has the reprovisionPolicy never'),
  };

  test('it gets its new credential where both enrollments want that', async () => {
    const before = identity();
    expect(await state(second)).toMatchObject({ status: 'assigned', assignedHub: ALPHA });
    expect(identity().authentication).not.toEqual(before.authentication);
    expect(identity().generationId).toBe(before.generationId);
  });

  test.each(['group', 'other'])('its identity stays as it is where %s says never', async (id) => {
    group(id, { reprovisionPolicy: 'never' });
    const before = identity();
    expect(await state(second)).toMatchObject(refused);
    // A try that failed does not make the identity the other enrollment's.
    expect(await state(second)).toMatchObject(refused);
    expect(identity()).toEqual(before);
    // The enrollment that made it renews the credential nonetheless.
    const renewed = await world.ca.issue({ commonName: 'device-1' });
    expect(await state(renewed)).toMatchObject({ status: 'assigned' });
    expect(identity().authentication).not.toEqual(before.authentication);
  });

  test('it is not taken to another hub, and not out of its own', async () => {
    group('group', { reprovisionPolicy: 'never' });
    group('other', { hub: BETA });
    const before = identity();
    expect(await state(second)).toMatchObject(refused);
    expect(identity()).toEqual(before);
    expect(world.azure.hub(BETA).devices.has('device-1')).toBe(false);
  });

  test('it is held after its record was deleted, and not after its enrollment was', async () => {
    group('group', { reprovisionPolicy: 'never' });
    world.azure.dps.registrations.delete('device-1');
    expect(await state(second)).toMatchObject(refused);
    world.azure.dps.enrollmentGroups.delete('group');
    expect(await state(second)).toMatchObject({ status: 'assigned' });
  });

  test('an individual enrollment is another one, too', async () => {
    const { enrollments } = world.azure.dps;
    enrollments.create({
      registrationId: 'device-1',
      attestation: { x509: { certificate: second.leaf } },
      reprovisionPolicy: 'never',
    });
    const before = identity();
    expect(await state(second)).toMatchObject(refused);
    enrollments.update('device-1', { reprovisionPolicy: 'migrateData' });
    expect(await state(second)).toMatchObject({ status: 'assigned' });
    expect(identity().authentication).not.toEqual(before.authentication);
  });
});
