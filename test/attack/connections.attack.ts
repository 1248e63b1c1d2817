// Connections that nobody has shown to be a device's: what each may hold.
import type { TLSSocket } from 'node:tls';

import { HUB, upgrade, World } from '../emulator/support.js';
import { attacks, memoryInUse } from './attack-table.js';

const KIB = 1024;
const MANY = 60;
/** A CONNECT of 72 KiB, of which the last byte does not come. */
const UNFINISHED = Buffer.concat([Buffer.of(0x10, 0x80, 0xc0, 0x04), Buffer.alloc(72 * KIB - 1)]);
/** 120 KiB of a WebSocket frame of 1,000,000 bytes, masked with zeros. */
const FRAME = Buffer.concat([Buffer.from('82ff00000000000f424000000000', 'hex'), Buffer.alloc(120 * KIB)]);

/** Fragments of one byte of a message that is never whole. */
const FRAGMENTS = Buffer.concat(
  Array.from({ length: 16_000 }, (_, i) => Buffer.of(i === 0 ? 2 : 0, 0x81, 0, 0, 0, 0, 0x10)),
);

let world: World;
beforeEach(async () => {
  world = await World.create();
});
afterEach(() => world.close());

async function open(port: 443 | 8883): Promise<TLSSocket> {
  const socket = await world.secure(HUB, port);
  socket.on('error', () => undefined).on('end', () => socket.end());
  if (port === 443) await upgrade(socket);
  return socket.resume();
}

async function connectAndLeave(): Promise<void> {
  for (let i = 0; i < MANY; i++) (await open(8883)).destroy();
  await settle();
}

async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Holds so many connections open, all of which said that. @param each Bytes that one may hold, TLS included. */
async function hold(port: 443 | 8883, said: Buffer, each: number): Promise<void> {
  const before = memoryInUse();
  const sockets: TLSSocket[] = [];
  for (let i = 0; i < MANY; i++) {
    const socket = await open(port);
    sockets.push(socket);
    socket.write(said);
    await settle();
  }
  expect(memoryInUse() - before).toBeLessThan(MANY * each);
  await world.clock.advance(31_000);
  expect(sockets.filter((socket) => !socket.readableEnded)).toEqual([]);
  sockets.forEach((socket) => socket.destroy());
  await settle();
}

attacks(`${MANY} connections without a device`, [
  {
    name: 'of which each holds a CONNECT of 72 KiB',
    honest: connectAndLeave,
    attack: () => hold(8883, UNFINISHED, 400 * KIB),
    times: 100,
  },
  {
    name: 'of which each begins a WebSocket message of 1 MB',
    honest: connectAndLeave,
    attack: () => hold(443, FRAME, 400 * KIB),
    times: 100,
  },
  {
    name: 'of which each sends a WebSocket message in 16,000 fragments',
    honest: connectAndLeave,
    attack: () => hold(443, FRAGMENTS, 400 * KIB),
    times: 100,
  },
]);
