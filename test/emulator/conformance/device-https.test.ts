import type { Credential } from '../../../src/certificates/index.js';
import { ask, type Asking, type Reply } from '../https.js';
import { HUB, sasToken, type World } from '../support.js';
import { nestedErrorOf } from './back-end.js';
import { conformance, type Rule } from './rules.js';

const API = 'api-version=2021-04-12';
const EVENTS = `/devices/device-1/messages/events?${API}`;
const INBOX = `/devices/device-1/messages/devicebound?${API}`;
const HTTP_CLIENT = 'source of azure-iot-device-http 1.14';
const C_SDK = 'C SDK, iothubtransporthttp.c';
const C2D = 'azure-docs, iot-hub-devguide-messages-c2d';
const CLI = 'source of azure-iot-cli-extension';
const BATCH = { 'content-type': 'application/vnd.microsoft.iothub.json' };

const device = (world: World) => world.hub.device('device-1');

/** A device with a certificate that says exactly what it is told to. */
type Says = (asking: Partial<Asking>) => Promise<Reply>;

const withDevice =
  (check: (says: Says, world: World, credential: Credential) => Promise<void>): Rule['check'] =>
  async (world) => {
    const credential = await world.device('device-1');
    await check((asking) => ask(world, { host: HUB, path: INBOX, credential, ...asking }), world, credential);
  };

const send = (asking: Partial<Asking>): Partial<Asking> => ({ method: 'POST', path: EVENTS, ...asking });

/** What the lock token of a received message does. */
const settle = ({ headers }: Reply, how: 'complete' | 'reject' | 'abandon'): Partial<Asking> => {
  const token = String(headers.etag).slice(1, -1);
  const path = `/devices/device-1/messages/devicebound/${token}`;
  if (how === 'abandon') return { method: 'POST', path: `${path}/abandon?${API}` };
  return { method: 'DELETE', path: `${path}?${API}${how === 'reject' ? '&reject' : ''}` };
};

const refused = (asking: Partial<Asking>, status: number, errorCode: number): Rule['check'] =>
  withDevice(async (says, world) => {
    const reply = await says(asking);
    expect([reply.status, nestedErrorOf(reply)['errorCode']]).toEqual([status, errorCode]);
    expect(device(world).receivedTelemetry()).toEqual([]);
  });

const ends = (how: 'complete' | 'reject', status: string, statusCode: string): Rule['check'] =>
  withDevice(async (says, world) => {
    const sent = device(world).sendC2D('x', { ack: 'full', messageId: 'm' });
    const received = await says({});
    expect((await says(settle(received, how))).status).toBe(204);
    expect(sent.outcome).toMatchObject({ status });
    expect(world.hub.feedback()).toMatchObject([{ originalMessageId: 'm', statusCode }]);
    expect((await says({})).status).toBe(204);
  });

