import { ask, exchange } from '../https.js';
import { HUB, sasToken, type World } from '../support.js';
import { DPS_SERVICE, dpsBackEnd, errorOf, hubBackEnd } from './back-end.js';
import { requestOf, say } from './raw-http.js';
import { conformance, type Rule } from './rules.js';

const CAPTURED = 'captured: azure-iothub 1.16, azure-iot-hub 2.7 (PyPI), iot-service-client 2.1 (Maven)';
const SECURITY = 'azure-docs, iot-hub-dev-guide-sas';
const CODES = 'azure-docs, troubleshoot-error-codes';
const UNAUTHORIZED = [401, 'IotHubUnauthorizedAccess'];
const HOUR = 3_600_000;

const keyOf = (world: World): string => world.hub.policies.get('iothubowner').keys.primaryKey;
const asIs = { keyName: 'iothubowner', encode: (text: string) => text };

/** Is answered so, with that header. */
const withToken = (token: (world: World) => string, expected: number): Rule['check'] => {
  return async (world) => {
    const path = '/devices?api-version=2021-04-12';
    expect((await ask(world, { host: HUB, path, headers: { authorization: token(world) } })).status).toBe(expected);
  };
};
const until = (world: World): number => world.clock.now() + HOUR;

/** Which operations a policy may do: of reading the registry, writing it, and service connect. */
const RIGHTS: readonly (readonly [policy: string, statuses: readonly number[]])[] = [
  ['iothubowner', [200, 200, 200]],
  ['service', [401, 401, 200]],
  ['device', [401, 401, 401]],
  ['registryRead', [200, 401, 401]],
  ['registryReadWrite', [200, 200, 401]],
];

