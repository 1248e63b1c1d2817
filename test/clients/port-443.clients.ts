import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { connectAsync } from 'mqtt';

import { CertificateAuthority } from '../../src/certificates/index.js';
import { realClock } from '../../src/clock/index.js';
import { deriveDeviceKey, LocalAzure, type SymmetricKey } from '../../src/emulator/index.js';
import { sasToken } from '../emulator/support.js';
import { startClient, type ClientProcess } from './client-process.js';
import { tour } from './device-tour.js';

const PORT = 443;
const AMQPS = 5671;

/** Why nobody of this user can listen on the port; '' where that works. */
function bindFault(): string {
  const script = `require('net').createServer().on('error', ({ code }) => { console.log(code); process.exit(1); })
    .listen(${PORT}, '127.0.0.10', () => process.exit(0))`;
  const { status, stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  return status === 0 ? '' : stdout.trim();
}

const fault = bindFault();
const title = fault === '' ? `clients that are fixed to port ${PORT}` : `skipped: no right to port ${PORT} (${fault})`;

/** Each test has an address of its own, so that a connection which lingers disturbs no other. */
let lastOctet = 10;

(fault === '' ? describe : describe.skip)(title, () => {
  let folder: string;
  let azure: LocalAzure;
  let address: string;
  const processes: ClientProcess[] = [];

  beforeEach(async () => {
    address = `127.0.0.${++lastOctet}`;
    folder = await mkdtemp(join(tmpdir(), 'sphere-iot-clients-'));
    azure = await LocalAzure.start({
      dps: { retryAfterSeconds: 1, assigningPolls: 0 },
      hub: { consumerGroups: ['second'] },
    });
    await azure.listen({ host: address, port: PORT });
    await azure.listen({ host: address, port: AMQPS });
    await writeFile(join(folder, 'ca.pem'), azure.trustRoots);
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((client) => client.stop()));
    await azure.close();
    await rm(folder, { recursive: true });
  });

  const run = (script: string, input: object): ClientProcess => {
    const client = startClient(script, input, {
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      NODE_OPTIONS: `--require ${join(__dirname, 'names.cjs')}`,
      SPHERE_IOT_ADDRESS: address,
    });
    processes.push(client);
    return client;
  };

  const sasDevice = (): string => {
    azure.hub().devices.create({ deviceId: 'sas-device', authentication: { type: 'sas' } });
    return azure.hub().devices.connectionString('sas-device');
  };

  test('azure-iot-device with MqttWs takes cloud-to-device messages', async () => {
    const connectionString = sasDevice();
    const cloud = azure.hub().device('sas-device');
    const sent = cloud.sendC2D('{"on":true}', { messageId: 'm 1', properties: { 'k&1': 'v=1' } });
    const last = cloud.sendC2D('leave');
    const client = run('c2d-client.cjs', { connectionString, webSocket: true });
    expect(await client.finished).toMatchObject({ exitCode: 0, output: { body: '{"on":true}', messageId: 'm 1' } });
    expect(await sent.finished()).toMatchObject({ status: 'completed' });
    expect(await last.finished()).toMatchObject({ status: 'completed' });
  });

  test('azure-iot-device with MqttWs and X.509 sends, has a twin and methods', async () => {
    const ca = await CertificateAuthority.create({ subject: { commonName: 'Test CA' }, clock: realClock });
    const { leaf, chain: cert, privateKey } = await ca.issue({ commonName: 'node-device' });
    const authentication = { type: 'selfSigned', thumbprints: { primary: leaf.fingerprint } } as const;
    azure.hub().devices.create({ deviceId: 'node-device', authentication });
    const client = run('device-client.cjs', {
      hostName: azure.hub().name,
      deviceId: 'node-device',
      cert,
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      ca: azure.trustRoots,
      webSocket: true,
    });
    await tour(client, azure.hub().device('node-device'));
  });

  const checkHttp = async (client: ClientProcess, deviceId: string): Promise<void> => {
    const cloud = azure.hub().device(deviceId);
    const first = cloud.sendC2D('first', { messageId: 'm 1', correlationId: 'c', properties: { k: 'v' } });
    const [again, no] = [cloud.sendC2D('again', { ack: 'full' }), cloud.sendC2D('no', { ack: 'full' })];
    cloud.sendC2D('leave');
    expect((await client.finished).output).toMatchObject({
      received: expect.arrayContaining(['first', 'again', 'no', 'leave']),
      first: {
        ...{ messageId: 'm 1', correlationId: 'c', to: `/devices/${deviceId}/messages/deviceBound` },
        properties: [{ key: 'iothub-app-k', value: 'v' }],
      },
    });
    const outcomes = [first, again, no].map(({ outcome }) => outcome?.status);
    expect(outcomes).toEqual(['completed', 'completed', 'rejected']);
    expect(again.deliveryCount).toBe(2);
    const told = azure
      .hub()
      .feedback()
      .map(({ statusCode }) => statusCode);
    expect(told.sort()).toEqual(['Rejected', 'Success']);
    const [whole, ...batch] = cloud.receivedTelemetry();
    expect(whole).toMatchObject({
      properties: { Room: 'a/b' },
      systemProperties: { messageId: 'm 1', correlationId: 'c', contentType: 'application/json' },
    });
    expect(batch.map(({ body, properties }) => [body.toString(), properties])).toEqual([
      ['one', {}],
      ['two', { number: '2' }],
    ]);
  };

  test('azure-iot-device-http by SAS: telemetry, a batch, and cloud-to-device messages', async () => {
    await checkHttp(run('http-device-client.cjs', { connectionString: sasDevice() }), 'sas-device');
  });

  test('azure-iot-device-http by X.509: telemetry, a batch, and cloud-to-device messages', async () => {
    const ca = await CertificateAuthority.create({ subject: { commonName: 'Test CA' }, clock: realClock });
    const { leaf, chain: cert, privateKey } = await ca.issue({ commonName: 'node-device' });
    const authentication = { type: 'selfSigned', thumbprints: { primary: leaf.fingerprint } } as const;
    azure.hub().devices.create({ deviceId: 'node-device', authentication });
    const connectionString = `HostName=${azure.hub().name};DeviceId=node-device;x509=true`;
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await checkHttp(run('http-device-client.cjs', { connectionString, cert, key }), 'node-device');
  });

  test('azure-iot-device uploads a file: hub and storage by HTTPS', async () => {
    const client = run('upload-client.cjs', { connectionString: sasDevice(), blobName: 'a b.txt', size: 5_000_000 });
    expect(await client.finished).toMatchObject({ output: { done: true } });
    const upload = await azure.hub().device('sas-device').nextUpload();
    expect(upload).toMatchObject({ blobName: 'sas-device/a b.txt', isSuccess: true });
    expect(upload.body).toHaveLength(5_000_000);
  });

  test('azure-iot-provisioning-device with MqttWs registers by X.509', async () => {
    const ca = await CertificateAuthority.create({ subject: { commonName: 'Test CA' }, clock: realClock });
    azure.dps.certificates.upload('ca', ca.certificate, { verified: true });
    azure.dps.enrollmentGroups.create({ id: 'group', attestation: { x509: { caName: 'ca' } } });
    const { chain: cert, privateKey } = await ca.issue({ commonName: 'node-device' });
    const client = run('provisioning-client.cjs', {
      endpoint: azure.dps.endpoint,
      idScope: azure.dps.idScope,
      registrationId: 'node-device',
      webSocket: true,
      cert,
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    });
    expect((await client.finished).output).toMatchObject({ result: { status: 'assigned', deviceId: 'node-device' } });
  });

  test('azure-iot-provisioning-device with MqttWs registers by a symmetric key, and is refused with another', async () => {
    const { attestation } = azure.dps.enrollmentGroups.create({ id: 'keys', attestation: { symmetricKey: {} } });
    const { primaryKey } = attestation.symmetricKey as SymmetricKey;
    const register = (symmetricKey: string) =>
      run('provisioning-client.cjs', {
        endpoint: azure.dps.endpoint,
        idScope: azure.dps.idScope,
        registrationId: 'key-device',
        webSocket: true,
        symmetricKey,
      }).finished;
    const { output } = await register(deriveDeviceKey(primaryKey, 'key-device'));
    expect(output).toMatchObject({ result: { status: 'assigned', deviceId: 'key-device' } });
    expect((await register(primaryKey)).output).toMatchObject({ error: { name: 'UnauthorizedError' } });
  });

  test('azure-iothub: registry, twins, modules, methods, queries and jobs', async () => {
    const ca = await CertificateAuthority.create({ subject: { commonName: 'Test CA' }, clock: realClock });
    const { leaf, chain: cert, privateKey } = await ca.issue({ commonName: 'node-device' });
    const hub = azure.hub();
    const authentication = { type: 'selfSigned', thumbprints: { primary: leaf.fingerprint } } as const;
    hub.devices.create({ deviceId: 'node-device', authentication });
    run('device-client.cjs', {
      hostName: hub.name,
      deviceId: 'node-device',
      cert,
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      ca: azure.trustRoots,
      webSocket: true,
    });
    const client = run('registry-client.cjs', {
      connectionString: hub.policies.connectionString('iothubowner'),
      deviceId: 'node-device',
      thumbprint: leaf.fingerprint,
    });
    const { output } = await client.finished;
    expect(output).toMatchObject({
      identities: {
        created: { deviceId: 'made', status: 'enabled', authentication: { type: 'sas' } },
        twice: { name: 'DeviceAlreadyExistsError' },
        updated: { status: 'disabled', statusReason: 'a test' },
        odd: { name: 'ArgumentError' },
        byThumbprint: { authentication: { type: 'selfSigned' } },
        read: { deviceId: 'd:x%1' },
        missing: { name: 'DeviceNotFoundError' },
        list: ['node-device', 'made', 'd:x%1'],
        statistics: { totalDeviceCount: 3 },
        bulk: { isSuccessful: true },
        badBulk: { name: 'ArgumentError', message: expect.stringContaining('DeviceAlreadyExists') },
        removedBulk: { isSuccessful: true },
      },
      twins: {
        patched: { tags: { room: 4 }, desired: { on: true, $version: 2 } },
        stale: { name: 'InvalidEtagError' },
        any: { tags: { room: 6 } },
        missing: { name: 'DeviceNotFoundError' },
      },
      modules: {
        added: { moduleId: 'm', managedBy: 'a test' },
        listed: ['m'],
        tags: { a: 1 },
        missing: { message: 'Not found' },
      },
      methods: {
        answered: { status: 200, payload: { in: 5 } },
        offline: { message: 'Not found' },
        missing: { name: 'DeviceNotFoundError' },
      },
      queries: {
        pages: [['node-device'], ['d:x%1']],
        grouped: [{ count: 2, authenticationType: 'selfSigned' }],
        wrong: { name: 'ArgumentError' },
      },
      jobs: {
        created: { jobId: 'twin-job', type: 'scheduleUpdateTwin' },
        job: { status: 'completed', deviceJobStatistics: { deviceCount: 1, succeededCount: 1 } },
        cancelled: { status: 'cancelled' },
        listed: [
          ['twin-job', 'completed'],
          ['later-job', 'cancelled'],
        ],
        devices: [{ deviceId: 'node-device', status: 'completed' }],
      },
    });
    expect(hub.device('node-device').twin.tags).toEqual({ room: 6, job: 'done' });
  });

  test.each([
    ['AMQP', false],
    ['AMQP over WebSocket', true],
  ])('azure-iothub over %s: cloud-to-device messages, feedback and file notifications', async (_name, webSocket) => {
    const deviceString = sasDevice();
    azure.hub().devices.create({ deviceId: 'sleeper', authentication: { type: 'sas' } });
    const connectionString = azure.hub().policies.connectionString('service');
    const client = run('c2d-service-client.cjs', { connectionString, deviceId: 'sas-device', webSocket });
    const device = run('c2d-client.cjs', { connectionString: deviceString, webSocket: true });
    const uploaded = run('upload-client.cjs', { connectionString: deviceString, blobName: 'a b.txt', size: 1000 });
    expect(await uploaded.finished).toMatchObject({ output: { done: true } });
    expect(await client.finished).toMatchObject({
      output: {
        unknown: { name: 'DeviceNotFoundError' },
        large: { name: 'MessageTooLargeError' },
        full: { name: 'DeviceMaximumQueueDepthExceededError' },
        feedback: {
          body: [{ originalMessageId: 'm 1', statusCode: 'Success', deviceId: 'sas-device' }],
          contentType: 'application/vnd.microsoft.iothub.feedback.json',
        },
        file: { body: { deviceId: 'sas-device', blobName: 'sas-device/a b.txt', blobSizeInBytes: 1000 } },
      },
    });
    azure.hub().device('sas-device').sendC2D('leave');
    expect(await device.finished).toMatchObject({
      output: {
        ...{ body: '{"on":true}', messageId: 'm 1', correlationId: 'c' },
        ...{ contentType: 'application/json', contentEncoding: 'utf-8' },
        properties: expect.arrayContaining([{ key: 'k&1', value: 'v=1' }]),
      },
    });
  });

  test.each([
    ['AMQP', false],
    ['AMQP over WebSocket', true],
  ])('azure-iothub over %s is refused without the right to it', async (_name, webSocket) => {
    const connectionString = azure.hub().policies.connectionString('registryRead');
    const client = run('c2d-service-client.cjs', { connectionString, deviceId: 'sas-device', webSocket });
    expect(await client.finished).toMatchObject({ output: { error: { name: 'UnauthorizedError' } } });
  });

  /** A device that has sent five messages, and goes on sending. */
  const sending = async (): Promise<() => Promise<void>> => {
    sasDevice();
    const hub = azure.hub();
    const { primaryKey } = (hub.devices.get('sas-device').authentication as { symmetricKey: SymmetricKey })
      .symmetricKey;
    const device = await connectAsync({
      ...{ protocol: 'mqtts', host: address, port: PORT, servername: hub.name, ca: azure.trustRoots },
      ...{ clientId: 'sas-device', username: `${hub.name}/sas-device/?api-version=2021-04-12`, protocolVersion: 4 },
      password: sasToken(primaryKey, `${hub.name}/devices/sas-device`, Date.now() + 3_600_000),
    });
    const topic = 'devices/sas-device/messages/events/$.ct=application%2Fjson&$.ce=utf-8&$.mid=m&k=v';
    const send = (body: object) => device.publishAsync(topic, JSON.stringify(body), { qos: 1 });
    for (let i = 0; i < 5; i++) await send({ i });
    const again = setInterval(() => void send({ late: true }), 50);
    return async () => {
      clearInterval(again);
      await device.endAsync();
    };
  };

  test.each([
    ['AMQP', false],
    ['AMQP over WebSocket', true],
  ])('@azure/event-hubs over %s: properties, positions, consumer groups, owner levels', async (_name, webSocket) => {
    const stop = await sending();
    const connectionString = azure.hub().eventHubConnectionString();
    const client = run('events-client.cjs', { connectionString, count: 5, webSocket });
    const { output } = await client.finished;
    await stop();
    expect(output).toMatchObject({
      properties: { name: 'contoso', partitionIds: ['0', '1', '2', '3'] },
      partitionIds: ['0', '1', '2', '3'],
      partition: { eventHubName: 'contoso', beginningSequenceNumber: 0, isEmpty: false },
      unknown: { code: 'MessagingEntityNotFoundError' },
      latest: [{ body: { late: true } }],
      stolen: { refused: { code: 'ReceiverDisconnectedError' } },
    });
    const bodies = (key: string): unknown[] =>
      (output as Record<string, { body: unknown }[]>)[key]!.map(({ body }) => body);
    const sent = Array.from({ length: 5 }, (_, i) => ({ i }));
    expect([bodies('all').slice(0, 5), bodies('second').slice(0, 5)]).toEqual([sent, sent]);
    expect([bodies('later').slice(0, 4), bodies('inclusive').slice(0, 4)]).toEqual([sent.slice(1), sent.slice(1)]);
    expect(output).toMatchObject({
      all: expect.arrayContaining([
        expect.objectContaining({
          ...{
            sequenceNumber: 4,
            offset: '4',
            contentType: 'application/json',
            messageId: 'm',
            properties: { k: 'v' },
          },
          systemProperties: expect.objectContaining({
            'iothub-connection-device-id': 'sas-device',
            'iothub-message-source': 'Telemetry',
          }),
        }),
      ]),
    });
  });

  test('azure-iot-provisioning-service: enrollments, groups and registrations', async () => {
    const ca = await CertificateAuthority.create({ subject: { commonName: 'Test CA' }, clock: realClock });
    azure.dps.certificates.upload('ca', ca.certificate, { verified: true });
    azure.dps.enrollmentGroups.create({ id: 'before', attestation: { x509: { caName: 'ca' } } });
    const { chain: cert, privateKey } = await ca.issue({ commonName: 'node-device' });
    await run('provisioning-client.cjs', {
      endpoint: azure.dps.endpoint,
      idScope: azure.dps.idScope,
      registrationId: 'node-device',
      webSocket: true,
      cert,
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    }).finished;
    const client = run('enrollments-client.cjs', {
      connectionString: azure.dps.policies.connectionString('provisioningserviceowner'),
      certificate: ca.certificate.raw.toString('base64'),
      registrationId: 'node-device',
    });
    expect((await client.finished).output).toMatchObject({
      enrollments: {
        created: { registrationId: 'keyed', deviceId: 'dev-1', attestation: { type: 'symmetricKey' } },
        twice: { name: 'DeviceAlreadyExistsError' },
        updated: { provisioningStatus: 'disabled' },
        stale: { name: 'InvalidEtagError' },
        keys: { type: 'symmetricKey', symmetricKey: { primaryKey: expect.any(String) } },
        leaf: { attestation: { x509: { clientCertificates: { primary: { info: { subjectName: 'CN=Test CA' } } } } } },
        missing: { message: 'Not found' },
        bulk: { isSuccessful: false, errors: [{ registrationId: 'keyed' }] },
        pages: [['keyed', 'leaf'], ['b1']],
        deleted: { message: 'Not found' },
      },
      groups: {
        created: { attestation: { x509: { signingCertificates: { primary: { info: { version: 3 } } } } } },
        keys: { symmetricKey: { primaryKey: expect.any(String) } },
        listed: ['before', 'factory', 'keys'],
      },
      registrations: {
        state: { registrationId: 'node-device', status: 'assigned' },
        listed: [{ registrationId: 'node-device' }],
        deleted: { message: 'Not found' },
      },
    });
  });
});
