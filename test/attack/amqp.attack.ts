// What a peer of AMQP may cost, with a token and without.
import type { TLSSocket } from 'node:tls';

import { amqpClient, backEnd, tokenOf, AMQPS } from '../emulator/amqp-client.js';
import { HUB, World } from '../emulator/support.js';
import { attacks } from './attack-table.js';

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.close());

const HEADER = Buffer.from('AMQP\0\x01\0\0');
const frame = (...bytes: Buffer[]): Buffer => {
  const body = Buffer.concat(bytes);
  const head = Buffer.from([0, 0, 0, 0, 2, 0, 0, 0]);
  head.writeUInt32BE(8 + body.length);
  return Buffer.concat([head, body]);
};
const list = (count: number, ...items: Buffer[]): Buffer => {
  const body = Buffer.concat(items);
  const head = Buffer.alloc(9, 0xd0);
  head.writeUInt32BE(4 + body.length, 1);
  head.writeUInt32BE(count, 5);
  return Buffer.concat([head, body]);
};
const performative = (code: number, value: Buffer): Buffer => frame(Buffer.from([0, 0x53, code]), value);
const OPEN = performative(0x10, list(1, Buffer.from('a101', 'hex'), Buffer.from('a')));
const BEGIN = performative(0x11, list(4, Buffer.from('40435201', 'hex'), Buffer.from('5201', 'hex')));
/** An array of four billion nulls. */
const BOMB = Buffer.from('f000000005ffffffff40', 'hex');
/** Lists in lists, 60 KiB of them. */
const NESTED = Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.from('c0ff01', 'hex')));
/** A disposition of all deliveries that there can be. */
const ALL = performative(0x15, list(3, Buffer.from('4143', 'hex'), Buffer.from('70ffffffff', 'hex')));

async function open(): Promise<TLSSocket> {
  const socket = await world.secure(HUB, AMQPS);
  return socket
    .on('error', () => undefined)
    .on('end', () => socket.end())
    .resume();
}

/** Says that, and waits until the emulator ends it. */
async function closedAfter(...said: Buffer[]): Promise<void> {
  const socket = await open();
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write(Buffer.concat([HEADER, ...said]));
  const before = world.clock.now();
  await world.run(closed);
  expect(world.clock.now()).toBe(before);
}

async function honest(): Promise<void> {
  await (await backEnd(world)).close();
}

attacks('AMQP frames', [
  {
    name: 'with an array of four billion nulls',
    honest,
    attack: () => closedAfter(performative(0x10, list(1, BOMB))),
    times: 3,
  },
  { name: 'with lists in lists', honest, attack: () => closedAfter(performative(0x10, NESTED)), times: 3 },
  {
    name: 'with 60,000 nulls',
    honest,
    attack: () => closedAfter(performative(0x10, list(60_000, Buffer.alloc(60_000, 0x40)))),
    times: 3,
  },
  { name: 'that settle four billion deliveries', honest, attack: () => closedAfter(OPEN, BEGIN, ALL), times: 3 },
  {
    name: 'of 4 GiB, as they say',
    honest,
    attack: () => closedAfter(Buffer.from('ffffffff0200000000', 'hex')),
    times: 3,
  },
  {
    name: 'of which 10,000 begin sessions',
    honest,
    attack: () => closedAfter(OPEN, ...Array.from({ length: 10_000 }, () => BEGIN)),
    times: 20,
  },
  {
    name: 'that come byte by byte',
    honest,
    attack: async () => {
      const socket = await open();
      const closed = new Promise((resolve) => socket.on('close', resolve));
      for (const byte of Buffer.concat([HEADER, OPEN])) socket.write(Buffer.of(byte));
      socket.write(Buffer.alloc(16));
      await world.run(closed);
    },
    times: 10,
  },
]);

attacks('AMQP links', [
  {
    name: 'of a client that puts a thousand tokens',
    honest,
    attack: async () => {
      const client = await amqpClient(world);
      const token = tokenOf(world);
      for (let i = 0; i < 1000; i++) {
        const [status] = await client.putToken(`${HUB}/messages/${i}`, token);
        expect(status).toBe(i < 512 ? 200 : 401);
      }
      await client.close();
    },
    times: 400,
  },
]);
