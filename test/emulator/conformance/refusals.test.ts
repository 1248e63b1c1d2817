import { CertificateAuthority, type Credential } from '../../../src/certificates/index.js';
import { LocalAzure } from '../../../src/emulator/index.js';
import { atDps, put, register } from '../dps-device.js';
import { DPS, dpsConnect, HUB, hubConnect, sasToken, type World } from '../support.js';
import { conformance, hexOf, lastReason, type Rule } from './rules.js';

const CERTIFICATES = 'azure-sdk-for-java#573, rwatjen/AzureIoTDPSCertificates#3';
const KEY = Buffer.alloc(32, 7).toString('base64');
const HOUR = 3_600_000;
const CONNACK_5 = '20020005';

/** What stands at a hub against this device is answered by a CONNACK of two bytes with that code. */
const atHub =
  (refused: (world: World) => Promise<Credential | undefined>, code = 5, password?: () => string): Rule['check'] =>
  async (world) => {
    const client = await world.open(HUB, await refused(world));
    const shown = password === undefined ? {} : { password: Buffer.from(password()) };
    await client.connect(hubConnect('device-1', shown));
    await client.closed();
    expect(hexOf(client)).toBe(`2002000${code}`);
  };

const byToken =
  (token: (world: World) => string): Rule['check'] =>
  async (world) => {
    const symmetricKey = { primaryKey: KEY };
    world.hub.devices.create({ deviceId: 'device-1', authentication: { type: 'sas', symmetricKey } });
    await atHub(
      async () => undefined,
      5,
      () => token(world),
    )(world);
  };

const resource = `${HUB}/devices/device-1`;

/** Bound to the hub's CA. */
async function caDevice(world: World, verified: boolean, ca = world.ca): Promise<Credential> {
  world.hub.certificates.upload('ca', world.ca.certificate, { verified });
  world.hub.devices.create({ deviceId: 'device-1', authentication: { type: 'certificateAuthority' } });
  return ca.issue({ commonName: 'device-1' });
}

async function disabled(world: World): Promise<Credential> {
  const credential = await world.device('device-1');
  world.hub.devices.update('device-1', { enabled: false });
  return credential;
}

/** The device is online, something happens at the service, and the connection ends without a word. */
const closedBy =
  (happens: (world: World) => void, reason: RegExp): Rule['check'] =>
  async (world) => {
    const client = await world.online(await world.device('device-1'));
    hexOf(client);
    happens(world);
    await client.closed();
    expect(hexOf(client)).toBe('');
    expect(lastReason(world)).toMatch(reason);
  };

/** A CONNECT to DPS is refused. */
const atDpsConnect =
  (registrationId: string, commonName?: string): Rule['check'] =>
  async (world) => {
    await world.enroll();
    const credential = commonName === undefined ? undefined : await world.ca.issue({ commonName });
    const client = await world.open(DPS, credential);
    await client.connect(dpsConnect(world.azure.dps.idScope, registrationId));
    await client.closed();
    expect(hexOf(client)).toBe(CONNACK_5);
  };

/** A CONNECT is taken, and the registration answered with 401 and no status. */
const answered =
  (credential: (world: World) => Promise<Credential>, message: string): Rule['check'] =>
  async (world) => {
    const { topic, body } = await register(world, await credential(world));
    expect(topic).toBe('$dps/registrations/res/401/?$rid=7');
    expect(body).toMatchObject({ errorCode: 401002, message });
    expect(body).not.toHaveProperty('status');
  };

async function unenrolled(world: World): Promise<Credential> {
  return world.ca.issue({ commonName: 'device-1' });
}

async function unverified(world: World): Promise<Credential> {
  world.azure.dps.certificates.upload('ca', world.ca.certificate);
  world.azure.dps.enrollmentGroups.create({ id: 'group', attestation: { x509: { caName: 'ca' } } });
  return unenrolled(world);
}

async function otherLeaf(world: World): Promise<Credential> {
  const { leaf } = await world.ca.issue({ commonName: 'device-1' });
  world.azure.dps.enrollments.create({ registrationId: 'device-1', attestation: { x509: { certificate: leaf } } });
  return unenrolled(world);
}

async function expired(world: World): Promise<Credential> {
  await world.enroll();
  const credential = await world.ca.issue({ commonName: 'device-1', validityMs: HOUR });
  await world.clock.advance(2 * HOUR);
  return credential;
}

