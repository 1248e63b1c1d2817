import type { IConnectPacket } from 'mqtt-packet';

import { DPS, HUB, hubConnect, sasToken, upgrade, WEBSOCKET_PATH, type RawClient, type World } from '../support.js';
import { conformance, hexOf, lastReason, quiet, sendHex, type Rule } from './rules.js';

const DOC = 'azure-docs, iot-mqtt-connect-to-iot-hub';
/** IoT Edge's parser, which need not be the hub's: no other source tells. */
const PARSER = 'inferred from edgeHub, MqttUsernameParser.cs';
const SHORT = 'GH MicrosoftDocs/azure-docs#16306, azure-iot-sdk-csharp#33, eclipse/mosquitto#1059';
const METHODS = '$iothub/methods/POST/#';
const HOUR = 3_600_000;

const device = (world: World) => world.hub.device('device-1');

/** A CONNECT by the device `id`; `text` is the username, of which HUB/id is the rest. */
const username =
  (text: string, expected: 0 | 5, id = 'device-1'): Rule['check'] =>
  async (world) => {
    const client = await world.open(HUB, await world.device(id));
    const connack = await client.connect(hubConnect(id, { username: text }));
    expect(connack.returnCode).toBe(expected);
  };

const modelId =
  (query: string, expected: string | undefined): Rule['check'] =>
  async (world) => {
    await username(`${HUB}/device-1/?${query}`, 0)(world);
    const event = world.hub.events().at(-1);
    expect(event?.type === 'connected' && event.modelId).toBe(expected);
  };

const otherVersion =
  (version: Partial<IConnectPacket>): Rule['check'] =>
  async (world) => {
    const client = await world.open(HUB, await world.device('device-1'));
    await client.connect(hubConnect('device-1', version));
    await client.closed();
    expect(hexOf(client)).toBe('20020001');
  };

/** The device is online, does something, and the connection ends without a word, for that reason. */
const closes =
  (misdeed: (client: RawClient) => void, reason: RegExp): Rule['check'] =>
  async (world) => {
    const client = await world.online(await world.device('device-1'));
    hexOf(client);
    misdeed(client);
    await client.closed();
    expect(hexOf(client)).toBe('');
    expect(lastReason(world)).toMatch(reason);
  };

const keepalive =
  (seconds: number, longestMs: number): Rule['check'] =>
  async (world) => {
    const client = await world.online(await world.device('device-1'), { keepalive: seconds });
    await world.clock.advance(longestMs - 1);
    expect(client.isClosed).toBe(false);
    await world.clock.advance(1);
    await client.closed();
  };

/** A device with keys, online by a token that is good for an hour. */
async function bySas(world: World): Promise<RawClient> {
  const { authentication } = world.hub.devices.create({ deviceId: 'device-1', authentication: { type: 'sas' } });
  const key = authentication.type === 'sas' ? authentication.symmetricKey.primaryKey : '';
  const client = await world.open(HUB);
  const token = sasToken(key, `${HUB}/devices/device-1`, world.clock.now() + HOUR);
  expect((await client.connect(hubConnect('device-1', { password: Buffer.from(token) }))).returnCode).toBe(0);
  return client;
}

/** What a device with keys says in its CONNECT, by its primary key. */
const bySasToken =
  (token: (world: World, key: string) => string, returnCode: 0 | 5): Rule['check'] =>
  async (world) => {
    if (!world.hub.devices.has('device-1'))
      world.hub.devices.create({ deviceId: 'device-1', authentication: { type: 'sas' } });
    const { authentication } = world.hub.devices.get('device-1');
    const key = authentication.type === 'sas' ? authentication.symmetricKey.primaryKey : '';
    const client = await world.open(HUB);
    const password = Buffer.from(token(world, key));
    expect((await client.connect(hubConnect('device-1', { password }))).returnCode).toBe(returnCode);
  };

