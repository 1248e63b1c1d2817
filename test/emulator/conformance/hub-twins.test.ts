import { type RawClient, type World } from '../support.js';
import { hubBackEnd } from './back-end.js';
import { conformance, hexOf, publishHex, quiet, sendHex, type Rule } from './rules.js';

const RESULTS = '$iothub/twin/res/#';
const DESIRED = '$iothub/twin/PATCH/properties/desired/#';
const METHODS = '$iothub/methods/POST/#';
const GET = '$iothub/twin/GET/?$rid=';
const PATCH = '$iothub/twin/PATCH/properties/reported/?$rid=';
const NEW_TWIN = '{"desired":{"$version":1},"reported":{"$version":1}}';
const DOC = 'azure-docs, iot-hub-devguide-device-twins';
const MQTT_DOC = 'azure-docs, iot-mqtt-connect-to-iot-hub';
const THROTTLING = 'azure-docs, iot-hub-devguide-quotas-throttling';
const KB = 1024;

const device = (world: World) => world.hub.device('device-1');
const pushHex = (version: number, patch: object): string =>
  publishHex(`$iothub/twin/PATCH/properties/desired/?$version=${version}`, JSON.stringify(patch));

async function online(world: World): Promise<RawClient> {
  const client = await world.online(await world.device('device-1'));
  hexOf(client);
  return client;
}

async function subscribed(world: World, filter = RESULTS, qos: 0 | 1 = 0): Promise<RawClient> {
  const client = await online(world);
  await client.subscribe(filter, qos);
  hexOf(client);
  return client;
}

/** What came for one request, as hex. */
async function answered(client: RawClient, topic: string, payload = ''): Promise<string> {
  client.publish(topic, payload);
  await client.next('publish');
  return hexOf(client);
}

async function reported(client: RawClient, patch: object | string): Promise<string> {
  client.publish(`${PATCH}7`, typeof patch === 'string' ? patch : JSON.stringify(patch));
  return (await client.next('publish')).topic;
}

/** A patch is taken, or refused with 400 and without any effect. */
const report =
  (patch: object | string, status: 204 | 400): Rule['check'] =>
  async (world) => {
    const client = await subscribed(world);
    expect(await reported(client, patch)).toBe(
      `$iothub/twin/res/${status}/?$rid=7${status === 204 ? '&$version=2' : ''}`,
    );
    const { twin } = device(world);
    expect([twin.reportedVersion, twin.version]).toEqual(status === 204 ? [2, 2] : [1, 1]);
    if (status === 400) expect(twin.reported).toEqual({});
  };

/** What the section is after those patches. */
const becomes =
  (patches: readonly object[], after: object): Rule['check'] =>
  async (world) => {
    const client = await subscribed(world);
    for (const patch of patches) await reported(client, patch);
    hexOf(client);
    const twin = { desired: { $version: 1 }, reported: { ...after, $version: patches.length + 1 } };
    expect(await answered(client, `${GET}1`)).toBe(publishHex('$iothub/twin/res/200/?$rid=1', JSON.stringify(twin)));
  };

/** What back ends may not write either. */
const refusedDesired =
  (...patches: readonly Record<string, unknown>[]): Rule['check'] =>
  async (world) => {
    const client = await subscribed(world, DESIRED);
    for (const patch of patches)
      expect(() => device(world).updateDesired(patch)).toThrow(expect.objectContaining({ code: 'TWIN_PATCH_INVALID' }));
    await quiet(world);
    expect([hexOf(client), device(world).twin.desiredVersion]).toEqual(['', 1]);
  };

const closesOn =
  (topic: string): Rule['check'] =>
  async (world) => {
    const client = await subscribed(world);
    client.publish(topic, '{"a":1}', 1);
    await client.closed();
    expect([hexOf(client), device(world).twin.version]).toEqual(['', 1]);
  };

