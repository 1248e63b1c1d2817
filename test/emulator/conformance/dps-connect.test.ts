import type { IConnectPacket } from 'mqtt-packet';

import { deriveDeviceKey } from '../../../src/emulator/index.js';
import { DPS, dpsConnect, HUB, sasToken, upgrade, WEBSOCKET_PATH, type RawClient, type World } from '../support.js';
import { requestOf, say } from './raw-http.js';
import { conformance, hexOf, lastReason, type Rule } from './rules.js';

const DOC = 'azure-docs, iot-mqtt-connect-to-iot-dps';
const HOUR = 3_600_000;

async function atDps(world: World, commonName = 'device-1'): Promise<RawClient> {
  return world.open(DPS, await world.ca.issue({ commonName }));
}

/** The CONNACK's code. */
async function code(client: RawClient, connect: Partial<IConnectPacket>): Promise<number | undefined> {
  return (await client.connect(connect)).returnCode;
}

const username =
  (text: (scope: string) => string, expected: number) =>
  async (world: World): Promise<void> => {
    const { idScope } = world.azure.dps;
    const client = await atDps(world);
    expect(await code(client, dpsConnect(idScope, 'device-1', { username: text(idScope) }))).toBe(expected);
  };

const subProtocol = (protocol: string) => async (world: World) => {
  const socket = await upgrade(await world.secure(DPS, 443), WEBSOCKET_PATH, [protocol]);
  expect(socket.protocol).toBe(protocol);
  socket.terminate();
};

const otherVersion = (version: Partial<IConnectPacket>) => async (world: World) => {
  const client = await atDps(world);
  await client.connect(dpsConnect(world.azure.dps.idScope, 'device-1', version));
  await client.closed();
  expect(hexOf(client)).toBe('20020001');
};

const sas =
  (make: (key: string, resource: string, world: World) => string, expected: number) => async (world: World) => {
    const { attestation } = world.azure.dps.enrollmentGroups.create({ id: 'keys', attestation: { symmetricKey: {} } });
    const key = deriveDeviceKey(attestation.symmetricKey?.primaryKey ?? '', 'device-1');
    const { idScope } = world.azure.dps;
    const client = await world.open(DPS);
    const password = Buffer.from(make(key, `${idScope}/registrations/device-1`, world));
    expect(await code(client, dpsConnect(idScope, 'device-1', { password }))).toBe(expected);
  };

const inHours = (world: World, hours: number): number => world.clock.now() + hours * HOUR;

const unknownScope =
  (returnCode: 2 | 5): Rule['check'] =>
  async (world) => {
    const client = await atDps(world);
    await client.connect(dpsConnect('0ne99999999', 'device-1'));
    await client.closed();
    expect(hexOf(client)).toBe(`2002000${returnCode}`);
    expect(world.azure.dps.events()).toMatchObject([{ type: 'authenticationFailed', returnCode }]);
  };