const SAS_DOC = 'azure-docs, iot-hub-dev-guide-sas';
const POLICIES_OF_DEVICES: readonly string[] = ['iothubowner', 'device'];
/** What a device's own token may be for: a prefix of its resource, segment by segment. */
const TOKENS: readonly (readonly [name: string, says: string, resource: string, returnCode: 0 | 5, source: string])[] =
  [
    ['hub', 'the hub as a whole', HUB, 0, 'source of amenzhinsky/iothub (Go)'],
    ['devices', 'all devices of the hub', `${HUB}/devices`, 0, SAS_DOC],
    ['device', 'the device', `${HUB}/devices/device-1`, 0, SAS_DOC],
    ['below', 'something below the device', `${HUB}/devices/device-1/api-version=2016-11-14`, 0, DOC],
    ['other-hub', 'another hub', 'other.azure-devices.net', 5, SAS_DOC],
    ['other-device', 'another device', `${HUB}/devices/device-2`, 5, SAS_DOC],
    ['longer-id', 'a device whose id begins so', `${HUB}/devices/device-10`, 5, SAS_DOC],
    ['shorter-id', 'a device whose id is the beginning', `${HUB}/devices/device`, 5, SAS_DOC],
    ['other-resource', 'something else of the hub', `${HUB}/messages/events`, 5, SAS_DOC],
  ];

const subProtocol =
  (protocol: string): Rule['check'] =>
  async (world) => {
    const socket = await upgrade(await world.secure(HUB, 443), WEBSOCKET_PATH, [protocol]);
    expect(socket.protocol).toBe(protocol);
    socket.terminate();
  };

const will = { topic: 'devices/device-1/messages/events/k=v', payload: Buffer.from('gone') };
const willIs =
  (ends: (client: RawClient, world: World) => unknown, comes: boolean): Rule['check'] =>
  async (world) => {
    const client = await world.online(await world.device('device-1'), { will, keepalive: 60 });
    await ends(client, world);
    await world.run(device(world).disconnected());
    const messages = device(world).receivedTelemetry();
    expect(messages.map(({ body, properties }) => [body.toString(), properties])).toEqual(
      comes ? [['gone', { k: 'v', 'iothub-MessageType': 'Will' }]] : [],
    );
  };