const nested = (levels: number): object => (levels === 1 ? { x: 1 } : { x: nested(levels - 1) });
/** A section of that many bytes as JSON, of strings that are short enough. */
const section = (bytes: number): Record<string, string> => {
  const names = Array.from({ length: bytes / KB }, (_, number) => `k${String(number).padStart(2, '0')}`);
  // Each "k00":"…" has a comma or the last brace behind it, the first the other brace before it.
  return Object.fromEntries(names.map((name, number) => [name, 'x'.repeat(KB - 9 - (number === 0 ? 1 : 0))]));
};

const NAMES: readonly (readonly [string, string])[] = [
  ['dot', 'a.b'],
  ['dollar', '$a'],
  ['dollar-version', '$version'],
  ['blank', 'a b'],
  ['control', 'a\u0001b'],
  ['delete', 'a\u007fb'],
];

conformance('IoT Hub: twins', [
  {
    rule: 'hub-topics.twin-get',
    says: 'GET is answered with desired and reported properties and their versions, without metadata and tags',
    source: MQTT_DOC,
    check: async (world) => {
      const client = await subscribed(world);
      device(world).updateTags({ secret: 1 });
      device(world).updateDesired({ rate: 5 });
      await reported(client, { colour: 'green' });
      hexOf(client);
      const twin = '{"desired":{"rate":5,"$version":2},"reported":{"colour":"green","$version":2}}';
      expect(await answered(client, `${GET}1`)).toBe(publishHex('$iothub/twin/res/200/?$rid=1', twin));
    },
  },
  {
    rule: 'hub-topics.twin-get-new',
    says: 'the twin of a new device is empty, with version 1 of both sections',
    source: DOC,
    check: async (world) => {
      const client = await subscribed(world);
      expect(await answered(client, `${GET}1`)).toBe(publishHex('$iothub/twin/res/200/?$rid=1', NEW_TWIN));
    },
  },
  {
    rule: 'hub-topics.twin-get-body',
    says: 'the body of a GET does not matter',
    source: 'documented',
    check: async (world) => {
      const client = await subscribed(world);
      for (const body of [' ', '{', '{"a":1}'])
        expect(await answered(client, `${GET}1`, body)).toBe(publishHex('$iothub/twin/res/200/?$rid=1', NEW_TWIN));
    },
  },
  {
    rule: 'hub-topics.twin-get-qos1',
    says: 'a GET with QoS 1 is answered with QoS 0, and acknowledged',
    source: 'Node SDK',
    check: async (world) => {
      const client = await subscribed(world);
      client.publish(`${GET}1`, ' ', 1);
      await client.next('publish');
      await client.next('puback');
      expect(hexOf(client)).toBe(`${publishHex('$iothub/twin/res/200/?$rid=1', NEW_TWIN)}40020002`);
    },
  },
  {
    rule: 'hub-topics.twin-rid',
    says: 'the request id is given back as it came',
    source: 'C SDK, Node SDK',
    check: async (world) => {
      const client = await subscribed(world);
      for (const rid of ['1', '0f8fad5b-d9cb-469f-a165-70867728950e', 'A%20b=c', 'ü', ''])
        expect(await answered(client, GET + rid)).toBe(publishHex(`$iothub/twin/res/200/?$rid=${rid}`, NEW_TWIN));
    },
  },
  {
    rule: 'hub-topics.twin-patch',
    says: 'a patch is answered with 204, the request id first, the new version, and nothing else',
    source: `${MQTT_DOC}, C SDK`,
    check: async (world) => {
      const client = await subscribed(world);
      for (const version of [2, 3])
        expect(await answered(client, `${PATCH}7`, '{"a":1}')).toBe(
          publishHex(`$iothub/twin/res/204/?$rid=7&$version=${version}`),
        );
      expect(device(world).twin.reported).toEqual({ a: 1 });
    },
  },
  {
    rule: 'hub-topics.twin-patch-qos1',
    says: 'a patch with QoS 1 is acknowledged too',
    source: 'Node SDK',
    check: async (world) => {
      const client = await subscribed(world);
      client.publish(`${PATCH}7`, '{}', 1);
      await client.next('publish');
      await client.next('puback');
      expect(hexOf(client)).toBe(`${publishHex('$iothub/twin/res/204/?$rid=7&$version=2')}40020002`);
    },
  },
  ...['', ' ', '{', '[]', '1', 'null', '"text"', '{"a":1}x'].map((body, number): Rule => ({
    rule: `hub-topics.twin-400-${number + 1}`,
    says: `a patch that is ${body.trim() === '' ? 'empty' : body} is refused with 400, without a version`,
    source: MQTT_DOC,
    check: report(body, 400),
  })),
  {
    rule: 'hub-topics.twin-qos0',
    says: 'answers to a subscription of QoS 1 have QoS 0 too, with flags of exactly 0: the C SDK never acknowledges them',
    source: 'umqtt, C SDK',
    check: async (world) => {
      const client = await online(world);
      expect(await client.subscribe(RESULTS, 1)).toBe(1);
      hexOf(client);
      expect(await answered(client, `${GET}1`)).toBe(publishHex('$iothub/twin/res/200/?$rid=1', NEW_TWIN));
    },
  },
  {
    rule: 'hub-topics.twin-flags-0',
    says: 'the answer to a GET with RETAIN has flags of exactly 0: RETAIN would be read as QoS 2',
    source: 'umqtt, mqtt_client.c',
    check: async (world) => {
      const client = await subscribed(world);
      sendHex(client, publishHex(`${GET}1`).replace(/^30/, '31'));
      await client.next('publish');
      expect(hexOf(client)).toBe(publishHex('$iothub/twin/res/200/?$rid=1', NEW_TWIN));
    },
  },
  {
    rule: 'hub-topics.twin-suback',
    says: 'the C SDK subscribes to twin and methods in one packet, and gets one SUBACK of two codes',
    source: 'C SDK, iothubtransport_mqtt_common.c',
    check: async (world) => {
      const client = await online(world);
      const subscriptions = [RESULTS, METHODS].map((topic) => ({ topic, qos: 0 }) as const);
      client.send({ cmd: 'subscribe', messageId: 5, subscriptions });
      await client.next('suback');
      expect(hexOf(client)).toBe('900400050000');
    },
  },
  {
    rule: 'hub-topics.twin-subscribed',
    says: 'without a subscription nothing is answered, and a patch is done all the same',
    source: 'documented',
    check: async (world) => {
      const client = await online(world);
      client.publish(`${GET}1`);
      client.publish(`${PATCH}2`, '{"a":1}');
      await world.run(device(world).reported());
      await quiet(world);
      expect([hexOf(client), device(world).twin.reported]).toEqual(['', { a: 1 }]);
    },
  },
  {
    rule: 'hub-topics.twin-unsubscribe',
    says: 'UNSUBSCRIBE is answered with UNSUBACK, and ends the answers',
    source: 'MQTT-3.10.4-1',
    check: async (world) => {
      const client = await subscribed(world);
      client.send({ cmd: 'unsubscribe', messageId: 0x1234, unsubscriptions: [RESULTS] });
      await client.next('unsuback');
      expect(hexOf(client)).toBe('b0021234');
      client.publish(`${GET}1`);
      await quiet(world);
      expect(hexOf(client)).toBe('');
    },
  },
  {
    rule: 'hub-topics.twin-no-rid',
    says: 'a GET without a request id goes to no documented topic',
    source: 'option',
    check: closesOn('$iothub/twin/GET/'),
  },
  {
    rule: 'hub-topics.twin-desired-by-device',
    says: 'a device can’t change desired properties',
    source: `${DOC}, option`,
    check: closesOn('$iothub/twin/PATCH/properties/desired/?$rid=1'),
  },
  {
    rule: 'hub-topics.desired',
    says: 'a change of desired properties comes as the patch, nulls included, and the version',
    source: MQTT_DOC,
    check: async (world) => {
      const client = await subscribed(world, DESIRED);
      device(world).updateDesired({ a: { b: 1, c: null }, gone: null });
      await client.next('publish');
      expect(hexOf(client)).toBe(pushHex(2, { a: { b: 1, c: null }, gone: null, $version: 2 }));
    },
  },
  {
    rule: 'hub-topics.desired-qos0',
    says: 'it has QoS 0 and flags of exactly 0, to a subscription of QoS 1 too',
    source: 'umqtt, C SDK',
    check: async (world) => {
      const client = await subscribed(world, DESIRED, 1);
      device(world).updateDesired({ a: 1 });
      await client.next('publish');
      expect(hexOf(client)).toBe(pushHex(2, { a: 1, $version: 2 }));
    },
  },
  {
    rule: 'hub-topics.desired-order',
    says: 'changes come one by one, in their order',
    source: 'documented',
    check: async (world) => {
      const client = await subscribed(world, DESIRED);
      for (const a of [1, 2, 3]) device(world).updateDesired({ a });
      for (let i = 0; i < 3; i++) await client.next('publish');
      expect(hexOf(client)).toBe([1, 2, 3].map((a) => pushHex(a + 1, { a, $version: a + 1 })).join(''));
    },
  },
  {
    rule: 'hub-topics.desired-replaced',
    says: 'where all of them are replaced the patch that leads there comes, with null for what is gone',
    source: DOC,
    check: async (world) => {
      const client = await subscribed(world, DESIRED);
      device(world).updateDesired({ a: 1, b: { c: 2, d: 3 } });
      device(world).replaceDesired({ b: { d: 4 }, e: 5 });
      await client.next('publish');
      const { payload } = await client.next('publish');
      expect(JSON.parse(payload.toString())).toEqual({ a: null, b: { c: null, d: 4 }, e: 5, $version: 3 });
      expect(device(world).twin.desired).toEqual({ b: { d: 4 }, e: 5 });
    },
  },
  {
    rule: 'hub-topics.desired-before',
    says: 'changes before the subscription are not pushed, but there in the GET',
    source: 'C SDK (subscribes after its GET)',
    check: async (world) => {
      const client = await subscribed(world);
      device(world).updateDesired({ a: 1 });
      await client.subscribe(DESIRED);
      await quiet(world);
      expect(hexOf(client)).toBe('9003000200');
      const twin = '{"desired":{"a":1,"$version":2},"reported":{"$version":1}}';
      expect(await answered(client, `${GET}1`)).toBe(publishHex('$iothub/twin/res/200/?$rid=1', twin));
    },
  },
  {
    rule: 'hub-topics.desired-offline',
    says: 'changes while the device is away are not pushed later, though its session has the subscription',
    source: DOC,
    check: async (world) => {
      const credential = await world.device('device-1');
      const first = await world.online(credential);
      await first.subscribe(DESIRED);
      first.send({ cmd: 'disconnect' });
      await first.closed();
      device(world).updateDesired({ a: 1 });
      const second = await world.online(credential);
      await quiet(world);
      expect(hexOf(second)).toBe('20020100');
      device(world).updateDesired({ a: 2 });
      await second.next('publish');
      expect(hexOf(second)).toBe(pushHex(3, { a: 2, $version: 3 }));
    },
  },
  {
    rule: 'hub-topics.desired-other',
    says: 'reported properties and tags are not pushed, nor is another device’s change',
    source: 'documented',
    check: async (world) => {
      const client = await subscribed(world, DESIRED);
      await world.device('device-2');
      world.hub.device('device-2').updateDesired({ a: 1 });
      device(world).updateTags({ a: 1 });
      client.publish(`${PATCH}1`, '{"a":1}');
      await world.run(device(world).reported());
      await quiet(world);
      expect(hexOf(client)).toBe('');
    },
  },
  {
    rule: 'twins-and-methods.merge',
    says: 'objects merge, null deletes, anything else replaces',
    source: DOC,
    check: becomes(
      [
        { a: { b: 1, c: 2 }, d: 3, e: 'x' },
        { a: { b: null, f: 4 }, d: null, e: { g: 5 } },
      ],
      {
        a: { c: 2, f: 4 },
        e: { g: 5 },
      },
    ),
  },
  {
    rule: 'twins-and-methods.arrays',
    says: 'arrays are allowed, and replaced as a whole',
    source: DOC,
    check: becomes([{ a: [1, { b: 2 }, 'x'] }, { a: [3] }], { a: [3] }),
  },
  ...[{ a: [null] }, { a: [1, null] }, { a: [[null]] }, { a: { b: [{ c: [null] }] } }].map((patch, number): Rule => ({
    rule: `twins-and-methods.null-in-array-${number + 1}`,
    says: `null in an array is refused, as in ${JSON.stringify(patch)}`,
    source: 'GH azure-iot-sdk-csharp#1741',
    check: report(patch, 400),
  })),
  {
    rule: 'twins-and-methods.null-in-array-back-end',
    says: 'so it is in desired properties and tags, by patch and by replacement; null for a property is not',
    source: 'GH azure-iot-sdk-csharp#1741',
    check: async (world) => {
      await world.device('device-1');
      const say = hubBackEnd(world);
      const statuses = [];
      for (const method of ['PATCH', 'PUT'])
        for (const section of [{ a: [null] }, { a: { b: [1, [null]] } }, { a: null }])
          for (const body of [{ tags: section }, { properties: { desired: section } }])
            statuses.push((await say(`${method} /twins/device-1`, { body })).status);
      expect(statuses).toEqual([400, 400, 400, 400, 200, 200, 400, 400, 400, 400, 200, 200]);
    },
  },
  {
    rule: 'twins-and-methods.infinite',
    says: 'a number that is too large for any is refused',
    source: `${DOC} (±2^52)`,
    check: report('{"a":{"b":[1e999]}}', 400),
  },
  {
    rule: 'twins-and-methods.delete-unknown',
    says: 'null for what is not there is nothing, and a new version',
    source: DOC,
    check: becomes([{ a: null }], {}),
  },
  {
    rule: 'twins-and-methods.values',
    says: 'strings, numbers, true, false and objects are values',
    source: DOC,
    check: becomes([{ a: 'ü', b: -1.5, c: true, d: false, e: {} }], { a: 'ü', b: -1.5, c: true, d: false, e: {} }),
  },
  ...NAMES.flatMap(([name, key]): Rule[] => [
    {
      rule: `twins-and-methods.key-${name}`,
      says: `the key ${JSON.stringify(key)} is refused, at any level`,
      source: DOC,
      check: report({ a: { [key]: 1 } }, 400),
    },
    {
      rule: `twins-and-methods.key-${name}-desired`,
      says: `the key ${JSON.stringify(key)} is refused in desired properties`,
      source: DOC,
      check: refusedDesired({ [key]: 1 }, { a: { [key]: 1 } }),
    },
  ]),
  {
    rule: 'twins-and-methods.key-1-kb',
    says: 'a key of 1024 bytes is taken',
    source: DOC,
    check: report({ ['k'.repeat(1024)]: 1 }, 204),
  },
  {
    rule: 'twins-and-methods.key-longer',
    says: 'a longer key is refused',
    source: DOC,
    check: report({ ['k'.repeat(1025)]: 1 }, 400),
  },
  {
    rule: 'twins-and-methods.string-4-kb',
    says: 'a string of 4096 bytes is taken',
    source: DOC,
    check: report({ a: 'x'.repeat(4096) }, 204),
  },
  {
    rule: 'twins-and-methods.string-longer',
    says: 'a longer string is refused, counted as UTF-8',
    source: DOC,
    check: report({ a: 'ü'.repeat(2049) }, 400),
  },
  { rule: 'twins-and-methods.depth-10', says: 'ten levels are taken', source: DOC, check: report(nested(10), 204) },
  {
    rule: 'twins-and-methods.depth-11',
    says: 'eleven levels are refused',
    source: DOC,
    check: report(nested(11), 400),
  },
  {
    rule: 'twins-and-methods.integers',
    says: 'integers to ±2^52 are taken',
    source: DOC,
    check: report({ a: 2 ** 52, b: -(2 ** 52) }, 204),
  },
  ...[2 ** 52 + 1, -(2 ** 52) - 1].map((number): Rule => ({
    rule: `twins-and-methods.integers ${number}`,
    says: 'integers beyond that are refused',
    source: DOC,
    check: report({ a: number }, 400),
  })),
  {
    rule: 'twins-and-methods.reported-32-kb',
    says: 'reported properties may have 32 KB',
    source: DOC,
    check: report(section(32 * KB), 204),
  },
  {
    rule: 'twins-and-methods.reported-larger',
    says: 'and no more',
    source: DOC,
    check: report({ ...section(32 * KB), x: 1 }, 400),
  },
  {
    rule: 'twins-and-methods.reported-sum',
    says: 'what counts is the section, not the patch',
    source: DOC,
    check: async (world) => {
      const client = await subscribed(world);
      expect(await reported(client, section(32 * KB))).toMatch('/res/204/');
      expect(await reported(client, { x: 1 })).toMatch('/res/400/');
      expect(await reported(client, { k00: null, x: 1 })).toMatch('/res/204/');
    },
  },
  {
    rule: 'twins-and-methods.desired-32-kb',
    says: 'desired properties may have 32 KB, and the push has them all',
    source: DOC,
    check: async (world) => {
      const client = await subscribed(world, DESIRED);
      device(world).updateDesired(section(32 * KB));
      const { payload } = await client.next('publish');
      expect(JSON.parse(payload.toString())).toEqual({ ...section(32 * KB), $version: 2 });
    },
  },
  {
    rule: 'twins-and-methods.desired-larger',
    says: 'and no more: nothing is pushed, and the version stays',
    source: DOC,
    check: refusedDesired({ ...section(32 * KB), x: 1 }),
  },
  {
    rule: 'twins-and-methods.tags-8-kb',
    says: 'tags may have 8 KB, and no more',
    source: DOC,
    check: async (world) => {
      await world.device('device-1');
      device(world).updateTags(section(8 * KB));
      expect(() => device(world).updateTags({ x: 1 })).toThrow(expect.objectContaining({ code: 'TWIN_PATCH_INVALID' }));
      expect(device(world).twin.tags).toEqual(section(8 * KB));
    },
  },
  {
    rule: 'twins-and-methods.versions',
    says: 'each section has its version, the twin one that grows with any change',
    source: DOC,
    check: async (world) => {
      const client = await subscribed(world);
      await reported(client, { a: 1 });
      device(world).updateDesired({ a: 1 });
      device(world).updateTags({ a: 1 });
      await reported(client, { a: 1 });
      expect(device(world).twin).toMatchObject({ reportedVersion: 3, desiredVersion: 2, version: 5 });
    },
  },
  {
    rule: 'twins-and-methods.metadata',
    says: 'back ends see when each property was updated last, and which version of the desired ones did it',
    source: 'azure-docs, iot-hub-devguide-device-twins',
    check: async (world) => {
      const start = new Date(world.clock.now()).toISOString();
      await world.device('device-1');
      await world.clock.advance(1000);
      const then = new Date(world.clock.now()).toISOString();
      const { hub } = world;
      hub.device('device-1').updateDesired({ a: 1, gone: 1, b: { c: [1], d: 2 } });
      await world.clock.advance(1000);
      const now = new Date(world.clock.now()).toISOString();
      hub.device('device-1').updateDesired({ gone: null, b: { d: 3 } });
      const [first, second] = [
        { $lastUpdated: then, $lastUpdatedVersion: 2 },
        { $lastUpdated: now, $lastUpdatedVersion: 3 },
      ];
      const { desiredMetadata, reportedMetadata } = hub.device('device-1').twin;
      expect(desiredMetadata).toEqual({ ...second, a: first, b: { ...second, c: first, d: second } });
      expect(reportedMetadata).toEqual({ $lastUpdated: start });
    },
  },
  {
    rule: 'twins-and-methods.etag',
    says: 'the twin that back ends get has an etag of the twin’s own and one of the identity',
    source: DOC,
    check: async (world) => {
      await world.device('device-1');
      const [created] = world.hub.events();
      const twin = { version: 1, etag: expect.stringMatching(/^[\w+/]+=*$/), deviceEtag: expect.any(String) };
      expect(created).toMatchObject({ type: 'deviceCreated', twin });
    },
  },
  {
    rule: 'twins-and-methods.etag-back-end',
    says: 'the etag changes with tags and desired properties, not with what the device reports',
    source: 'observed: az iot hub device-twin show prints AAAAAAAAAAE= for a twin whose version grew by reports alone',
    check: async (world) => {
      const client = await subscribed(world);
      const etag = async () => (await hubBackEnd(world)('GET /twins/device-1')).json['etag'];
      expect(await etag()).toBe('AAAAAAAAAAE=');
      await reported(client, { a: 1 });
      expect(device(world).twin).toMatchObject({ reportedVersion: 2, version: 2 });
      expect(await etag()).toBe('AAAAAAAAAAE=');
      device(world).updateDesired({ a: 1 });
      expect(await etag()).toBe('AAAAAAAAAAI=');
      device(world).updateTags({ a: 1 });
      expect(await etag()).toBe('AAAAAAAAAAM=');
    },
  },
  {
    rule: 'twins-and-methods.deleted',
    says: 'the twin of a device that is deleted and created again is new',
    source: DOC,
    check: async (world) => {
      await world.device('device-1');
      device(world).updateDesired({ a: 1 });
      world.hub.devices.delete('device-1');
      const client = await subscribed(world);
      expect(await answered(client, `${GET}1`)).toBe(publishHex('$iothub/twin/res/200/?$rid=1', NEW_TWIN));
    },
  },
  ...(['get', 'report'] as const).flatMap((request) =>
    [429, 503].map((status): Rule => ({
      rule: `throttling.twin-${status}-${request}`,
      says: `over its limits the hub answers with ${status} and does nothing, which a fault brings about`,
      source: THROTTLING,
      options: { faults: [{ kind: 'twinError', status, request }] },
      check: async (world) => {
        const client = await subscribed(world);
        client.publish(request === 'get' ? `${GET}1` : `${PATCH}1`, '{"a":1}');
        expect((await client.next('publish')).topic).toBe(`$iothub/twin/res/${status}/?$rid=1`);
        expect(device(world).twin.version).toBe(1);
        client.publish(request === 'get' ? `${GET}2` : `${PATCH}2`, '{"a":1}');
        expect((await client.next('publish')).topic).toMatch(/res\/20[04]\/\?\$rid=2/);
      },
    })),
  ),
  {
    rule: 'throttling.twin-unlimited',
    says: 'without a fault no request is too many',
    source: 'option',
    check: async (world) => {
      const client = await subscribed(world);
      for (let i = 0; i < 200; i++) client.publish(`${GET}${i}`);
      for (let i = 0; i < 200; i++)
        expect((await client.next('publish')).topic).toBe(`$iothub/twin/res/200/?$rid=${i}`);
    },
  },
]);