conformance(
  'IoT Hub: messages over HTTPS',
  [
    {
      rule: 'device-https.telemetry',
      says: 'a POST of a message is answered with 204; its headers are its properties',
      source: HTTP_CLIENT,
      check: withDevice(async (says, world) => {
        const headers = {
          ...{ 'iothub-to': '/devices/device-1/messages/events', 'iothub-app-Room': 'a/b', 'IoTHub-MessageId': 'm 1' },
          ...{ 'IoTHub-CorrelationId': 'c', 'iothub-contenttype': 'application/json', 'dt-subject': 'pump' },
        };
        const reply = await says(send({ body: Buffer.from([0, 255]), headers }));
        expect([reply.status, reply.body.length]).toEqual([204, 0]);
        expect(device(world).receivedTelemetry()).toEqual([
          {
            body: Buffer.from([0, 255]),
            properties: { Room: 'a/b' },
            systemProperties: {
              ...{ to: '/devices/device-1/messages/events', messageId: 'm 1', correlationId: 'c' },
              ...{ contentType: 'application/json', componentName: 'pump', connectionDeviceId: 'device-1' },
            },
            ...{ enqueuedTime: world.clock.now(), qos: 1, duplicate: false },
          },
        ]);
        expect(device(world).isConnected).toBe(false);
      }),
    },
    {
      rule: 'device-https.batch',
      says: 'a list of messages, in Base64 unless it says otherwise, is several',
      source: `${C_SDK}; ${HTTP_CLIENT}`,
      check: withDevice(async (says, world) => {
        const list = [
          { body: Buffer.from('one').toString('base64'), properties: { 'iothub-app-k': 'v', 'iothub-messageid': 'm' } },
          { body: 'two', base64Encoded: false },
        ];
        expect((await says(send({ body: JSON.stringify(list), headers: BATCH }))).status).toBe(204);
        const messages = device(world).receivedTelemetry();
        expect(messages.map(({ body, properties }) => [body.toString(), properties])).toEqual([
          ['one', { k: 'v' }],
          ['two', {}],
        ]);
        expect(messages[0]?.systemProperties.messageId).toBe('m');
      }),
    },
    ...['', '{}', '[]', '[1]', '[{"body":"eA=="},{"body":1}]', '[{"body":"","properties":{"iothub-app-a":1}}]'].map(
      (body, number): Rule => ({
        rule: `device-https.batch-wrong-${number + 1}`,
        says: `the list ${JSON.stringify(body)} is refused as a whole`,
        source: 'inferred',
        check: refused(send({ body, headers: BATCH }), 400, 400004),
      }),
    ),
    {
      rule: 'device-https.size',
      says: 'a message has at most 262 144 bytes, properties included',
      source: 'azure-docs, iot-hub-devguide-messages-construct',
      check: withDevice(async (says, world) => {
        const headers = { 'iothub-app-k': 'v' };
        expect((await says(send({ body: Buffer.alloc(262_144), headers }))).status).toBe(413);
        expect((await says(send({ body: Buffer.alloc(262_145) }))).status).toBe(413);
        expect((await says(send({ body: Buffer.alloc(262_144) }))).status).toBe(204);
        expect(device(world).receivedTelemetry()).toHaveLength(1);
      }),
    },
    {
      rule: 'device-https.sas',
      says: 'a device with symmetric keys sends its token in the Authorization header',
      source: HTTP_CLIENT,
      check: async (world) => {
        const { authentication } = world.hub.devices.create({ deviceId: 'device-1', authentication: { type: 'sas' } });
        const key = authentication.type === 'sas' ? authentication.symmetricKey.primaryKey : '';
        const statuses = [];
        for (const expires of [world.clock.now() + 3_600_000, world.clock.now()]) {
          const headers = { authorization: sasToken(key, `${HUB}/devices/device-1`, expires) };
          statuses.push((await ask(world, { host: HUB, method: 'POST', path: EVENTS, body: 'x', headers })).status);
        }
        expect(statuses).toEqual([204, 401]);
      },
    },
    {
      rule: 'device-https.other-device',
      says: 'another device’s path is refused with 401',
      source: 'azure-docs, iot-hub-dev-guide-sas',
      check: refused(send({ path: EVENTS.replace('device-1', 'device-2'), body: 'x' }), 401, 401003),
    },
    {
      rule: 'device-https.api-version',
      says: 'without api-version a request is refused with 400',
      source: 'azure-docs, troubleshoot-error-codes',
      check: refused(send({ path: '/devices/device-1/messages/events', body: 'x' }), 400, 400001),
    },
    {
      rule: 'device-https.method',
      says: 'another HTTP method is refused with 405',
      source: 'inferred',
      check: refused({ path: EVENTS }, 405, 405000),
    },
    {
      rule: 'device-https.receive',
      says: 'a GET receives the oldest message: the lock token is the ETag, the properties are headers',
      source: `${HTTP_CLIENT}; ${C_SDK}; ${CLI}`,
      check: withDevice(async (says, world) => {
        const properties = { 'k (1)': 'v=1', umlaut: 'ü\n' };
        const options = {
          messageId: 'm 1',
          correlationId: 'c',
          userId: 'u',
          ack: 'full',
          contentType: 'text/plain',
        } as const;
        device(world).sendC2D('first', { ...options, properties, expiryTimeUtc: '2126-01-01T00:00:00Z' });
        device(world).sendC2D('second');
        const { status, headers, body } = await says({});
        expect([status, body.toString()]).toEqual([200, 'first']);
        expect(headers).toMatchObject({
          etag: expect.stringMatching(/^"[0-9a-f-]{36}"$/),
          ...{ 'iothub-messageid': 'm 1', 'iothub-correlationid': 'c', 'iothub-userid': 'u', 'iothub-ack': 'full' },
          ...{ 'iothub-to': '/devices/device-1/messages/deviceBound', contenttype: 'text/plain' },
          ...{ 'iothub-expiry': '2126-01-01T00:00:00.000Z', 'iothub-deliverycount': '1', 'iothub-sequencenumber': '1' },
          'iothub-enqueuedtime': new Date(world.clock.now()).toISOString(),
          ...{ 'iothub-app-k%20%281%29': 'v=1', 'iothub-app-umlaut': Buffer.from('ü%0A').toString('latin1') },
        });
        expect((await says({})).body.toString()).toBe('second');
        const empty = await says({});
        expect([empty.status, empty.body.length]).toEqual([204, 0]);
      }),
    },
    {
      rule: 'device-https.complete',
      says: 'DELETE with the lock token completes a message',
      source: HTTP_CLIENT,
      check: ends('complete', 'completed', 'Success'),
    },
    {
      rule: 'device-https.reject',
      says: 'DELETE with reject in the query rejects it, which feedback tells',
      source: `${HTTP_CLIENT}; ${C2D}`,
      check: ends('reject', 'rejected', 'Rejected'),
    },
    {
      rule: 'device-https.abandon',
      says: 'POST …/abandon gives it back: it is received again, before those after it, by another token',
      source: `${HTTP_CLIENT}; ${C2D}`,
      check: withDevice(async (says, world) => {
        device(world).sendC2D('first');
        device(world).sendC2D('second');
        const received = await says({});
        expect((await says(settle(received, 'abandon'))).status).toBe(204);
        const again = await says({});
        expect([again.body.toString(), again.headers['iothub-deliverycount']]).toEqual(['first', '2']);
        expect(again.headers.etag).not.toBe(received.headers.etag);
      }),
    },
    {
      rule: 'device-https.delivery-count',
      says: 'a message that was given back ten times is dead',
      source: C2D,
      check: withDevice(async (says, world) => {
        const sent = device(world).sendC2D('x', { ack: 'negative' });
        for (let count = 1; count <= 10; count++) await says(settle(await says({}), 'abandon'));
        expect(sent.outcome).toMatchObject({ status: 'deliveryCountExceeded' });
        expect(world.hub.feedback()).toMatchObject([{ statusCode: 'DeliveryCountExceeded' }]);
        expect((await says({})).status).toBe(204);
      }),
    },
    {
      rule: 'device-https.lock',
      says: 'the lock is over after 60 s: the message can be received again, and its token is refused with 412',
      source: `${C2D}; azure-docs, troubleshoot-error-codes (412002)`,
      check: withDevice(async (says, world) => {
        device(world).sendC2D('x');
        const received = await says({});
        await world.clock.advance(59_000);
        expect((await says({})).status).toBe(204);
        await world.clock.advance(1_000);
        const late = await says(settle(received, 'complete'));
        expect([late.status, nestedErrorOf(late)['errorCode']]).toEqual([412, 412002]);
        expect((await says({})).body.toString()).toBe('x');
      }),
    },
    {
      rule: 'device-https.lock-timeout',
      says: 'IoTHub-MessageLockTimeout sets it, in seconds',
      source: CLI,
      check: withDevice(async (says, world) => {
        device(world).sendC2D('x');
        await says({ headers: { 'IoTHub-MessageLockTimeout': '5' } });
        await world.clock.advance(5_000);
        expect((await says({})).body.toString()).toBe('x');
        expect((await says({ headers: { 'IoTHub-MessageLockTimeout': '0' } })).status).toBe(400);
      }),
    },
    {
      rule: 'device-https.mqtt',
      says: 'it is the queue that MQTT has: what is locked is not sent there, what is given back is',
      source: C2D,
      check: withDevice(async (says, world, credential) => {
        device(world).sendC2D('x');
        const received = await says({});
        const client = await world.online(credential);
        await client.subscribe('devices/device-1/messages/devicebound/#', 1);
        await world.clock.advance(1_000);
        expect(client.received.filter(({ cmd }) => cmd === 'publish')).toEqual([]);
        await says(settle(received, 'abandon'));
        client.acknowledge(await client.next('publish'));
        await world.clock.advance(0);
        expect((await says({})).status).toBe(204);
      }),
    },
  ],
  ['HTTPS'],
);
