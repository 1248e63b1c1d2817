import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CertificateAuthority, type Credential } from '../../src/certificates/index.js';
import { realClock } from '../../src/clock/index.js';
import { deriveDeviceKey, LocalAzure, type LocalAzureOptions, type SymmetricKey } from '../../src/emulator/index.js';
import { startClient, type ClientProcess, type Finished } from './client-process.js';
import { tour } from './device-tour.js';

const HUB = 'contoso.azure-devices.net';
/** The registration that the Node clients do with the real service, on a port of this machine. */
describe('unmodified clients for Node', () => {
  let folder: string;
  let azure: LocalAzure;
  let ca: CertificateAuthority;
  let port: number;
  let at: string;
  const processes: ClientProcess[] = [];

  const start = async ({ dps, ...options }: LocalAzureOptions = {}): Promise<void> => {
    azure = await LocalAzure.start({ dps: { retryAfterSeconds: 1, ...dps }, ...options });
    ({ port } = await azure.listen());
    at = `localhost:${port}`;
    await writeFile(join(folder, 'ca.pem'), azure.trustRoots);
    const { certificates, enrollmentGroups } = azure.dps;
    certificates.upload('ca', ca.certificate);
    certificates.verify('ca', await ca.proofOfPossession(certificates.generateVerificationCode('ca')));
    enrollmentGroups.create({ id: 'group', attestation: { x509: { caName: 'ca' } } });
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sphere-iot-clients-'));
    ca = await CertificateAuthority.create({ subject: { commonName: 'Test CA' }, clock: realClock });
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((client) => client.stop()));
    await azure.close();
    await rm(folder, { recursive: true });
  });

  const run = (script: string, input: unknown, env: Record<string, string> = {}): ClientProcess => {
    const client = startClient(script, input, env);
    processes.push(client);
    return client;
  };

  const pem = ({ chain, privateKey }: Credential) => ({
    cert: chain,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  });

  const register = (credential: Credential, payload?: unknown): Promise<Finished> =>
    run(
      'provisioning-client.cjs',
      {
        endpoint: at,
        idScope: azure.dps.idScope,
        registrationId: credential.commonName,
        payload,
        ...pem(credential),
      },
      { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
    ).finished;

  const device = (credential: Credential): ClientProcess =>
    run('device-client.cjs', {
      hostName: at,
      deviceId: credential.commonName,
      ca: azure.trustRoots,
      ...pem(credential),
    });

  test('azure-iot-provisioning-device registers, then azure-iot-device does all that a device does', async () => {
    await start();
    azure.dps.enrollmentGroups.update('group', { allocate: () => ({ hub: HUB, payload: { welcome: true } }) });
    const credential = await ca.issue({ commonName: 'node-device' });

    const { output, exitCode, errors } = await register(credential, { modelId: 'dtmi:x;1' });
    expect({ output, exitCode, errors }).toMatchObject({
      output: { result: { status: 'assigned', assignedHub: HUB, deviceId: 'node-device', payload: { welcome: true } } },
      exitCode: 0,
    });
    expect(azure.dps.registration('node-device')).toMatchObject({ requestPayload: { modelId: 'dtmi:x;1' } });
    expect(azure.dps.events().at(-1)).toMatchObject({ type: 'disconnected', reason: 'the client disconnected' });

    await tour(device(credential), azure.hub().device('node-device'));
    expect(azure.hub().events()[1]).toMatchObject({ type: 'connected', modelId: 'dtmi:example:thermostat;1' });
  });

  test('azure-iot-provisioning-device is told why it is refused', async () => {
    await start({ dps: { assigningPolls: 0 } });
    const stranger = await CertificateAuthority.create({ subject: { commonName: 'Stranger' }, clock: realClock });
    const credential = await stranger.issue({ commonName: 'node-device' });
    expect((await register(credential)).output).toMatchObject({ error: { name: 'UnauthorizedError' } });

    azure.dps.enrollmentGroups.update('group', { enabled: false });
    const known = await ca.issue({ commonName: 'node-device' });
    expect((await register(known)).output).toMatchObject({ error: { message: expect.stringContaining('disabled') } });

    azure.dps.enrollmentGroups.update('group', { enabled: true, hub: 'fabrikam.azure-devices.net' });
    expect((await register(known)).output).toMatchObject({ error: { name: 'ProvisioningRegistrationFailedError' } });
  });

  test('azure-iot-device is refused with an UnauthorizedError', async () => {
    await start();
    const { output } = await device(await ca.issue({ commonName: 'unknown' })).finished;
    expect(output).toMatchObject({ error: { name: 'UnauthorizedError' } });
    expect(azure.hub().events()).toMatchObject([{ type: 'authenticationFailed', deviceId: 'unknown' }]);
  });

  /** The hub's connection string, for the port of this machine. */
  const connectionString = (deviceId: string, hostName: string): string =>
    azure.hub().devices.connectionString(deviceId).replace(HUB, hostName);

  const trusted = (): Record<string, string> => ({ NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') });

  const receives = async (input: { connectionString: string }): Promise<void> => {
    const cloud = azure.hub().device('sas-device');
    const first = cloud.sendC2D('{"on":true}', {
      properties: { 'k&1': 'v=1' },
      messageId: 'm 1',
      correlationId: 'c',
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      ack: 'full',
    });
    const client = run('c2d-client.cjs', input, trusted());
    expect(await first.finished()).toMatchObject({ status: 'completed' });
    expect(await cloud.sendC2D('leave').finished()).toMatchObject({ status: 'completed' });
    expect(await client.finished).toMatchObject({
      exitCode: 0,
      output: {
        body: '{"on":true}',
        messageId: 'm 1',
        correlationId: 'c',
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        // What the hub's own sender asked for comes along.
        properties: [
          { key: 'iothub-ack', value: 'full' },
          { key: 'k&1', value: 'v=1' },
        ],
      },
    });
    expect(azure.hub().feedback()).toMatchObject([{ originalMessageId: 'm 1', statusCode: 'Success' }]);
  };

  test('azure-iot-device connects by its connection string and takes cloud-to-device messages', async () => {
    await start();
    azure.hub().devices.create({ deviceId: 'sas-device', authentication: { type: 'sas' } });
    await receives({ connectionString: connectionString('sas-device', at) });
  });

  test('azure-iot-device is refused with another key', async () => {
    await start();
    azure.hub().devices.create({ deviceId: 'sas-device', authentication: { type: 'sas' } });
    const before = connectionString('sas-device', at);
    azure.hub().devices.update('sas-device', { authentication: { type: 'sas' } });
    const finished = await run('c2d-client.cjs', { connectionString: before }, trusted()).finished;
    expect(finished).toMatchObject({ output: { error: { name: 'UnauthorizedError' } } });
  });

  describe('azure-iot-device uploads files', () => {
    /** The bytes that upload-client.cjs sends. */
    const file = (size: number): Buffer =>
      Buffer.from(Uint8Array.from({ length: size }, (_, at) => Math.floor(at / 1024) % 251));
    const upload = (input: object): Promise<Finished> =>
      run('upload-client.cjs', { port, ca: azure.trustRoots, blobName: 'logs/a b.txt', ...input }, trusted()).finished;

    test('with X.509, connected by MQTT, in several blocks', async () => {
      await start();
      const credential = await ca.issue({ commonName: 'node-device' });
      azure.hub().devices.create({
        deviceId: 'node-device',
        authentication: { type: 'selfSigned', thumbprints: { primary: credential.leaf.fingerprint256 } },
      });
      const size = 9 * 1024 * 1024 + 1;
      const input = { connectionString: connectionString('node-device', at), mqtt: true, size, ...pem(credential) };
      expect(await upload(input)).toMatchObject({ output: { done: true } });
      const { blobName, isSuccess, statusCode, body } = await azure.hub().device('node-device').nextUpload();
      expect({ blobName, isSuccess, statusCode }).toEqual({
        blobName: 'node-device/logs/a b.txt',
        isSuccess: true,
        statusCode: 201,
      });
      expect(body?.equals(file(size))).toBe(true);
    });

    test("with its key, under the hub's own name", async () => {
      await start();
      azure.hub().devices.create({ deviceId: 'sas-device', authentication: { type: 'sas' } });
      const before = azure.hub().devices.connectionString('sas-device');
      expect(await upload({ connectionString: before, size: 10 })).toMatchObject({ output: { done: true } });
      expect(azure.hub().device('sas-device').uploads()).toMatchObject([{ isSuccess: true, body: file(10) }]);

      azure.hub().devices.update('sas-device', { authentication: { type: 'sas' } });
      expect(await upload({ connectionString: before, size: 10 })).toMatchObject({
        output: { error: { name: 'BlobSasError', inner: 'Unauthorized' } },
      });
      expect(azure.hub().events().at(-1)).toMatchObject({ type: 'fileUploadRefused', status: 401 });
    });

    test('and tells the hub of what failed', async () => {
      await start({ storage: { limit: 1000 } });
      azure.hub().devices.create({ deviceId: 'sas-device', authentication: { type: 'sas' } });
      const input = { connectionString: azure.hub().devices.connectionString('sas-device'), size: 1001 };
      expect(await upload(input)).toMatchObject({ output: { error: { name: 'BlobUploadNotificationError' } } });
      const [failed] = azure.hub().device('sas-device').uploads();
      expect(failed).toMatchObject({ isSuccess: false, statusCode: 413 });
      expect(failed).not.toHaveProperty('body');
    });
  });

  test('azure-iot-provisioning-device registers with a symmetric key', async () => {
    await start();
    const { attestation } = azure.dps.enrollmentGroups.create({ id: 'keys', attestation: { symmetricKey: {} } });
    const groupKey = (attestation.symmetricKey as SymmetricKey).primaryKey;
    const input = { endpoint: at, idScope: azure.dps.idScope, registrationId: 'key-device' };
    const register = (key: string): Promise<Finished> =>
      run('provisioning-client.cjs', { ...input, symmetricKey: key }, trusted()).finished;
    const key = deriveDeviceKey(groupKey, 'key-device');
    expect((await register(key)).output).toMatchObject({ result: { status: 'assigned', deviceId: 'key-device' } });
    expect(azure.hub().devices.connectionString('key-device')).toContain(`SharedAccessKey=${key}`);
    expect((await register(groupKey)).output).toMatchObject({ error: { name: 'UnauthorizedError' } });
  });
});
