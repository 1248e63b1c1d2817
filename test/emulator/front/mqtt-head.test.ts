import { generate } from 'mqtt-packet';

import type { Credential } from '../../../src/certificates/index.js';
import { DPS, dpsConnect, HUB, hubConnect, World, type RawClient } from '../support.js';

const METHODS = '$iothub/methods/POST/#';

describe('the MQTT head', () => {
  let world: World;
  let credential: Credential;

  beforeEach(async () => {
    world = await World.create();
    credential = await world.device('device-1');
  });
  afterEach(() => world.close());

  const lastReason = (): unknown => {
    const event = world.azure.events().at(-1);
    return event?.type === 'connectionClosed' ? event.reason : event;
  };

  test('sends QoS 0 with flags of exactly 0, which umqtt would read as QoS 2 otherwise', async () => {
    const client = await world.online(credential);
    await client.subscribe('$iothub/twin/PATCH/properties/desired/#', 1);
    client.bytes.length = 0;
    world.hub.device('device-1').updateDesired({ a: 1 });
    await client.next('publish');
    expect(Buffer.concat(client.bytes)[0]).toBe(0x30);
  });

  test('answers UNSUBSCRIBE, PINGREQ and QoS 1 in packets of the right length', async () => {
    const client = await world.online(credential);
    client.bytes.length = 0;
    client.send(
      { cmd: 'unsubscribe', messageId: 0x0102, unsubscriptions: [METHODS, 'never/subscribed'] },
      { cmd: 'pingreq' },
      {
        cmd: 'publish',
        topic: 'devices/device-1/messages/events/',
        payload: 'x',
        qos: 1,
        messageId: 1,
        dup: false,
        retain: false,
      },
    );
    await client.next('puback');
    // One write, so one TLS record, for what one turn asked.
    expect(client.bytes.map((bytes) => bytes.toString('hex'))).toEqual(['b0020102' + 'd000' + '40020001']);
  });

  test('takes packets that come byte by byte', async () => {
    const client = await world.open(HUB, credential);
    const bytes = generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      ...hubConnect('device-1'),
    } as never);
    for (const byte of bytes) {
      client.socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await client.next('connack')).returnCode).toBe(0);
  });

  describe('keepalive', () => {
    test('0 is none', async () => {
      await world.online(credential);
      await world.clock.advance(48 * 3_600_000);
      expect(world.hub.device('device-1').isConnected).toBe(true);
    });

    test('closes after one and a half times its value, counted from the last packet', async () => {
      const client = await world.online(credential, { keepalive: 240 });
      await world.clock.advance(359_000);
      client.send({ cmd: 'pingreq' });
      await client.next('pingresp');
      await world.clock.advance(359_999);
      expect(client.isClosed).toBe(false);
      await world.clock.advance(1);
      await client.closed();
      expect(lastReason()).toBe('nothing was heard for 360 s (keepalive 240 s)');
    });

    test('of more than 1177 s is of no use with the hub', async () => {
      const client = await world.online(credential, { keepalive: 3000 });
      await world.clock.advance(1_767_000);
      await client.closed();
    });

    test('0 is taken by DPS', async () => {
      const client = await world.open(DPS, credential);
      await client.connect(dpsConnect(world.azure.dps.idScope, 'device-1'));
      await world.clock.advance(3_600_000);
      expect(client.isClosed).toBe(false);
    });
  });

  test('closes a connection on which no CONNECT comes', async () => {
    const client = await world.open(HUB, credential);
    await world.clock.advance(30_000);
    await client.closed();
    expect(lastReason()).toBe('no CONNECT came');
  });

  test('refuses other versions of MQTT with CONNACK 1', async () => {
    for (const version of [{ protocolId: 'MQIsdp', protocolVersion: 3 }, { protocolVersion: 5 }] as const) {
      const client = await world.open(HUB, credential);
      expect((await client.connect(hubConnect('device-1', version))).returnCode).toBe(1);
      await client.closed();
    }
  });

  test('closes where bytes come, but no whole CONNECT in time', async () => {
    const client = await world.open(HUB, credential);
    client.socket.write(Buffer.from('1040', 'hex'));
    for (let i = 0; i < 3; i++) {
      await world.clock.advance(10_000 - 1);
      client.socket.write(Buffer.alloc(1));
    }
    await world.clock.advance(10);
    await client.closed();
    expect(lastReason()).toBe('no CONNECT came');
  });

  test('answers all, in order, once the client reads', async () => {
    const client = await world.online(credential);
    await client.subscribe('$iothub/twin/res/#');
    world.hub.device('device-1').updateDesired({ text: 'x'.repeat(4000) });
    client.socket.pause();
    for (let i = 0; i < 300; i++) client.publish(`$iothub/twin/GET/?$rid=${i}`);
    await world.clock.advance(1000);
    client.socket.resume();
    for (let i = 0; i < 300; i++) expect((await client.next('publish')).topic).toBe(`$iothub/twin/res/200/?$rid=${i}`);
  });

  test('ends the connection of a client that does not read, by its keepalive, and does not wait for it', async () => {
    const client = await world.online(credential, { keepalive: 20 });
    await client.subscribe('$iothub/twin/res/#');
    world.hub.device('device-1').updateDesired({ text: 'x'.repeat(4000) });
    client.socket.pause();
    for (let i = 0; i < 300; i++) client.publish(`$iothub/twin/GET/?$rid=${i}`);
    await world.clock.advance(30_000);
    expect(world.hub.device('device-1').isConnected).toBe(false);
    expect(client.socket.destroyed).toBe(false);
    await world.clock.advance(30_000);
    client.socket.resume();
    await client.closed();
    expect(client.received.length).toBeLessThan(300);
  });

  const misdeeds: [string, (client: RawClient) => void, RegExp][] = [
    ['bytes that are no MQTT', (client) => client.socket.write('GET / HTTP/1.1\r\n\r\n'), /malformed/],
    ['a string beyond its packet', (client) => client.socket.write(Buffer.from('3003ffff41', 'hex')), /malformed/],
    ['an empty PUBACK', (client) => client.socket.write(Buffer.from('4000', 'hex')), /packet id -1/],
    ['a reserved flag', (client) => client.socket.write(Buffer.from('8005000100014100', 'hex')), /malformed/],
    ['an endless length', (client) => client.socket.write(Buffer.from('30ffffffffff', 'hex')), /malformed/],
    ['QoS 3', (client) => client.socket.write(Buffer.from('36050001410001', 'hex')), /malformed/],
    [
      'a packet too long',
      (client) => client.socket.write(Buffer.alloc(600_000, Buffer.from('30ffffff7f', 'hex'), 'hex')),
      /too long|malformed/,
    ],
    ['QoS 2', (client) => client.publish('devices/device-1/messages/events/', 'x', 2), /QoS 2/],
    ['a second CONNECT', (client) => client.send({ cmd: 'connect', clientId: 'device-1' }), /second CONNECT/],
    ['a packet of servers', (client) => client.send({ cmd: 'pingresp' }), /pingresp/],
    [
      '11 filters in one SUBSCRIBE',
      (client) =>
        client.send({
          cmd: 'subscribe',
          messageId: 1,
          subscriptions: Array.from({ length: 11 }, () => ({ topic: METHODS, qos: 0 as const })),
        }),
      /11 filters/,
    ],
    [
      '11 filters in one UNSUBSCRIBE',
      (client) => client.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: Array<string>(11).fill(METHODS) }),
      /11 filters/,
    ],
    ['packet id 0', (client) => client.socket.write(Buffer.from('3205000141' + '0000', 'hex')), /packet id 0/],
  ];
  test.each(misdeeds)('closes on %s, that connection and no other', async (_, misdeed, reason) => {
    const other = await world.online(await world.device('device-2'));
    const client = await world.online(credential);
    misdeed(client);
    await client.closed();
    expect(lastReason()).toEqual(expect.stringMatching(reason));
    other.send({ cmd: 'pingreq' });
    await other.next('pingresp');
    expect(other.isClosed).toBe(false);
  });

  test('closes on another packet before CONNECT', async () => {
    const client = await world.open(HUB, credential);
    client.send({ cmd: 'pingreq' });
    await client.closed();
    expect(client.received).toEqual([]);
  });

  test('an event listener that throws harms nobody', async () => {
    const seen: string[] = [];
    world.hub.onEvent(() => {
      throw new Error('mine');
    });
    const stop = world.hub.onEvent(({ type }) => void seen.push(type));
    const client = await world.online(credential);
    stop();
    client.send({ cmd: 'disconnect' });
    await client.closed();
    expect(seen).toEqual(['connected']);
    await expect(world.azure.close()).rejects.toMatchObject({ code: 'LISTENER_FAILED', cause: new Error('mine') });
  });

  test('gives packet ids to QoS 1 and counts them on', async () => {
    await world.enroll();
    const client = await world.open(DPS, await world.ca.issue({ commonName: 'd' }));
    await client.connect(dpsConnect(world.azure.dps.idScope, 'd'));
    await client.subscribe('$dps/registrations/res/#', 2);
    const ids: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      client.publish('$dps/registrations/PUT/iotdps-register/?$rid=1', '{"registrationId":"d"}');
      const message = await client.next('publish');
      client.acknowledge(message);
      ids.push([message.qos, message.messageId]);
    }
    expect(ids).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
    ]);
  });
});
