import type { FaultOptions } from '../../../src/emulator/index.js';
import { hubConnect, type RawClient, type World } from '../support.js';
import { conformance, hexOf, lastReason, quiet, sendHex, type Rule } from './rules.js';

const EVENTS = 'devices/device-1/messages/events/';
const FILTER = 'devices/device-1/messages/devicebound/#';
const TO = 'devices/device-1/messages/devicebound/%24.to=%2Fdevices%2Fdevice-1%2Fmessages%2FdeviceBound';
const HOUR = 3_600_000;
const C2D = 'azure-docs, iot-hub-devguide-messages-c2d';
const THROTTLING = 'azure-docs, iot-hub-devguide-quotas-throttling';
const BAG = 'edgeHub, SystemProperties.cs';

const device = (world: World) => world.hub.device('device-1');

async function online(world: World): Promise<RawClient> {
  const client = await world.online(await world.device('device-1'));
  hexOf(client);
  return client;
}

async function subscribed(world: World, qos: 0 | 1 | 2 = 1): Promise<RawClient> {
  const client = await online(world);
  await client.subscribe(FILTER, qos);
  hexOf(client);
  return client;
}

/** What a property bag is read as. */
const bag =
  (text: string, properties: object, systemProperties: object = {}): Rule['check'] =>
  async (world) => {
    const client = await online(world);
    client.publish(EVENTS + text, 'x', 1);
    await client.next('puback');
    expect(device(world).receivedTelemetry()).toMatchObject([{ properties, systemProperties }]);
    expect(Object.keys(device(world).receivedTelemetry()[0]!.properties)).toEqual(Object.keys(properties));
  };

const closesOn =
  (topic: string): Rule['check'] =>
  async (world) => {
    const client = await online(world);
    client.publish(topic, 'x', 1);
    await client.closed();
    expect(hexOf(client)).toBe('');
    expect(device(world).receivedTelemetry()).toEqual([]);
  };

/** The topic by which a message with these options comes. */
const c2dTopic =
  (options: object, topic: string): Rule['check'] =>
  async (world) => {
    const client = await subscribed(world);
    device(world).sendC2D('x', options);
    expect((await client.next('publish')).topic).toBe(topic);
  };

const feedback =
  (ack: 'none' | 'positive' | 'negative' | 'full', expected: string[]): Rule['check'] =>
  async (world) => {
    const client = await subscribed(world);
    device(world).sendC2D('taken', { ack });
    client.acknowledge(await client.next('publish'));
    await quiet(world);
    device(world).sendC2D('expired', { ack });
    await world.clock.advance(HOUR);
    expect(world.hub.feedback().map(({ statusCode }) => statusCode)).toEqual(expected);
  };

/** Three messages of QoS 1, sent at once, under a fault; how they are acknowledged. */
const telemetry =
  (faults: readonly FaultOptions[], check: (client: RawClient, world: World) => Promise<void>): Rule['check'] =>
  async (world) => {
    const client = await online(world);
    for (const fault of faults) world.azure.faults.add(fault);
    for (let i = 0; i < 3; i++) client.publish(EVENTS, 'x', 1);
    await quiet(world);
    await check(client, world);
  };

const NAMES: readonly (readonly [string, string])[] = [
  ['$.mid', 'messageId'],
  ['$.cid', 'correlationId'],
  ['$.uid', 'userId'],
  ['$.to', 'to'],
  ['$.exp', 'expiryTimeUtc'],
  ['$.ct', 'contentType'],
  ['$.ce', 'contentEncoding'],
  ['$.ctime', 'creationTimeUtc'],
  ['$.on', 'outputName'],
  ['$.cmid', 'connectionModuleId'],
  ['$.ifid', 'interfaceId'],
  ['$.sub', 'componentName'],
  ['$.schema', 'messageSchema'],
  ['$.diagid', 'diagnosticId'],
  ['$.diagctx', 'diagnosticContext'],
  ['iothub-operation', 'operation'],
  ['iothub-ack', 'ack'],
];

/** What the real hub was seen not to take. */
const UNENCODED: readonly (readonly [name: string, says: string, bag: string, source: string])[] = [
  ['value', 'an unencoded slash in a value', 'unit=m/s', 'GH azure-iot-sdk-c#1695'],
  ['name', 'an unencoded slash in a name', 'a/b=c', 'GH azure-iot-sdk-c#1695'],
  ['content-type', 'an unencoded content type', '%24.ct=application/json&%24.ce=utf-8', 'GH azure-iot-sdk-python#153'],
  ['equals', 'an unencoded = in a value', 'k=a=b', 'GH azure-iot-sdk-c#1695'],
];

