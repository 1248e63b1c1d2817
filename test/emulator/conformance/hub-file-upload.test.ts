import type { Credential } from '../../../src/certificates/index.js';
import { HUB, sasToken, type World } from '../support.js';
import { requestOf, responseOn, say, type RawResponse } from './raw-http.js';
import { conformance, type Rule } from './rules.js';

const STORAGE = 'sphereiotlocal.blob.core.windows.net';
const C_API = '?api-version=2016-11-14';
const NODE_API = '?api-version=2021-04-12';
const C_SDK = 'C SDK, iothub_client_ll_uploadtoblob.c';
const NODE_SDK = 'measured, azure-iot-device';
const DOC = 'azure-docs, iot-hub-devguide-file-upload';
const CODES = 'azure-docs, troubleshoot-error-codes';
const HOUR = 3_600_000;

interface Ticket {
  readonly correlationId: string;
  readonly hostName: string;
  readonly containerName: string;
  readonly blobName: string;
  readonly sasToken: string;
}

const device = (world: World) => world.hub.device('device-1');
const post = (world: World, path: string, body: string, credential?: Credential): Promise<RawResponse> =>
  say(world, HUB, requestOf(`POST ${path}`, HUB, body), credential);

/** What a device does that knows its certificate. */
interface Uploader {
  begin(name?: string): Promise<RawResponse>;
  ticket(name?: string): Promise<Ticket>;
  finish(body: object): Promise<RawResponse>;
  store(ticket: Ticket, query?: string, body?: string, headers?: readonly string[]): Promise<RawResponse>;
}

async function uploader(world: World): Promise<Uploader> {
  const credential = await world.device('device-1');
  const files = '/devices/device-1/files/';
  const begin = (name = 'log.txt'): Promise<RawResponse> =>
    post(world, `${files}${C_API}`, JSON.stringify({ blobName: name }), credential);
  return {
    begin,
    ticket: async (name) => (await begin(name)).json as unknown as Ticket,
    finish: (body) => post(world, `${files}notifications/${C_API}`, JSON.stringify(body), credential),
    store: ({ containerName, blobName, sasToken: sas }, query = '', body = '', headers = []) => {
      const start = `PUT /${containerName}/${encodeURIComponent(blobName).toLowerCase()}${sas}${query}`;
      return say(world, STORAGE, requestOf(start, STORAGE, body, headers));
    },
  };
}

const BLOCK_BLOB = ['x-ms-blob-type: BlockBlob'];
const OK = 'HTTP/1.1 200 OK';
const errorOf = ({ json }: RawResponse) => JSON.parse(String(json['Message'])) as Record<string, unknown>;

/** A request is refused with that code, which says its status. */
function expectError(response: RawResponse, name: string, errorCode: number): void {
  expect(response.statusLine).toMatch(new RegExp(`^HTTP/1.1 ${Math.floor(errorCode / 1000)} `));
  expect(response.headers).toContain(`iothub-errorcode: ${name}`);
  expect(errorOf(response)).toMatchObject({ errorCode });
}

/** Is taken by all forms of its path. */
const taken =
  (path: string): Rule['check'] =>
  async (world) => {
    const response = await post(world, path, '{ "blobName": "x" }', await world.device('device-1'));
    expect(response.statusLine).toBe(OK);
    expect(response.json).toMatchObject({ blobName: 'device-1/x' });
  };

/** The end of an upload is taken, by that path and body. */
const notified =
  (path: (id: string) => string, body: (id: string) => string): Rule['check'] =>
  async (world) => {
    const credential = await world.device('device-1');
    const begun = await post(world, `/devices/device-1/files/${C_API}`, '{ "blobName": "x" }', credential);
    const { correlationId } = begun.json as unknown as Ticket;
    const response = await post(world, path(correlationId), body(correlationId), credential);
    expect(response).toMatchObject({ statusLine: 'HTTP/1.1 204 No Content', body: '' });
    expect(device(world).uploads()).toMatchObject([{ blobName: 'device-1/x', isSuccess: false, correlationId }]);
  };