conformance('IoT Hub: connect', [
  {
    rule: 'hub-connect.username-c',
    says: 'the C SDK’s username is taken',
    source: 'C SDK, iothubtransport_mqtt_common.c',
    check: username(`${HUB}/device-1/?api-version=2020-09-30&DeviceClientType=iothubclient%2F1.14.0%20(native)`, 0),
  },
  {
    rule: 'hub-connect.username-node',
    says: 'the Node SDK’s username is taken',
    source: 'measured, azure-iot-device-mqtt',
    check: username(`${HUB}/device-1/?api-version=2021-04-12&DeviceClientType=azure-iot-device%2F1.18.4`, 0),
  },
  {
    rule: 'hub-connect.username-no-question-mark',
    says: 'the question mark may be missing',
    source: PARSER,
    check: username(`${HUB}/device-1/api-version=2016-11-14`, 0),
  },
  {
    rule: 'hub-connect.username-unknown-keys',
    says: 'unknown keys are ignored',
    source: PARSER,
    check: username(`${HUB}/device-1/?x=y&api-version=2020-09-30&z`, 0),
  },
  {
    rule: 'hub-connect.username-duplicates',
    says: 'of a key that is there twice the first counts',
    source: PARSER,
    check: modelId('api-version=1&model-id=dtmi:a;1&model-id=dtmi:b;1', 'dtmi:a;1'),
  },
  {
    rule: 'hub-connect.username-hub-case',
    says: 'the hub’s name is compared without regard to case',
    source: 'documented',
    check: username(`${HUB.toUpperCase()}/device-1/?api-version=2020-09-30`, 0),
  },
  {
    rule: 'hub-connect.username-device-question-mark',
    says: 'a device id may have a question mark',
    source: PARSER,
    check: username(`${HUB}/a?b/?api-version=2020-09-30`, 0, 'a?b'),
  },
  ...['', '/', '/?DeviceClientType=x', '/?api-version='].map((rest, number): Rule => ({
    rule: `hub-connect.no-api-version-${number + 1}`,
    says: `the username {hub}/{device}${rest} is taken: telemetry and cloud-to-device messages work`,
    source: number < 2 ? SHORT : `${SHORT}; for this form inferred`,
    check: async (world) => {
      const client = await world.online(await world.device('device-1'), { username: `${HUB}/device-1${rest}` });
      client.publish('devices/device-1/messages/events/', 'x', 1);
      await client.next('puback');
      await client.subscribe('devices/device-1/messages/devicebound/#', 1);
      const sent = device(world).sendC2D('x');
      client.acknowledge(await client.next('publish'));
      expect(await world.run(sent.finished())).toMatchObject({ status: 'completed' });
      expect(device(world).receivedTelemetry()).toHaveLength(1);
    },
  })),
  {
    rule: 'hub-connect.no-api-version-methods',
    says: 'without api-version a method is answered with 404103, as if the device were not online',
    source: 'GH azure-iot-sdk-csharp#33',
    check: async (world) => {
      const client = await world.online(await world.device('device-1'), { username: `${HUB}/device-1` });
      await client.subscribe(METHODS);
      await expect(device(world).invokeMethod('m')).rejects.toMatchObject({
        code: 'DEVICE_NOT_ONLINE',
        message: expect.stringMatching(/404103.*no api-version/),
      });
    },
  },
  {
    rule: 'hub-connect.no-api-version-twin',
    says: 'without api-version twin requests are answered with 400',
    source: 'GH eclipse/mosquitto#1059; for GET inferred',
    check: async (world) => {
      const client = await world.online(await world.device('device-1'), { username: `${HUB}/device-1/` });
      await client.subscribe('$iothub/twin/res/#');
      client.publish('$iothub/twin/PATCH/properties/reported/?$rid=1', '{"a":1}');
      expect((await client.next('publish')).topic).toBe('$iothub/twin/res/400/?$rid=1');
      client.publish('$iothub/twin/GET/?$rid=2', '');
      expect((await client.next('publish')).topic).toBe('$iothub/twin/res/400/?$rid=2');
      expect(device(world).twin.reported).toEqual({});
    },
  },
  ...['', HUB, `${HUB}//?api-version=1`, `${HUB}/a/b/c/?api-version=1`, `${HUB}/device-1/m`].map(
    (text, number): Rule => ({
      rule: `hub-connect.username-shape-${number + 1}`,
      says: `the username "${text}" is refused with CONNACK 5`,
      source: PARSER,
      check: username(text, 5),
    }),
  ),
  {
    rule: 'hub-connect.username-other-device',
    says: 'the username has to name the device of the client id',
    source: DOC,
    check: username(`${HUB}/device-2/?api-version=2020-09-30`, 5),
  },
  {
    rule: 'hub-connect.username-other-hub',
    says: 'the username has to name this hub',
    source: DOC,
    check: username('fabrikam.azure-devices.net/device-1/?api-version=2020-09-30', 5),
  },
  {
    rule: 'hub-connect.model-id-encoded',
    says: 'the model id of the C SDK is encoded',
    source: 'C SDK',
    check: modelId(
      'api-version=2020-09-30&DeviceClientType=c&model-id=dtmi%3acom%3aexample%3bx%3b1',
      'dtmi:com:example;x;1',
    ),
  },
  {
    rule: 'hub-connect.model-id-plain',
    says: 'the model id of the Node SDK is not encoded',
    source: 'measured, azure-iot-device-mqtt',
    check: modelId('api-version=2021-04-12&model-id=dtmi:com:example;1&DeviceClientType=node', 'dtmi:com:example;1'),
  },
  {
    rule: 'hub-connect.model-id-empty',
    says: 'an empty model id is none',
    source: PARSER,
    check: modelId('api-version=2021-04-12&model-id=', undefined),
  },
  {
    rule: 'hub-connect.client-id-case',
    says: 'the client id is compared with the device id exactly',
    source: 'edgeHub, DeviceIdentityProvider.cs',
    check: async (world) => {
      const client = await world.open(HUB, await world.device('device-1'));
      expect((await client.connect(hubConnect('device-1', { clientId: 'Device-1' }))).returnCode).toBe(5);
    },
  },
  {
    rule: 'hub-connect.password-x509',
    says: 'a device with a certificate needs no password, and one that it sends does not matter',
    source: 'C SDK',
    check: async (world) => {
      const credential = await world.device('device-1');
      await world.online(credential);
      await world.online(credential, { password: Buffer.from('x') });
    },
  },
  {
    rule: 'hub-connect.connack',
    says: 'a new session is answered with 20 02 00 00',
    source: 'umqtt, mqtt_client.c',
    check: async (world) => {
      const client = await world.online(await world.device('device-1'));
      expect(hexOf(client)).toBe('20020000');
    },
  },
  {
    rule: 'hub-connect.session-present',
    says: 'a session that was kept is told with 20 02 01 00, and still has its subscriptions',
    source: 'traces, MQTT-3.2.2-2',
    check: async (world) => {
      const credential = await world.device('device-1');
      const first = await world.online(credential);
      await first.subscribe(METHODS);
      first.send({ cmd: 'disconnect' });
      await first.closed();
      const second = await world.online(credential);
      expect(hexOf(second)).toBe('20020100');
      const call = device(world).invokeMethod('m');
      await second.next('publish');
      second.publish('$iothub/methods/res/200/?$rid=1');
      await world.run(call);
    },
  },
  {
    rule: 'hub-connect.session-clean',
    says: 'a clean session has nothing of the one before, and leaves nothing',
    source: 'MQTT-3.1.2-6',
    check: async (world) => {
      const credential = await world.device('device-1');
      await (await world.online(credential)).subscribe(METHODS);
      const clean = await world.online(credential, { clean: true });
      expect(hexOf(clean)).toBe('20020000');
      await expect(device(world).invokeMethod('m')).rejects.toMatchObject({ code: 'DEVICE_NOT_ONLINE' });
      await clean.subscribe(METHODS);
      clean.send({ cmd: 'disconnect' });
      await clean.closed();
      expect(hexOf(await world.online(credential))).toBe('20020000');
    },
  },
  {
    rule: 'hub-connect.session-clean-purges',
    says: 'a clean session drops the cloud-to-device messages that wait',
    source: 'azure-sdk-for-c, mqtt_state_machine.md',
    check: async (world) => {
      const credential = await world.device('device-1');
      const waiting = device(world).sendC2D('x');
      const client = await world.online(credential, { clean: true });
      await client.subscribe('devices/device-1/messages/devicebound/#', 1);
      await quiet(world);
      expect([client.received, waiting.outcome?.status]).toEqual([[], 'purged']);
    },
  },
  {
    rule: 'hub-connect.take-over',
    says: 'a second connection of the device closes the first, with 400027',
    source: 'azure-docs, troubleshoot-error-codes',
    check: async (world) => {
      const credential = await world.device('device-1');
      const older = await world.online(credential);
      const newer = await world.online(credential);
      await older.closed();
      expect(lastReason(world)).toMatch('400027');
      expect([newer.isClosed, device(world).isConnected]).toEqual([false, true]);
    },
  },
  {
    rule: 'hub-connect.take-over-refused',
    says: 'a connection that is refused takes nothing over',
    source: 'MQTT-3.1.4-2',
    check: async (world) => {
      const client = await world.online(await world.device('device-1'));
      const stranger = await world.open(HUB, await world.ca.issue({ commonName: 'device-1' }));
      expect((await stranger.connect(hubConnect('device-1'))).returnCode).toBe(5);
      await quiet(world);
      expect(client.isClosed).toBe(false);
    },
  },
  {
    rule: 'hub-connect.mqtt-3.1',
    says: 'MQTT 3.1 is refused with CONNACK 1',
    source: `${DOC}, MQTT-3.1.2-2`,
    check: otherVersion({ protocolId: 'MQIsdp', protocolVersion: 3 }),
  },
  {
    rule: 'hub-connect.mqtt-5',
    says: 'MQTT 5 is refused with CONNACK 1',
    source: `${DOC}, MQTT-3.1.2-2`,
    check: otherVersion({ protocolVersion: 5 }),
  },
  {
    rule: 'hub-connect.mqtt-bridge',
    says: 'the protocol level 0x84 of bridges is refused with CONNACK 1',
    source: 'MQTT-3.1.2-2',
    check: otherVersion({ bridgeMode: true } as Partial<IConnectPacket>),
  },
  {
    rule: 'hub-connect.first-packet',
    says: 'another packet before CONNECT closes the connection',
    source: 'MQTT-3.1.0-1',
    check: async (world) => {
      for (const packet of ['c000', 'e000', '8206000100014100', '3003000141']) {
        const client = await world.open(HUB, await world.ca.issue({ commonName: 'x' }));
        sendHex(client, packet);
        await client.closed();
        expect(hexOf(client)).toBe('');
      }
    },
  },
  {
    rule: 'hub-connect.no-connect',
    says: 'a connection on which no CONNECT comes is closed after 30 s',
    source: 'MQTT 3.1.4',
    check: async (world) => {
      const client = await world.open(HUB);
      await world.clock.advance(29_999);
      expect(client.isClosed).toBe(false);
      await world.clock.advance(1);
      await client.closed();
    },
  },
  {
    rule: 'hub-connect.second-connect',
    says: 'a second CONNECT closes the connection',
    source: 'MQTT-3.1.0-2',
    check: closes((client) => client.send({ cmd: 'connect', clientId: 'device-1' }), /second CONNECT/),
  },
  {
    rule: 'hub-connect.utf-8',
    says: 'a topic that is no UTF-8 closes the connection',
    source: 'MQTT-1.5.3-1',
    check: closes((client) => sendHex(client, '3005000341ff42'), /no UTF-8/),
  },
  {
    rule: 'hub-connect.utf-8-nul',
    says: 'a topic with U+0000 closes the connection',
    source: 'MQTT-1.5.3-2',
    check: closes((client) => sendHex(client, '30050003410042'), /no UTF-8/),
  },
  {
    rule: 'hub-connect.unsubscribe-empty',
    says: 'an UNSUBSCRIBE without filters closes the connection',
    source: 'MQTT-3.10.3-2',
    check: closes((client) => sendHex(client, 'a2020001'), /without filters/),
  },
  {
    rule: 'hub-connect.subscribe-empty',
    says: 'a SUBSCRIBE without filters closes the connection',
    source: 'MQTT-3.8.3-3',
    check: closes((client) => sendHex(client, '82020001'), /without filters|malformed/),
  },
  {
    rule: 'hub-connect.ping',
    says: 'PINGREQ is answered with d0 00',
    source: 'MQTT-3.12.4-1',
    check: async (world) => {
      const client = await world.online(await world.device('device-1'));
      hexOf(client);
      client.send({ cmd: 'pingreq' });
      await client.next('pingresp');
      expect(hexOf(client)).toBe('d000');
    },
  },
  {
    rule: 'hub-connect.keepalive-c',
    says: 'the C SDK’s keepalive of 240 s is enforced after 360 s',
    source: `C SDK, ${DOC}`,
    check: keepalive(240, 360_000),
  },
  {
    rule: 'hub-connect.keepalive-1177',
    says: 'the longest keepalive of use is 1177 s',
    source: DOC,
    check: keepalive(1177, 1_765_500),
  },
  {
    rule: 'hub-connect.keepalive-longer',
    says: 'with a longer keepalive the hub waits for 1767 s',
    source: DOC,
    check: keepalive(65_535, 1_767_000),
  },
  {
    rule: 'hub-connect.keepalive-any-packet',
    says: 'every packet counts, not only PINGREQ',
    source: 'MQTT-3.1.2-24',
    check: async (world) => {
      const client = await world.online(await world.device('device-1'), { keepalive: 60 });
      for (let i = 0; i < 3; i++) {
        await world.clock.advance(89_000);
        client.publish('devices/device-1/messages/events/', 'x');
      }
      await world.clock.advance(89_999);
      expect(client.isClosed).toBe(false);
    },
  },
  {
    rule: 'hub-connect.keepalive-received',
    says: 'what the hub sends does not count',
    source: 'MQTT-3.1.2-24',
    check: async (world) => {
      const client = await world.online(await world.device('device-1'), { keepalive: 60 });
      await client.subscribe('$iothub/twin/PATCH/properties/desired/#');
      await world.clock.advance(60_000);
      device(world).updateDesired({ a: 1 });
      await world.clock.advance(30_000);
      await client.closed();
    },
  },
  {
    rule: 'hub-connect.sas-expiry',
    says: 'the connection is closed when the SAS token expires, without a word',
    source: 'azure-docs, troubleshoot-error-codes',
    check: async (world) => {
      const client = await bySas(world);
      hexOf(client);
      await world.clock.advance(HOUR - 1);
      expect(client.isClosed).toBe(false);
      await world.clock.advance(1);
      await client.closed();
      expect([hexOf(client), lastReason(world)]).toEqual(['', 'the SAS token expired (401003)']);
    },
  },
  ...TOKENS.map(([name, says, resource, returnCode, source]): Rule => ({
    rule: `sas-tokens.${name}`,
    says: `a token for ${says} is ${returnCode === 0 ? 'taken' : 'refused with CONNACK 5'}`,
    source,
    check: bySasToken((world, key) => sasToken(key, resource, world.clock.now() + HOUR), returnCode),
  })),
  ...(['iothubowner', 'device', 'service', 'registryReadWrite'] as const).map((keyName): Rule => ({
    rule: `sas-tokens.policy-${keyName}`,
    says: `a token of the policy ${keyName} lets ${POLICIES_OF_DEVICES.includes(keyName) ? 'any' : 'no'} device in`,
    source: `${SAS_DOC} (DeviceConnect)`,
    check: bySasToken(
      (world) => {
        const { primaryKey } = world.hub.policies.get(keyName).keys;
        return sasToken(primaryKey, `${HUB}/devices/device-1`, world.clock.now() + HOUR, { keyName });
      },
      POLICIES_OF_DEVICES.includes(keyName) ? 0 : 5,
    ),
  })),
  {
    rule: 'sas-tokens.policy-other-device',
    says: 'a policy’s token for another device is refused with CONNACK 5, as is one that another key signed',
    source: SAS_DOC,
    check: async (world) => {
      const { primaryKey } = world.hub.policies.get('device').keys;
      const until = world.clock.now() + HOUR;
      for (const [key, id] of [
        [primaryKey, 'device-2'],
        [world.hub.policies.get('service').keys.primaryKey, 'device-1'],
      ] as const)
        await bySasToken(() => sasToken(key, `${HUB}/devices/${id}`, until, { keyName: 'device' }), 5)(world);
    },
  },
  {
    rule: 'hub-connect.subscriptions',
    says: 'a device has all documented subscriptions, which are within the five that there may be, as often as it asks',
    source: DOC,
    check: async (world) => {
      const client = await world.online(await world.device('device-1'));
      const filters = [
        METHODS,
        '$iothub/twin/res/#',
        '$iothub/twin/PATCH/properties/desired/#',
        'devices/device-1/messages/devicebound/#',
      ];
      for (const filter of [...filters, ...filters]) expect(await client.subscribe(filter, 1)).toBe(1);
    },
  },
  {
    rule: 'hub-connect.subscriptions-plus',
    says: 'the filter devices/+/messages/devicebound/# is granted, and means this device only',
    source: 'azure-sdk-for-c, az_iot_hub_client.h',
    check: async (world) => {
      await world.device('device-2');
      const client = await world.online(await world.device('device-1'));
      expect(await client.subscribe('devices/+/messages/devicebound/#', 1)).toBe(1);
      world.hub.device('device-2').sendC2D('for another one');
      device(world).sendC2D('mine');
      const { topic, payload } = await client.next('publish');
      expect([topic, payload.toString()]).toEqual([expect.stringMatching(/^devices\/device-1\//), 'mine']);
      client.send({ cmd: 'unsubscribe', messageId: 9, unsubscriptions: ['devices/+/messages/devicebound/#'] });
      await client.next('unsuback');
      device(world).sendC2D('after it');
      hexOf(client);
      await quiet(world);
      expect(hexOf(client)).toBe('');
    },
  },
  {
    rule: 'hub-connect.subscriptions-other',
    says: 'another filter is refused with 0x80, wildcards and other devices’ too',
    source: DOC,
    check: async (world) => {
      const client = await world.online(await world.device('device-1'));
      const filters = [
        '#',
        '+/device-1/messages/devicebound/#',
        'devices/+/messages/#',
        'devices/+/messages/events/#',
        'devices/device-2/messages/devicebound/#',
        'devices/device-1/messages/events/#',
        '$iothub/#',
        '$iothub/methods/POST/+',
        '$iothub/twin/res/200/#',
        '$SYS/#',
        '$dps/registrations/res/#',
      ];
      for (const filter of filters) expect(await client.subscribe(filter, 1)).toBe(0x80);
      expect(client.isClosed).toBe(false);
    },
  },
  {
    rule: 'hub-connect.qos2-publish',
    says: 'a PUBLISH with QoS 2 closes the connection',
    source: DOC,
    check: closes((client) => client.publish('devices/device-1/messages/events/', 'x', 2), /QoS 2/),
  },
  {
    rule: 'hub-connect.qos2-subscribe',
    says: 'a SUBSCRIBE with QoS 2 is granted 1',
    source: DOC,
    check: async (world) => {
      const client = await world.online(await world.device('device-1'));
      hexOf(client);
      await client.subscribe('devices/device-1/messages/devicebound/#', 2);
      expect(hexOf(client)).toBe('9003000101');
    },
  },
  {
    rule: 'hub-connect.retain',
    says: 'a PUBLISH with RETAIN is told by the property mqtt-retain, and nothing is retained',
    source: 'azure-docs, GH vjrantal/azure-iot-mqtt-features',
    check: async (world) => {
      const client = await world.online(await world.device('device-1'));
      client.publish('devices/device-1/messages/events/a=b', 'x', 1, true);
      await client.next('puback');
      client.publish('devices/device-1/messages/events/a=b', 'x', 1, false);
      await client.next('puback');
      expect(
        device(world)
          .receivedTelemetry()
          .map(({ properties }) => properties),
      ).toEqual([{ a: 'b', 'mqtt-retain': 'true' }, { a: 'b' }]);
    },
  },
  {
    rule: 'hub-connect.telemetry-256-kb',
    says: 'a message of 262 144 bytes is taken',
    source: 'edgeHub, MaxInboundMessageSize',
    check: async (world) => {
      const client = await world.online(await world.device('device-1'));
      client.publish('devices/device-1/messages/events/', Buffer.alloc(262_144), 1);
      await client.next('puback');
    },
  },
  {
    rule: 'hub-connect.telemetry-larger',
    says: 'a larger message closes the connection, without a word',
    source: 'azure-docs, GH azure-iot-sdk-csharp#1766',
    check: closes(
      (client) => client.publish('devices/device-1/messages/events/', Buffer.alloc(262_145), 1),
      /more than 262144/,
    ),
  },
  {
    rule: 'hub-connect.telemetry-properties',
    says: 'properties count for the size of a message',
    source: 'azure-docs, iot-hub-devguide-messages-construct',
    check: closes(
      (client) => client.publish('devices/device-1/messages/events/a=b', Buffer.alloc(262_143), 1),
      /more than 262144/,
    ),
  },
  {
    rule: 'hub-connect.c2d-64-kb',
    says: 'a cloud-to-device message has at most 65 536 bytes',
    source: 'azure-docs, iot-hub-devguide-quotas-throttling',
    check: async (world) => {
      await world.device('device-1');
      device(world).sendC2D(Buffer.alloc(65_536));
      expect(() => device(world).sendC2D(Buffer.alloc(65_537))).toThrow(/65537/);
    },
  },
  {
    rule: 'hub-connect.will-lost',
    says: 'the will of a device that is lost is telemetry',
    source: DOC,
    check: willIs((client) => client.socket.destroy(), true),
  },
  {
    rule: 'hub-connect.will-silent',
    says: 'the will of a device that falls silent is telemetry',
    source: `${DOC}, MQTT-3.1.2-8`,
    check: willIs((_, world) => world.clock.advance(90_000), true),
  },
  {
    rule: 'hub-connect.will-disconnect',
    says: 'the will of a device that sends DISCONNECT is void',
    source: 'MQTT-3.1.2-10',
    check: willIs((client) => client.send({ cmd: 'disconnect' }), false),
  },
  {
    rule: 'hub-connect.will-elsewhere',
    says: 'a will for another topic is nothing',
    source: DOC,
    check: async (world) => {
      await world.device('device-2');
      const elsewhere = { ...will, topic: 'devices/device-2/messages/events/' };
      const client = await world.online(await world.device('device-1'), { will: elsewhere });
      client.socket.destroy();
      await world.run(device(world).disconnected());
      expect([device(world), world.hub.device('device-2')].flatMap((one) => one.receivedTelemetry())).toEqual([]);
    },
  },
  {
    rule: 'hub-connect.disconnect',
    says: 'the connection is closed after DISCONNECT, and what comes after it is not read',
    source: 'MQTT-3.14.4-3',
    check: async (world) => {
      const client = await world.online(await world.device('device-1'));
      client.send(
        { cmd: 'disconnect' },
        { cmd: 'publish', topic: 'devices/device-1/messages/events/', payload: 'x', qos: 0, dup: false, retain: false },
      );
      await client.closed();
      expect(device(world).receivedTelemetry()).toEqual([]);
    },
  },
  {
    rule: 'hub-connect.ws-mqtt',
    says: 'the sub-protocol mqtt is taken and echoed',
    source: 'documented',
    check: subProtocol('mqtt'),
  },
  {
    rule: 'hub-connect.ws-MQTT',
    says: 'the sub-protocol MQTT, as the C SDK has it, is taken and echoed as it was offered',
    source: 'C SDK, iothubtransportmqtt_websockets.c',
    check: subProtocol('MQTT'),
  },
  {
    rule: 'hub-connect.ws-refused',
    says: 'another path, or no sub-protocol, is answered with HTTP 400',
    source: 'GH MicrosoftDocs/azure-docs#21306',
    check: async (world) => {
      for (const [path, protocols] of [
        ['/mqtt', ['mqtt']],
        [WEBSOCKET_PATH, []],
      ] as const)
        await expect(world.run(upgrade(await world.secure(HUB, 443), path, [...protocols]))).rejects.toThrow(
          'status 400',
        );
    },
  },
  {
    rule: 'hub-connect.ws-query',
    says: 'the path may have a query',
    source: 'Node SDK',
    check: async (world) => {
      const path = `${WEBSOCKET_PATH}?iothub-no-client-cert=true`;
      (await upgrade(await world.secure(HUB, 443), path)).terminate();
    },
  },
  {
    rule: 'hub-connect.dps-name',
    says: 'a hub’s username is refused with CONNACK 5 at DPS',
    source: 'documented',
    check: async (world) => {
      const client = await world.open(DPS, await world.device('device-1'));
      expect((await client.connect(hubConnect('device-1'))).returnCode).toBe(5);
    },
  },
]);