conformance('IoT Hub: messages', [
  {
    rule: 'hub-topics.d2c-qos1',
    says: 'telemetry with QoS 1 is acknowledged with 40 02 and its packet id',
    source: 'umqtt, mqtt_client.c',
    check: async (world) => {
      const client = await online(world);
      // 33 bytes of topic, a packet id, one byte of payload.
      sendHex(client, `32260021${Buffer.from(EVENTS).toString('hex')}beef41`);
      await client.next('puback');
      expect(hexOf(client)).toBe('4002beef');
    },
  },
  {
    rule: 'hub-topics.d2c-qos0',
    says: 'telemetry with QoS 0 is taken, and not answered',
    source: 'azure-docs',
    check: async (world) => {
      const client = await online(world);
      client.publish(EVENTS, 'x', 0);
      await world.run(device(world).nextTelemetry());
      await quiet(world);
      expect(hexOf(client)).toBe('');
    },
  },
  {
    rule: 'hub-topics.d2c-dup',
    says: 'a message that is sent again is a message again, with its DUP flag told',
    source: 'C SDK (resends after 60 s)',
    check: async (world) => {
      const client = await online(world);
      const packet = { cmd: 'publish', topic: EVENTS, payload: 'x', qos: 1, retain: false, messageId: 9 } as const;
      client.send({ ...packet, dup: false }, { ...packet, dup: true });
      await client.next('puback');
      await client.next('puback');
      expect(
        device(world)
          .receivedTelemetry()
          .map(({ duplicate }) => duplicate),
      ).toEqual([false, true]);
    },
  },
  {
    rule: 'hub-topics.d2c-trailing-slash',
    says: 'the slash at the end of the topic may be missing',
    source: 'documented',
    check: async (world) => {
      const client = await online(world);
      client.publish(EVENTS.slice(0, -1), 'x', 1);
      await client.next('puback');
    },
  },
  {
    rule: 'hub-topics.d2c-other-device',
    says: 'a PUBLISH to another device’s topic closes the connection',
    source: 'option',
    check: closesOn('devices/device-2/messages/events/'),
  },
  {
    rule: 'hub-topics.topic-close',
    says: 'a PUBLISH to a topic that is not documented closes the connection',
    source: 'option',
    check: closesOn('my/topic'),
  },
  {
    rule: 'hub-topics.topic-ignore',
    says: 'a PUBLISH to a topic that is not documented is acknowledged and ignored, by option',
    source: 'option',
    options: { hub: { undocumentedTopic: 'ignore' } },
    check: async (world) => {
      const client = await online(world);
      await world.device('device-2');
      for (const topic of ['my/topic', 'devices/device-2/messages/events/', '$iothub/twin/POST/']) {
        client.publish(topic, 'x', 1);
        await client.next('puback');
      }
      expect(world.hub.device('device-2').receivedTelemetry()).toEqual([]);
    },
  },
  {
    rule: 'hub-topics.topic-plus',
    says: 'a PUBLISH with + in its topic, a property that was not encoded, closes the connection',
    source: 'GH azure-iot-sdk-c#1695, MQTT-3.3.2-2',
    check: closesOn(`${EVENTS}at=12:00+01:00`),
  },
  {
    rule: 'hub-topics.topic-hash',
    says: 'a PUBLISH with # in its topic, a property that was not encoded, closes the connection',
    source: 'GH azure-iot-sdk-c#1695, MQTT-3.3.2-2',
    check: closesOn(`${EVENTS}room=#1`),
  },
  {
    rule: 'hub-topics.topic-encoded',
    says: 'the same properties are taken when they are encoded',
    source: 'GH azure-iot-sdk-c#1695',
    check: bag('at=12%3A00%2B01%3A00&room=%231', { at: '12:00+01:00', room: '#1' }),
  },
  ...NAMES.map(([name, ours]): Rule => ({
    rule: `property-bag.${name}`,
    says: `the system property ${name} is read, encoded and as it is`,
    source: BAG,
    check: async (world) => {
      const client = await online(world);
      for (const key of [name, encodeURIComponent(name)]) {
        client.publish(`${EVENTS}${key}=v%201&k=v`, 'x', 1);
        await client.next('puback');
      }
      const expected = { properties: { k: 'v' }, systemProperties: { [ours]: 'v 1' } };
      expect(device(world).receivedTelemetry()).toMatchObject([expected, expected]);
    },
  })),
  {
    rule: 'property-bag.order-c',
    says: 'the C SDK sends its properties first',
    source: 'C SDK, iothubtransport_mqtt_common.c',
    check: bag('k=v&%24.cid=c&%24.mid=m', { k: 'v' }, { messageId: 'm', correlationId: 'c' }),
  },
  {
    rule: 'property-bag.order-node',
    says: 'the Node SDK sends the system’s first',
    source: 'measured',
    check: bag(
      '%24.mid=m%201&%24.ct=application%2Fjson&%24.ce=utf-8&k%261=v%3D1',
      { 'k&1': 'v=1' },
      { messageId: 'm 1', contentType: 'application/json', contentEncoding: 'utf-8' },
    ),
  },
  {
    rule: 'property-bag.raw',
    says: 'the C SDK does not encode: blanks, colons and other text are taken as they are',
    source: 'C SDK, auto_url_encode_decode; GH azure-iot-sdk-c#1695',
    check: bag('k=v w:ü&percent=100%&at=12:00', { k: 'v w:ü', percent: '100%', at: '12:00' }),
  },
  ...UNENCODED.map(([name, says, text, source]): Rule => ({
    rule: `property-bag.unencoded-${name}`,
    says: `${says} ends the connection, without a word`,
    source,
    check: closesOn(EVENTS + text),
  })),
  {
    rule: 'property-bag.unencoded-option',
    says: 'all of that is read where the option says so',
    source: 'option',
    options: { hub: { unencodedProperties: 'take' } },
    check: bag('k=m/s&a/b=c/d/&e=f=g', { k: 'm/s', 'a/b': 'c/d/', e: 'f=g' }),
  },
  {
    rule: 'property-bag.slash-at-end',
    says: 'one slash may end the bag',
    source: 'azure-docs, iot-mqtt-connect-to-iot-hub',
    check: async (world) => {
      const client = await online(world);
      client.publish(`${EVENTS}/`, 'x', 1);
      await client.next('puback');
    },
  },
  {
    rule: 'property-bag.empty',
    says: 'an empty value is one, with = or without',
    source: 'documented',
    check: bag('a=&b', { a: '', b: '' }),
  },
  {
    rule: 'property-bag.equals',
    says: 'an encoded = is one of the value',
    source: 'documented',
    check: bag('a=b%3Dc', { a: 'b=c' }),
  },
  {
    rule: 'property-bag.question-mark',
    says: 'the bag may begin with ?',
    source: 'documented',
    check: bag('?a=b', { a: 'b' }),
  },
  {
    rule: 'property-bag.proto',
    says: '__proto__ is a name as others',
    source: 'documented',
    check: bag('__proto__=x', Object.fromEntries([['__proto__', 'x']])),
  },
  {
    rule: 'property-bag.device-id',
    says: 'a device can’t say that it is another one',
    source: BAG,
    check: bag('%24.cdid=device-2', {}, { connectionDeviceId: 'device-1' }),
  },
  {
    rule: 'hub-topics.c2d-topic',
    says: 'a cloud-to-device message comes with its address only',
    source: 'captured',
    check: c2dTopic({}, TO),
  },
  {
    rule: 'property-bag.c2d-properties',
    says: 'its properties are encoded; null is a name alone, an empty value has its =',
    source: 'captured',
    check: c2dTopic({ properties: { 'k 1': 'v/ü', none: null, empty: '' } }, `${TO}&k%201=v%2F%C3%BC&none&empty=`),
  },
  {
    rule: 'property-bag.c2d-system',
    says: 'its system properties have their names, the $ encoded',
    source: BAG,
    check: c2dTopic(
      { messageId: 'm', correlationId: 'c', userId: 'u', contentType: 't/x', contentEncoding: 'utf-8', ack: 'full' },
      `${TO}&%24.mid=m&%24.cid=c&%24.uid=u&%24.ct=t%2Fx&%24.ce=utf-8&iothub-ack=full`,
    ),
  },
  {
    rule: 'hub-topics.c2d-qos1',
    says: 'it comes with QoS 1, not DUP, not retained',
    source: 'captured',
    check: async (world) => {
      const client = await subscribed(world);
      device(world).sendC2D('x');
      await client.next('publish');
      expect(hexOf(client)).toMatch(/^32/);
    },
  },
  {
    rule: 'hub-topics.c2d-qos0',
    says: 'to a subscription of QoS 0 it comes with flags of exactly 0, and is done',
    source: 'umqtt, mqtt_client.c',
    check: async (world) => {
      const client = await subscribed(world, 0);
      const delivery = device(world).sendC2D('x');
      await client.next('publish');
      expect([hexOf(client).slice(0, 2), delivery.outcome?.status]).toEqual(['30', 'completed']);
    },
  },
  {
    rule: 'hub-topics.c2d-subscribed',
    says: 'nothing comes before the SUBACK, nor after UNSUBSCRIBE',
    source: 'documented',
    check: async (world) => {
      const client = await online(world);
      device(world).sendC2D('x');
      await quiet(world);
      expect(hexOf(client)).toBe('');
      await client.subscribe(FILTER, 1);
      client.acknowledge(await client.next('publish'));
      expect(hexOf(client)).toMatch(/^9003000101/);
      client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: [FILTER] });
      await client.next('unsuback');
      expect(hexOf(client)).toBe('b0020002');
      device(world).sendC2D('y');
      await quiet(world);
      expect(hexOf(client)).toBe('');
    },
  },
  {
    rule: 'hub-topics.c2d-puback',
    says: 'PUBACK completes it; one for another packet id does nothing',
    source: 'C SDK (acknowledges by the message’s disposition)',
    check: async (world) => {
      const client = await subscribed(world);
      const delivery = device(world).sendC2D('x');
      await client.next('publish');
      client.send({ cmd: 'puback', messageId: 99 });
      await quiet(world);
      expect(delivery.outcome).toBeUndefined();
      client.send({ cmd: 'puback', messageId: 1 });
      await quiet(world);
      expect(delivery.outcome?.status).toBe('completed');
    },
  },
  {
    rule: 'hub-topics.c2d-redelivery',
    says: 'without PUBACK it comes again in the next connection: DUP, with its packet id, where the session was kept',
    source: 'azure-docs, MQTT-4.4.0-1',
    check: async (world) => {
      const credential = await world.device('device-1');
      const client = await world.online(credential);
      await client.subscribe(FILTER, 1);
      device(world).sendC2D('x');
      const { topic } = await client.next('publish');
      client.socket.destroy();
      await world.run(device(world).disconnected());
      const again = await world.online(credential);
      const packet = await again.next('publish');
      expect(packet).toMatchObject({ topic, dup: true, qos: 1, retain: false, messageId: 1 });
      expect(hexOf(again)).toMatch(/^200201003a/);
    },
  },
  {
    rule: 'cloud-to-device.depth',
    says: '50 messages wait for a device, the 51st is refused with 403004',
    source: C2D,
    check: async (world) => {
      await world.device('device-1');
      for (let i = 0; i < 50; i++) device(world).sendC2D('x');
      expect(() => device(world).sendC2D('x')).toThrow(/403004/);
    },
  },
  {
    rule: 'cloud-to-device.order',
    says: 'they come in the order in which they were sent',
    source: C2D,
    check: async (world) => {
      const credential = await world.device('device-1');
      for (let i = 0; i < 50; i++) device(world).sendC2D(String(i));
      const client = await world.online(credential);
      await client.subscribe(FILTER, 1);
      for (let i = 0; i < 50; i++) expect((await client.next('publish')).payload.toString()).toBe(String(i));
    },
  },
  {
    rule: 'cloud-to-device.ttl-default',
    says: 'a message expires after an hour',
    source: C2D,
    check: async (world) => {
      await world.device('device-1');
      const delivery = device(world).sendC2D('x');
      await world.clock.advance(HOUR - 1);
      expect(delivery.outcome).toBeUndefined();
      await world.clock.advance(1);
      expect(delivery.outcome?.status).toBe('expired');
    },
  },
  {
    rule: 'cloud-to-device.ttl-told',
    says: 'or when it was told to, and then the device is told',
    source: C2D,
    check: async (world) => {
      const client = await subscribed(world);
      const delivery = device(world).sendC2D('x', { expiryTimeUtc: '2026-01-01T00:00:01Z' });
      expect((await client.next('publish')).topic).toBe(`${TO}&%24.exp=2026-01-01T00%3A00%3A01.000Z`);
      await world.clock.advance(1000);
      expect(delivery.outcome?.status).toBe('expired');
    },
  },
  {
    rule: 'cloud-to-device.delivery-count',
    says: 'deliveries that were not acknowledged don’t count, as only what is abandoned does',
    source: C2D,
    check: async (world) => {
      const credential = await world.device('device-1');
      const delivery = device(world).sendC2D('x');
      for (let i = 0; i < 12; i++) {
        const client = await world.online(credential);
        await client.subscribe(FILTER, 1);
        await client.next('publish');
        client.socket.destroy();
        await world.run(device(world).disconnected());
      }
      expect([delivery.deliveryCount, delivery.outcome]).toEqual([12, undefined]);
    },
  },
  {
    rule: 'cloud-to-device.delivery-count-option',
    says: 'by option they do',
    source: 'option',
    options: { hub: { maxDeliveryCount: 1 } },
    check: async (world) => {
      const client = await subscribed(world);
      const delivery = device(world).sendC2D('x');
      await client.next('publish');
      client.socket.destroy();
      await world.run(device(world).disconnected());
      expect(delivery.outcome).toBeUndefined();
      const { ca, hub } = world;
      const credential = await ca.issue({ commonName: 'device-1' });
      const thumbprints = { primary: credential.leaf.fingerprint };
      hub.devices.update('device-1', { authentication: { type: 'selfSigned', thumbprints } });
      await world.online(credential);
      expect(delivery.outcome?.status).toBe('deliveryCountExceeded');
    },
  },
  {
    rule: 'cloud-to-device.feedback-none',
    says: 'nothing is told without iothub-ack',
    source: C2D,
    check: feedback('none', []),
  },
  {
    rule: 'cloud-to-device.feedback-positive',
    says: 'positive: what was completed is told',
    source: C2D,
    check: feedback('positive', ['Success']),
  },
  {
    rule: 'cloud-to-device.feedback-negative',
    says: 'negative: what was not is told',
    source: C2D,
    check: feedback('negative', ['Expired']),
  },
  {
    rule: 'cloud-to-device.feedback-full',
    says: 'full: both are told',
    source: C2D,
    check: feedback('full', ['Success', 'Expired']),
  },
  {
    rule: 'cloud-to-device.feedback-record',
    says: 'a record has the keys of the service',
    source: C2D,
    check: async (world) => {
      await world.device('device-1');
      const { messageId } = device(world).sendC2D('x', { ack: 'full' });
      device(world).purge();
      expect(world.hub.feedback()).toEqual([
        {
          originalMessageId: messageId,
          enqueuedTimeUtc: '2026-01-01T00:00:00.000Z',
          statusCode: 'Purged',
          description: 'Purged',
          deviceId: 'device-1',
          deviceGenerationId: world.hub.devices.get('device-1').generationId,
        },
      ]);
    },
  },
  {
    rule: 'cloud-to-device.other-device',
    says: 'a message goes to its device only',
    source: 'documented',
    check: async (world) => {
      const other = await subscribed(world);
      await world.device('device-2');
      world.hub.device('device-2').sendC2D('x');
      await quiet(world);
      expect(hexOf(other)).toBe('');
    },
  },
  {
    rule: 'cloud-to-device.deleted',
    says: 'the messages of a device end with it',
    source: 'documented',
    check: async (world) => {
      await world.device('device-1');
      const delivery = device(world).sendC2D('x');
      world.hub.devices.delete('device-1');
      const client = await world.online(await world.device('device-1'), hubConnect('device-1'));
      await client.subscribe(FILTER, 1);
      await quiet(world);
      expect([client.received, delivery.outcome?.status]).toEqual([[], 'purged']);
    },
  },
  {
    rule: 'throttling.d2c-default',
    says: 'telemetry is not throttled unless a fault does it',
    source: 'option',
    check: telemetry([], async (client) => {
      expect(hexOf(client)).toBe('400200014002000240020003');
    }),
  },
  {
    rule: 'throttling.d2c-late',
    says: 'throttled telemetry is acknowledged late, by a fault',
    source: `${THROTTLING}, option`,
    check: telemetry([{ kind: 'throttledTelemetry', ms: 5000 }], async (client, world) => {
      expect(hexOf(client)).toBe('4002000240020003');
      await world.clock.advance(4999);
      expect(hexOf(client)).toBe('');
      await world.clock.advance(1);
      expect(hexOf(client)).toBe('40020001');
      expect(device(world).receivedTelemetry()).toHaveLength(3);
    }),
  },
  {
    rule: 'throttling.d2c-no-puback',
    says: 'or not at all, by a fault',
    source: 'option',
    check: telemetry([{ kind: 'lostPuback' }], async (client, world) => {
      expect(hexOf(client)).toBe('4002000240020003');
      await world.clock.advance(120_000);
      expect(hexOf(client)).toBe('');
    }),
  },
  {
    rule: 'throttling.d2c-disconnect',
    says: 'or the connection ends, by a fault',
    source: 'option',
    check: telemetry([{ kind: 'drop', packet: 'publish', after: 1 }], async (client, world) => {
      await client.closed();
      expect(hexOf(client)).toBe('40020001');
      expect(device(world).receivedTelemetry()).toHaveLength(1);
      expect(lastReason(world)).toMatch(/fault/);
    }),
  },
]);