conformance('DPS: connect', [
  {
    rule: 'dps-connect.connack',
    says: 'the C SDK is answered with a CONNACK of exactly two bytes',
    source: 'umqtt, mqtt_client.c',
    check: async (world) => {
      const client = await atDps(world);
      await client.connect(dpsConnect(world.azure.dps.idScope, 'device-1'));
      expect(hexOf(client)).toBe('20020000');
    },
  },
  {
    rule: 'dps-connect.ports',
    says: 'MQTT is at 8883, WebSocket at 443, nothing at 1883 and 5671',
    source: DOC,
    check: async ({ azure }) => {
      expect([8883, 443, 1883, 5671].map((port) => azure.resolve(DPS, port)?.kind)).toEqual([
        'in-process',
        'in-process',
        undefined,
        undefined,
      ]);
    },
  },
  {
    rule: 'dps-connect.username-c',
    says: 'the C SDK’s username is taken',
    source: 'C SDK, prov_transport_mqtt_common.c',
    check: username((scope) => `${scope}/registrations/device-1/api-version=2021-06-01&ClientVersion=1.14.0`, 0),
  },
  {
    rule: 'dps-connect.username-node',
    says: 'the Node SDK’s username is taken',
    source: 'measured, azure-iot-provisioning-device-mqtt',
    check: username(
      (scope) =>
        `${scope}/registrations/device-1/api-version=2019-03-31&ClientVersion=azure-iot-provisioning-device%2F1.9.1`,
      0,
    ),
  },
  {
    rule: 'dps-connect.api-version-any',
    says: 'any api-version is taken',
    source: DOC,
    check: username((scope) => `${scope}/registrations/device-1/api-version=1`, 0),
  },
  {
    rule: 'dps-connect.api-version-missing',
    says: 'a username without api-version is refused with CONNACK 5',
    source: DOC,
    check: username((scope) => `${scope}/registrations/device-1/ClientVersion=1.14.0`, 5),
  },
  {
    rule: 'dps-connect.username-shape',
    says: 'a username of another shape is refused with CONNACK 5',
    source: DOC,
    check: username((scope) => `${scope}/device-1/api-version=2021-06-01`, 5),
  },
  {
    rule: 'dps-connect.username-missing',
    says: 'a CONNECT without a username is refused with CONNACK 5',
    source: DOC,
    check: async (world) => {
      expect(await code(await atDps(world), { clientId: 'device-1' })).toBe(5);
    },
  },
  {
    rule: 'dps-connect.client-id',
    says: 'a client id that is not the registration id is refused with CONNACK 5',
    source: DOC,
    check: async (world) => {
      const connect = dpsConnect(world.azure.dps.idScope, 'device-1', { clientId: 'device-2' });
      expect(await code(await atDps(world), connect)).toBe(5);
    },
  },
  {
    rule: 'dps-connect.password-x509',
    says: 'a device with a certificate needs no password',
    source: 'C SDK',
    check: async (world) => {
      const client = await atDps(world);
      const connect = dpsConnect(world.azure.dps.idScope, 'device-1', { password: Buffer.alloc(0) });
      expect(await code(client, connect)).toBe(0);
    },
  },
  {
    rule: 'dps-connect.sas',
    says: 'a device with a symmetric key sends a token with skn=registration, its resource encoded in lower case',
    source: 'C SDK',
    check: sas((key, resource, world) => {
      const encode = (text: string): string => text.replaceAll('/', '%2f');
      return sasToken(key, resource, inHours(world, 1), { keyName: 'registration', encode });
    }, 0),
  },
  {
    rule: 'dps-connect.sas-no-key-name',
    says: 'a token without skn is taken',
    source: 'captured: azure-iot-device 2.14 (PyPI), provisioning-device-client 2.1 (Maven)',
    check: sas((key, resource, world) => sasToken(key, resource, inHours(world, 1)), 0),
  },
  {
    rule: 'dps-connect.sas-empty-key-name',
    says: 'a token with an empty skn is taken',
    source: 'the same clients',
    check: sas((key, resource, world) => sasToken(key, resource, inHours(world, 1), { keyName: '' }), 0),
  },
  {
    rule: 'dps-connect.sas-key-name',
    says: 'a token with another skn is refused with CONNACK 5',
    source: 'C SDK',
    check: sas((key, resource, world) => sasToken(key, resource, inHours(world, 1), { keyName: 'device' }), 5),
  },
  {
    rule: 'dps-connect.sas-expired',
    says: 'a token that expired by the clock is refused with CONNACK 5',
    source: 'documented',
    check: sas((key, resource, world) => sasToken(key, resource, inHours(world, 0), { keyName: 'registration' }), 5),
  },
  {
    rule: 'dps-connect.session',
    says: 'no session is kept, whatever the CONNECT says',
    source: DOC,
    check: async (world) => {
      for (let i = 0; i < 2; i++) {
        const client = await atDps(world);
        const connack = await client.connect(dpsConnect(world.azure.dps.idScope, 'device-1', { clean: false }));
        expect(connack).toMatchObject({ returnCode: 0, sessionPresent: false });
        await client.subscribe('$dps/registrations/res/#', 1);
        client.send({ cmd: 'disconnect' });
        await client.closed();
      }
    },
  },
  {
    rule: 'dps-connect.keepalive-0',
    says: 'keepalive 0, as the C SDK has it, is taken and never enforced',
    source: 'GH azure-iot-sdk-c#1467, traces',
    check: async (world) => {
      const client = await atDps(world);
      await client.connect(dpsConnect(world.azure.dps.idScope, 'device-1', { keepalive: 0 }));
      await world.clock.advance(24 * HOUR);
      expect(client.isClosed).toBe(false);
    },
  },
  {
    rule: 'dps-connect.keepalive-180',
    says: 'another keepalive is enforced after one and a half times its value',
    source: 'MQTT-3.1.2-24',
    check: async (world) => {
      const client = await atDps(world);
      await client.connect(dpsConnect(world.azure.dps.idScope, 'device-1', { keepalive: 180 }));
      await world.clock.advance(269_999);
      expect(client.isClosed).toBe(false);
      await world.clock.advance(1);
      await client.closed();
      expect(lastReason(world)).toMatch('keepalive 180 s');
    },
  },
  {
    rule: 'dps-connect.mqtt-3.1',
    says: 'MQTT 3.1 is refused with CONNACK 1',
    source: `${DOC}, MQTT-3.1.2-2`,
    check: otherVersion({ protocolId: 'MQIsdp', protocolVersion: 3 }),
  },
  {
    rule: 'dps-connect.mqtt-5',
    says: 'MQTT 5 is refused with CONNACK 1',
    source: `${DOC}, MQTT-3.1.2-2`,
    check: otherVersion({ protocolVersion: 5 }),
  },
  {
    rule: 'dps-connect.ws-mqtt',
    says: 'the sub-protocol mqtt is taken and echoed',
    source: 'Node SDK',
    check: subProtocol('mqtt'),
  },
  {
    rule: 'dps-connect.ws-MQTT',
    says: 'the sub-protocol MQTT, as the C SDK has it, is taken and echoed as it was offered',
    source: 'C SDK, prov_transport_mqtt_ws_client.c',
    check: subProtocol('MQTT'),
  },
  {
    rule: 'dps-connect.ws-Mqtt',
    says: 'the sub-protocol is taken in any case',
    source: 'documented',
    check: subProtocol('MqTt'),
  },
  {
    rule: 'dps-connect.ws-no-sub-protocol',
    says: 'a WebSocket without sub-protocol is answered with HTTP 400',
    source: 'GH MicrosoftDocs/azure-docs#21306',
    check: async (world) => {
      await expect(world.run(upgrade(await world.secure(DPS, 443), WEBSOCKET_PATH, []))).rejects.toThrow('status 400');
    },
  },
  {
    rule: 'dps-connect.ws-path-mqtt',
    says: 'a WebSocket at /mqtt, or at no path, is taken',
    source: 'captured: provisioning-device-client 2.1 (Maven)',
    check: async (world) => {
      for (const path of ['/mqtt', '/mqtt?iothub-no-client-cert=true', ''])
        (await upgrade(await world.secure(DPS, 443), path)).terminate();
    },
  },
  {
    rule: 'dps-connect.ws-absolute',
    says: 'the request target may have the absolute form, whose host counts',
    source: 'captured: iot-service-client 2.1 (Maven); RFC 9112, 3.2.2',
    check: async (world) => {
      const headers = [
        ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Protocol: mqtt'],
        ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
      ];
      for (const target of [`https://${DPS}/mqtt`, `https://${DPS}`, `https://${DPS}${WEBSOCKET_PATH}?a=b`]) {
        const request = requestOf(`GET ${target}`, HUB, '', headers);
        const { statusLine } = await say(world, DPS, request, undefined, { servername: 'localhost' });
        expect(statusLine).toBe('HTTP/1.1 101 Switching Protocols');
      }
    },
  },
  {
    rule: 'dps-connect.ws-path',
    says: 'a WebSocket at another path is answered with HTTP 400',
    source: 'GH MicrosoftDocs/azure-docs#21306',
    check: async (world) => {
      for (const path of ['/other', `${WEBSOCKET_PATH}/`, '/mqtt/'])
        await expect(world.run(upgrade(await world.secure(DPS, 443), path))).rejects.toThrow('status 400');
    },
  },
  {
    rule: 'dps-connect.tenant',
    says: 'the id scope tells the tenant, not the server name',
    source: 'documented',
    check: async (world) => {
      const credential = await world.ca.issue({ commonName: 'device-1' });
      const client = await world.open(HUB, credential, { servername: 'localhost' });
      expect(await code(client, dpsConnect(world.azure.dps.idScope, 'device-1'))).toBe(0);
    },
  },
  {
    rule: 'refusals.id-scope-default',
    says: 'an unknown id scope is refused with CONNACK 5',
    source: 'option',
    check: unknownScope(5),
  },
  {
    rule: 'refusals.id-scope-option',
    says: 'an unknown id scope is refused with the code of the option',
    source: 'option',
    options: { dps: { unknownIdScopeReturnCode: 2 } },
    check: unknownScope(2),
  },
]);