conformance(
  'Service side: access',
  [
    ...RIGHTS.map(([policy, expected]): Rule => ({
      rule: `service-access.policy-${policy}`,
      says: `the policy ${policy} may do what its rights say`,
      source: `azure-docs, iot-hub-dev-guide-sas; REST definition`,
      check: async (world) => {
        const say = hubBackEnd(world);
        world.hub.devices.create({ deviceId: 'd', authentication: { type: 'sas' } });
        const requests = ['GET /devices/d', 'PUT /devices/new', 'GET /twins/d'];
        const replies = [];
        for (const request of requests)
          replies.push(await say(request, { policy, ...(request.startsWith('PUT') ? { body: {} } : {}) }));
        expect(replies.map(({ status }) => status)).toEqual(expected);
      },
    })),
    {
      rule: 'service-access.target-absolute',
      says: 'the request target may have the absolute form, whose host counts',
      source: 'RFC 9112, 3.2.2; captured: iot-service-client 2.1 (Maven), for WebSocket',
      check: async (world) => {
        const token = sasToken(keyOf(world), HUB, until(world), asIs);
        const headers = [`Authorization: ${token}`];
        const start = `GET https://${HUB}/devices?api-version=2021-04-12`;
        const { statusLine } = await say(world, HUB, requestOf(start, 'storage.example', '', headers), undefined, {
          servername: 'localhost',
        });
        expect(statusLine).toBe('HTTP/1.1 200 OK');
      },
    },
    {
      rule: 'service-access.target-fragment',
      says: 'a raw # in the request target is answered with 400: of an id it would be %23',
      source: 'RFC 9112, 3.2; RFC 3986, 3.5',
      check: async (world) => {
        world.hub.devices.create({ deviceId: 'a', authentication: { type: 'sas' } });
        const headers = [`Authorization: ${sasToken(keyOf(world), HUB, until(world), asIs)}`];
        for (const target of [
          '/devices/a#b?api-version=2021-04-12',
          '/devices/a?api-version=2021-04-12#',
          '/$iothub/websocket#',
        ])
          expect((await say(world, HUB, requestOf(`GET ${target}`, HUB, '', headers))).statusLine).toBe(
            'HTTP/1.1 400 Bad Request',
          );
      },
    },
    {
      rule: 'service-access.token-node',
      says: 'the token of azure-iothub is taken: sr is the bare host name',
      source: CAPTURED,
      check: withToken((world) => sasToken(keyOf(world), HUB, until(world), asIs), 200),
    },
    {
      rule: 'service-access.token-secondary',
      says: 'the secondary key does as well',
      source: SECURITY,
      check: withToken((world) => {
        const { secondaryKey } = world.hub.policies.get('iothubowner').keys;
        return sasToken(secondaryKey, HUB, until(world), asIs);
      }, 200),
    },
    {
      rule: 'service-access.token-below',
      says: 'a token for a path is good for what is below it, and for nothing beside it',
      source: SECURITY,
      check: async (world) => {
        await withToken((each) => sasToken(keyOf(each), `${HUB}/devices`, until(each), asIs), 200)(world);
        await withToken((each) => sasToken(keyOf(each), `${HUB}/device`, until(each), asIs), 401)(world);
        await withToken((each) => sasToken(keyOf(each), `${HUB}/twins`, until(each), asIs), 401)(world);
      },
    },
    {
      rule: 'service-access.token-refused',
      says: 'no token, an expired one, one for another host, one of another key, one without skn, a Bearer token: 401',
      source: `${CODES}; observed: azure-iot-sdk-csharp#1070`,
      check: async (world) => {
        const other = world.azure.dps.policies.get('provisioningserviceowner').keys.primaryKey;
        const tokens = [
          '',
          'Bearer x',
          'SharedAccessSignature sr=x',
          sasToken(keyOf(world), HUB, world.clock.now(), asIs),
          sasToken(keyOf(world), 'fabrikam.azure-devices.net', until(world), asIs),
          sasToken(other, HUB, until(world), asIs),
          sasToken(keyOf(world), HUB, until(world)),
        ];
        for (const token of tokens) await withToken(() => token, 401)(world);
        const reply = await ask(world, { host: HUB, path: '/devices?api-version=1' });
        expect(errorOf(reply)).toEqual(UNAUTHORIZED);
        expect(String(reply.json['ExceptionMessage'])).toMatch(
          /^Tracking ID:\w{32}-TimeStamp:\d\d\/\d\d\/\d{4} [\d:]{8}$/,
        );
        expect(world.azure.events().at(-1)).toMatchObject({
          type: 'httpRefused',
          status: 401,
          reason: 'the request has no Authorization header',
        });
      },
    },
    {
      rule: 'service-access.no-body-without-right',
      says: 'no more than 64 KiB are kept of a body whose token has no right: 401, and the connection ends',
      source: 'option',
      check: async (world) => {
        const reply = await hubBackEnd(world)('PUT /devices/d', { policy: 'device', body: { a: 'x'.repeat(70_000) } });
        expect(reply).toMatchObject({ status: 401, headers: { connection: 'close' } });
      },
    },
    {
      rule: 'service-access.body-limit',
      says: 'a body of more than 1 MiB is refused with 413',
      source: 'option',
      check: async (world) => {
        const reply = await hubBackEnd(world)('PUT /devices/d', { body: { a: 'x'.repeat(1_100_000) } });
        expect(errorOf(reply)).toEqual([413, 'GenericRequestEntityTooLarge']);
      },
    },
    {
      rule: 'service-access.api-version',
      says: 'any api-version is taken, and one there has to be',
      source: `${CODES}; ${CAPTURED}`,
      check: async (world) => {
        const say = hubBackEnd(world);
        for (const version of ['2020-09-30', '2021-04-12'])
          expect((await say(`GET /devices?api-version=${version}`)).status).toBe(200);
        expect(errorOf(await say('GET /devices?x=1'))).toEqual([400, 'InvalidProtocolVersion']);
      },
    },
    {
      rule: 'service-access.path-forms',
      says: 'a slash at the end does not count, nor does case in the words of a path; ids are percent-encoded',
      source: CAPTURED,
      check: async (world) => {
        const say = hubBackEnd(world);
        world.hub.devices.create({ deviceId: 'a:b', authentication: { type: 'sas' } });
        expect((await say('GET /devices/')).status).toBe(200);
        expect((await say('GET /Devices/a%3Ab')).json).toMatchObject({ deviceId: 'a:b' });
        expect((await say('GET /devices/A%3Ab')).status).toBe(404);
      },
    },
    {
      rule: 'service-access.dps-host',
      says: 'back ends reach DPS by the name of the service, with the policy provisioningserviceowner',
      source: 'captured: azure-iot-provisioning-service 1.11; azure-docs, how-to-control-access',
      check: async (world) => {
        const say = dpsBackEnd(world);
        expect((await say('POST /enrollments/query', { body: { query: '*' } })).status).toBe(200);
        const refused = await say('POST /enrollments/query', { body: {}, key: keyOf(world) });
        expect(refused).toMatchObject({ status: 401, json: { errorCode: 401000, message: 'Unauthorized' } });
        expect(world.azure.dps.policies.connectionString('provisioningserviceowner')).toMatch(
          new RegExp(`^HostName=${DPS_SERVICE};SharedAccessKeyName=provisioningserviceowner;SharedAccessKey=.{44}$`),
        );
      },
    },
    {
      rule: 'service-access.dps-name',
      says: 'the name of the service can be chosen',
      source: 'option',
      options: { dps: { serviceName: 'Fabrikam' } },
      check: (world) => {
        expect(world.azure.resolve('fabrikam.azure-devices-provisioning.net', 443)?.kind).toBe('in-process');
        expect(world.azure.resolve(DPS_SERVICE, 443)).toBeUndefined();
        return Promise.resolve();
      },
    },
    {
      rule: 'service-access.keep-alive',
      says: 'several requests go over one connection',
      source: CAPTURED,
      check: async (world) => {
        const socket = await world.secure(HUB, 443);
        const headers = { authorization: sasToken(keyOf(world), HUB, until(world), asIs) };
        for (let i = 0; i < 3; i++) {
          const asking = {
            host: HUB,
            path: '/devices?api-version=1',
            headers: { ...headers, connection: 'keep-alive' },
          };
          expect((await world.run(exchange(socket, asking))).status).toBe(200);
        }
        socket.destroy();
      },
    },
    {
      rule: 'service-access.if-match',
      says: 'If-Match is taken with quotes and without, as a star and as an ETag',
      source: CAPTURED,
      check: async (world) => {
        const say = hubBackEnd(world);
        world.hub.devices.create({ deviceId: 'd', authentication: { type: 'sas' } });
        const put = (ifMatch: string) => say('PUT /devices/d', { body: {}, headers: { 'if-match': ifMatch } });
        for (const star of ['"*"', '*']) expect((await put(star)).status).toBe(200);
        expect((await put(`"${world.hub.devices.get('d').etag}"`)).status).toBe(200);
        expect((await put(world.hub.devices.get('d').etag)).status).toBe(200);
        for (const other of ['"b3RoZXI="', 'b3RoZXI='])
          expect(errorOf(await put(other))).toEqual([412, 'PreconditionFailed']);
      },
    },
  ],
  ['HTTPS'],
);

