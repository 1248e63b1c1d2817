import { exchange } from '../https.js';
import { HUB, type World } from '../support.js';
import { errorOf, hubBackEnd, hubRequest, nestedErrorOf } from './back-end.js';
import { conformance } from './rules.js';

const REST = 'REST definition of IoT Hub';
const CAPTURED = 'captured: clients for Node, Python, Java';
const TWINS = 'azure-docs, iot-hub-devguide-device-twins';
const METHODS = 'azure-docs, iot-hub-devguide-direct-methods';
const C2D = 'azure-docs, iot-hub-devguide-messages-c2d';
const SAS = { type: 'sas' } as const;

const withDevice = (world: World): ReturnType<typeof hubBackEnd> => {
  world.hub.devices.create({ deviceId: 'd', authentication: SAS });
  return hubBackEnd(world);
};

conformance(
  'Service side: twins',
  [
    {
      rule: 'service-twins.get',
      says: 'a twin has the identity’s part, tags, desired and reported properties with metadata and versions; its ETag has no quotes',
      source: `${TWINS}; ${REST}`,
      check: async (world) => {
        const say = withDevice(world);
        const reply = await say('GET /twins/d');
        expect(reply).toMatchObject({
          status: 200,
          json: {
            deviceId: 'd',
            etag: expect.stringMatching(/^[\w+/=]+$/),
            deviceEtag: world.hub.devices.get('d').etag,
            status: 'enabled',
            connectionState: 'Disconnected',
            authenticationType: 'sas',
            version: 1,
            tags: {},
            properties: {
              desired: { $version: 1, $metadata: { $lastUpdated: expect.any(String) } },
              reported: { $version: 1, $metadata: { $lastUpdated: expect.any(String) } },
            },
            capabilities: { iotEdge: false },
          },
        });
        expect(reply.headers.etag).toBe(`"${reply.json['etag']}"`);
        expect(errorOf(await say('GET /twins/nobody'))).toEqual([404, 'DeviceNotFound']);
      },
    },
    {
      rule: 'service-twins.patch',
      says: 'PATCH merges tags and desired properties, and answers with the new twin; another ETag is 412',
      source: `${TWINS}; ${CAPTURED}`,
      check: async (world) => {
        const say = withDevice(world);
        const { etag } = (await say('GET /twins/d')).json;
        const patch = (body: object) => say('PATCH /twins/d', { body, headers: { 'if-match': `"${etag}"` } });
        expect((await patch({ tags: { a: 1 }, properties: { desired: { on: true } } })).json).toMatchObject({
          tags: { a: 1 },
          properties: { desired: { on: true, $version: 2 } },
        });
        expect(errorOf(await patch({ tags: { a: 2 } }))).toEqual([412, 'PreconditionFailed']);
      },
    },
    {
      rule: 'service-twins.patch-java',
      says: 'a POST that says it is a PATCH is one; fields that are null count as left out',
      source: 'captured: iot-service-client 2.1 (Maven)',
      check: async (world) => {
        const say = withDevice(world);
        world.hub.device('d').updateTags({ kept: true });
        const body = { deviceId: null, tags: null, etag: null, properties: { desired: { on: true }, reported: null } };
        const reply = await say('POST /twins/d', { body, headers: { 'x-http-method-override': 'PATCH' } });
        expect(reply).toMatchObject({
          status: 200,
          json: { tags: { kept: true }, properties: { desired: { on: true } } },
        });
      },
    },
    {
      rule: 'service-twins.patch-whole',
      says: 'a patch is taken as a whole or not at all',
      source: 'inferred',
      check: async (world) => {
        const say = withDevice(world);
        const body = { tags: { a: 1 }, properties: { desired: { 'b.c': 1 } } };
        expect(errorOf(await say('PATCH /twins/d', { body }))).toEqual([400, 'ArgumentInvalid']);
        expect(world.hub.device('d').twin).toMatchObject({ tags: {}, desired: {}, version: 1 });
      },
    },
    {
      rule: 'service-twins.replace',
      says: 'PUT replaces tags and desired properties; metadata that comes back is not taken for properties',
      source: `${TWINS}; ${CAPTURED}`,
      check: async (world) => {
        const say = withDevice(world);
        world.hub.device('d').updateTags({ old: 1 });
        world.hub.device('d').updateDesired({ old: 1 });
        const twin = (await say('GET /twins/d')).json;
        const desired = { ...(twin['properties'] as { desired: object }).desired, new: 2 };
        const body = { ...twin, tags: { new: 1 }, properties: { desired } };
        expect((await say('PUT /twins/d', { body, headers: { 'if-match': '"*"' } })).status).toBe(200);
        expect(world.hub.device('d').twin).toMatchObject({ tags: { new: 1 }, desired: { old: 1, new: 2 } });
        expect((await say('PUT /twins/d', { body: {}, headers: { 'if-match': '"*"' } })).status).toBe(200);
        expect(world.hub.device('d').twin).toMatchObject({ tags: {}, desired: {} });
      },
    },
    {
      rule: 'service-twins.pushed',
      says: 'a device that is connected and subscribed is told of what a back end changes',
      source: TWINS,
      check: async (world) => {
        const client = await world.online(await world.device('device-1'));
        await client.subscribe('$iothub/twin/PATCH/properties/desired/#');
        await hubBackEnd(world)('PATCH /twins/device-1', { body: { properties: { desired: { on: true } } } });
        expect(String((await client.next('publish')).payload)).toBe('{"on":true,"$version":2}');
      },
    },
  ],
  ['HTTPS'],
);

