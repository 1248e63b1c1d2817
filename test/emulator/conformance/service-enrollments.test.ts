import { deriveDeviceKey } from '../../../src/emulator/index.js';
import { ask } from '../https.js';
import { DPS, sasToken, type World } from '../support.js';
import { dpsBackEnd } from './back-end.js';
import { conformance } from './rules.js';

const REST = 'REST definition of the DPS service API';
const CAPTURED = 'captured: azure-iot-provisioning-service 1.11';
const KEYS = { type: 'symmetricKey' };
const HOUR = 3_600_000;

/** A device registers with a key; what DPS says of it. */
async function register(world: World, registrationId: string, key: string): Promise<Record<string, unknown>> {
  const { idScope } = world.azure.dps;
  const token = sasToken(key, `${idScope}/registrations/${registrationId}`, world.clock.now() + HOUR, {
    keyName: 'registration',
  });
  const path = `/${idScope}/registrations/${registrationId}`;
  const headers = { authorization: token };
  const begun = await ask(world, {
    host: DPS,
    method: 'PUT',
    path: `${path}/register?api-version=2021-06-01`,
    headers,
    body: { registrationId },
  });
  const operation = String(begun.json['operationId']);
  return (await ask(world, { host: DPS, path: `${path}/operations/${operation}?api-version=2021-06-01`, headers }))
    .json;
}

