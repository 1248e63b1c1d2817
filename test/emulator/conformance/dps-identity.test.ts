import { CertificateAuthority } from '../../../src/certificates/index.js';
import { atDps, put, register } from '../dps-device.js';
import { DPS, dpsConnect, HUB, hubConnect, World } from '../support.js';
import { conformance, type Rule } from './rules.js';

const DOC = 'azure-docs, concepts-x509-attestation';
const ROLL = 'azure-docs, how-to-roll-certificates';

const registrationId =
  (id: string, expected: 0 | 5): Rule['check'] =>
  async (world) => {
    const client = await world.open(DPS, await world.ca.issue({ commonName: id }));
    expect((await client.connect(dpsConnect(world.azure.dps.idScope, id))).returnCode).toBe(expected);
  };

/** What becomes of a device whose certificate comes from the CA `below`, which is below the enrolled one. */
const intermediate =
  (uploaded: 'verified' | 'unverified' | 'no', group: boolean | undefined, expected: string): Rule['check'] =>
  async (world) => {
    const { clock, azure, ca } = world;
    await world.enroll();
    const below = await CertificateAuthority.create({ subject: { commonName: 'Below' }, issuer: ca, clock });
    if (uploaded !== 'no') azure.dps.certificates.upload('below', below.pem, { verified: uploaded === 'verified' });
    if (group !== undefined)
      azure.dps.enrollmentGroups.create({
        id: 'below',
        attestation: { x509: { caName: 'below' } },
        enabled: group,
        initialTwin: { tags: { by: 'below' } },
      });
    const { body } = await register(world, await below.issue({ commonName: 'device-1' }));
    expect(body.status).toBe(expected);
    const tags = expected === 'assigned' ? world.hub.device('device-1').twin.tags : {};
    expect(tags).toEqual(group === true ? { by: 'below' } : {});
  };

const connack = async (world: World, credential: Awaited<ReturnType<CertificateAuthority['issue']>>) => {
  const client = await world.open(HUB, credential);
  return (await client.connect(hubConnect(credential.commonName))).returnCode;
};

