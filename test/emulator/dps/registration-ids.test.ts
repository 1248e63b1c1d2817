import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { asciiLowerCase } from '../../../src/ascii.js';
import type { Credential } from '../../../src/certificates/index.js';
import { deriveDeviceKey } from '../../../src/emulator/index.js';
import { poll, put, register } from '../dps-device.js';
import { ask } from '../https.js';
import { DPS, dpsConnect, HUB, hubConnect, sasToken, World } from '../support.js';

const KELVIN = '\u212a';

describe('registration ids', () => {
  let world: World;

  beforeEach(async () => {
    world = await World.create();
    await world.enroll();
  });
  afterEach(() => world.close());

  /** Registers as `id` with another's certificate; the status, or the CONNACK code. */
  const registerAs = async (id: string, credential: Credential): Promise<unknown> => {
    const client = await world.open(DPS, credential);
    const { returnCode } = await client.connect(dpsConnect(world.azure.dps.idScope, id));
    if (returnCode !== 0) return returnCode;
    await client.subscribe('$dps/registrations/res/#', 1);
    let answer = await put(client, id);
    while (answer.body.status === 'assigning') answer = await poll(client, answer.body.operationId);
    return answer.body;
  };
  const overHttps = (id: string, credential: Credential) =>
    ask(world, {
      host: DPS,
      method: 'PUT',
      path: `/${world.azure.dps.idScope}/registrations/${encodeURIComponent(id)}/register?api-version=2021-06-01`,
      body: { registrationId: id },
      credential,
    });
  const ids = (): readonly string[] => world.hub.devices.list().map(({ deviceId }) => deviceId);

  test('only ASCII letters are folded', () => {
    expect(asciiLowerCase(`AZaz09-${KELVIN}\u0130\u017f`)).toBe(`azaz09-${KELVIN}\u0130\u017f`);
  });

  test('a common name with the Kelvin sign is not the one with a k', async () => {
    const kettle = await world.ca.issue({ commonName: 'kettle-1' });
    await register(world, kettle);
    const before = world.hub.devices.get('kettle-1');
    const forged = await world.ca.issue({ commonName: `${KELVIN}ettle-1` });
    for (const id of ['kettle-1', `${KELVIN}ettle-1`]) {
      expect(await registerAs(id, forged)).toBe(5);
      expect((await overHttps(id, forged)).status).toBe(id === 'kettle-1' ? 401 : 400);
    }
    expect(world.hub.devices.get('kettle-1')).toEqual(before);
    const { enrollments, registrations } = world.azure.dps;
    expect(registrations.find(`${KELVIN}ettle-1`)).toBeUndefined();
    expect(() => enrollments.create({ registrationId: `${KELVIN}ettle-1`, attestation: { symmetricKey: {} } })).toThrow(
      expect.objectContaining({ code: 'REGISTRATION_ID_INVALID' }),
    );
  });

  test('the body names the id in ASCII too', async () => {
    const kettle = await world.ca.issue({ commonName: 'kettle-1' });
    const client = await world.open(DPS, kettle);
    await client.connect(dpsConnect(world.azure.dps.idScope, 'kettle-1'));
    await client.subscribe('$dps/registrations/res/#', 1);
    expect((await put(client, `${KELVIN}ettle-1`)).body).toMatchObject({ errorCode: 400000 });
  });

  test("an operator's identity is not changed, under its own name or one in another case", async () => {
    const { authentication } = world.hub.devices.create({ deviceId: 'dev-case', authentication: { type: 'sas' } });
    const upper = await world.ca.issue({ commonName: 'DEV-CASE' });
    expect(await registerAs('dev-case', upper)).toMatchObject({ registrationState: { deviceId: 'DEV-CASE' } });
    const same = await world.ca.issue({ commonName: 'dev-other' });
    world.hub.devices.create({ deviceId: 'dev-other', authentication: { type: 'sas' } });
    const { body } = await register(world, same);
    expect(body['registrationState']).toMatchObject({
      status: 'failed',
      errorCode: 400209,
      errorMessage: expect.stringContaining('another authentication'),
    });
    expect(world.hub.devices.get('dev-other').authentication.type).toBe('sas');
    // A try that failed makes nothing its own.
    expect((await register(world, same)).body['registrationState']).toMatchObject({ errorCode: 400209 });
    expect(world.hub.devices.get('dev-case').authentication).toEqual(authentication);
  });

  test('one certificate in four spellings makes one identity, and a renewed one in another case changes that', async () => {
    const credential = await world.ca.issue({ commonName: 'dev-ok' });
    for (const id of ['dev-ok', 'DEV-OK', 'Dev-Ok', 'dEV-oK'])
      expect(await registerAs(id, credential)).toMatchObject({ registrationState: { deviceId: 'dev-ok' } });
    const renewed = await world.ca.issue({ commonName: 'DEV-ok' });
    expect(await registerAs('dev-ok', renewed)).toMatchObject({ registrationState: { deviceId: 'dev-ok' } });
    expect(ids()).toEqual(['dev-ok']);
    expect(world.azure.dps.registrations.list()).toHaveLength(1);
  });

  test('an enrollment gives its own spelling', async () => {
    const credential = await world.ca.issue({ commonName: 'dev-own' });
    world.azure.dps.enrollments.create({
      registrationId: 'Dev-Own',
      attestation: { x509: { certificate: credential.leaf } },
    });
    expect(await registerAs('DEV-OWN', credential)).toMatchObject({ registrationState: { deviceId: 'Dev-Own' } });
    expect(ids()).toEqual(['Dev-Own']);
  });

  const forged: readonly (readonly [string, string])[] = [
    ['the Kelvin sign', `${KELVIN}ettle-1`],
    ['full width', 'kettle-\uff11'],
    ['a dotted i', 'k\u0130ttle-1'],
    ['a NUL after it', 'kettle-1\0'],
    ['a NUL and more', 'kettle-1\0.example'],
    ['a line feed and a second name', 'kettle-1\nCN=kettle-1'],
    ['a slash and a second name', 'x/CN=kettle-1'],
    ['a space after it', 'kettle-1 '],
    ['a space before it', ' kettle-1'],
    ['a dot after it', 'kettle-1.'],
    ['an invisible character', 'kettle\u200b-1'],
    ['a combining character', 'kettle-1\u0301'],
    ['Punycode', 'xn--kettle-1'],
    ['percent-encoding', 'kettle%2d1'],
    ['a longer name', 'kettle-10'],
  ];
  test.each(forged)('a common name with %s is not that of the device', async (_, commonName) => {
    const kettle = await world.ca.issue({ commonName: 'kettle-1' });
    await register(world, kettle);
    const before = world.hub.devices.list();
    const certificate = await world.ca.issue({ commonName });
    expect(await registerAs('kettle-1', certificate)).toBe(5);
    expect((await overHttps('kettle-1', certificate)).status).toBe(401);
    expect(world.hub.devices.list()).toEqual(before);
    const client = await world.open(HUB, certificate);
    expect((await client.connect(hubConnect('kettle-1'))).returnCode).toBe(5);
  });

  test.each([...forged.filter(([, name]) => !/^(xn|kettle-10)|\0/.test(name))])(
    'an id with %s is none',
    async (_, id) => {
      const certificate = await world.ca.issue({ commonName: id });
      expect(await registerAs(id, certificate)).toBe(5);
      expect((await overHttps(id, certificate)).status).toBe(400);
      expect(ids()).toEqual([]);
    },
  );

  test('of two common names only the first counts, at DPS and at the hub', async () => {
    await register(world, await world.ca.issue({ commonName: 'kettle-1' }));
    const before = world.hub.devices.list();
    const forgery = await twoNames(world, ['other', 'kettle-1']);
    expect(await registerAs('kettle-1', forgery)).toBe(5);
    expect((await overHttps('kettle-1', forgery)).status).toBe(401);
    expect((await (await world.open(HUB, forgery)).connect(hubConnect('kettle-1'))).returnCode).toBe(5);
    expect(world.hub.devices.list()).toEqual(before);
    // Its name is taken; its signature is not.
    expect(await registerAs('other', forgery)).toMatchObject({ errorCode: 401002 });
  });

  test("a group's derived key is that of one spelling, and changes no other device", async () => {
    const { attestation } = world.azure.dps.enrollmentGroups.create({ id: 'keys', attestation: { symmetricKey: {} } });
    const groupKey = attestation.symmetricKey?.primaryKey as string;
    const shown = (id: string, key: string) => {
      const resource = `${world.azure.dps.idScope}/registrations/${id}`;
      return {
        commonName: id,
        password: sasToken(key, resource, world.clock.now() + 3_600_000, { keyName: 'registration' }),
      };
    };
    const key = deriveDeviceKey(groupKey, 'kettle-1');
    expect((await register(world, shown('kettle-1', key))).body.status).toBe('assigned');
    const before = world.hub.devices.list();
    // The key of another spelling is another one, and the identity is that of the first.
    expect((await register(world, shown('KETTLE-1', key))).body).toMatchObject({ errorCode: 401000 });
    expect(world.hub.devices.list()).toEqual(before);
    expect(ids()).toEqual(['kettle-1']);
  });

  test('a device of DPS may come by another group, and after its record was deleted, with another certificate', async () => {
    const { certificates, enrollmentGroups, registrations } = world.azure.dps;
    await register(world, await world.ca.issue({ commonName: 'dev-1' }));
    const other = await World.create();
    certificates.upload('other', other.ca.pem, { verified: true });
    enrollmentGroups.create({ id: 'other', attestation: { x509: { caName: 'other' } } });
    const theirs = await other.ca.issue({ commonName: 'dev-1' });
    await other.close();
    expect((await register(world, theirs)).body['registrationState']).toMatchObject({ assignedHub: HUB });
    registrations.delete('dev-1');
    const renewed = await world.ca.issue({ commonName: 'dev-1' });
    expect((await register(world, renewed)).body['registrationState']).toMatchObject({ assignedHub: HUB });
    await world.online(renewed);
    expect(ids()).toEqual(['dev-1']);
  });

  test('what an operator made in the place of an identity that he deleted is not that of DPS', async () => {
    const credential = await world.ca.issue({ commonName: 'dev-1' });
    await register(world, credential);
    world.hub.devices.delete('dev-1');
    const { authentication } = world.hub.devices.create({ deviceId: 'dev-1', authentication: { type: 'sas' } });
    for (const reprovisionPolicy of ['migrateData', 'resetData', 'never'] as const) {
      world.azure.dps.enrollmentGroups.update('group', { reprovisionPolicy });
      expect((await register(world, credential)).body['registrationState']).toMatchObject({ errorCode: 400209 });
    }
    expect(world.hub.devices.get('dev-1').authentication).toEqual(authentication);
    // Once nobody has the name, DPS makes it anew.
    world.hub.devices.delete('dev-1');
    expect((await register(world, credential)).body['registrationState']).toMatchObject({ assignedHub: HUB });
    expect((await register(world, credential)).body['registrationState']).toMatchObject({ assignedHub: HUB });
  });
});