/** The registration ends with 200, "failed" and this code. */
const fails =
  (errorCode: number, prepare: (world: World) => void = () => undefined): Rule['check'] =>
  async (world) => {
    await world.enroll();
    prepare(world);
    const { topic, body } = await register(world, await unenrolled(world));
    expect(topic).toMatch(/^\$dps\/registrations\/res\/200\//);
    expect(body).toMatchObject({ status: 'failed', registrationState: { status: 'failed', errorCode } });
  };

/** A registration is answered with the fault's status and retry-after, and taken when it comes again. */
const strikes =
  (status: number, retryAfterSeconds?: number): Rule['check'] =>
  async (world) => {
    await world.enroll();
    world.azure.faults.add({
      kind: 'dpsError',
      status,
      retryAfterSeconds,
    });
    const client = await atDps(world, await unenrolled(world));
    const { topic } = await put(client, 'device-1');
    const seconds = retryAfterSeconds === undefined ? '' : `&retry-after=${retryAfterSeconds}`;
    expect(topic).toBe(`$dps/registrations/res/${status}/?$rid=7${seconds}`);
    expect((await put(client, 'device-1')).topic).toMatch(/^\$dps\/registrations\/res\/202\//);
  };

/** The TLS handshake fails, by an alert or without. */
const handshake =
  (tls: object, message: RegExp): Rule['check'] =>
  async (world) => {
    for (const name of [HUB, DPS]) {
      await expect(world.open(name, undefined, tls)).rejects.toMatchObject({ message: expect.stringMatching(message) });
      await world.clock.advance(0);
    }
  };

const version =
  (expected: string, tls: object = {}): Rule['check'] =>
  async (world) => {
    const socket = await world.secure(HUB, 8883, undefined, tls);
    expect([socket.getProtocol(), socket.getCipher().standardName]).toEqual([
      expected,
      expect.stringMatching(expected === 'TLSv1.2' ? /^TLS_ECDHE_(RSA|ECDSA)_WITH_AES_/ : /^TLS_AES_/),
    ]);
    socket.destroy();
  };

conformance('Refusals', [
  {
    rule: 'refusals.tls-1.1',
    says: 'TLS below 1.2 is refused with the alert protocol_version',
    source: 'azure-docs, tls-support',
    check: handshake(
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      /protocol.version/i,
    ),
  },
  {
    rule: 'refusals.server-ca',
    says: 'a client that does not trust the server’s CA ends the handshake itself',
    source: 'documented',
    check: handshake({ ca: [] }, /certificate/),
  },
  {
    rule: 'refusals.server-name',
    says: 'and so does one that wants another name in the certificate',
    source: 'documented',
    check: handshake({ checkServerIdentity: () => new Error('another name') }, /another name/),
  },
  {
    rule: 'refusals.tls-version',
    says: 'TLS 1.2 is the highest, with ECDHE suites, as documented for devices',
    source: 'azure-docs, iot-hub-tls-support',
    check: version('TLSv1.2'),
  },
  {
    rule: 'refusals.tls-version-option',
    says: 'TLS 1.3 by option',
    source: 'option',
    options: { maxTlsVersion: 'TLSv1.3' },
    check: version('TLSv1.3'),
  },
  {
    rule: 'refusals.no-certificate-dps',
    says: 'DPS, a device without certificate and token: TLS stands, CONNACK 5',
    source: 'documented',
    check: atDpsConnect('device-1'),
  },
  {
    rule: 'refusals.no-certificate-hub',
    says: 'a hub, a device without certificate and token: TLS stands, CONNACK 5',
    source: 'documented',
    check: atHub(async (world) => {
      await world.device('device-1');
      return undefined;
    }),
  },
  {
    rule: 'refusals.common-name-default',
    says: 'DPS: a registration id that is not the common name is refused with CONNACK 5',
    source: 'azure-iot-sdk-c#2255',
    check: atDpsConnect('device-1', 'device-2'),
  },
  {
    rule: 'refusals.common-name-empty',
    says: 'DPS: an empty registration id is refused with CONNACK 5',
    source: 'azure-iot-sdk-c#2255',
    check: atDpsConnect('', 'device-2'),
  },
  {
    rule: 'refusals.common-name-option',
    says: 'DPS: by option it is answered with 401002 instead',
    source: 'option',
    options: { dps: { wrongCommonName: 'answer' } },
    check: async (world) => {
      await world.enroll();
      const client = await world.open(DPS, await world.ca.issue({ commonName: 'device-2' }));
      const connack = await client.connect(dpsConnect(world.azure.dps.idScope, 'device-1'));
      expect(connack.returnCode).toBe(0);
      await client.subscribe('$dps/registrations/res/#', 1);
      expect((await put(client, 'device-1')).body).toMatchObject({ errorCode: 401002 });
    },
  },
  {
    rule: 'refusals.ca-not-enrolled',
    says: 'DPS: a CA that is not enrolled: CONNACK 0, then 401002 "CA certificate not found."',
    source: CERTIFICATES,
    check: answered(unenrolled, 'CA certificate not found.'),
  },
  {
    rule: 'refusals.ca-not-verified',
    says: 'DPS: a CA of which possession was not proved: the same',
    source: CERTIFICATES,
    check: answered(unverified, 'CA certificate not found.'),
  },
  {
    rule: 'refusals.chain-incomplete',
    says: 'DPS: a chain without its intermediate: the same',
    source: CERTIFICATES,
    check: answered(async (world) => {
      await world.enroll();
      const subject = { commonName: 'Below' };
      const below = await CertificateAuthority.create({ subject, issuer: world.ca, clock: world.clock });
      const credential = await below.issue({ commonName: 'device-1' });
      return { ...credential, chain: credential.leaf.toString() };
    }, 'CA certificate not found.'),
  },
  {
    rule: 'refusals.leaf-other',
    says: 'DPS: another leaf than the enrolled one: 401002 "Invalid certificate."',
    source: 'AZ-220 labs',
    check: answered(otherLeaf, 'Invalid certificate.'),
  },
  {
    rule: 'refusals.leaf-expired',
    says: 'DPS: a leaf that has expired by the clock: 401002 "Invalid certificate."',
    source: 'AZ-220 labs',
    check: answered(expired, 'Invalid certificate.'),
  },
  {
    rule: 'refusals.messages-option',
    says: 'DPS: the text can be chosen, as several are known',
    source: 'azure-iot-sdk-node#869',
    options: { dps: { refusalMessages: { caNotFound: 'Unauthorized' } } },
    check: answered(unenrolled, 'Unauthorized'),
  },
  {
    rule: 'refusals.disabled',
    says: 'DPS: a disabled enrollment is answered with 200 and "disabled"',
    source: 'azure-sdk-for-c, parser test',
    check: async (world) => {
      await world.enroll();
      world.azure.dps.enrollmentGroups.update('group', { enabled: false });
      const { topic, body } = await register(world, await unenrolled(world));
      expect(topic).toBe('$dps/registrations/res/200/?$rid=7');
      expect(body.status).toBe('disabled');
    },
  },
  {
    rule: 'refusals.hub-not-specified',
    says: 'DPS: an allocation to a hub that is not linked fails with 400208',
    source: 'C SDK, prov_device_ll_client.c',
    options: { dps: { allocate: () => ({ hub: 'other.azure-devices.net' }) } },
    check: fails(400208),
  },
  {
    rule: 'refusals.custom-allocation-fails',
    says: 'DPS: an allocation callback that fails: 400207',
    source: 'azure-sdk-for-c, parser test',
    options: {
      dps: {
        allocate: () => {
          throw new Error('no room');
        },
      },
    },
    check: fails(400207),
  },
  {
    rule: 'refusals.dps-429',
    says: 'DPS: throttled, by a fault: 429 with retry-after, and the next request is taken',
    source: 'C SDK, prov_transport_mqtt_common.c',
    check: strikes(429, 5),
  },
  {
    rule: 'refusals.dps-503',
    says: 'DPS: down, by a fault: 503',
    source: 'C SDK, prov_transport_mqtt_common.c',
    check: strikes(503),
  },
  {
    rule: 'refusals.hub-unknown-device',
    says: 'a hub: a device that it does not know: CONNACK 5',
    source: 'C SDK, connection_and_messaging_reliability.md',
    check: atHub(unenrolled),
  },
  {
    rule: 'refusals.hub-thumbprint',
    says: 'a hub: another certificate than the registered one: CONNACK 5',
    source: 'C SDK, connection_and_messaging_reliability.md',
    check: atHub(async (world) => {
      await world.device('device-1');
      return unenrolled(world);
    }),
  },
  {
    rule: 'refusals.hub-ca-unverified',
    says: 'a hub: a CA of which possession was not proved: CONNACK 5',
    source: 'C SDK, connection_and_messaging_reliability.md',
    check: atHub((world) => caDevice(world, false)),
  },
  {
    rule: 'refusals.hub-ca-other',
    says: 'a hub: a certificate of another CA: CONNACK 5',
    source: 'C SDK, connection_and_messaging_reliability.md',
    check: atHub(async (world) => {
      const { clock } = world;
      return caDevice(world, true, await CertificateAuthority.create({ subject: { commonName: 'Other' }, clock }));
    }),
  },
  {
    rule: 'refusals.hub-expired',
    says: 'a hub: a certificate that has expired by the clock: CONNACK 5',
    source: 'C SDK, connection_and_messaging_reliability.md',
    check: atHub(async (world) => {
      const credential = await world.device('device-1', HOUR);
      await world.clock.advance(2 * HOUR);
      return credential;
    }),
  },
  {
    rule: 'refusals.hub-common-name',
    says: 'a hub, by its CA: a common name that is not the device id: CONNACK 5',
    source: 'C SDK, connection_and_messaging_reliability.md',
    check: atHub(async (world) => {
      await caDevice(world, true);
      return world.ca.issue({ commonName: 'device-2' });
    }),
  },
  {
    rule: 'refusals.hub-sas-bad',
    says: 'a hub: a token that another key has signed: CONNACK 5',
    source: 'C SDK, connection_and_messaging_reliability.md',
    check: byToken(({ clock }) => sasToken(Buffer.alloc(32, 8).toString('base64'), resource, clock.now() + HOUR)),
  },
  {
    rule: 'refusals.hub-sas-expired',
    says: 'a hub: a token that has expired: CONNACK 5',
    source: 'C SDK, connection_and_messaging_reliability.md',
    check: byToken(({ clock }) => sasToken(KEY, resource, clock.now() - 1000)),
  },
  {
    rule: 'refusals.hub-sas-resource',
    says: 'a hub: a token for another device: CONNACK 5',
    source: 'C SDK, connection_and_messaging_reliability.md',
    check: byToken(({ clock }) => sasToken(KEY, `${HUB}/devices/device-2`, clock.now() + HOUR)),
  },
  {
    rule: 'refusals.hub-disabled-default',
    says: 'a hub: a disabled device: CONNACK 5',
    source: 'C SDK, connection_and_messaging_reliability.md',
    check: atHub(disabled),
  },
  {
    rule: 'refusals.hub-disabled-option',
    says: 'a hub: CONNACK 3 by option, as older reports have it',
    source: 'azure-iot-sdk-c#314, #2300',
    options: { hub: { disabledReturnCode: 3 } },
    check: atHub(disabled, 3),
  },
  {
    rule: 'refusals.hub-deleted-online',
    says: 'a hub: the connection of a device that is deleted is closed',
    source: 'azure-iot-sdk-c#2300',
    check: closedBy(({ hub }) => hub.devices.delete('device-1'), /deleted/),
  },
  {
    rule: 'refusals.hub-disabled-online',
    says: 'a hub: the connection of a device that is disabled is closed',
    source: 'azure-iot-sdk-c#2300',
    check: closedBy(({ hub }) => void hub.devices.update('device-1', { enabled: false }), /disabled/),
  },
  {
    rule: 'refusals.silence',
    says: 'a hub that says nothing, by a fault: neither CONNACK nor an end',
    source: 'option',
    options: { faults: [{ kind: 'halfOpen', packet: 'connect' }] },
    check: async (world) => {
      const client = await world.open(HUB, await world.device('device-1'));
      const connack = client.connect(hubConnect('device-1'));
      connack.catch(() => undefined); // it never comes
      await world.clock.advance(HOUR);
      expect([hexOf(client), client.isClosed]).toEqual(['', false]);
    },
  },
]);

test('the emulator does not listen where other machines can reach it, unless told to in so many words', async () => {
  const azure = await LocalAzure.start();
  await expect(azure.listen({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'LISTEN_NOT_LOOPBACK' });
  await azure.close();
});
