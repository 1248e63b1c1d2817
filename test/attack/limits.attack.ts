import { generate } from 'mqtt-packet';

import { readPrivateKey } from '../../src/certificates/credential-key.js';
import { parseBlockList } from '../../src/emulator/storage/block-list.js';
import { WebSocketUnwrapper } from '../../src/diagnosis/websocket-unwrapper.js';
import { ask } from '../emulator/https.js';
import { HUB, World } from '../emulator/support.js';
import { attacks, memoryInUse } from './attack-table.js';

const SPACES = 200_000;
const list = (inner: string): string => `<BlockList>${inner}</BlockList>`;

attacks('Block lists', [
  {
    name: 'a list of spaces',
    honest: () => void expect(parseBlockList(list('<Latest>YQ==</Latest>'.repeat(10_000)))).toHaveLength(10_000),
    attack: () => void expect(parseBlockList(list(`${' '.repeat(SPACES)}x`))).toBeUndefined(),
    times: 5,
  },
  {
    name: 'spaces in the place of a list',
    honest: () => undefined,
    attack: () => void expect(parseBlockList(`${' '.repeat(SPACES)}x`)).toBeUndefined(),
    times: 5,
  },
  {
    name: 'an entry of spaces',
    honest: () => undefined,
    attack: () => void expect(parseBlockList(list(`<Latest>${' '.repeat(SPACES)}`))).toBeUndefined(),
    times: 5,
  },
]);

const tryKey = (text: string): void => {
  expect(() => readPrivateKey(text, 'CN=device')).toThrow(
    expect.objectContaining({ code: 'CERTIFICATE_KEY_TRUNCATED' }),
  );
};

attacks('Key files', [
  {
    name: '60,000 lines that begin a key',
    honest: () => tryKey(`-----BEGIN PRIVATE KEY-----\n${'A'.repeat(1_800_000)}`),
    attack: () => tryKey('-----BEGIN PRIVATE KEY-----\n'.repeat(60_000)),
    times: 20,
  },
  {
    name: '60,000 lines that begin a key of one kind, and end one of another',
    honest: () => tryKey(`-----BEGIN PRIVATE KEY-----\n${'A'.repeat(1_800_000)}`),
    attack: () => tryKey('-----BEGIN EC PRIVATE KEY-----\n-----END PRIVATE KEY-----\n'.repeat(60_000)),
    times: 20,
  },
]);

const PIECE = Buffer.alloc(16_384);

/** A frame of 40 MB, piece by piece, until it is refused. */
function longFrame(): void {
  const unwrapper = new WebSocketUnwrapper();
  unwrapper.unwrap(Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  expect(() => {
    unwrapper.unwrap(Buffer.of(0x82, 127, 0, 0, 0, 0, 2, 0x62, 0x5a, 0));
    for (let sent = 0; sent < 40_000_000; sent += PIECE.length) unwrapper.unwrap(PIECE);
  }).toThrow('a frame has 40000000 bytes');
}

/** Its pieces have a byte each. */
function slowFrame(): void {
  const unwrapper = new WebSocketUnwrapper();
  const byte = Buffer.alloc(1);
  unwrapper.unwrap(Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  unwrapper.unwrap(Buffer.of(0x82, 127, 0, 0, 0, 0, 0, 3, 0, 0));
  let payloads: Buffer[] = [];
  for (let sent = 0; sent < 3 * 65_536; sent++) payloads = unwrapper.unwrap(byte);
  expect(payloads).toEqual([Buffer.alloc(3 * 65_536)]);
}

attacks('WebSocket frames that the device receives', [
  { name: 'one of 40 MB', honest: () => undefined, attack: longFrame, times: 5 },
  { name: 'one whose bytes come one by one', honest: () => undefined, attack: slowFrame, times: 300 },
]);

describe('without credentials', () => {
  const MIB = 1024 * 1024;
  let world: World;
  beforeEach(async () => {
    world = await World.create();
  });
  afterEach(() => world.close());

  const LONG = 'x'.repeat(14_000);

  /** Five texts of 14,000 characters each. */
  async function longConnect(number: number): Promise<void> {
    // No client of the world's, which would keep it.
    const socket = await world.secure(HUB, 8883);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined).on('end', () => socket.end());
    socket.resume();
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: `${number}${LONG}`,
        username: `${HUB}/${number}-a-device-id/?api-version=${LONG}`,
        password: Buffer.from(LONG),
        will: { topic: LONG, payload: Buffer.from(LONG), qos: 0, retain: false },
      }),
    );
    await world.run(closed);
  }

  /** Once sockets are gone, too: that takes some turns. */
  async function inUse(): Promise<number> {
    for (let i = 0; i < 10; i++) {
      memoryInUse();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return memoryInUse();
  }

  /** What so many requests leave, in bytes. */
  async function left(count: number, request: (number: number) => Promise<unknown>): Promise<number> {
    for (let i = 0; i < 20; i++) await request(i);
    const before = await inUse();
    for (let i = 0; i < count; i++) await request(i);
    return (await inUse()) - before;
  }

  test('CONNECTs with long texts leave no more than their events may hold', async () => {
    expect(await left(400, longConnect)).toBeLessThan(8 * MIB);
    expect(world.hub.events().at(-1)).toMatchObject({ type: 'authenticationFailed', deviceId: '399-a-device-id' });
  });

  test('requests with long paths leave no more than their events may hold', async () => {
    const request = (number: number): Promise<unknown> =>
      ask(world, { host: HUB, method: 'GET', path: `/${number}/${'y'.repeat(15_000)}` });
    expect(await left(300, request)).toBeLessThan(8 * MIB);
    const path = (world.azure.events().at(-1) as unknown as { readonly path: string }).path;
    expect(path).toMatch(/^\/299\/y+…$/);
  });

  test('a flood of events leaves no more than a log may hold', async () => {
    const text = 'z'.repeat(4096);
    const flood = (count: number): void => {
      for (let i = 0; i < count; i++)
        world.hub.connect(
          {
            clientId: 'other',
            username: `${HUB}/${i}${text}/?api-version=2020-09-30`,
            password: Buffer.alloc(0),
            cleanSession: true,
            keepAlive: 0,
            peer: { connection: 1 },
          },
          undefined as never,
        );
    };
    flood(10);
    const before = memoryInUse();
    flood(50_000);
    expect(memoryInUse() - before).toBeLessThan(96 * MIB);
    expect(world.hub.events().length).toBeLessThan(5000);
  });
});
