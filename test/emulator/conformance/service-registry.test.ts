import { errorOf, hubBackEnd } from './back-end.js';
import { conformance } from './rules.js';

const REST = 'REST definition of IoT Hub';
const CAPTURED = 'captured: clients for Node, Python, Java';
const JAVA = 'captured: iot-service-client 2.1 (Maven)';
const KEY = Buffer.alloc(32, 1).toString('base64');
const SHORT_KEY = Buffer.alloc(16, 1).toString('base64');
const SAS = { type: 'sas' } as const;

conformance(
  'Service side: the registry',
  [
    {
      rule: 'service-registry.create',
      says: 'PUT without If-Match creates a device, with keys where none are given, or empty ones; a second one is 409',
      source: `${REST}; ${CAPTURED}`,
      check: async (world) => {
        const say = hubBackEnd(world);
        const body = {
          deviceId: 'd',
          authentication: { type: 'sas', symmetricKey: { primaryKey: '', secondaryKey: '' } },
        };
        const created = await say('PUT /devices/d', { body });
        expect(created).toMatchObject({
          status: 200,
          headers: { 'content-type': 'application/json; charset=utf-8' },
          json: {
            deviceId: 'd',
            generationId: expect.any(String),
            connectionState: 'Disconnected',
            status: 'enabled',
            statusReason: null,
            lastActivityTime: '0001-01-01T00:00:00Z',
            cloudToDeviceMessageCount: 0,
            authentication: {
              type: 'sas',
              symmetricKey: {
                primaryKey: expect.stringMatching(/^.{44}$/),
                secondaryKey: expect.stringMatching(/^.{44}$/),
              },
              x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
            },
            capabilities: { iotEdge: false },
          },
        });
        expect(created.headers.etag).toBe(`"${created.json['etag']}"`);
        expect(errorOf(await say('PUT /devices/d', { body }))).toEqual([409, 'DeviceAlreadyExists']);
      },
    },
    {
      rule: 'service-registry.create-java',
      says: 'what the Java client sends is taken: a capital in the status, 16-byte keys, empty ETag, dates of the year 1, nulls',
      source: JAVA,
      check: async (world) => {
        const body = {
          deviceId: 'd',
          status: 'Enabled',
          etag: '',
          generationId: '',
          statusReason: null,
          lastActivityTime: '0001-12-30T00:00:00',
          authentication: {
            type: 'sas',
            symmetricKey: { primaryKey: SHORT_KEY, secondaryKey: SHORT_KEY },
            x509Thumbprint: null,
          },
          capabilities: { iotEdge: false },
        };
        const reply = await hubBackEnd(world)('PUT /devices/d', { body });
        expect(reply).toMatchObject({ status: 200, json: { status: 'enabled' } });
        expect(world.hub.devices.get('d').authentication).toMatchObject({ symmetricKey: { primaryKey: SHORT_KEY } });
      },
    },
    {
      rule: 'service-registry.create-x509',
      says: 'thumbprints and authorities are taken; without a type, thumbprints say which it is',
      source: REST,
      check: async (world) => {
        const say = hubBackEnd(world);
        const x509Thumbprint = { primaryThumbprint: 'ab'.repeat(20), secondaryThumbprint: 'cd'.repeat(32) };
        await say('PUT /devices/a', { body: { authentication: { type: 'selfSigned', x509Thumbprint } } });
        await say('PUT /devices/b', { body: { authentication: { x509Thumbprint } } });
        await say('PUT /devices/c', { body: { authentication: { type: 'certificateAuthority' } } });
        expect(world.hub.devices.list().map(({ authentication }) => authentication.type)).toEqual([
          'selfSigned',
          'selfSigned',
          'certificateAuthority',
        ]);
        const bad = { authentication: { type: 'selfSigned', x509Thumbprint: { primaryThumbprint: 'xyz' } } };
        expect(errorOf(await say('PUT /devices/e', { body: bad }))).toEqual([400, 'ArgumentInvalid']);
      },
    },
    {
      rule: 'service-registry.update',
      says: 'PUT with If-Match changes what is given; an unknown device is 404, another ETag 412',
      source: `${REST}; ${CAPTURED}`,
      check: async (world) => {
        const say = hubBackEnd(world);
        const { etag } = world.hub.devices.create({
          deviceId: 'd',
          authentication: { ...SAS, symmetricKey: { primaryKey: KEY } },
        });
        const put = (ifMatch: string, id = 'd') =>
          say(`PUT /devices/${id}`, {
            body: { status: 'disabled', statusReason: 'why' },
            headers: { 'if-match': ifMatch },
          });
        expect(errorOf(await put('"*"', 'nobody'))).toEqual([404, 'DeviceNotFound']);
        expect((await put(`"${etag}"`)).json).toMatchObject({
          status: 'disabled',
          statusReason: 'why',
          statusUpdatedTime: new Date(world.clock.now()).toISOString(),
          authentication: { symmetricKey: { primaryKey: KEY } },
        });
        expect(errorOf(await put(`"${etag}"`))).toEqual([412, 'PreconditionFailed']);
      },
    },
    {
      rule: 'service-registry.delete',
      says: 'DELETE is answered with 204; another ETag with 412, an unknown device with 404',
      source: `${REST}; ${CAPTURED}`,
      check: async (world) => {
        const say = hubBackEnd(world);
        world.hub.devices.create({ deviceId: 'd', authentication: SAS });
        const remove = (ifMatch: string) => say('DELETE /devices/d', { headers: { 'if-match': ifMatch } });
        expect(errorOf(await remove('"AAAA"'))).toEqual([412, 'PreconditionFailed']);
        expect((await remove('"*"')).status).toBe(204);
        expect(errorOf(await remove('"*"'))).toEqual([404, 'DeviceNotFound']);
      },
    },
    {
      rule: 'service-registry.list',
      says: 'GET /devices lists devices, 1000 at most, or as many as top says',
      source: `${REST}; ${CAPTURED}`,
      check: async (world) => {
        const say = hubBackEnd(world);
        for (const deviceId of ['a', 'b', 'c']) world.hub.devices.create({ deviceId, authentication: SAS });
        const ids = async (path: string) =>
          ((await say(`GET ${path}`)).json as unknown as { deviceId: string }[]).map(({ deviceId }) => deviceId);
        expect(await ids('/devices')).toEqual(['a', 'b', 'c']);
        expect(await ids('/devices?api-version=1&top=2')).toEqual(['a', 'b']);
        expect(errorOf(await say('GET /devices?api-version=1&top=x'))).toEqual([400, 'ArgumentInvalid']);
      },
    },
    {
      rule: 'service-registry.state',
      says: 'a device that is connected is shown so, with when, and with the messages that wait for it',
      source: REST,
      check: async (world) => {
        const say = hubBackEnd(world);
        const client = await world.online(await world.device('d'));
        world.hub.device('d').sendC2D('x');
        const now = new Date(world.clock.now()).toISOString();
        expect((await say('GET /devices/d')).json).toMatchObject({
          connectionState: 'Connected',
          connectionStateUpdatedTime: now,
          lastActivityTime: now,
          cloudToDeviceMessageCount: 1,
        });
        expect((await say('GET /statistics/service')).json).toEqual({ connectedDeviceCount: 1 });
        client.socket.destroy();
      },
    },
    {
      rule: 'service-registry.statistics',
      says: 'the statistics count devices, enabled ones and disabled ones',
      source: REST,
      check: async (world) => {
        world.hub.devices.create({ deviceId: 'a', authentication: SAS });
        world.hub.devices.create({ deviceId: 'b', authentication: SAS, enabled: false });
        expect((await hubBackEnd(world)('GET /statistics/devices')).json).toEqual({
          totalDeviceCount: 2,
          enabledDeviceCount: 1,
          disabledDeviceCount: 1,
        });
      },
    },
    {
      rule: 'service-registry.bulk',
      says: 'POST /devices does each of up to 100 by its importMode, in any case; 400 with what failed',
      source: `${REST}; ${CAPTURED}`,
      check: async (world) => {
        const say = hubBackEnd(world);
        const created = await say('POST /devices', {
          body: [
            { id: 'a', importMode: 'create', tags: { room: 1 }, properties: { desired: { on: true } } },
            { id: 'b', importMode: 'Create', status: 'disabled' },
          ],
        });
        expect(created).toMatchObject({ status: 200, json: { isSuccessful: true, errors: [] } });
        expect(world.hub.device('a').twin).toMatchObject({ tags: { room: 1 }, desired: { on: true } });
        const second = await say('POST /devices', {
          body: [
            { id: 'a', importMode: 'create' },
            { id: 'b', importMode: 'update', status: 'enabled' },
            { id: 'b', importMode: 'updateIfMatchETag', eTag: 'AAAA', status: 'disabled' },
            { id: 'c', importMode: 'delete' },
            { id: 'a', importMode: 'updateTwin', tags: { room: 2 } },
          ],
        });
        expect(second).toMatchObject({
          status: 400,
          json: {
            isSuccessful: false,
            errors: [
              { deviceId: 'a', errorCode: 'DeviceAlreadyExists', operation: 'create' },
              { deviceId: 'b', errorCode: 'PreconditionFailed', operation: 'updateIfMatchETag' },
              { deviceId: 'c', errorCode: 'DeviceNotFound', operation: 'delete' },
            ],
          },
        });
        expect(world.hub.devices.get('b').enabled).toBe(true);
        expect(world.hub.device('a').twin.tags).toEqual({ room: 2 });
        const many = Array.from({ length: 101 }, (_, index) => ({ id: `d${index}` }));
        for (const body of [[], many])
          expect(errorOf(await say('POST /devices', { body }))).toEqual([400, 'ArgumentInvalid']);
      },
    },
    {
      rule: 'service-registry.limit',
      says: 'a hub that takes no more devices says so with 403',
      source: 'source of azure-iothub: TooManyDevicesError; option',
      options: { hub: { maxDevices: 1 } },
      check: async (world) => {
        const say = hubBackEnd(world);
        await say('PUT /devices/a', { body: {} });
        expect(errorOf(await say('PUT /devices/b', { body: {} }))).toEqual([403, 'TooManyDevices']);
      },
    },
  ],
  ['HTTPS'],
);