/** A request that is refused before anything is begun. */
const refused =
  (start: string, body: string, name: string, errorCode: number): Rule['check'] =>
  async (world) => {
    const credential = await world.device('device-1');
    await world.device('device-2');
    expectError(await say(world, HUB, requestOf(start, HUB, body), credential), name, errorCode);
    expect(world.hub.events().at(-1)).toMatchObject({ type: 'fileUploadRefused', errorCode });
  };

const BEGIN = `POST /devices/device-1/files${NODE_API}`;
const FAILED = '"isSuccess":false, "statusCode":500, "statusDescription":""}';
const NOTIFY = '/devices/device-1/files/notifications';

const REFUSED: readonly (readonly [string, string, string, string, string, number])[] = [
  ['method', 'another method', BEGIN.replace('POST', 'PUT'), '{"blobName":"x"}', 'GenericMethodNotAllowed', 405000],
  [
    'api-version',
    'no api-version',
    'POST /devices/device-1/files',
    '{"blobName":"x"}',
    'InvalidProtocolVersion',
    400001,
  ],
  ['json', 'a body that is no JSON', BEGIN, '{"blobName"', 'GenericBadRequest', 400000],
  ['type', 'another content type', BEGIN, 'text', 'GenericUnsupportedMediaType', 415000],
  ['blob-name', 'no blob name', BEGIN, '{"blobName":""}', 'ArgumentInvalid', 400004],
  ['device', 'another device', BEGIN.replace('device-1', 'device-2'), '{"blobName":"x"}', 'IotHubUnauthorized', 401003],
  [
    'unknown',
    'an unknown device',
    BEGIN.replace('device-1', 'device-3'),
    '{"blobName":"x"}',
    'IotHubUnauthorized',
    401003,
  ],
];