conformance(
  'Service side: methods',
  [
    {
      rule: 'service-methods.invoke',
      says: 'the device’s status and payload are the answer; connectTimeoutInSeconds waits for the device',
      source: `${METHODS}; ${CAPTURED}`,
      check: async (world) => {
        const credential = await world.device('device-1');
        const socket = await world.secure(HUB, 443);
        const body = {
          methodName: 'reboot',
          payload: { in: 5 },
          responseTimeoutInSeconds: 30,
          connectTimeoutInSeconds: 30,
        };
        const asked = exchange(socket, hubRequest(world, 'POST /twins/device-1/methods', { body }));
        const client = await world.online(credential);
        await client.subscribe('$iothub/methods/POST/#');
        const { topic, payload } = await client.next('publish');
        expect([topic, String(payload)]).toEqual(['$iothub/methods/POST/reboot/?$rid=1', '{"in":5}']);
        client.publish('$iothub/methods/res/207/?$rid=1', '{"out":6}');
        expect(await world.run(asked)).toMatchObject({ status: 200, json: { status: 207, payload: { out: 6 } } });
        socket.destroy();
      },
    },
    {
      rule: 'service-methods.offline',
      says: 'a device that is not there is 404103, one that is unknown DeviceNotFound',
      source: 'azure-docs, troubleshoot-error-codes',
      check: async (world) => {
        const say = withDevice(world);
        const reply = await say('POST /twins/d/methods', { body: { methodName: 'm' } });
        expect([reply.status, nestedErrorOf(reply)['errorCode']]).toEqual([404, 404103]);
        const unknown = await say('POST /twins/nobody/methods', { body: { methodName: 'm' } });
        expect(errorOf(unknown)).toEqual([404, 'DeviceNotFound']);
      },
    },
    {
      rule: 'service-methods.timeout',
      says: 'a device that does not answer in time is 504',
      source: 'inferred; azure-docs, troubleshoot-error-codes: 504101',
      check: async (world) => {
        const client = await world.online(await world.device('device-1'));
        await client.subscribe('$iothub/methods/POST/#');
        const reply = await hubBackEnd(world)('POST /twins/device-1/methods', {
          body: { methodName: 'm', responseTimeoutInSeconds: 300 },
        });
        expect([reply.status, nestedErrorOf(reply)['errorCode']]).toEqual([504, 504101]);
      },
    },
    {
      rule: 'service-methods.arguments',
      says: 'a method without a name, and times beyond 5 to 300 s, are refused with 400',
      source: METHODS,
      check: async (world) => {
        const say = withDevice(world);
        const bodies = [
          {},
          { methodName: '' },
          { methodName: 'm', responseTimeoutInSeconds: 4 },
          { methodName: 'm', responseTimeoutInSeconds: 301 },
          { methodName: 'm', connectTimeoutInSeconds: 301 },
        ];
        for (const body of bodies)
          expect(errorOf(await say('POST /twins/d/methods', { body }))).toEqual([400, 'ArgumentInvalid']);
      },
    },
  ],
  ['HTTPS'],
);

conformance(
  'Service side: messages',
  [
    {
      rule: 'service-messages.purge',
      says: 'DELETE /devices/{id}/commands purges the queue, and says how many there were',
      source: `${REST}; source of azure-iothub`,
      check: async (world) => {
        const say = withDevice(world);
        for (let i = 0; i < 3; i++) world.hub.device('d').sendC2D('x');
        expect(await say('DELETE /devices/d/commands')).toMatchObject({
          status: 200,
          json: { totalMessagesPurged: 3, deviceId: 'd', moduleId: null },
        });
        expect(errorOf(await say('DELETE /devices/nobody/commands'))).toEqual([404, 'DeviceNotFound']);
      },
    },
    {
      rule: 'service-messages.feedback',
      says: 'feedback is received with a lock token in the ETag, completed by DELETE, given back by abandon; 204 where there is none',
      source: `${C2D}; ${CAPTURED}`,
      check: async (world) => {
        const say = withDevice(world);
        const path = '/messages/serviceBound/feedback';
        expect((await say(`GET ${path}`)).status).toBe(204);
        world.hub.device('d').sendC2D('x', { messageId: 'm', ack: 'full' });
        world.hub.device('d').purge();
        const received = await say('GET /messages/servicebound/feedback');
        expect(received).toMatchObject({
          status: 200,
          headers: { 'content-type': 'application/vnd.microsoft.iothub.feedback.json' },
          json: [{ originalMessageId: 'm', statusCode: 'Purged', deviceId: 'd' }],
        });
        expect((await say(`GET ${path}`)).status).toBe(204);
        const token = String(received.headers.etag).replaceAll('"', '');
        expect((await say(`POST ${path}/${token}/abandon`)).status).toBe(204);
        const again = String((await say(`GET ${path}`)).headers.etag).replaceAll('"', '');
        expect((await say(`DELETE ${path}/${again}`)).status).toBe(204);
        expect(errorOf(await say(`DELETE ${path}/${again}`))).toEqual([412, 'DeviceMessageLockLost']);
      },
    },
    {
      rule: 'service-messages.feedback-lock',
      says: 'feedback that is not settled comes again after 60 s',
      source: C2D,
      check: async (world) => {
        const say = withDevice(world);
        world.hub.device('d').sendC2D('x', { messageId: 'm', ack: 'full' });
        world.hub.device('d').purge();
        const path = '/messages/serviceBound/feedback';
        expect((await say(`GET ${path}`)).status).toBe(200);
        await world.clock.advance(59_999);
        expect((await say(`GET ${path}`)).status).toBe(204);
        await world.clock.advance(1);
        expect((await say(`GET ${path}`)).status).toBe(200);
      },
    },
  ],
  ['HTTPS'],
);
