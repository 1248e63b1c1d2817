import { connect as connectTls } from 'node:tls';

import { createWebSocketStream } from 'ws';

import type { Credential } from '../../../src/certificates/index.js';
import { LocalAzure } from '../../../src/emulator/index.js';
import {
  DPS,
  dpsConnect,
  frontEvents,
  HUB,
  hubConnect,
  upgrade,
  WEBSOCKET_PATH as PATH,
  World,
  type RawClient,
} from '../support.js';

describe('MQTT over WebSocket', () => {
  let world: World;
  let credential: Credential;

  beforeEach(async () => {
    world = await World.create();
    credential = await world.device('device-1');
  });
  afterEach(() => world.close());

  const open = async (name = HUB, shown: Credential | undefined = credential, protocol = 'mqtt') => {
    const socket = await upgrade(await world.secure(name, 443, shown), PATH, [protocol]);
    const client: RawClient = world.client(createWebSocketStream(socket));
    return { socket, client };
  };

  test.each(['mqtt', 'MQTT'])('is taken at (name, 443) with the sub-protocol %s, which is echoed', async (protocol) => {
    const { socket, client } = await open(HUB, credential, protocol);
    expect(socket.protocol).toBe(protocol);
    expect((await client.connect(hubConnect('device-1'))).returnCode).toBe(0);
    client.publish('devices/device-1/messages/events/', 'over a WebSocket', 1);
    await client.next('puback');
    expect(world.hub.device('device-1').receivedTelemetry()).toHaveLength(1);
  });

  test('counts the client certificate of the TLS connection, at the hub and at DPS', async () => {
    const { client } = await open(HUB, await world.ca.issue({ commonName: 'device-1' }));
    expect((await client.connect(hubConnect('device-1'))).returnCode).toBe(5);
    await client.closed();
    const dps = await open(DPS);
    expect((await dps.client.connect(dpsConnect(world.azure.dps.idScope, 'device-1'))).returnCode).toBe(0);
  });

  test('takes packets that are cut or joined by messages', async () => {
    const { socket, client } = await open();
    await client.connect(hubConnect('device-1'));
    socket.send(Buffer.from('c0', 'hex'));
    socket.send(Buffer.from('00c000', 'hex'));
    await client.next('pingresp');
    await client.next('pingresp');
  });

  test('closes after DISCONNECT, and tells of a client that closes', async () => {
    const { socket, client } = await open();
    await client.connect(hubConnect('device-1'));
    const code = new Promise((resolve) => socket.once('close', resolve));
    client.send({ cmd: 'disconnect' });
    expect(await world.run(code)).toBe(1000);
    const next = await open();
    await next.client.connect(hubConnect('device-1'));
    next.socket.close(1000);
    await world.run(world.hub.device('device-1').disconnected());
    expect(world.hub.events().at(-1)).toMatchObject({
      reason: 'the client closed the connection without DISCONNECT',
    });
  });

  test('closes on a text message, with 1003', async () => {
    const { socket, client } = await open();
    await client.connect(hubConnect('device-1'));
    const code = new Promise((resolve) => socket.once('close', resolve));
    socket.send('text');
    expect(await world.run(code)).toBe(1003);
    await world.run(world.hub.device('device-1').disconnected());
  });

  test('keepalive closes it by the clock', async () => {
    const { client } = await open();
    await client.connect(hubConnect('device-1', { keepalive: 60 }));
    await world.clock.advance(90_000);
    await client.closed();
  });

  test.each([
    ['another path', '/', ['mqtt'], /path/],
    ['a longer path', `${PATH}/x`, ['mqtt'], /path/],
    ['no sub-protocol', PATH, [], /sub-protocol/],
    ['another sub-protocol', PATH, ['xmpp'], /sub-protocol/],
  ])('answers 400 to %s', async (_, path, protocols, reason) => {
    const secure = await world.secure(HUB, 443, credential);
    await expect(world.run(upgrade(secure, path, protocols))).rejects.toThrow('status 400');
    await world.clock.advance(1);
    expect(frontEvents(world)).toEqual([
      {
        service: 'front',
        sequence: expect.any(Number),
        type: 'httpRefused',
        at: world.clock.now() - 1,
        serverName: HUB,
        status: 400,
        path,
        reason: expect.stringMatching(reason),
      },
    ]);
    expect(secure.readableEnded).toBe(true);
  });

  test('takes a query, and one sub-protocol of several', async () => {
    const secure = await world.secure(HUB, 443, credential);
    const socket = await upgrade(secure, `${PATH}?iothub-no-client-cert=true`, ['AMQPWSB10', 'MQTT']);
    expect(socket.protocol).toBe('MQTT');
    world.client(createWebSocketStream(socket));
  });

  test.each([
    ['a plain GET', 'GET /$iothub/websocket HTTP/1.1\r\nHost: x\r\n\r\n', /no WebSocket/],
    ['an upgrade without a key', upgradeHead('Sec-WebSocket-Version: 13'), /Sec-WebSocket-Key/],
    ['what only begins like HTTP', 'GARBAGE\r\n\r\n', /malformed HTTP/],
  ])('answers 400 to %s', async (_, text, reason) => {
    const secure = await world.secure(HUB, 443, credential);
    let answer = '';
    secure.on('data', (bytes: Buffer) => (answer += bytes.toString())).write(text);
    await world.clock.advance(1);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(frontEvents(world)).toMatchObject([{ type: 'httpRefused', reason: expect.stringMatching(reason) }]);
  });

  test('does not wait for ever for the rest of a request', async () => {
    const secure = await world.secure(HUB, 443, credential);
    secure.resume().write('GET /');
    await world.clock.advance(30_000);
    expect(secure.readableEnded).toBe(true);
    expect(frontEvents(world)).toMatchObject([{ type: 'httpRefused', status: 408, reason: 'no whole request came' }]);
  });

  test('is served on the listening port too, beside MQTT', async () => {
    const azure = await LocalAzure.start();
    azure.hub().devices.create({
      deviceId: 'device-1',
      authentication: { type: 'selfSigned', thumbprints: { primary: credential.leaf.fingerprint256 } },
    });
    const { port } = await azure.listen();
    const key = credential.privateKey.export({ type: 'pkcs8', format: 'pem' });
    const options = { port, servername: HUB, ca: azure.trustRoots, cert: credential.chain, key };
    const mqtt = world.client(connectTls(options));
    mqtt.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clientId: 'x', clean: true });
    await new Promise((resolve) => mqtt.socket.once('close', resolve));
    expect(mqtt.received).toMatchObject([{ cmd: 'connack', returnCode: 1 }]);
    const secure = connectTls(options);
    await new Promise((resolve) => secure.once('secureConnect', resolve));
    const client = world.client(createWebSocketStream(await upgrade(secure)));
    client.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, ...hubConnect('device-1') } as never);
    await azure.hub().device('device-1').connected();
    await azure.close();
  });
});

function upgradeHead(...more: string[]): string {
  const head = [
    `GET ${PATH} HTTP/1.1`,
    'Host: x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Protocol: mqtt',
  ];
  return `${[...head, ...more].join('\r\n')}\r\n\r\n`;
}

/** What the servers saw before a service was reached. */