conformance(
  'Service side: enrollments',
  [
    {
      rule: 'service-enrollments.individual',
      says: 'PUT without If-Match creates an enrollment with keys of its own, which GET does not tell; a second one is 409',
      source: `${REST}; ${CAPTURED}`,
      options: { dps: { assigningPolls: 0 } },
      check: async (world) => {
        const say = dpsBackEnd(world);
        const body = {
          registrationId: 'r',
          deviceId: 'd',
          attestation: KEYS,
          initialTwin: { tags: { room: 1 }, properties: { desired: { on: true } } },
          reprovisionPolicy: { updateHubAssignment: true, migrateDeviceData: false },
          capabilities: { iotEdge: true },
          optionalDeviceInformation: { serial: 7 },
        };
        const created = await say('PUT /enrollments/r', { body });
        expect(created).toMatchObject({
          status: 200,
          json: {
            ...body,
            provisioningStatus: 'enabled',
            etag: expect.stringMatching(/^".+"$/),
            createdDateTimeUtc: expect.stringMatching(/0000Z$/),
          },
        });
        expect(created.json['attestation']).toEqual(KEYS);
        expect(created.headers.etag).toBe(created.json['etag']);
        expect(await say('PUT /enrollments/r', { body })).toMatchObject({ status: 409, json: { errorCode: 409000 } });
        const keys = (await say('POST /enrollments/R/attestationmechanism')).json as {
          symmetricKey: { primaryKey: string };
        };
        expect(await register(world, 'r', keys.symmetricKey.primaryKey)).toMatchObject({ status: 'assigned' });
        expect(world.hub.device('d').twin).toMatchObject({ tags: { room: 1 }, desired: { on: true } });
        expect(world.hub.devices.get('d').iotEdge).toBe(true);
        expect((await say('GET /enrollments/r')).json).toMatchObject({
          registrationState: { status: 'assigned', deviceId: 'd' },
        });
      },
    },
    {
      rule: 'service-enrollments.update',
      says: 'PUT with If-Match changes it, keeps keys that are not given, and is 412 for another ETag, 404 for an unknown one',
      source: `${REST}; ${CAPTURED}`,
      check: async (world) => {
        const say = dpsBackEnd(world);
        const created = (await say('PUT /enrollments/r', { body: { attestation: KEYS } })).json;
        const before = world.azure.dps.enrollments.get('r').attestation;
        await world.clock.advance(1000);
        const put = (id = 'r') =>
          say(`PUT /enrollments/${id}`, {
            body: { ...created, registrationId: id, provisioningStatus: 'disabled' },
            headers: { 'if-match': String(created['etag']) },
          });
        const { json } = await put();
        expect(json).toMatchObject({
          provisioningStatus: 'disabled',
          createdDateTimeUtc: created['createdDateTimeUtc'],
        });
        expect(json['lastUpdatedDateTimeUtc']).not.toBe(created['lastUpdatedDateTimeUtc']);
        expect(world.azure.dps.enrollments.get('r').attestation).toEqual(before);
        expect(await put()).toMatchObject({ status: 412, json: { errorCode: 412000 } });
        expect(await put('s')).toMatchObject({ status: 404, json: { errorCode: 404201 } });
      },
    },
    {
      rule: 'service-enrollments.x509',
      says: 'certificates are given as PEM or as Base64 of DER, and shown by what is in them; what comes back without one keeps it',
      source: REST,
      check: async (world) => {
        const say = dpsBackEnd(world);
        const one = (await world.ca.issue({ commonName: 'r' })).leaf;
        const other = (await world.ca.issue({ commonName: 'r' })).leaf;
        const clientCertificates = {
          primary: { certificate: one.toString() },
          secondary: { certificate: other.raw.toString('base64') },
        };
        const body = { attestation: { type: 'x509', x509: { clientCertificates } } };
        const created = (await say('PUT /enrollments/r', { body })).json;
        expect(created).toMatchObject({
          attestation: {
            x509: {
              clientCertificates: {
                primary: {
                  info: { subjectName: 'CN=r', sha1Thumbprint: one.fingerprint.replaceAll(':', ''), version: 3 },
                },
                secondary: { info: { sha1Thumbprint: other.fingerprint.replaceAll(':', '') } },
              },
            },
          },
        });
        await say('PUT /enrollments/r', { body: created, headers: { 'if-match': '*' } });
        const kept = world.azure.dps.enrollments.get('r').attestation.x509;
        expect([kept?.certificate.raw, kept?.secondaryCertificate?.raw]).toEqual([one.raw, other.raw]);
        const bad = {
          attestation: { type: 'x509', x509: { clientCertificates: { primary: { certificate: 'AAAA' } } } },
        };
        expect((await say('PUT /enrollments/s', { body: bad })).status).toBe(400);
      },
    },
    {
      rule: 'service-enrollments.bulk',
      says: 'POST /enrollments does each by its mode, and tells what failed',
      source: `${REST}; ${CAPTURED}`,
      check: async (world) => {
        const say = dpsBackEnd(world);
        const bulk = async (mode: string, ...ids: readonly string[]) =>
          (
            await say('POST /enrollments/', {
              body: { mode, enrollments: ids.map((registrationId) => ({ registrationId, attestation: KEYS })) },
            })
          ).json;
        expect(await bulk('create', 'a', 'b')).toEqual({ isSuccessful: true, errors: [] });
        expect(await bulk('create', 'b', 'c')).toMatchObject({
          isSuccessful: false,
          errors: [{ registrationId: 'b', errorCode: 409000, errorStatus: expect.any(String) }],
        });
        expect(await bulk('update', 'a')).toMatchObject({ isSuccessful: true });
        expect(await bulk('delete', 'a', 'b', 'c', 'd')).toMatchObject({
          errors: [{ registrationId: 'd', errorCode: 404201 }],
        });
        expect(world.azure.dps.enrollments.list()).toEqual([]);
      },
    },
    {
      rule: 'service-enrollments.group-keys',
      says: 'a group with symmetric keys lets in devices with derived ones; its registrations can be read, listed and deleted',
      source: `${REST}; azure-docs, concepts-symmetric-key-attestation`,
      options: { dps: { assigningPolls: 0 } },
      check: async (world) => {
        const say = dpsBackEnd(world);
        await say('PUT /enrollmentGroups/g', { body: { enrollmentGroupId: 'g', attestation: KEYS } });
        const mechanism = (await say('POST /enrollmentgroups/g/attestationmechanism')).json as {
          symmetricKey: { primaryKey: string };
        };
        const key = deriveDeviceKey(mechanism.symmetricKey.primaryKey, 'd');
        expect(await register(world, 'd', key)).toMatchObject({ status: 'assigned' });
        const state = (await say('GET /registrations/d')).json;
        expect(state).toMatchObject({ registrationId: 'd', status: 'assigned', assignedHub: world.hub.name });
        const listed = await say('POST /registrations/g/query', { body: { query: '*' } });
        expect(listed.headers['x-ms-item-type']).toBe('deviceRegistration');
        expect(listed.json).toEqual([state]);
        const remove = (etag: unknown) => say('DELETE /registrations/d', { headers: { 'if-match': String(etag) } });
        expect((await remove('AAAA')).status).toBe(412);
        expect((await remove(state['etag'])).status).toBe(204);
        expect((await say('GET /registrations/d')).status).toBe(404);
      },
    },
    {
      rule: 'service-enrollments.group-x509',
      says: 'a group has signing certificates of its own, or names verified CAs; both are forgotten with it, as far as they are its own',
      source: REST,
      check: async (world) => {
        const say = dpsBackEnd(world);
        const { certificates, enrollmentGroups } = world.azure.dps;
        const primary = { certificate: world.ca.certificate.toString() };
        const signing = { attestation: { type: 'x509', x509: { signingCertificates: { primary } } } };
        expect((await say('PUT /enrollmentGroups/g', { body: signing })).json).toMatchObject({
          attestation: { x509: { signingCertificates: { primary: { info: { subjectName: 'CN=Test CA' } } } } },
        });
        certificates.upload('ca', world.ca.certificate, { verified: true });
        const caReferences = { primary: 'ca' };
        const naming = { attestation: { type: 'x509', x509: { caReferences } } };
        expect((await say('PUT /enrollmentGroups/h', { body: naming })).json).toMatchObject({
          attestation: { x509: { caReferences } },
        });
        expect((await say('DELETE /enrollmentGroups/g', { headers: { 'if-match': '*' } })).status).toBe(204);
        expect(certificates.list().map(({ name }) => name)).toEqual(['ca']);
        expect(enrollmentGroups.list().map(({ id }) => id)).toEqual(['h']);
        const unknown = { attestation: { type: 'x509', x509: { caReferences: { primary: 'other' } } } };
        expect((await say('PUT /enrollmentGroups/i', { body: unknown })).status).toBe(400);
      },
    },
    {
      rule: 'service-enrollments.queries',
      says: 'enrollments and groups are queried, by pages, with the items’ type in a header',
      source: `${REST}; ${CAPTURED}`,
      check: async (world) => {
        const say = dpsBackEnd(world);
        for (const id of ['a', 'b', 'c']) await say(`PUT /enrollments/${id}`, { body: { attestation: KEYS } });
        await say('PUT /enrollmentGroups/g', { body: { attestation: KEYS } });
        const headers = { 'x-ms-max-item-count': '2' };
        const page = await say('POST /enrollments/query', { body: { query: 'SELECT * FROM enrollments' }, headers });
        expect(page.headers).toMatchObject({ 'x-ms-item-type': 'enrollment', 'x-ms-continuation': expect.any(String) });
        expect(page.json).toMatchObject([{ registrationId: 'a' }, { registrationId: 'b' }]);
        const groups = await say('POST /enrollmentGroups/query', { body: { query: '*' } });
        expect(groups.headers['x-ms-item-type']).toBe('enrollmentGroup');
        expect(groups.json).toMatchObject([{ enrollmentGroupId: 'g' }]);
        const wrong = await say('POST /enrollments/query', { body: { query: 'SELECT * FROM devices' } });
        expect(wrong).toMatchObject({
          status: 400,
          json: { message: expect.stringContaining('there is enrollments') },
        });
      },
    },
    {
      rule: 'service-enrollments.not-here',
      says: 'TPM and allocation by webhook are refused in words',
      source: 'option',
      check: async (world) => {
        const say = dpsBackEnd(world);
        const tpm = await say('PUT /enrollments/r', { body: { attestation: { type: 'tpm', tpm: {} } } });
        expect(tpm).toMatchObject({
          status: 400,
          json: { errorCode: 400000, message: expect.stringContaining('no TPM') },
        });
        const custom = {
          attestation: KEYS,
          allocationPolicy: 'custom',
          customAllocationDefinition: { webhookUrl: 'https://x' },
        };
        const webhook = await say('PUT /enrollments/r', { body: custom });
        expect(webhook).toMatchObject({ status: 400, json: { message: expect.stringContaining('no webhook') } });
      },
    },
    {
      rule: 'service-enrollments.allocation',
      says: 'the allocation policy and the hubs are those of the enrollment',
      source: REST,
      check: async (world) => {
        const say = dpsBackEnd(world);
        const put = async (id: string, body: object) =>
          (await say(`PUT /enrollments/${id}`, { body: { attestation: KEYS, ...body } })).json;
        expect(await put('a', { allocationPolicy: 'Static', iotHubs: [world.hub.name] })).toMatchObject({
          allocationPolicy: 'static',
          iotHubs: [world.hub.name],
        });
        expect(await put('b', { iotHubHostName: world.hub.name })).toMatchObject({ iotHubHostName: world.hub.name });
        expect(await put('c', { allocationPolicy: 'hashed', iotHubs: ['x'] })).toMatchObject({ iotHubs: ['x'] });
        expect(world.azure.dps.enrollments.get('a')).toMatchObject({ allocationPolicy: 'static', hub: world.hub.name });
      },
    },
  ],
  ['HTTPS'],
);
