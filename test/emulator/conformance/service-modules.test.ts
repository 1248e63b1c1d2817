import type { World } from '../support.js';
import { errorOf, hubBackEnd, nestedErrorOf } from './back-end.js';
import { conformance } from './rules.js';

const REST = 'REST definition of IoT Hub; captured: clients for Node, Python, Java';

const withDevice = (world: World): ReturnType<typeof hubBackEnd> => {
  world.hub.devices.create({ deviceId: 'd', authentication: { type: 'sas' } });
  return hubBackEnd(world);
};

conformance(
  'Service side: modules',
  [
    {
      rule: 'service-modules.identity',
      says: 'modules are created, read, changed by ETag, listed and deleted as devices are',
      source: REST,
      check: async (world) => {
        const say = withDevice(world);
        const path = '/devices/d/modules/m';
        const created = await say(`PUT ${path}`, { body: { deviceId: 'd', moduleId: 'm', managedBy: 'someone' } });
        expect(created).toMatchObject({
          status: 200,
          json: { moduleId: 'm', deviceId: 'd', managedBy: 'someone', authentication: { type: 'sas' } },
        });
        expect(errorOf(await say(`PUT ${path}`, { body: {} }))).toEqual([409, 'ModuleAlreadyExistsOnDevice']);
        expect((await say(`GET ${path}`)).json).toEqual(created.json);
        expect((await say('GET /devices/d/modules')).json).toEqual([created.json]);
        const put = (ifMatch: string) =>
          say(`PUT ${path}`, { body: { managedBy: 'other' }, headers: { 'if-match': ifMatch } });
        expect((await put(`"${created.json['etag']}"`)).json).toMatchObject({
          managedBy: 'other',
          authentication: created.json['authentication'] as object,
        });
        expect(errorOf(await put(`"${created.json['etag']}"`))).toEqual([412, 'PreconditionFailed']);
        expect((await say(`DELETE ${path}`, { headers: { 'if-match': '*' } })).status).toBe(204);
        expect(errorOf(await say(`GET ${path}`))).toEqual([404, 'ModuleNotFound']);
        expect(errorOf(await say('PUT /devices/nobody/modules/m', { body: {} }))).toEqual([404, 'DeviceNotFound']);
      },
    },
    {
      rule: 'service-modules.twin',
      says: 'a module has a twin, which is read, patched, replaced and queried',
      source: REST,
      check: async (world) => {
        const say = withDevice(world);
        await say('PUT /devices/d/modules/m', { body: {} });
        const patched = await say('PATCH /twins/d/modules/m', {
          body: { tags: { a: 1 }, properties: { desired: { on: true } } },
        });
        expect(patched.json).toMatchObject({
          deviceId: 'd',
          moduleId: 'm',
          tags: { a: 1 },
          properties: { desired: { on: true } },
        });
        const stale = await say('PUT /twins/d/modules/m', { body: {}, headers: { 'if-match': '"AAAA"' } });
        expect(errorOf(stale)).toEqual([412, 'PreconditionFailed']);
        const query = { query: 'SELECT * FROM devices.modules WHERE devices.modules.tags.a = 1' };
        expect((await say('POST /devices/query', { body: query })).json).toMatchObject([{ moduleId: 'm' }]);
        await say('PUT /twins/d/modules/m', { body: {}, headers: { 'if-match': '*' } });
        expect((await say('GET /twins/d/modules/m')).json).toMatchObject({ tags: {} });
        expect(errorOf(await say('GET /twins/d/modules/n'))).toEqual([404, 'ModuleNotFound']);
      },
    },
    {
      rule: 'service-modules.gone',
      says: 'a device takes its modules with it',
      source: 'documented: iot-hub-devguide-module-twins',
      check: async (world) => {
        const say = withDevice(world);
        await say('PUT /devices/d/modules/m', { body: {} });
        world.hub.devices.delete('d');
        withDevice(world);
        expect((await say('GET /devices/d/modules')).json).toEqual([]);
      },
    },
    {
      rule: 'service-modules.limits',
      says: 'a method of a module is 404103, as no module connects; a device has 50 modules at most',
      source: 'azure-docs, troubleshoot-error-codes, iot-hub-devguide-quotas-throttling; option',
      check: async (world) => {
        const say = withDevice(world);
        for (let i = 0; i < 50; i++) await say(`PUT /devices/d/modules/m${i}`, { body: {} });
        expect((await say('PUT /devices/d/modules/m50', { body: {} })).status).toBe(403);
        const reply = await say('POST /twins/d/modules/m1/methods', { body: { methodName: 'm' } });
        expect([reply.status, nestedErrorOf(reply)['errorCode']]).toEqual([404, 404103]);
      },
    },
  ],
  ['HTTPS'],
);
