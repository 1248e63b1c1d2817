import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { defined } from '../../../src/defined.js';
import type { Credential } from '../../../src/certificates/index.js';
import { LocalAzure, type HubEvent, type IotHub, type LocalAzureOptions } from '../../../src/emulator/index.js';
import { blobSas, sasFault } from '../../../src/emulator/storage/blob-sas.js';
import { ask, type Asking, type Reply } from '../https.js';
import { frontEvents, HUB, sasToken, World } from '../support.js';

const STORAGE = 'sphereiotlocal.blob.core.windows.net';
const API = 'api-version=2021-04-12';
const HOUR = 3_600_000;

interface Ticket {
  readonly correlationId: string;
  readonly hostName: string;
  readonly containerName: string;
  readonly blobName: string;
  readonly sasToken: string;
}

describe('file upload', () => {
  let world: World;
  let credential: Credential;

  const start = async (options: LocalAzureOptions = {}): Promise<void> => {
    world = await World.create(options);
    credential = await world.device('device-1');
  };
  beforeEach(() => start());
  afterEach(() => world.close());

  const post = (path: string, body: Asking['body'], more: Partial<Asking> = {}): Promise<Reply> =>
    ask(world, { host: HUB, method: 'POST', path, ...defined({ body }), credential, ...more });
  const begin = (more: Partial<Asking> = {}): Promise<Reply> =>
    post(`/devices/device-1/files?${API}`, { blobName: 'log.txt' }, more);
  const ticket = async (): Promise<Ticket> => (await begin()).json as unknown as Ticket;
  const finish = (body: object, more: Partial<Asking> = {}): Promise<Reply> =>
    post(`/devices/device-1/files/notifications?${API}`, body, more);

  const blob = (
    { containerName, blobName, sasToken: sas }: Ticket,
    method: string,
    query = '',
    body?: string | Buffer,
    headers = {},
  ): Promise<Reply> =>
    ask(world, {
      host: STORAGE,
      method,
      path: `/${containerName}/${blobName}${sas}${query}`,
      headers,
      ...defined({ body }),
    });
  const putBlob = (to: Ticket, body: string): Promise<Reply> =>
    blob(to, 'PUT', '', body, { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'text/plain' });
  const id = (text: string): string => Buffer.from(text).toString('base64');
  const putBlock = (to: Ticket, name: string, body: string): Promise<Reply> =>
    blob(to, 'PUT', `&comp=block&blockid=${encodeURIComponent(id(name))}`, body);
  const list = (to: Ticket, ...entries: string[]): Promise<Reply> =>
    blob(
      to,
      'PUT',
      '&comp=blocklist',
      `<?xml version="1.0" encoding="utf-8"?>\r\n<BlockList>${entries.join('')}</BlockList>`,
    );
  const latest = (name: string): string => `<Latest>${id(name)}</Latest>`;

  const refused = (status: number, errorCode: number, reason: RegExp) => ({
    type: 'fileUploadRefused',
    deviceId: 'device-1',
    status,
    errorCode,
    reason: expect.stringMatching(reason),
  });
  const errorCodeOf = (reply: Reply): unknown =>
    (JSON.parse(String(reply.json['Message'])) as { errorCode: unknown }).errorCode;

  test('storage refuses who may not write before any of the body comes', async () => {
    const socket = await world.secure(STORAGE, 443);
    const answer = new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(String(bytes))));
    socket.write(`PUT /uploads/device-1/a HTTP/1.1\r\nHost: ${STORAGE}\r\nContent-Length: 200000000\r\n\r\n`);
    expect(await world.run(answer)).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  test('a block list of more bytes than 50,000 blocks need is too large', async () => {
    expect(await list(await ticket(), ' '.repeat(8_000_000))).toMatchObject({ status: 413 });
  });

  test('as the C SDK does it: slashes at the end, encoded slashes in the blob, blocks and their list', async () => {
    const reply = await post('/devices/device-1/files/?api-version=2016-11-14', '{ "blobName": "logs/a b.txt" }', {
      headers: { 'content-type': 'application/json' },
    });
    expect(reply.status).toBe(200);
    const given = reply.json as unknown as Ticket;
    expect(given).toEqual({
      correlationId: expect.any(String),
      hostName: STORAGE,
      containerName: 'uploads',
      blobName: 'device-1/logs/a b.txt',
      sasToken: expect.stringMatching(/^\?sv=2018-03-28&sr=b&sig=[^&]+&se=2026-01-01T01%3A00%3A00Z&sp=rw$/),
    });
    const path = `/uploads/device-1%2flogs%2fa%20b.txt${given.sasToken}`;
    const put = (query: string, body: string): Promise<Reply> =>
      ask(world, { host: STORAGE, method: 'PUT', path: `${path}${query}`, body });
    expect(await put(`&comp=block&blockid=${id('     0')}`, 'first, ')).toMatchObject({ status: 201 });
    expect(await put(`&comp=block&blockid=${id('     1')}`, 'second')).toMatchObject({ status: 201 });
    const xml = `<?xml version="1.0" encoding="utf-8"?>\r\n<BlockList>${latest('     0')}${latest('     1')}</BlockList>`;
    expect(await put('&comp=blocklist', xml)).toMatchObject({ status: 201 });

    const upload = world.hub.device('device-1').nextUpload();
    const told = await post(
      '/devices/device-1/files/notifications/?api-version=2016-11-14',
      `{"correlationId":"${given.correlationId}", "isSuccess":true, "statusCode":200, "statusDescription":""}`,
      { headers: { 'content-type': 'application/json' } },
    );
    expect(told).toMatchObject({ status: 204, body: Buffer.alloc(0) });
    expect(await upload).toEqual({
      blobName: 'device-1/logs/a b.txt',
      correlationId: given.correlationId,
      isSuccess: true,
      statusCode: 200,
      statusDescription: '',
      body: Buffer.from('first, second'),
      at: world.clock.now(),
    });
    expect(uploadEvents(world.hub)).toEqual([
      {
        type: 'fileUploaded',
        at: world.clock.now(),
        deviceId: 'device-1',
        blobName: 'device-1/logs/a b.txt',
        blobUri: `https://${STORAGE}/uploads/device-1/logs/a%20b.txt`,
        blobSizeInBytes: 13,
        correlationId: given.correlationId,
        isSuccess: true,
        statusCode: 200,
        statusDescription: '',
      },
    ]);
  });

  describe('with state in a folder', () => {
    let state: string;
    beforeEach(async () => {
      await world.close();
      await start({ state: (state = join(mkdtempSync(join(tmpdir(), 'sphere-iot-uploads-')), 'state')) });
    });
    afterEach(async () => {
      await world.close();
      rmSync(join(state, '..'), { recursive: true });
      await start();
    });
    const restart = async (): Promise<void> => {
      await world.close();
      world = await World.create({ state });
    };

    test('an upload goes on after a start wherever it was: with its blocks, its blob, and when it is over', async () => {
      const given = await ticket();
      expect((await putBlock(given, '1', 'one, ')).status).toBe(201);
      await restart();
      expect((await putBlock(given, '2', 'two')).status).toBe(201);
      await restart();
      expect((await list(given, latest('1'), latest('2'))).status).toBe(201);
      expect(statSync(join(state, 'store')).mode & 0o777).toBe(0o700);
      await restart();
      const { correlationId } = given;
      expect((await finish({ correlationId, isSuccess: true })).status).toBe(204);
      const uploads = world.hub.device('device-1').uploads();
      expect(uploads).toMatchObject([{ correlationId, isSuccess: true, body: Buffer.from('one, two') }]);
      await restart();
      expect(world.hub.device('device-1').uploads()).toEqual(uploads);
      expect((await finish({ correlationId, isSuccess: true })).status).toBe(400);
      // Blocks that are part of the blob can still be listed.
      expect((await list(given, `<Committed>${id('2')}</Committed>`)).status).toBe(201);
      expect((await blob(given, 'GET')).body.toString()).toBe('two');
    });
  });

  test('as the client for Node does it: a SAS key, and the correlation id in the path', async () => {
    const { authentication } = world.hub.devices.create({ deviceId: 'keyed', authentication: { type: 'sas' } });
    const key = authentication.type === 'sas' ? authentication.symmetricKey.primaryKey : '';
    const headers = { authorization: sasToken(key, `${HUB}/devices/keyed`, world.clock.now() + 60_000) };
    const asked = (path: string, body: object): Promise<Reply> =>
      ask(world, { host: HUB, method: 'POST', path: `/devices/keyed/files${path}?${API}`, body, headers });
    const given = (await asked('', { blobName: 'x' })).json as unknown as Ticket;
    await putBlob(given, 'whole');
    const path = `/notifications/${encodeURIComponent(given.correlationId)}`;
    expect(await asked(path, { isSuccess: true, statusCode: 201 })).toMatchObject({ status: 204 });
    expect(world.hub.device('keyed').uploads()).toMatchObject([{ blobName: 'keyed/x', body: Buffer.from('whole') }]);
    const late = { authorization: sasToken(key, `${HUB}/devices/keyed`, world.clock.now() - 1000) };
    const wrong = { authorization: sasToken(id('another key of 32 bytes, or more'), `${HUB}/devices/keyed`, 9e12) };
    for (const bad of [late, wrong, {}]) {
      const reply = await ask(world, {
        host: HUB,
        method: 'POST',
        path: `/devices/keyed/files?${API}`,
        body: { blobName: 'x' },
        headers: bad,
      });
      expect(reply).toMatchObject({ status: 401, headers: { 'iothub-errorcode': 'IotHubUnauthorized' } });
      expect(errorCodeOf(reply)).toBe(401003);
    }
  });

  test('is refused to other devices, unknown ones and disabled ones', async () => {
    const other = await world.device('device-2');
    expect(await begin({ credential: other })).toMatchObject({ status: 401 });
    expect(uploadEvents(world.hub)).toMatchObject([refused(401, 401003, /thumbprint/)]);
    expect(await post(`/devices/nobody/files?${API}`, { blobName: 'x' })).toMatchObject({ status: 401 });
    const { correlationId } = await ticket();
    const path = `/devices/device-2/files/notifications?${API}`;
    const reply = await post(path, { correlationId, isSuccess: false }, { credential: other });
    expect(errorCodeOf(reply)).toBe(400015);
    world.hub.devices.update('device-1', { enabled: false });
    expect(await begin()).toMatchObject({ status: 401 });
    world.hub.devices.update('device-1', { enabled: true });
    const renewed = await world.ca.issue({ commonName: 'device-1' });
    expect(await begin({ credential: renewed })).toMatchObject({ status: 401 });
    expect(world.hub.events().at(-1)).toMatchObject(refused(401, 401003, /thumbprint/));
  });

  test.each<[string, Partial<Asking>, number, RegExp]>([
    ['GET', { method: 'GET', body: '' }, 405000, /takes POST/],
    ['no api-version', { path: '/devices/device-1/files' }, 400001, /api-version/],
    ['another content type', { body: '{}', headers: { 'content-type': 'text/plain' } }, 415000, /Content-Type/],
    ['malformed JSON', { body: '{"blob', headers: { 'content-type': 'application/json' } }, 400000, /JSON object/],
    ['no blobName', { body: {} }, 400004, /no blobName/],
    ['an empty blobName', { body: { blobName: '' } }, 400004, /no blobName/],
    ['a blobName that is no text', { body: { blobName: 1 } }, 400004, /no blobName/],
    ['a blobName that is too long', { body: { blobName: 'x'.repeat(1016) } }, 400004, /1024/],
    ['a blobName with half a surrogate pair', { body: { blobName: 'a\ud800b' } }, 400004, /no Unicode/],
    ['a blobName with the other half', { body: { blobName: '\udc00' } }, 400004, /no Unicode/],
    ['a blobName with a line feed', { body: { blobName: 'a\nb' } }, 400004, /control characters/],
    ['a blobName with a NUL', { body: { blobName: 'a\0' } }, 400004, /control characters/],
    ['a blobName with U+0081', { body: { blobName: '\x81' } }, 400004, /control characters/],
    ['a blobName with a code point for private use', { body: { blobName: '\ue000' } }, 400004, /control characters/],
    ['a blobName that leaves its folder', { body: { blobName: '../device-2/secret' } }, 400004, /a part that is/],
    ['a blobName with a part that is a dot', { body: { blobName: 'a/./b' } }, 400004, /a part that is/],
    ['a blobName of too many parts', { body: { blobName: '/'.repeat(253) } }, 400004, /255 parts .*, of 254/],
    ['a body that is too large', { body: { blobName: 'x'.repeat(70_000) } }, 413000, /65536/],
  ])('refuses %s', async (_, asking, errorCode, reason) => {
    const reply = await begin(asking);
    const status = Math.floor(errorCode / 1000);
    expect(reply.status).toBe(status);
    expect(errorCodeOf(reply)).toBe(errorCode);
    if (status === 405) expect(reply.headers.allow).toBe('POST');
    expect(uploadEvents(world.hub)).toMatchObject([refused(status, errorCode, reason)]);
  });

  test.each(['/devices/device-1/files/x', '/devices/device-1/messages/others'])('answers 404 to %s', async (path) => {
    expect(await post(`${path}?${API}`, {})).toMatchObject({ status: 404 });
    expect(frontEvents(world)).toMatchObject([{ type: 'httpRefused', status: 404, path, serverName: HUB }]);
  });

  test('a device has ten uploads at a time, and gets room by their end or by time', async () => {
    const tickets: Ticket[] = [];
    for (let i = 0; i < 10; i++) tickets.push(await ticket());
    const eleventh = await begin();
    expect(eleventh.status).toBe(403);
    expect(errorCodeOf(eleventh)).toBe(403006);
    const [first] = tickets as [Ticket];
    await finish({ correlationId: first.correlationId, isSuccess: false });
    expect(await begin()).toMatchObject({ status: 200 });
    expect(await begin()).toMatchObject({ status: 403 });
    await world.clock.advance(HOUR);
    expect(await begin()).toMatchObject({ status: 200 });
  });

  test('the end of an upload has to be one', async () => {
    const given = await ticket();
    const { correlationId } = given;
    const code = async (body: object): Promise<unknown> => errorCodeOf(await finish(body));
    expect(await code({ isSuccess: true })).toBe(400015);
    expect(await code({ correlationId: 'x', isSuccess: true })).toBe(400015);
    expect(await code({ correlationId: { toString: 1 }, isSuccess: true })).toBe(400015);
    expect(await code({ correlationId: 5, isSuccess: true })).toBe(400015);
    expect(await code({ correlationId })).toBe(400019);
    expect(await code({ correlationId, isSuccess: 'true' })).toBe(400019);
    expect(await code({ correlationId, isSuccess: true })).toBe(400020);
    expect(world.hub.device('device-1').uploads()).toEqual([]);
    await putBlob(given, 'late');
    await world.clock.advance(HOUR);
    expect(await code({ correlationId, isSuccess: true })).toBe(400016);
    await world.clock.advance(24 * HOUR);
    await ticket();
    expect(await code({ correlationId, isSuccess: true })).toBe(400015);
  });

  test('a name of characters beyond the first plane is one, and a status code that is none is left out', async () => {
    const { correlationId, blobName } = (await begin({ body: { blobName: '\u{1f600}' } })).json as unknown as Ticket;
    expect(blobName).toBe('device-1/\u{1f600}');
    const body = `{"correlationId":"${correlationId}","isSuccess":false,"statusCode":1e300}`;
    const headers = { 'content-type': 'application/json' };
    const path = `/devices/device-1/files/notifications?${API}`;
    expect(await post(path, body, { headers })).toMatchObject({ status: 204 });
    const [upload] = world.hub.device('device-1').uploads();
    expect(upload).toEqual({ correlationId, blobName, isSuccess: false, at: world.clock.now() });
  });

  test('tells of an upload that failed, and of one only once', async () => {
    const { correlationId } = await ticket();
    const body = { correlationId, isSuccess: false, statusCode: 503, statusDescription: 'no "room"' };
    expect(await finish(body)).toMatchObject({ status: 204 });
    const upload = await world.hub.device('device-1').nextUpload();
    expect(upload).toEqual({ ...body, blobName: 'device-1/log.txt', at: world.clock.now() });
    expect(world.hub.events().at(-1)).toMatchObject({ type: 'fileUploaded', isSuccess: false, blobSizeInBytes: 0 });
    expect(errorCodeOf(await finish(body))).toBe(400015);
  });

  test('nextUpload gives each once, in order, and skips what does not fit', async () => {
    const device = world.hub.device('device-1');
    const waiting = device.nextUpload(({ isSuccess }) => isSuccess);
    for (const isSuccess of [false, true, true]) {
      const given = await ticket();
      await putBlob(given, 'x');
      await finish({ correlationId: given.correlationId, isSuccess });
    }
    const [, second, third] = device.uploads();
    expect(await waiting).toBe(second);
    expect(await device.nextUpload()).toBe(third);
    const last = expect(device.nextUpload()).rejects.toMatchObject({ code: 'EMULATOR_CLOSED' });
    await world.azure.close();
    await last;
  });

  test('a device that is deleted begins anew', async () => {
    const { correlationId } = await ticket();
    world.hub.devices.delete('device-1');
    const again = await world.device('device-1');
    const reply = await finish({ correlationId, isSuccess: false }, { credential: again });
    expect(errorCodeOf(reply)).toBe(400015);
  });

  test('a hub without storage says so', async () => {
    await world.close();
    await start({ hub: { fileUpload: false } });
    expect(errorCodeOf(await begin())).toBe(400014);
    expect(uploadEvents(world.hub)).toMatchObject([refused(400, 400014, /fileUpload: false/)]);
  });

  test('container, time and host can be chosen', async () => {
    await world.close();
    await start({
      hub: { fileUpload: { containerName: 'logs', sasTtlMs: 60_000 } },
      storage: { hostName: 'fabrikam.blob.core.windows.net' },
    });
    const given = await ticket();
    expect(given).toMatchObject({
      hostName: 'fabrikam.blob.core.windows.net',
      containerName: 'logs',
      sasToken: expect.stringContaining('00%3A01%3A00Z'),
    });
    expect(world.azure.resolve('fabrikam.blob.core.windows.net', 443)).toBeDefined();
    expect(world.azure.resolve(STORAGE, 443)).toBeUndefined();
  });

  test('a container has a name that the Blob service takes', async () => {
    for (const containerName of ['Logs', 'a/b', 'ab', 'a--b', 'x'.repeat(64)])
      await expect(LocalAzure.start({ hub: { fileUpload: { containerName } } })).rejects.toMatchObject({
        code: 'CONTAINER_NAME_INVALID',
      });
  });

  test('under localhost the path says whether hub or storage is meant', async () => {
    await world.close();
    await start({ storage: { hostName: 'localhost:443' } });
    const reply = await begin({ host: 'localhost' });
    expect(reply.json).toMatchObject({ hostName: 'localhost:443' });
    const { containerName, blobName, sasToken: sas } = reply.json as unknown as Ticket;
    const path = `/${containerName}/${blobName}${sas}`;
    const asking = { host: 'localhost', path, body: 'x', headers: { 'x-ms-blob-type': 'BlockBlob' } };
    expect(await ask(world, { ...asking, method: 'PUT' })).toMatchObject({ status: 201 });
    const nobody = await world.secure('localhost', 443);
    nobody.resume().write('GET /devices/x/files HTTP/1.1\r\nHost: fabrikam.azure-devices.net\r\n\r\n');
    await world.clock.advance(1);
    expect(frontEvents(world)).toMatchObject([{ type: 'httpRefused', status: 404, path: '/devices/x/files' }]);
    nobody.destroy();
  });

  describe('its storage', () => {
    let given: Ticket;

    beforeEach(async () => {
      given = await ticket();
    });

    const codeOf = ({ status, headers, body }: Reply): string => {
      expect(body.toString()).toContain(`<Code>${headers['x-ms-error-code']}</Code>`);
      return `${status} ${headers['x-ms-error-code']}`;
    };

    test('is there under its name on port 443 only', () => {
      expect(world.azure.resolve(STORAGE, 443)).toBeDefined();
      expect(world.azure.resolve(STORAGE, 8883)).toBeUndefined();
    });

    test('gives back what was put, and what is known of it', async () => {
      const put = await putBlob(given, 'some text');
      const md5 = createHash('md5').update('some text').digest('base64');
      expect(put).toMatchObject({ status: 201, headers: { 'content-md5': md5, etag: expect.stringMatching(/^"0x8/) } });
      const got = await blob(given, 'GET');
      expect(got).toMatchObject({
        status: 200,
        body: Buffer.from('some text'),
        headers: { 'content-type': 'text/plain', 'content-length': '9', etag: put.headers.etag },
      });
      const head = await blob(given, 'HEAD');
      expect(head).toMatchObject({
        status: 200,
        body: Buffer.alloc(0),
        headers: { ...got.headers, date: expect.any(String), 'x-ms-request-id': expect.any(String) },
      });
    });

    test('takes blocks in any order and puts them together as listed', async () => {
      await putBlock(given, 'c', '3');
      await putBlock(given, 'a', '1');
      await putBlock(given, 'b', '2');
      await putBlock(given, 'a', 'one ');
      expect(codeOf(await blob(given, 'GET'))).toBe('404 BlobNotFound');
      expect(await list(given, latest('a'), latest('c'), latest('a'))).toMatchObject({ status: 201 });
      expect((await blob(given, 'GET')).body.toString()).toBe('one 3one ');
      // What was put and not listed is gone; what is committed can be listed again.
      expect(codeOf(await list(given, latest('b')))).toBe('400 InvalidBlockList');
      await putBlock(given, 'd', '!');
      const committed = `<Committed>${id('c')}</Committed>`;
      expect(codeOf(await list(given, `<Uncommitted>${id('c')}</Uncommitted>`))).toBe('400 InvalidBlockList');
      expect(codeOf(await list(given, `<Committed>${id('d')}</Committed>`))).toBe('400 InvalidBlockList');
      expect(await list(given, `<Uncommitted>${id('d')}</Uncommitted>`, committed)).toMatchObject({ status: 201 });
      expect((await blob(given, 'GET')).body.toString()).toBe('!3');
      expect(await list(given)).toMatchObject({ status: 201 });
      expect((await blob(given, 'GET')).body).toHaveLength(0);
    });

    test('refuses blocks that were never put, and leaves the blob as it was', async () => {
      await putBlob(given, 'before');
      await putBlock(given, 'a', '1');
      expect(codeOf(await list(given, latest('a'), latest('b')))).toBe('400 InvalidBlockList');
      expect((await blob(given, 'GET')).body.toString()).toBe('before');
      expect(await list(given, latest('a'))).toMatchObject({ status: 201 });
    });

    test.each([
      ['no XML', 'x'],
      ['another element', '<BlockList><Newest>YQ==</Newest></BlockList>'],
      ['an element that is not closed', '<BlockList><Latest>YQ==</Latest>'],
      ['text between', '<BlockList>x<Latest>YQ==</Latest></BlockList>'],
      ['a wrong end', '<BlockList><Latest>YQ==</Committed></BlockList>'],
    ])('refuses a block list that is %s', async (_, xml) => {
      await putBlock(given, 'a', '1');
      expect(codeOf(await blob(given, 'PUT', '&comp=blocklist', xml))).toBe('400 InvalidXmlDocument');
    });

    test('takes white space in a block list, and an empty element', async () => {
      await putBlock(given, 'a', '1');
      const xml = `\ufeff<?xml version='1.0'?>\n<BlockList>\n  <Latest> ${id('a')} </Latest>\n</BlockList>\n`;
      expect(await blob(given, 'PUT', '&comp=blocklist', xml)).toMatchObject({ status: 201 });
      expect(await blob(given, 'PUT', '&comp=blocklist', '<BlockList />')).toMatchObject({ status: 201 });
    });

    test.each<[string, string, string, Record<string, string>, string]>([
      ['no blob type', 'PUT', '', {}, '400 MissingRequiredHeader'],
      ['an append blob', 'PUT', '', { 'x-ms-blob-type': 'AppendBlob' }, '400 InvalidHeaderValue'],
      ['no block id', 'PUT', '&comp=block', {}, '400 InvalidQueryParameterValue'],
      ['a block id that is no base64', 'PUT', '&comp=block&blockid=a', {}, '400 InvalidQueryParameterValue'],
      ['a long block id', 'PUT', `&comp=block&blockid=${'AAAA'.repeat(22)}`, {}, '400 InvalidQueryParameterValue'],
      ['another part of the service', 'PUT', '&comp=metadata', {}, '400 InvalidQueryParameterValue'],
      ['a wrong MD5', 'PUT', '', { 'x-ms-blob-type': 'BlockBlob', 'content-md5': 'AA==' }, '400 Md5Mismatch'],
      ['DELETE', 'DELETE', '', {}, '405 UnsupportedHttpVerb'],
      ['its list of blocks', 'GET', '&comp=blocklist', {}, '400 InvalidQueryParameterValue'],
    ])('refuses %s', async (_, method, query, headers, code) => {
      const reply = await blob(given, method, query, method === 'PUT' ? 'x' : undefined, headers);
      expect(codeOf(reply)).toBe(code);
      expect(frontEvents(world)).toMatchObject([
        { type: 'httpRefused', status: reply.status, serverName: STORAGE, path: '/uploads/device-1/log.txt' },
      ]);
      expect(JSON.stringify(world.azure.events())).not.toContain('sig=');
    });

    test('wants block ids of one length', async () => {
      await putBlock(given, 'a', '1');
      expect(codeOf(await putBlock(given, 'ab12', '2'))).toBe('400 InvalidBlobOrBlock');
    });

    test.each<[string, (token: string) => string, string]>([
      ['no token', () => '', '401 NoAuthenticationInformation'],
      ['a token without a signature', (token) => token.replace(/&sig=[^&]+/, ''), '401 NoAuthenticationInformation'],
      ['another signature', (token) => token.replace(/sig=[^&]+/, 'sig=AAAA'), '403 AuthenticationFailed'],
      ['a later end', (token) => token.replace('T01', 'T23'), '403 AuthenticationFailed'],
      ['a token for a container', (token) => token.replace('sr=b', 'sr=c'), '403 AuthenticationFailed'],
      ['a token for nothing', (token) => token.replace('&sr=b', ''), '403 AuthenticationFailed'],
      ['other permissions', (token) => token.replace('sp=rw', 'sp=rwd'), '403 AuthenticationFailed'],
      ['an added field', (token) => `${token}&st=2026-01-01`, '403 AuthenticationFailed'],
    ])('refuses %s', async (_, change, code) => {
      const reply = await putBlob({ ...given, sasToken: change(given.sasToken) }, 'x');
      expect(codeOf(reply)).toBe(code);
      expect((await blob(given, 'GET')).status).toBe(404);
    });

    test('refuses a token for another blob, in another container, and one whose time is over', async () => {
      for (const other of [{ blobName: 'device-1/other.txt' }, { containerName: 'other' }])
        expect(codeOf(await putBlob({ ...given, ...other }, 'x'))).toBe('403 AuthenticationFailed');
      await world.clock.advance(HOUR - 2000);
      expect((await putBlob(given, 'x')).status).toBe(201);
      await world.clock.advance(2000);
      expect(codeOf(await putBlob(given, 'x'))).toBe('403 AuthenticationFailed');
      expect(world.azure.events().at(-1)).toMatchObject({ reason: expect.stringContaining('expired') });
    });

    test("another device's blob is neither read nor written with a token that was changed", async () => {
      const other = await world.device('device-2');
      const begun = await post(`/devices/device-2/files?${API}`, { blobName: 'secret' }, { credential: other });
      const theirs = begun.json as unknown as Ticket;
      expect((await putBlob(theirs, 'secret')).status).toBe(201);
      const mine = await ticket();
      const fields = Object.fromEntries(new URLSearchParams(mine.sasToken));
      const query = (changes: object): string =>
        Object.entries({ ...fields, ...changes })
          .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
          .join('&');
      const secret = '/uploads/device-2/secret';
      const own = '/uploads/device-1/log.txt';
      const forged: readonly (readonly [string, string])[] = [
        [secret, query({})],
        ...['/uploads/device-1/../device-2/secret', '/uploads/device-1/%2e%2e/device-2/secret'].map(
          (path) => [path, query({})] as const,
        ),
        ...[
          '/uploads/device-1%5c..%5cdevice-2%5csecret',
          '/uploads/%64evice-2/secret',
          '/uploads//device-2/secret',
        ].map((path) => [path, query({})] as const),
        ['/uploads/device-2%252fsecret', query({})],
        ['/uploads/device-2/secret.', query({})],
        ['/uploads/DEVICE-2/secret', query({})],
        [`${secret}%00`, query({})],
        [own, query({ se: '2099-01-01T00:00:00Z' })],
        [own, query({ sp: 'rwd' })],
        [own, query({ st: '2020-01-01T00:00:00Z' })],
        [own, query({ rsct: 'text/html' })],
        [own, query({ sv: '2020-01-01' })],
        [own, query({ sig: Buffer.alloc(32).toString('base64') })],
        [own, query({ sig: '' })],
        [secret, `${query({})}&${theirs.sasToken.slice(1).replace(/sig=[^&]*/, 'sig=')}`],
        [secret, query({ se: `${fields['se'] ?? ''}\n/blob/sphereiotlocal/uploads/device-2/secret` })],
        [secret, query({ sr: 'c' })],
      ];
      const put = { 'x-ms-blob-type': 'BlockBlob' };
      for (const [path, changed] of forged)
        for (const method of ['GET', 'PUT', 'DELETE']) {
          const body = method === 'PUT' ? { body: 'mine', headers: put } : {};
          const { status } = await ask(world, { host: STORAGE, method, path: `${path}?${changed}`, ...body });
          expect([method, path, changed, status >= 400 && status < 500]).toEqual([method, path, changed, true]);
        }
      expect((await blob(theirs, 'GET')).body.toString()).toBe('secret');
      // Nor is the upload ended, or told of, by whom it is not.
      for (const [device, with_] of [
        ['device-1', credential],
        ['device-2', credential],
      ] as const) {
        const path = `/devices/${device}/files/notifications`;
        const ending = { correlationId: theirs.correlationId, isSuccess: true };
        for (const reply of [
          await post(`${path}?${API}`, ending, { credential: with_ }),
          await post(`${path}/${encodeURIComponent(theirs.correlationId)}?${API}`, ending, { credential: with_ }),
        ])
          expect(reply.status).toBe(device === 'device-1' ? 400 : 401);
      }
      expect(uploadEvents(world.hub).filter(({ type }) => type === 'fileUploaded')).toEqual([]);
    });

    test('a token to read does not allow to write', () => {
      const key = { account: 'a', key: Buffer.alloc(64, 1) };
      const address = { container: 'c', blob: 'b' };
      const query = blobSas(key, address, 1000, 'r').slice(1);
      expect(sasFault(key, address, query, 'r', 0)).toBeUndefined();
      expect(sasFault(key, address, query, 'w', 0)).toMatchObject({ kind: 'permission' });
    });

    test('a token can not be read as one for another blob, another time or another container', () => {
      const key = { account: 'a', key: Buffer.alloc(64, 1) };
      const [later, secret] = ['2099-01-01T00:00:00Z', { container: 'c', blob: 'device-2/secret' }];
      const own = { container: 'c', blob: `device-1/x\n\n${later}\n/blob/a/c/device-2/secret` };
      const given = new URLSearchParams(blobSas(key, own, 1000));
      expect(sasFault(key, own, given.toString(), 'w', 0)).toBeUndefined();
      const sp = `rw\n\n${given.get('se')}\n/blob/a/c/device-1/x`;
      const fields = { sv: given.get('sv'), sr: 'b', sig: given.get('sig'), se: later, sp };
      const query = Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`);
      expect(sasFault(key, secret, query.join('&'), 'w', 0)).toMatchObject({ kind: 'invalid' });
      const deeper = blobSas(key, { container: 'c', blob: 'd/e' }, 1000);
      expect(sasFault(key, { container: 'c/d', blob: 'e' }, deeper, 'w', 0)).toMatchObject({ kind: 'invalid' });
    });

    test.each(['/up%2floads/x', '/Uploads/x', '/up--loads/x', '/uploads/a%0ab', '/uploads/%ee%80%80'])(
      'refuses the name in %s',
      async (path) => {
        expect(codeOf(await ask(world, { host: STORAGE, path }))).toBe('400 InvalidResourceName');
      },
    );

    test.each(['/', '/uploads', '/uploads/%zz'])('answers 400 to %s', async (path) => {
      const reply = await ask(world, { host: STORAGE, path });
      expect(codeOf(reply)).toBe('400 InvalidUri');
    });
  });

  test('storage has a limit, for blobs and blocks together', async () => {
    await world.close();
    await start({ storage: { limit: 100_000 } });
    const [one, other] = [await ticket(), (await begin({ body: { blobName: 'other' } })).json as unknown as Ticket];
    expect(await putBlob(one, 'x'.repeat(99_500))).toMatchObject({ status: 413 });
    expect(await putBlob(one, 'x'.repeat(60_000))).toMatchObject({ status: 201 });
    expect(await putBlob(other, 'x'.repeat(40_000))).toMatchObject({ status: 413 });
    expect(await putBlock(other, 'a', 'x'.repeat(36_000))).toMatchObject({ status: 201 });
    expect(await putBlock(other, 'b', 'x'.repeat(3000))).toMatchObject({ status: 413 });
    expect(await putBlock(other, 'a', 'x'.repeat(35_000))).toMatchObject({ status: 201 });
    // In the place of what is there.
    expect(await putBlob(one, 'x'.repeat(60_500))).toMatchObject({ status: 201 });
    expect(await list(other, latest('a'), latest('a'))).toMatchObject({ status: 413 });
    expect(await list(other, latest('a'))).toMatchObject({ status: 201 });
    expect(world.azure.events().at(-1)).toMatchObject({ reason: expect.stringContaining('storage.limit') });
  });

  test('empty blobs and blocks take room, too', async () => {
    await world.close();
    await start({ storage: { limit: 20_000 } });
    const statuses: number[] = [];
    const named = async (blobName: string): Promise<Ticket> => {
      const { json } = await begin({ body: { blobName } });
      await finish({ correlationId: json['correlationId'], isSuccess: false });
      return json as unknown as Ticket;
    };
    for (let i = 0; i < 8; i++) statuses.push((await putBlob(await named(`b${i}`), '')).status);
    const given = await named('blocks');
    for (let i = 0; i < 60; i++) statuses.push((await putBlock(given, String(i).padStart(3, '0'), '')).status);
    const count = (status: number): number => statuses.filter((each) => each === status).length;
    expect(count(201) + count(413)).toBe(68);
    expect(count(413)).toBeGreaterThan(10);
    expect(count(413)).toBeLessThan(40);
  });

  test('takes a file of several megabytes', async () => {
    const given = await ticket();
    const block = Buffer.alloc(4 * 1024 * 1024, 'block').toString();
    for (const name of ['0', '1']) expect(await putBlock(given, name, block)).toMatchObject({ status: 201 });
    await list(given, latest('0'), latest('1'));
    await finish({ correlationId: given.correlationId, isSuccess: true });
    const { body } = await world.hub.device('device-1').nextUpload();
    expect(body?.equals(Buffer.from(block + block))).toBe(true);
  });
});

function uploadEvents(hub: IotHub): readonly HubEvent[] {
  return hub.events().filter(({ type }) => type.startsWith('fileUpload'));
}