conformance(
  'IoT Hub: file upload',
  [
    {
      rule: 'file-upload.trailing-slash',
      says: 'the C SDK’s path with its trailing slash is taken',
      source: C_SDK,
      check: taken(`/devices/device-1/files/${C_API}`),
    },
    {
      rule: 'file-upload.no-trailing-slash',
      says: 'the Node SDK’s path without one is taken',
      source: NODE_SDK,
      check: taken(`/devices/device-1/files${NODE_API}`),
    },
    {
      rule: 'file-upload.notification-c',
      says: 'the C SDK’s notification, with a trailing slash and the correlation id in its body, is answered with 204',
      source: C_SDK,
      check: notified(
        () => `${NOTIFY}/${C_API}`,
        (id) => `{"correlationId":"${id}", ${FAILED}`,
      ),
    },
    {
      rule: 'file-upload.notification-no-slash',
      says: 'the same without a trailing slash',
      source: DOC,
      check: notified(
        () => `${NOTIFY}${NODE_API}`,
        (id) => `{"correlationId":"${id}", ${FAILED}`,
      ),
    },
    {
      rule: 'file-upload.notification-node',
      says: 'the Node SDK’s notification, with the correlation id in its path, is answered with 204',
      source: NODE_SDK,
      check: notified(
        (id) => `${NOTIFY}/${encodeURIComponent(id)}${NODE_API}`,
        () => `{${FAILED}`,
      ),
    },
    {
      rule: 'file-upload.notification-node-slash',
      says: 'the same with a trailing slash',
      source: 'documented',
      check: notified(
        (id) => `${NOTIFY}/${encodeURIComponent(id)}/${NODE_API}`,
        () => `{${FAILED}`,
      ),
    },
    {
      rule: 'file-upload.reply',
      says: 'the answer has the five fields that the C SDK demands, the SAS token with its question mark',
      source: C_SDK,
      check: async (world) => {
        const response = await (await uploader(world)).begin('logs/a b.txt');
        expect(response.statusLine).toBe(OK);
        expect(response.headers).toContain('content-type: application/json; charset=utf-8');
        expect(Object.keys(response.json)).toEqual([
          'correlationId',
          'hostName',
          'containerName',
          'blobName',
          'sasToken',
        ]);
        expect(response.json).toEqual({
          correlationId: expect.stringMatching(/./),
          hostName: STORAGE,
          containerName: 'uploads',
          blobName: 'device-1/logs/a b.txt',
          sasToken: expect.stringMatching(/^\?sv=[^&]+&sr=b&sig=[^&]+&se=2026-01-01T01%3A00%3A00Z&sp=rw$/),
        });
      },
    },
    {
      rule: 'file-upload.blocks',
      says: 'the C SDK puts blocks and then their list to {container}/{encoded blob}, each answered with 201',
      source: 'C SDK, blob.c',
      check: async (world) => {
        const upload = await uploader(world);
        const ticket = await upload.ticket('a b.txt');
        const ids = ['000000', '000001'].map((id) => Buffer.from(id).toString('base64'));
        for (const [number, id] of ids.entries()) {
          const put = await upload.store(ticket, `&comp=block&blockid=${id}`, `part ${number}`);
          expect(put.statusLine).toBe('HTTP/1.1 201 Created');
        }
        const list = ids.map((id) => `<Latest>${id}</Latest>`).join('');
        const xml = `<?xml version="1.0" encoding="utf-8"?>\r\n<BlockList>${list}</BlockList>`;
        expect((await upload.store(ticket, '&comp=blocklist', xml)).statusLine).toBe('HTTP/1.1 201 Created');
        const { correlationId } = ticket;
        expect((await upload.finish({ correlationId, isSuccess: true, statusCode: 200 })).statusLine).toMatch(/ 204 /);
        expect(device(world).uploads()).toMatchObject([{ isSuccess: true, body: Buffer.from('part 0part 1') }]);
      },
    },
    {
      rule: 'file-upload.whole-blob',
      says: 'a blob may be put as a whole',
      source: 'azure-docs, Put Blob',
      check: async (world) => {
        const upload = await uploader(world);
        const ticket = await upload.ticket();
        expect((await upload.store(ticket, '', 'whole', BLOCK_BLOB)).statusLine).toBe('HTTP/1.1 201 Created');
        await upload.finish({ correlationId: ticket.correlationId, isSuccess: true });
        expect(device(world).uploads()).toMatchObject([{ body: Buffer.from('whole') }]);
      },
    },
    {
      rule: 'file-upload.sas-expired',
      says: 'the SAS token is good for an hour, by the clock',
      source: DOC,
      check: async (world) => {
        const upload = await uploader(world);
        const ticket = await upload.ticket();
        await world.clock.advance(HOUR - 1);
        expect((await upload.store(ticket, '', 'x', BLOCK_BLOB)).statusLine).toBe('HTTP/1.1 201 Created');
        await world.clock.advance(1);
        const late = await upload.store(ticket, '', 'y', BLOCK_BLOB);
        expect(late.statusLine).toMatch(/^HTTP\/1.1 403 /);
        expect(late.headers).toContain('x-ms-error-code: AuthenticationFailed');
      },
    },
    {
      rule: 'file-upload.sas-other-blob',
      says: 'the SAS token is good for its blob only',
      source: DOC,
      check: async (world) => {
        const upload = await uploader(world);
        const ticket = await upload.ticket();
        const other = await upload.store({ ...ticket, blobName: 'device-2/log.txt' }, '', 'x', BLOCK_BLOB);
        expect(other.statusLine).toMatch(/^HTTP\/1.1 403 /);
      },
    },
    {
      rule: 'file-upload.host',
      says: 'the storage’s host can be chosen, for clients that know no other than localhost',
      source: 'C SDK, httpapi_compact.c (fixes port 443), option',
      options: { storage: { hostName: 'localhost:8443' } },
      check: async (world) => {
        expect(await (await uploader(world)).ticket()).toMatchObject({ hostName: 'localhost:8443' });
      },
    },
    {
      rule: 'file-upload.container',
      says: 'container and time can be chosen',
      source: `${DOC}, option`,
      options: { hub: { fileUpload: { containerName: 'logs', sasTtlMs: 60_000 } } },
      check: async (world) => {
        const ticket = await (await uploader(world)).ticket();
        expect(ticket).toMatchObject({
          containerName: 'logs',
          sasToken: expect.stringContaining('2026-01-01T00%3A01%3A00Z'),
        });
      },
    },
    {
      rule: 'file-upload.port',
      says: 'storage is there at port 443, and nowhere else',
      source: C_SDK,
      check: ({ azure }) => {
        const kinds = [443, 80, 8883].map((port) => azure.resolve(STORAGE, port)?.kind);
        expect(kinds).toEqual(['in-process', undefined, undefined]);
        return Promise.resolve();
      },
    },
    {
      rule: 'file-upload.sas-device',
      says: 'a device with a symmetric key sends its token in the Authorization header',
      source: C_SDK,
      check: async (world) => {
        const { authentication } = world.hub.devices.create({ deviceId: 'keyed', authentication: { type: 'sas' } });
        const key = authentication.type === 'sas' ? authentication.symmetricKey.primaryKey : '';
        const ask = (token: string): Promise<RawResponse> => {
          const start = `POST /devices/keyed/files/${C_API}`;
          return say(world, HUB, requestOf(start, HUB, '{ "blobName": "x" }', [`Authorization: ${token}`]));
        };
        const token = (expires: number): string => sasToken(key, `${HUB}/devices/keyed`, expires);
        expect((await ask(token(world.clock.now() + HOUR))).statusLine).toBe(OK);
        expectError(await ask(token(world.clock.now())), 'IotHubUnauthorized', 401003);
      },
    },
    {
      rule: 'file-upload.no-certificate',
      says: 'a request without certificate and token is refused with 401003, above TLS',
      source: CODES,
      check: async (world) => {
        await world.device('device-1');
        const response = await post(world, `/devices/device-1/files/${C_API}`, '{"blobName":"x"}');
        expectError(response, 'IotHubUnauthorized', 401003);
      },
    },
    {
      rule: 'file-upload.disabled',
      says: 'a disabled device is refused with 401003',
      source: CODES,
      check: async (world) => {
        const upload = await uploader(world);
        world.hub.devices.update('device-1', { enabled: false });
        expectError(await upload.begin(), 'IotHubUnauthorized', 401003);
      },
    },
    ...REFUSED.map(([name, says, start, body, errorName, errorCode]): Rule => ({
      rule: `file-upload.refused-${name}`,
      says: `${says} is refused with ${errorCode}`,
      source: CODES,
      check: refused(start, body, errorName, errorCode),
    })),
    {
      rule: 'file-upload.error-body',
      says: 'an error is an object in a string in an object, and its name in a header',
      source: 'GH azure-iot-sdk-csharp#2936',
      check: async (world) => {
        const response = await (await uploader(world)).begin('');
        expect(Object.keys(response.json)).toEqual(['Message', 'ExceptionMessage']);
        expect(errorOf(response)).toEqual({
          errorCode: 400004,
          trackingId: expect.stringMatching(/^[0-9a-f]{32}$/),
          message: 'ArgumentInvalid',
          timestampUtc: '2026-01-01T00:00:00.000Z',
        });
      },
    },
    {
      rule: 'file-upload.403006',
      says: 'ten uploads of a device may be under way, the eleventh is refused; an end or an hour makes room',
      source: CODES,
      check: async (world) => {
        const upload = await uploader(world);
        const { correlationId } = await upload.ticket();
        for (let i = 1; i < 10; i++) expect((await upload.begin(`${i}`)).statusLine).toBe(OK);
        expectError(await upload.begin('11'), 'DeviceMaximumActiveFileUploadLimitExceeded', 403006);
        await upload.finish({ correlationId, isSuccess: false });
        expect((await upload.begin('11')).statusLine).toBe(OK);
        expectError(await upload.begin('12'), 'DeviceMaximumActiveFileUploadLimitExceeded', 403006);
        await world.clock.advance(HOUR);
        expect((await upload.begin('12')).statusLine).toBe(OK);
      },
    },
    {
      rule: 'file-upload.400015',
      says: 'the end of an unknown upload is refused, a second end too',
      source: CODES,
      check: async (world) => {
        const upload = await uploader(world);
        const { correlationId } = await upload.ticket();
        const end = { correlationId, isSuccess: false };
        expectError(await upload.finish({ ...end, correlationId: 'x' }), 'InvalidFileUploadCorrelationId', 400015);
        await upload.finish(end);
        expectError(await upload.finish(end), 'InvalidFileUploadCorrelationId', 400015);
      },
    },
    {
      rule: 'file-upload.400016',
      says: 'the end of an upload whose time is over is refused',
      source: CODES,
      check: async (world) => {
        const upload = await uploader(world);
        const { correlationId } = await upload.ticket();
        await world.clock.advance(HOUR);
        const late = await upload.finish({ correlationId, isSuccess: false });
        expectError(late, 'ExpiredFileUploadCorrelationId', 400016);
      },
    },
    {
      rule: 'file-upload.400019',
      says: 'an end that says neither success nor failure is refused',
      source: CODES,
      check: async (world) => {
        const upload = await uploader(world);
        const { correlationId } = await upload.ticket();
        for (const isSuccess of [undefined, 'true', 1])
          expectError(await upload.finish({ correlationId, isSuccess }), 'InvalidFileUploadCompletionStatus', 400019);
      },
    },
    {
      rule: 'file-upload.400020',
      says: 'success is refused where no blob was put',
      source: `${CODES}, GH azure-iot-sdk-node#1153`,
      check: async (world) => {
        const upload = await uploader(world);
        const { correlationId } = await upload.ticket();
        const end = await upload.finish({ correlationId, isSuccess: true });
        expectError(end, 'InvalidStorageEndpointOrBlob', 400020);
      },
    },
    {
      rule: 'file-upload.400014',
      says: 'a hub without storage says so, by option',
      source: `${CODES}, option`,
      options: { hub: { fileUpload: false } },
      check: async (world) => {
        expectError(await (await uploader(world)).begin(), 'DefaultStorageEndpointNotConfigured', 400014);
      },
    },
    {
      rule: 'file-upload.large-body',
      says: 'a body of more than 64 KB is refused with 413, and the connection ends',
      source: 'option',
      check: async (world) => {
        const response = await (await uploader(world)).begin('x'.repeat(65_536));
        expectError(response, 'GenericRequestEntityTooLarge', 413000);
        expect(response.headers).toContain('connection: close');
      },
    },
    {
      rule: 'file-upload.path',
      says: 'nothing else is there below the files of a device: 404',
      source: 'documented',
      check: async (world) => {
        const credential = await world.device('device-1');
        const path = `/devices/device-1/files/x${C_API}`;
        expectError(await post(world, path, '{}', credential), 'GenericNotFound', 404000);
      },
    },
    {
      rule: 'file-upload.connection',
      says: 'several requests go over one connection',
      source: 'C SDK, httpapi_compact.c',
      check: async (world) => {
        const socket = await world.secure(HUB, 443, await world.device('device-1'));
        for (let i = 0; i < 3; i++) {
          const response = responseOn(socket);
          socket.write(requestOf(BEGIN, HUB, '{"blobName":"x"}'));
          expect((await world.run(response)).statusLine).toBe(OK);
        }
        socket.destroy();
      },
    },
    {
      rule: 'file-upload.file-notification',
      says: 'back ends are told of the file: device, blob, its address and size',
      source: DOC,
      check: async (world) => {
        const upload = await uploader(world);
        const ticket = await upload.ticket('a b.txt');
        await upload.store(ticket, '', 'four', BLOCK_BLOB);
        await upload.finish({ correlationId: ticket.correlationId, isSuccess: true });
        expect(world.hub.events().at(-1)).toMatchObject({
          type: 'fileUploaded',
          deviceId: 'device-1',
          blobName: 'device-1/a b.txt',
          blobUri: `https://${STORAGE}/uploads/device-1/a%20b.txt`,
          blobSizeInBytes: 4,
          at: world.clock.now(),
        });
      },
    },
  ],
  ['HTTPS'],
);
