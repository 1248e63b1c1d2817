import { request as httpsRequest } from 'node:https';

import { CertificateAuthority, type Credential } from '../../../src/certificates/index.js';
import { deriveDeviceKey, LocalAzure, type SymmetricKey } from '../../../src/emulator/index.js';
import { ask, type Asking, type Reply } from '../https.js';
import { frontEvents, DPS, HUB, sasToken, World } from '../support.js';

const API = 'api-version=2021-06-01';

describe('DPS over HTTPS', () => {
  let world: World;
  let credential: Credential;

  beforeEach(async () => {
    world = await World.create();
    await world.enroll();
    credential = await world.ca.issue({ commonName: 'device-1' });
  });
  afterEach(() => world.close());

  const at = (rest: string, query = `?${API}`): string => `/${world.azure.dps.idScope}/registrations/${rest}${query}`;
  const dps = (asking: Omit<Asking, 'host'>): Promise<Reply> => ask(world, { host: DPS, ...asking });
  const put = (more: Partial<Asking> = {}): Promise<Reply> =>
    dps({
      method: 'PUT',
      path: at('device-1/register'),
      body: { registrationId: 'device-1' },
      credential,
      ...more,
    });
  const operation = async (): Promise<string> => String((await put()).json['operationId']);
  const poll = (operationId: string, more: Partial<Asking> = {}): Promise<Reply> =>
    dps({ path: at(`device-1/operations/${operationId}`), credential, ...more });

  test('answers 202, 202, 200 with the bodies of the real service, and says when and where to ask', async () => {
    const first = await put({ body: { registrationId: 'device-1', payload: { model: 'x' } } });
    expect(first.status).toBe(202);
    const { operationId } = first.json as { operationId: string };
    expect(first.json).toEqual({ operationId: expect.stringMatching(/^4\./), status: 'assigning' });
    expect(first.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'retry-after': '3',
      location: `https://${DPS}${at(`device-1/operations/${operationId}`)}`,
      date: 'Thu, 01 Jan 2026 00:00:00 GMT',
    });
    const second = await dps({ path: (first.headers.location as string).replace(`https://${DPS}`, ''), credential });
    expect(second).toMatchObject({ status: 202, headers: { 'retry-after': '3' } });
    expect(second.json).toMatchObject({ status: 'assigning', registrationState: { registrationId: 'device-1' } });
    const third = await poll(operationId);
    expect(third.status).toBe(200);
    expect(third.headers).not.toHaveProperty('retry-after');
    expect(third.json).toMatchObject({
      operationId,
      status: 'assigned',
      registrationState: { x509: {}, registrationId: 'device-1', assignedHub: HUB, deviceId: 'device-1' },
    });
    expect(world.azure.dps.registration('device-1')).toMatchObject({ requestPayload: { model: 'x' } });
    expect(world.azure.dps.events().map(({ type }) => type)).toEqual(['registered']);
    await world.online(credential);
  });

  test('tells the last registration, once there is one', async () => {
    const lookUp = () =>
      dps({ method: 'POST', path: at('device-1'), body: { registrationId: 'device-1' }, credential });
    expect(await lookUp()).toMatchObject({ status: 404, headers: { 'x-ms-error-code': '404000' } });
    await put();
    const { status, json } = await lookUp();
    expect(status).toBe(200);
    expect(json).toMatchObject({ registrationId: 'device-1', status: 'assigned', assignedHub: HUB });
    expect(json).not.toHaveProperty('operationId');
  });

  test('takes what the C SDK writes: an encoded id, and a trailing slash does not matter', async () => {
    const coloned = await world.ca.issue({ commonName: 'a:b' });
    const reply = await put({ path: at('a%3ab/register/'), body: { registrationId: 'A:B' }, credential: coloned });
    expect(reply.status).toBe(202);
  });

  describe('faults', () => {
    test('dpsError is the answer, with its code and retry-after, to a request or to a poll, then none', async () => {
      world.azure.faults.add({ kind: 'dpsError', status: 429, retryAfterSeconds: 7, device: 'DEVICE-1' });
      const refused = await put();
      expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '7', 'x-ms-error-code': '429001' } });
      expect(refused.json).toMatchObject({ errorCode: 429001 });
      world.azure.faults.add({ kind: 'dpsError', status: 500, request: 'poll' });
      const operationId = await operation();
      expect((await poll(operationId)).status).toBe(500);
      expect((await poll(operationId)).status).toBe(202);
      expect(world.azure.events().filter(({ type }) => type === 'fault')).toHaveLength(2);
    });

    test('dpsSilence answers nothing, however long, and the next connection is served', async () => {
      world.azure.faults.add({ kind: 'dpsSilence', request: 'register' });
      const socket = await world.secure(DPS, 443, credential);
      const answers: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => answers.push(chunk));
      const ended = jest.fn();
      socket.on('close', ended);
      const body = '{"registrationId":"device-1"}';
      socket.write(
        `PUT ${at('device-1/register')} HTTP/1.1\r\nHost: ${DPS}\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${body.length}\r\n\r\n${body}`,
      );
      await world.clock.advance(600_000);
      expect([answers, ended.mock.calls]).toEqual([[], []]);
      expect(world.azure.dps.registration('device-1')).toBeUndefined();
      expect((await put()).status).toBe(202);
      socket.destroy();
    });

    test('dpsAssigning and dpsDisabled', async () => {
      world.azure.faults.add({ kind: 'dpsAssigning', polls: 0 });
      expect((await poll(await operation())).json).toMatchObject({ status: 'assigned' });
      world.azure.faults.add({ kind: 'dpsDisabled' });
      expect(await put()).toMatchObject({ status: 200, json: { status: 'disabled' } });
      expect((await put()).status).toBe(202);
    });
  });

  describe('with a SAS token', () => {
    let key: string;

    beforeEach(() => {
      const { attestation } = world.azure.dps.enrollmentGroups.create({
        id: 'keys',
        attestation: { symmetricKey: {} },
      });
      key = deriveDeviceKey((attestation.symmetricKey as SymmetricKey).primaryKey, 'device-1');
    });

    const authorization = (signedWith = key, expiresIn = 60_000, id = 'device-1') => ({
      authorization: sasToken(
        signedWith,
        `${world.azure.dps.idScope}/registrations/${id}`,
        world.clock.now() + expiresIn,
        { keyName: 'registration' },
      ),
    });

    test('registers', async () => {
      const first = await put({ credential: undefined, headers: authorization() } as never);
      expect(first.status).toBe(202);
      const operationId = String(first.json['operationId']);
      const headers = authorization();
      await ask(world, { host: DPS, path: at(`device-1/operations/${operationId}`), headers });
      const last = await ask(world, { host: DPS, path: at(`device-1/operations/${operationId}`), headers });
      expect(last.json).toMatchObject({ status: 'assigned', registrationState: { symmetricKey: {} } });
      expect(world.hub.devices.connectionString('device-1')).toContain(key);
    });

    test.each([
      ['another key', () => authorization(Buffer.alloc(32, 1).toString('base64')), 401000, /no enrollment has a key/],
      ['an expired token', () => authorization(key, -1000), 401002, /expired/],
      ["another device's token", () => authorization(key, 60_000, 'device-2'), 401002, /device-2/],
      ['no token', () => ({}), 401002, /no SAS token/],
      ['something else', () => ({ authorization: 'Basic eA==' }), 401002, /SharedAccessSignature/],
    ])('is refused with %s, to register and to ask', async (_, headers, errorCode, reason) => {
      const operationId = await operation();
      const before = world.azure.dps.events().length;
      const replies = [
        await ask(world, { host: DPS, ...asPut(), headers: headers() }),
        await ask(world, { host: DPS, path: at(`device-1/operations/${operationId}`), headers: headers() }),
        await ask(world, { host: DPS, ...asPut(), method: 'POST', path: at('device-1'), headers: headers() }),
      ];
      for (const reply of replies) {
        expect(reply).toMatchObject({ status: 401, headers: { 'x-ms-error-code': String(errorCode) } });
        expect(reply.json).toMatchObject({ errorCode, message: 'Unauthorized', trackingId: expect.any(String) });
      }
      const refused = { type: 'registrationRefused', status: 401, errorCode, reason: expect.stringMatching(reason) };
      expect(world.azure.dps.events().slice(before)).toMatchObject([refused, refused, refused]);
    });

    const asPut = () => ({ method: 'PUT', path: at('device-1/register'), body: { registrationId: 'device-1' } });
  });

  test("is refused with another device's certificate, and with one of a stranger", async () => {
    const other = await world.ca.issue({ commonName: 'device-2' });
    expect(await put({ credential: other })).toMatchObject({ status: 401 });
    expect(world.azure.dps.events().at(-1)).toMatchObject({ reason: expect.stringContaining('common name') });
    const operationId = await operation();
    expect(await poll(operationId, { credential: other })).toMatchObject({ status: 401 });
    const stranger = await CertificateAuthority.create({ subject: { commonName: 'Stranger' }, clock: world.clock });
    const reply = await put({ credential: await stranger.issue({ commonName: 'device-1' }) });
    expect(reply.status).toBe(401);
    expect(reply.json).toMatchObject({ errorCode: 401002, message: 'CA certificate not found.' });
  });

  test("does not tell a device another device's operation", async () => {
    const operationId = await operation();
    const other = await world.ca.issue({ commonName: 'device-2' });
    const path = at(`device-2/operations/${operationId}`);
    expect(await poll(operationId, { path, credential: other })).toMatchObject({ status: 404 });
  });

  test('answers disabled with 200, and a failed registration too', async () => {
    world.azure.dps.enrollmentGroups.update('group', { enabled: false });
    const disabled = await put();
    expect(disabled.status).toBe(200);
    expect(disabled.json).toMatchObject({ status: 'disabled' });
    world.azure.dps.enrollmentGroups.update('group', { enabled: true });
    world.azure.dps.unlinkHub(HUB);
    const operationId = await operation();
    await poll(operationId);
    const failed = await poll(operationId);
    expect(failed).toMatchObject({ status: 200 });
    expect(failed.json).toMatchObject({ status: 'failed', registrationState: { errorCode: 400208 } });
  });

  test.each<[string, Partial<Asking>, number, RegExp]>([
    ['another method', { method: 'POST' }, 405, /takes PUT/],
    ['no api-version', { path: '/0ne00000000/registrations/device-1/register' }, 400, /api-version/],
    ['another content type', { body: '{}', headers: { 'content-type': 'text/plain' } }, 415, /Content-Type/],
    ['no content type', { body: '{"registrationId":"device-1"}' }, 415, /Content-Type/],
    ['malformed JSON', { body: '{"registr', headers: { 'content-type': 'application/json' } }, 400, /JSON object/],
    ['JSON that is no object', { body: [] }, 400, /JSON object/],
    ['a body for another device', { body: { registrationId: 'device-2' } }, 400, /does not name/],
    ['a body that is too large', { body: { registrationId: 'device-1', x: 'x'.repeat(262_144) } }, 413, /262144/],
    ['no registration id', { path: `/0ne00000000/registrations/a%20b/register?${API}` }, 400, /no registration id/],
    ['another id scope', { path: `/0ne11111111/registrations/device-1/register?${API}` }, 401, /id scope/],
  ])('refuses %s', async (_, asking, status, reason) => {
    const reply = await put(asking);
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject({ errorCode: expect.any(Number), timestampUtc: expect.any(String) });
    expect(Math.floor(Number(reply.json['errorCode']) / 1000)).toBe(status);
    if (status === 405) expect(reply.headers.allow).toBe('PUT');
    expect(world.azure.dps.events()).toMatchObject([
      { type: 'registrationRefused', status, reason: expect.stringMatching(reason) },
    ]);
  });

  test.each(['/', '/0ne00000000', '/0ne00000000/registrations', '/x/registrations/a/b/c/d', '/%zz/registrations/a'])(
    'answers 404 to %s',
    async (path) => {
      const reply = await dps({ path, credential });
      expect(reply).toMatchObject({ status: 404 });
      expect(frontEvents(world)).toMatchObject([{ type: 'httpRefused', status: 404, path, serverName: DPS }]);
    },
  );

  test('is served on the listening port too, under its own name and under localhost', async () => {
    const azure = await LocalAzure.start({ dps: { assigningPolls: 0 } });
    azure.dps.certificates.upload('ca', world.ca.certificate, { verified: true });
    azure.dps.enrollmentGroups.create({ id: 'group', attestation: { x509: { caName: 'ca' } } });
    const { port } = await azure.listen();
    const status = (host: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const asked = httpsRequest(
          {
            host: '127.0.0.1',
            port,
            servername: host,
            method: 'PUT',
            path: at('device-1/register'),
            headers: { host: `${host}:${port}`, 'content-type': 'application/json' },
            ca: azure.trustRoots,
            cert: credential.chain,
            key: credential.privateKey.export({ type: 'pkcs8', format: 'pem' }),
            agent: false,
          },
          (response) => response.resume().on('end', () => resolve(response.statusCode)),
        );
        asked.on('error', reject);
        asked.end('{"registrationId":"device-1"}');
      });
    try {
      expect(await status(DPS)).toBe(202);
      expect(await status('localhost')).toBe(202);
    } finally {
      await azure.close();
    }
  });
});
