import type { MethodResult } from '../../../src/emulator/index.js';
import type { RawClient, World } from '../support.js';
import { hubBackEnd } from './back-end.js';
import { conformance, hexOf, publishHex, quiet, type Rule } from './rules.js';

const METHODS = '$iothub/methods/POST/#';
const DOC = 'azure-docs, iot-hub-devguide-direct-methods';
const MQTT_DOC = 'azure-docs, iot-mqtt-connect-to-iot-hub';
const THROTTLING = 'azure-docs, iot-hub-devguide-quotas-throttling';
const KB_128 = 128 * 1024;

const device = (world: World) => world.hub.device('device-1');
const requestHex = (name: string, rid: string, payload: unknown): string =>
  publishHex(`$iothub/methods/POST/${name}/?$rid=${rid}`, payload === undefined ? '' : JSON.stringify(payload));

async function online(world: World): Promise<RawClient> {
  const client = await world.online(await world.device('device-1'));
  hexOf(client);
  return client;
}

async function subscribed(world: World, qos: 0 | 1 = 0): Promise<RawClient> {
  const client = await online(world);
  await client.subscribe(METHODS, qos);
  hexOf(client);
  return client;
}

/** A call of which the request is on the device. */
async function called(world: World, client: RawClient): Promise<{ readonly call: Promise<MethodResult> }> {
  const call = device(world).invokeMethod('m', { a: 1 });
  await client.next('publish');
  hexOf(client);
  // In an object, as it would be waited for.
  return { call };
}

const answer = (client: RawClient, rid: string, status: number | string, payload = ''): void =>
  client.publish(`$iothub/methods/res/${status}/?$rid=${rid}`, payload);

const refused = (code: string): unknown => expect.objectContaining({ code });

/** What the back end gets where the device answers so. */
const result =
  (status: number, payload: string, expected: unknown): Rule['check'] =>
  async (world) => {
    const client = await subscribed(world);
    const { call } = await called(world, client);
    answer(client, '1', status, payload);
    expect(await world.run(call)).toEqual({ status, payload: expected });
    await quiet(world);
    expect(hexOf(client)).toBe('');
  };

/** A name by which the device is called, or which is refused before anything is sent. */
const name =
  (text: string, taken: boolean): Rule['check'] =>
  async (world) => {
    const client = await subscribed(world);
    const call = device(world).invokeMethod(text);
    if (!taken) {
      await expect(call).rejects.toEqual(refused('METHOD_NAME_INVALID'));
      await quiet(world);
      return expect(hexOf(client)).toBe('');
    }
    await client.next('publish');
    expect(hexOf(client)).toBe(requestHex(text, '1', undefined));
    answer(client, '1', 200);
    await world.run(call);
  };

/** 404103, and nothing comes. */
const offline =
  (make: (world: World) => Promise<RawClient>): Rule['check'] =>
  async (world) => {
    const client = await make(world);
    hexOf(client);
    await expect(device(world).invokeMethod('m')).rejects.toMatchObject({
      code: 'DEVICE_NOT_ONLINE',
      message: expect.stringContaining('404103'),
    });
    await quiet(world);
    expect(hexOf(client)).toBe('');
  };

const timeout =
  (ms: number, options?: { timeout: number }): Rule['check'] =>
  async (world) => {
    await subscribed(world);
    let code: unknown;
    device(world)
      .invokeMethod('m', 1, options)
      .catch((error: { code: string }) => (code = error.code));
    await world.clock.advance(ms - 1);
    expect(code).toBeUndefined();
    await world.clock.advance(1);
    expect(code).toBe('TIMED_OUT');
  };

