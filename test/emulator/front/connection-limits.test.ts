// What a connection may hold before anybody has shown who is there, for how long, and how many there may be.
import { generate, type IConnectPacket } from 'mqtt-packet';
import type { TLSSocket } from 'node:tls';
import { createWebSocketStream } from 'ws';

import { ask } from '../https.js';
import { DPS, frontEvents, HUB, hubConnect, upgrade, World, type RawClient } from '../support.js';

const WILL = {
  topic: 'devices/device-1/messages/events/',
  payload: Buffer.alloc(65_535, 'w'),
  qos: 0 as const,
  retain: false,
};

/** Head of a frame: final, binary, masked with zeros; 1 MB are announced. */
const LARGE_FRAME = Buffer.from('82ff00000000000f424000000000', 'hex');

/** In a TLS record of its own, which is read before the next one. */
async function alone(socket: TLSSocket, bytes: Buffer): Promise<void> {
  if (socket.writable) await new Promise((resolve) => socket.write(bytes, resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

describe('connections', () => {
  let world: World;
  afterEach(() => world.close());

  const lastReason = (): unknown =>
    frontEvents(world)
      .map((event) => ('reason' in event ? event.reason : event.type))
      .at(-1);
  const header = (length: number): Buffer =>
    Buffer.of(0x10, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14);

  describe.each([
    ['MQTT', false],
    ['WebSocket', true],
  ])('before CONNECT, by %s', (_, webSocket) => {
    beforeEach(async () => {
      world = await World.create();
      world.webSocket = webSocket;
    });

    test('the longest will that there is has room, and telemetry of 256 KB after it', async () => {
      const credential = await world.device('device-1');
      const client = await world.online(credential, { will: WILL } as Partial<IConnectPacket>);
      client.publish('devices/device-1/messages/events/', Buffer.alloc(255 * 1024), 1);
      await client.next('puback');
      client.socket.destroy();
      await world.run(world.hub.device('device-1').disconnected());
      const sizes = world.hub
        .device('device-1')
        .receivedTelemetry()
        .map(({ body }) => body.length);
      expect(sizes).toEqual([255 * 1024, 65_535]);
    });

    test('a packet that is to be longer ends the connection when that is known', async () => {
      const client = await world.open(HUB);
      client.socket.write(header(72 * 1024));
      await world.clock.advance(1000);
      expect(client.isClosed).toBe(false);
      const other = await world.open(HUB);
      other.socket.write(header(72 * 1024 + 1));
      await other.closed();
      expect(lastReason()).toBe('malformed packet: it is longer than 73728 bytes, before CONNECT');
    });
  });

  test('a WebSocket message that is not whole is given up beyond 128 KiB, before CONNECT', async () => {
    world = await World.create();
    const socket = await world.secure(HUB, 443);
    await upgrade(socket);
    socket.write(LARGE_FRAME);
    socket.write(Buffer.alloc(120 * 1024, 0x10));
    await world.clock.advance(1000);
    expect(frontEvents(world)).toEqual([]);
    socket.write(Buffer.alloc(16 * 1024, 0x10));
    await world.clock.advance(1000);
    expect(lastReason()).toMatch(/a WebSocket message has more than 131072 bytes, before CONNECT/);
    expect(socket.readableEnded).toBe(true);
  });

  // Each of them would hold a buffer of its own: 115 and 300 bytes for one on the wire.
  test.each<[string, (number: number) => Buffer, number, RegExp]>([
    [
      'fragments, of which it takes 256',
      (number) => Buffer.of(number === 0 ? 2 : 0, 0x81, 0, 0, 0, 0, 0x10),
      256,
      /Too many message fragments/,
    ],
    [
      'fragments without a byte',
      (number) => Buffer.of(number === 0 ? 2 : 0, 0x80, 0, 0, 0, 0),
      256,
      /Too many message fragments/,
    ],
    [
      'pieces of one byte, of which it takes 500 or so',
      (number) => (number === 0 ? LARGE_FRAME : Buffer.of(0x10)),
      500,
      /a WebSocket message has more than 131072 bytes, before CONNECT/,
    ],
  ])('a WebSocket message in many %s', async (_, piece, taken, reason) => {
    world = await World.create();
    const socket = await world.secure(HUB, 443);
    await upgrade(socket);
    for (let number = 0; number < taken; number++) await alone(socket, piece(number));
    await world.clock.advance(1000);
    expect(frontEvents(world)).toEqual([]);
    for (let number = 0; number < 20; number++) await alone(socket, piece(taken + number));
    await world.clock.advance(1000);
    expect(lastReason()).toMatch(reason);
    expect(socket.readableEnded).toBe(true);
  });

  test('a device that has connected sends no message in more fragments or pieces either', async () => {
    world = await World.create();
    world.webSocket = true;
    const credential = await world.device('device-1');
    for (const [first, next, count] of [
      [Buffer.of(2, 0x81, 0, 0, 0, 0, 0x10), Buffer.of(0, 0x81, 0, 0, 0, 0, 0x10), 300],
      [LARGE_FRAME, Buffer.of(0x10), 1100],
    ] as const) {
      const secure = await world.secure(HUB, 443, credential);
      const client = world.client(createWebSocketStream(await upgrade(secure)));
      await client.connect(hubConnect('device-1'));
      await alone(secure, first);
      for (let number = 0; number < count; number++) await alone(secure, next);
      await world.clock.advance(1000);
      const reason = expect.stringMatching(/Too many (message fragments|buffered chunks)/);
      expect(world.hub.events().at(-1)).toMatchObject({ reason });
      expect(secure.readableEnded).toBe(true);
    }
  });

  test('TLS is not negotiated again, and goes on', async () => {
    world = await World.create();
    const socket = await world.secure(HUB, 443, undefined, { maxVersion: 'TLSv1.2' });
    const refused = new Promise<Error | null>((resolve) => {
      socket.on('error', resolve);
      socket.renegotiate({ rejectUnauthorized: false }, resolve);
    });
    expect(await world.run(refused)).toMatchObject({ message: expect.stringContaining('no renegotiation') });
    socket.destroy();
    await world.clock.advance(1);
    expect(await ask(world, { host: DPS, path: '/' })).toMatchObject({ status: 404 });
  });

  describe('at most two', () => {
    let sockets: TLSSocket[];
    beforeEach(async () => {
      world = await World.create({ maxConnections: 2 });
      sockets = [];
    });
    afterEach(() => sockets.forEach((socket) => socket.destroy()));
    const open = async (name: string, port: number): Promise<TLSSocket> => {
      const socket = await world.secure(name, port);
      sockets.push(socket.on('end', () => socket.end()).resume());
      return socket;
    };
    const closed = (socket: TLSSocket): Promise<unknown> =>
      world.run(new Promise((resolve) => socket.once('close', resolve)));

    test('one more is closed, and told of; one less, and there is room', async () => {
      const [first] = [await open(HUB, 8883), await open(DPS, 443)];
      await expect(world.run(open(HUB, 8883))).rejects.toThrow();
      expect(lastReason()).toBe('2 connections are open, and there may be no more (maxConnections)');
      expect(frontEvents(world).at(-1)).toMatchObject({ type: 'handshakeFailed' });
      first.destroy();
      await world.clock.advance(1);
      expect(await ask(world, { host: DPS, path: '/' })).toMatchObject({ status: 404 });
    });

    test.each<[string, number, number, (socket: TLSSocket) => void]>([
      ['says nothing', 8883, 30_000, () => undefined],
      [
        'does not end its CONNECT',
        8883,
        30_000,
        (socket) => socket.write(Buffer.concat([header(70_000), Buffer.alloc(60_000)])),
      ],
      [
        'does not end the head of a request',
        443,
        30_000,
        (socket) => socket.write(`GET / HTTP/1.1\r\nHost: ${HUB}\r\nX: `),
      ],
      [
        'does not end an upgrade',
        443,
        30_000,
        (socket) => socket.write('GET /$iothub/websocket HTTP/1.1\r\nUpgrade: websocket\r\n'),
      ],
      ['asks for no more', 443, 120_000, (socket) => socket.write(`GET / HTTP/1.1\r\nHost: ${DPS}\r\n\r\n`)],
    ])('who %s makes room in time', async (_, port, ms, say) => {
      const both = [await open(HUB, port), await open(HUB, port)];
      both.forEach(say);
      await world.clock.advance(ms - 1000);
      expect(both.map(({ readableEnded }) => readableEnded)).toEqual([false, false]);
      const over = both.map(closed);
      await world.clock.advance(1000);
      await Promise.all(over);
      await open(HUB, 8883);
    });
  });

  test('a WebSocket that is closed makes room', async () => {
    world = await World.create({ maxConnections: 1 });
    for (let i = 0; i < 3; i++) {
      const client: RawClient = world.client(createWebSocketStream(await upgrade(await world.secure(HUB, 443))));
      client.socket.write(generate({ cmd: 'pingreq' }));
      await client.closed();
      await world.clock.advance(1000);
    }
    expect(frontEvents(world).map(({ type }) => type)).toEqual([
      'connectionClosed',
      'connectionClosed',
      'connectionClosed',
    ]);
  });

  test.each([0, -1, 1.5, NaN])('no limit is %s', async (maxConnections) => {
    world = await World.create();
    await expect(World.create({ maxConnections })).rejects.toMatchObject({ code: 'MAX_CONNECTIONS_INVALID' });
  });
});