test('a device that moves takes nothing of an identity that an operator made where it was', async () => {
  const elsewhere = 'fabrikam.azure-devices.net';
  const world = await World.create({ hubs: [HUB, elsewhere] });
  await world.enroll();
  const { enrollmentGroups } = world.azure.dps;
  enrollmentGroups.update('group', { hub: HUB });
  const credential = await world.ca.issue({ commonName: 'dev-1' });
  await register(world, credential);
  world.hub.devices.delete('dev-1');
  const { authentication } = world.hub.devices.create({ deviceId: 'dev-1', authentication: { type: 'sas' } });
  world.hub.device('dev-1').updateDesired({ mine: true });
  enrollmentGroups.update('group', { hub: elsewhere });
  const { body } = await register(world, credential);
  expect(body['registrationState']).toMatchObject({ assignedHub: elsewhere, substatus: 'deviceDataReset' });
  expect(world.hub.devices.get('dev-1').authentication).toEqual(authentication);
  expect(world.azure.hub(elsewhere).device('dev-1').twin.desired).toEqual({});
  await world.close();
});

test('after a start of the virtual clock anew, an operator can make no identity that looks like that of DPS', async () => {
  const state = join(mkdtempSync(join(tmpdir(), 'sphere-iot-ids-')), 'state');
  const first = await World.create({ state });
  await first.enroll();
  const credential = await first.ca.issue({ commonName: 'dev-1' });
  await register(first, credential);
  await first.close();
  const world = await World.create({ state });
  world.hub.devices.delete('dev-1');
  world.hub.devices.create({ deviceId: 'dev-1', authentication: { type: 'sas' } });
  expect((await register(world, credential)).body['registrationState']).toMatchObject({ errorCode: 400209 });
  await world.close();
  rmSync(dirname(state), { recursive: true });
});

/** As its first name is issued: the organizational unit is made a second common name, before or after it. Its signature is no more right. */
async function twoNames({ ca }: World, [first, second]: readonly [string, string]): Promise<Credential> {
  const issued = await ca.issue({ commonName: second, organizationalUnit: first });
  const hex = issued.leaf.raw.toString('hex').replace('060355040b', '0603550403');
  const leaf = new X509Certificate(Buffer.from(hex, 'hex'));
  expect(leaf.subject.match(/CN=/g)).toHaveLength(2);
  return { ...issued, leaf, chain: leaf.toString() };
}