conformance('IoT Hub: direct methods', [
  {
    rule: 'hub-topics.method-request',
    says: 'a call comes with its name, the request id first, the payload, QoS 0 and flags of exactly 0',
    source: `${MQTT_DOC}, C SDK`,
    check: async (world) => {
      const client = await subscribed(world);
      const call = device(world).invokeMethod('setLight', { on: true });
      await client.next('publish');
      expect(hexOf(client)).toBe(requestHex('setLight', '1', { on: true }));
      answer(client, '1', 200);
      await world.run(call);
    },
  },
  {
    rule: 'hub-topics.method-no-payload',
    says: 'without a payload the body is empty, and not null; so it is where a back end sends null, or leaves it out',
    source: 'GH azure-iot-cli-extension#309, azure-iot-sdk-c#1924',
    check: async (world) => {
      const client = await subscribed(world);
      const say = hubBackEnd(world);
      const called = [
        (): Promise<unknown> => device(world).invokeMethod('m'),
        () => say('POST /twins/device-1/methods', { body: { methodName: 'm' } }),
        () => say('POST /twins/device-1/methods', { body: { methodName: 'm', payload: null } }),
      ];
      for (const [index, call] of called.entries()) {
        const result = call();
        await client.next('publish');
        expect(hexOf(client)).toBe(requestHex('m', String(index + 1), undefined));
        answer(client, String(index + 1), 200);
        await world.run(result);
      }
    },
  },
  {
    rule: 'hub-topics.method-qos0',
    says: 'to a subscription of QoS 1 too: the C SDK never acknowledges it',
    source: 'umqtt, C SDK',
    check: async (world) => {
      const client = await subscribed(world, 1);
      const call = device(world).invokeMethod('m', 1);
      await client.next('publish');
      expect(hexOf(client)).toBe(requestHex('m', '1', 1));
      answer(client, '1', 200);
      await world.run(call);
    },
  },
  {
    rule: 'hub-topics.method-result',
    says: 'the back end gets status and payload; the device gets nothing',
    source: MQTT_DOC,
    check: result(200, '{"done":true}', { done: true }),
  },
  {
    rule: 'hub-topics.method-status',
    says: 'the status is the device’s own, whatever it is',
    source: DOC,
    check: result(-12345, '"x"', 'x'),
  },
  { rule: 'hub-topics.method-empty', says: 'an empty answer is null', source: DOC, check: result(200, '', null) },
  {
    rule: 'hub-topics.method-result-qos1',
    says: 'an answer with QoS 1 is acknowledged',
    source: 'Node SDK',
    check: async (world) => {
      const client = await subscribed(world);
      const { call } = await called(world, client);
      client.publish('$iothub/methods/res/200/?$rid=1', '1', 1);
      await client.next('puback');
      await world.run(call);
      expect(hexOf(client)).toBe('40020002');
    },
  },
  {
    rule: 'hub-topics.method-rid',
    says: 'calls have request ids of their own, and may be answered in any order',
    source: 'documented',
    check: async (world) => {
      const client = await subscribed(world);
      const calls = [1, 2, 3].map((payload) => device(world).invokeMethod('m', payload));
      for (let i = 0; i < 3; i++) await client.next('publish');
      expect(hexOf(client)).toBe([1, 2, 3].map((rid) => requestHex('m', String(rid), rid)).join(''));
      for (const rid of ['3', '1', '2']) answer(client, rid, 200, rid);
      const results = await world.run(Promise.all(calls));
      expect(results.map(({ payload }) => payload)).toEqual([1, 2, 3]);
    },
  },
  {
    rule: 'hub-topics.method-unknown',
    says: 'an answer for which nobody waits, or not any more, is nothing',
    source: 'documented',
    check: async (world) => {
      const client = await subscribed(world);
      const { call } = await called(world, client);
      for (const rid of ['99', '', '1', '1']) answer(client, rid, 200, rid === '1' ? '"first"' : '"other"');
      expect(await world.run(call)).toMatchObject({ payload: 'first' });
      await quiet(world);
      expect([hexOf(client), client.isClosed]).toEqual(['', false]);
    },
  },
  {
    rule: 'hub-topics.method-other-device',
    says: 'a device can’t answer for another one',
    source: 'documented',
    check: async (world) => {
      const client = await subscribed(world);
      const { call } = await called(world, client);
      const other = await world.online(await world.device('device-2'));
      answer(other, '1', 500, '"forged"');
      await quiet(world);
      answer(client, '1', 200, '"true"');
      expect(await world.run(call)).toEqual({ status: 200, payload: 'true' });
    },
  },
  ...['$iothub/methods/res/ok/?$rid=1', '$iothub/methods/res/200/', '$iothub/methods/POST/m/?$rid=1'].map(
    (topic, number): Rule => ({
      rule: `hub-topics.method-topic-${number + 1}`,
      says: `${topic} is no documented topic`,
      source: 'option',
      check: async (world) => {
        const client = await subscribed(world);
        client.publish(topic, '{}', 1);
        await client.closed();
        expect(hexOf(client)).toBe('');
      },
    }),
  ),
  {
    rule: 'hub-topics.method-once',
    says: 'a call is sent once: not again after the connection was lost',
    source: DOC,
    check: async (world) => {
      const credential = await world.device('device-1');
      const first = await world.online(credential);
      await first.subscribe(METHODS);
      const { call } = await called(world, first);
      first.socket.destroy();
      await world.run(device(world).disconnected());
      const second = await world.online(credential);
      await quiet(world);
      expect(hexOf(second)).toBe('20020100');
      // The device may have kept it in mind.
      answer(second, '1', 200, '"late"');
      expect(await world.run(call)).toMatchObject({ payload: 'late' });
    },
  },
  ...['m', '1', 'component*command', 'a.b-c_d~!@$%^&*()=:;,\'"|<>[]{}', 'm'.repeat(128)].map((text, number): Rule => ({
    rule: `twins-and-methods.method-name-${number + 1}`,
    says: `a method may have the name ${text.slice(0, 32)}`,
    source: DOC,
    check: name(text, true),
  })),
  ...['', 'a/b', 'a#', 'a+b', 'a?b', 'a b', 'ü', 'a\n', 'm'.repeat(129)].map((text, number): Rule => ({
    rule: `twins-and-methods.method-name-refused-${number + 1}`,
    says: `a method can’t have the name ${JSON.stringify(text.slice(0, 32))}`,
    source: DOC,
    check: name(text, false),
  })),
  {
    rule: 'twins-and-methods.method-128-kb',
    says: 'a payload may have 128 KB',
    source: DOC,
    check: async (world) => {
      const client = await subscribed(world);
      const text = 'x'.repeat(KB_128 - 2);
      const call = device(world).invokeMethod('m', text);
      expect((await client.next('publish')).payload).toHaveLength(KB_128);
      answer(client, '1', 200, JSON.stringify(text));
      expect(await world.run(call)).toEqual({ status: 200, payload: text });
    },
  },
  {
    rule: 'twins-and-methods.method-larger',
    says: 'a larger payload is refused, and nothing is sent',
    source: DOC,
    check: async (world) => {
      const client = await subscribed(world);
      const call = device(world).invokeMethod('m', 'x'.repeat(KB_128 - 1));
      await expect(call).rejects.toEqual(refused('METHOD_PAYLOAD_INVALID'));
      await quiet(world);
      expect(hexOf(client)).toBe('');
    },
  },
  {
    rule: 'twins-and-methods.method-json',
    says: 'an answer that is no JSON is an error for the back end',
    source: DOC,
    check: async (world) => {
      const client = await subscribed(world);
      const { call } = await called(world, client);
      answer(client, '1', 200, '{');
      await expect(world.run(call)).rejects.toEqual(refused('METHOD_RESPONSE_NOT_JSON'));
    },
  },
  {
    rule: 'twins-and-methods.method-timeout',
    says: 'the hub waits 30 s for the answer',
    source: DOC,
    check: timeout(30_000),
  },
  {
    rule: 'twins-and-methods.method-timeout-option',
    says: 'or as long as the call says',
    source: `${DOC}, option`,
    check: timeout(5000, { timeout: 5000 }),
  },
  {
    rule: 'twins-and-methods.method-offline',
    says: 'a device that is not connected can’t be called: 404103',
    source: 'azure-docs, troubleshoot-error-codes',
    check: offline(async (world) => {
      const client = await subscribed(world);
      client.send({ cmd: 'disconnect' });
      await client.closed();
      return client;
    }),
  },
  {
    rule: 'twins-and-methods.method-not-subscribed',
    says: 'a device that is connected and not subscribed to methods can’t be called: 404103',
    source: 'azure-docs, troubleshoot-error-codes',
    check: offline(async (world) => {
      const client = await online(world);
      await client.subscribe('$iothub/twin/res/#');
      return client;
    }),
  },
  {
    rule: 'twins-and-methods.method-unsubscribed',
    says: 'nor one that sent UNSUBSCRIBE, which is answered with UNSUBACK',
    source: 'MQTT-3.10.4-1',
    check: offline(async (world) => {
      const client = await subscribed(world);
      client.send({ cmd: 'unsubscribe', messageId: 0x4321, unsubscriptions: [METHODS] });
      await client.next('unsuback');
      expect(hexOf(client)).toBe('b0024321');
      return client;
    }),
  },
  {
    rule: 'twins-and-methods.method-connect-timeout',
    says: 'a call may wait until the device has come',
    source: `${DOC} (connectTimeoutInSeconds)`,
    check: async (world) => {
      const client = await online(world);
      const call = device(world).invokeMethod('m', 1, { connectTimeout: 10_000 });
      await world.clock.advance(9999);
      await client.subscribe(METHODS);
      await client.next('publish');
      answer(client, '1', 200);
      expect(await world.run(call)).toMatchObject({ status: 200 });
    },
  },
  {
    rule: 'throttling.method-429',
    says: 'over the limits a call is refused with 429001, which a fault brings about',
    source: THROTTLING,
    options: { faults: [{ kind: 'refusedMethod' }] },
    check: async (world) => {
      const client = await subscribed(world);
      await expect(device(world).invokeMethod('m')).rejects.toMatchObject({
        code: 'METHOD_THROTTLED',
        message: expect.stringContaining('429001'),
      });
      expect(hexOf(client)).toBe('');
      const { call } = await called(world, client);
      answer(client, '1', 200);
      await world.run(call);
    },
  },
]);