conformance('DPS: identities', [
  {
    rule: 'dps-identity.registration-id',
    says: 'a registration id has letters, digits and - . _ :',
    source: DOC,
    check: registrationId('Ab-9.x_y:Z', 0),
  },
  {
    rule: 'dps-identity.registration-id-last',
    says: 'a registration id may end with -',
    source: DOC,
    check: registrationId('device-', 0),
  },
  ...['device.', 'device_', 'device:', 'de vice', 'device?', 'dévice'].map((id) => ({
    rule: `dps-identity.registration-id ${id}`,
    says: 'other characters, and . _ : at its end, are refused with CONNACK 5',
    source: DOC,
    check: registrationId(id, 5),
  })),
  {
    rule: 'dps-identity.registration-id-128',
    says: 'the common name may have the 128 characters of an Azure Sphere device id',
    source: 'Microsoft Q&A 398030',
    check: registrationId('0123456789abcdef'.repeat(8), 0),
  },
  {
    rule: 'dps-identity.registration-id-129',
    says: 'more than 128 characters are refused with CONNACK 5',
    source: DOC,
    check: async (world) => {
      const id = 'a'.repeat(129);
      const client = await world.open(DPS, await world.ca.issue({ commonName: 'a' }));
      expect((await client.connect(dpsConnect(world.azure.dps.idScope, id))).returnCode).toBe(5);
    },
  },
  {
    rule: 'dps-identity.registration-id-case',
    says: 'the common name is compared without regard to case',
    source: DOC,
    check: async (world) => {
      await world.enroll();
      const credential = await world.ca.issue({ commonName: 'DEVICE-1' });
      const client = await world.open(DPS, credential);
      expect((await client.connect(dpsConnect(world.azure.dps.idScope, 'device-1'))).returnCode).toBe(0);
    },
  },
  {
    rule: 'dps-identity.group-device-id',
    says: 'in a group the device id is the registration id',
    source: 'azure-docs, concepts-service',
    check: async (world) => {
      await world.enroll();
      const { body } = await register(world, await world.ca.issue({ commonName: 'device-1' }));
      expect(body['registrationState']).toMatchObject({ deviceId: 'device-1' });
      expect(world.hub.devices.list().map(({ deviceId }) => deviceId)).toEqual(['device-1']);
    },
  },
  {
    rule: 'dps-identity.individual-device-id',
    says: 'an individual enrollment may set another device id',
    source: 'azure-docs, concepts-service',
    check: async (world) => {
      const credential = await world.ca.issue({ commonName: 'device-1' });
      world.azure.dps.enrollments.create({
        registrationId: 'device-1',
        deviceId: 'kitchen',
        attestation: { x509: { certificate: credential.leaf } },
      });
      const { body } = await register(world, credential);
      expect(body['registrationState']).toMatchObject({ registrationId: 'device-1', deviceId: 'kitchen' });
    },
  },
  {
    rule: 'dps-identity.chain-sent',
    says: 'an intermediate that the device sends leads up to the verified CA',
    source: DOC,
    check: intermediate('no', undefined, 'assigned'),
  },
  {
    rule: 'dps-identity.chain-missing',
    says: 'without the intermediate the CA is not found',
    source: 'GH azure-iot-sdk-java#573',
    check: async (world) => {
      await world.enroll();
      const { clock, ca } = world;
      const below = await CertificateAuthority.create({ subject: { commonName: 'Below' }, issuer: ca, clock });
      const credential = await below.issue({ commonName: 'device-1' });
      const client = await world.open(DPS, credential, { cert: credential.leaf.toString() });
      await client.connect(dpsConnect(world.azure.dps.idScope, 'device-1'));
      await client.subscribe('$dps/registrations/res/#', 1);
      expect((await put(client, 'device-1')).body).toMatchObject({ message: 'CA certificate not found.' });
    },
  },
  {
    rule: 'dps-identity.group-intermediate',
    says: 'a group may name an intermediate that is verified by its root, and decides before the root’s',
    source: DOC,
    check: intermediate('unverified', true, 'assigned'),
  },
  {
    rule: 'dps-identity.group-most-specific',
    says: 'the most specific group decides',
    source: 'azure-docs, concepts-service',
    check: intermediate('verified', true, 'assigned'),
  },
  {
    rule: 'dps-identity.group-disabled',
    says: 'a disabled group of an intermediate blocks what is below it',
    source: 'azure-docs, how-to-revoke-device-access',
    check: intermediate('verified', false, 'disabled'),
  },
  {
    rule: 'dps-identity.individual-first',
    says: 'a disabled individual enrollment blocks the device, though a group would let it in',
    source: 'azure-docs, concepts-service',
    check: async (world) => {
      await world.enroll();
      const credential = await world.ca.issue({ commonName: 'device-1' });
      const x509 = { certificate: credential.leaf };
      world.azure.dps.enrollments.create({ registrationId: 'device-1', attestation: { x509 }, enabled: false });
      expect((await register(world, credential)).body.status).toBe('disabled');
    },
  },
  {
    rule: 'dps-identity.proof-of-possession',
    says: 'a CA counts once a certificate with the code of 40 hex digits was shown that it signed',
    source: 'azure-docs, how-to-verify-certificates',
    check: async (world) => {
      const { certificates, enrollmentGroups } = world.azure.dps;
      certificates.upload('ca', world.ca.certificate);
      enrollmentGroups.create({ id: 'group', attestation: { x509: { caName: 'ca' } } });
      const credential = await world.ca.issue({ commonName: 'device-1' });
      expect((await register(world, credential)).topic).toMatch('/res/401/');
      const code = certificates.generateVerificationCode('ca');
      expect(code).toMatch(/^[0-9A-F]{40}$/);
      certificates.verify('ca', await world.ca.proofOfPossession(code));
      expect((await register(world, credential)).body.status).toBe('assigned');
    },
  },
  {
    rule: 'dps-identity.verified-on-upload',
    says: 'a CA may be set to verified when it is uploaded',
    source: 'azure-docs, how-to-verify-certificates',
    check: async (world) => {
      world.azure.dps.certificates.upload('ca', world.ca.certificate, { verified: true });
      world.azure.dps.enrollmentGroups.create({ id: 'group', attestation: { x509: { caName: 'ca' } } });
      const { body } = await register(world, await world.ca.issue({ commonName: 'device-1' }));
      expect(body.status).toBe('assigned');
    },
  },
  ...(['X509 CERTIFICATE', 'TRUSTED CERTIFICATE'] as const).map((label): Rule => ({
    rule: `dps-identity.pem-${label.split(' ')[0]?.toLowerCase()}`,
    says: `a certificate may have the PEM label ${label}`,
    source: 'OpenSSL, PEM_read_bio_X509_AUX; openssl x509 -trustout',
    check: async (world) => {
      const settings = label === 'TRUSTED CERTIFICATE' ? '300c300a06082b06010505070302' : '';
      const der = Buffer.concat([world.ca.certificate.raw, Buffer.from(settings, 'hex')]);
      const pem = `-----BEGIN ${label}-----\n${der.toString('base64')}\n-----END ${label}-----\n`;
      world.azure.dps.certificates.upload('ca', pem, { verified: true });
      world.azure.dps.enrollmentGroups.create({ id: 'group', attestation: { x509: { caName: 'ca' } } });
      const { body } = await register(world, await world.ca.issue({ commonName: 'device-1' }));
      expect(body.status).toBe('assigned');
    },
  })),
  {
    rule: 'dps-identity.leaf-roll',
    says: 'the hub identity is bound to the leaf: a new leaf is refused until the device registers again',
    source: ROLL,
    check: async (world) => {
      await world.enroll();
      await register(world, await world.ca.issue({ commonName: 'device-1' }));
      const rolled = await world.ca.issue({ commonName: 'device-1' });
      expect(await connack(world, rolled)).toBe(5);
      await register(world, rolled);
      expect(await connack(world, rolled)).toBe(0);
    },
  },
  {
    rule: 'dps-identity.leaf-roll-ca',
    says: 'bound to the hub’s CA instead, a new leaf is taken at once',
    source: `${ROLL}, option`,
    options: { dps: { credentialMode: 'ca' } },
    check: async (world) => {
      await world.enroll();
      world.hub.certificates.upload('ca', world.ca.certificate, { verified: true });
      await register(world, await world.ca.issue({ commonName: 'device-1' }));
      expect(await connack(world, await world.ca.issue({ commonName: 'device-1' }))).toBe(0);
    },
  },
  {
    rule: 'dps-identity.custom-allocation',
    says: 'a custom allocation is told of device and hubs, and decides hub, twin and payload',
    source: 'azure-docs, concepts-custom-allocation',
    options: { hubs: [HUB, 'fabrikam.azure-devices.net'] },
    check: async (world) => {
      await world.enroll();
      const asked: unknown[] = [];
      world.azure.dps.enrollmentGroups.update('group', {
        allocate: (request) => {
          asked.push(request);
          return { hub: 'fabrikam.azure-devices.net', initialTwin: { tags: { t: 1 }, desired: { d: 2 } } };
        },
      });
      const { body } = await register(world, await world.ca.issue({ commonName: 'device-1' }), { model: 'x' });
      expect(body['registrationState']).toMatchObject({ assignedHub: 'fabrikam.azure-devices.net' });
      expect(asked).toMatchObject([
        { registrationId: 'device-1', enrollmentGroupId: 'group', payload: { model: 'x' } },
      ]);
      const { twin } = world.azure.hub('fabrikam.azure-devices.net').device('device-1');
      expect(twin).toMatchObject({ tags: { t: 1 }, desired: { d: 2 } });
    },
  },
  {
    rule: 'dps-identity.take-over',
    says: 'a second connection of the same device closes the first',
    source: 'MQTT-3.1.4-2',
    check: async (world) => {
      const credential = await world.ca.issue({ commonName: 'device-1' });
      const older = await atDps(world, credential);
      await atDps(world, credential);
      await older.closed();
    },
  },
]);