conformance(
  'Service side: errors',
  [
    {
      rule: 'service-errors.unknown',
      says: 'an unknown path is answered in words: what this is, and what it has',
      source: 'option',
      check: async (world) => {
        const reply = await hubBackEnd(world)('GET /unheard/of');
        expect(errorOf(reply)).toEqual([404, 'GenericNotFound']);
        expect(reply.headers['iothub-errorcode']).toBe('GenericNotFound');
        expect(String(reply.json['Message'])).toMatch(
          /IoT Hub emulator of sphere-iot.*\/unheard\/of.*\/devices\/\{id\}/,
        );
        const ofDps = await dpsBackEnd(world)('GET /unheard/of');
        expect(ofDps).toMatchObject({ status: 404, json: { errorCode: 404000 } });
        expect(String(ofDps.json['message'])).toMatch(/DPS emulator of sphere-iot.*\/enrollments\/\{registrationId\}/);
      },
    },
    {
      rule: 'service-errors.method',
      says: 'another HTTP method is answered with 405 and what is taken there',
      source: 'documented',
      check: async (world) => {
        const reply = await hubBackEnd(world)('POST /statistics/devices', { body: {} });
        expect(errorOf(reply)).toEqual([405, 'GenericMethodNotAllowed']);
        expect(String(reply.json['Message'])).toContain('takes GET');
      },
    },
    {
      rule: 'service-errors.node-form',
      says: 'the name of an error and its message stand so that azure-iothub finds both',
      source: 'source of azure-iothub, common-http/http.js',
      check: async (world) => {
        const { json } = await hubBackEnd(world)('GET /devices/nobody');
        const [first = '', second] = String(json['Message']).split(';');
        expect(first.split(':')[1]).toBe('DeviceNotFound');
        expect(second).toMatch(/^The device nobody is not in/);
      },
    },
    {
      rule: 'service-errors.json',
      says: 'a body that is no JSON object, and fields of other types, are refused with 400 and the name of the field',
      source: CODES,
      check: async (world) => {
        const say = hubBackEnd(world);
        expect(errorOf(await say('PUT /devices/d', { body: [] }))).toEqual([400, 'ArgumentInvalid']);
        const bodies: readonly (readonly [object, string])[] = [
          [{ status: 5 }, 'status has to be a text, and is 5'],
          [{ status: 'asleep' }, 'status has to be one of enabled, disabled'],
          [
            { authentication: { symmetricKey: [] } },
            'authentication.symmetricKey has to be a JSON object, and is a list',
          ],
          [{ authentication: { symmetricKey: { primaryKey: 'x' } } }, 'is not base64'],
          [{ authentication: { type: 'none' } }, 'no identities with authentication.type none'],
        ];
        for (const [body, words] of bodies) {
          const reply = await say('PUT /devices/d', { body });
          expect(errorOf(reply)).toEqual([400, 'ArgumentInvalid']);
          expect(String(reply.json['Message'])).toContain(words);
        }
        expect(world.hub.devices.has('d')).toBe(false);
      },
    },
    {
      rule: 'service-errors.nested',
      says: 'what a method is refused with is an object in a string in an object, with its number',
      source: 'observed: azure-docs#14123',
      check: async (world) => {
        world.hub.devices.create({ deviceId: 'd', authentication: { type: 'sas' } });
        const reply = await hubBackEnd(world)('POST /twins/d/methods', { body: { methodName: 'm' } });
        const error = JSON.parse(String(reply.json['Message'])) as object;
        expect(error).toMatchObject({ errorCode: 404103, trackingId: expect.stringMatching(/^\w{32}$/) });
        expect(reply.json['ExceptionMessage']).toBe('');
      },
    },
  ],
  ['HTTPS'],
);
