import type { Duplex } from 'node:stream';

import * as fc from 'fast-check';
import { generate } from 'mqtt-packet';

import { HUB, hubConnect, WEBSOCKET_PATH } from '../emulator/support.js';
import { always, changed, TIMEOUT, manglings, SEED, sendInPieces, type Mangling } from './mangle.js';
import { ATTACKER, NEIGHBOUR, Neighbourhood } from './neighbourhood.js';

const BINARY = 2;
const UPGRADE = Buffer.from(
  [
    `GET ${WEBSOCKET_PATH}?iothub-no-client-cert=true HTTP/1.1`,
    `Host: ${HUB}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: mqtt',
    '\r\n',
  ].join('\r\n'),
);

interface Frame {
  readonly fin: boolean;
  /** The reserved bits, 0 to 7. */
  readonly reserved: number;
  readonly opcode: number;
  readonly masked: boolean;
  /** How its length is written: 7, 16 or 64 bits. */
  readonly lengthBits: 7 | 16 | 64;
  readonly payload: Buffer;
}

/** RFC 6455, 5.2. A length that does not fit is cut. */
function frame(options: Partial<Frame>): Buffer {
  const {
    fin = true,
    reserved = 0,
    opcode = BINARY,
    masked = true,
    lengthBits = 16,
    payload = Buffer.alloc(0),
  } = options;
  const mask = Buffer.from('01020304', 'hex');
  const length = Buffer.alloc(lengthBits === 7 ? 0 : lengthBits / 8);
  if (lengthBits === 16) length.writeUInt16BE(payload.length & 0xffff);
  if (lengthBits === 64) length.writeBigUInt64BE(BigInt(payload.length));
  const short = { 7: Math.min(payload.length, 125), 16: 126, 64: 127 }[lengthBits];
  const head = Buffer.from([(fin ? 0x80 : 0) | (reserved << 4) | opcode, (masked ? 0x80 : 0) | short]);
  if (!masked) return Buffer.concat([head, length, payload]);
  return Buffer.concat([head, length, mask, payload.map((byte, i) => byte ^ mask[i % 4]!)]);
}

/** A device's first packets, in a frame each. */
function talk(deviceId: string): Buffer {
  const packets = [
    { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, ...hubConnect(deviceId) },
    { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '$iothub/twin/res/#', qos: 0 }] },
    { cmd: 'publish', topic: '$iothub/twin/GET/?$rid=1', payload: '', qos: 0, dup: false, retain: false },
  ] as const;
  return Buffer.concat(packets.map((packet) => frame({ payload: generate(packet as never) })));
}

const anyFrame = fc
  .record<Frame>({
    fin: fc.boolean(),
    reserved: fc.oneof(fc.constant(0), fc.nat(7)),
    opcode: fc.oneof(fc.constantFrom(0, 1, 2, 8, 9, 10), fc.nat(15)),
    masked: fc.oneof(fc.constant(true), fc.boolean()),
    lengthBits: fc.constantFrom(7, 16, 64),
    payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  })
  .map(frame);

describe(`WebSocket frames that a client sends wrongly (seed ${SEED})`, () => {
  let all: Neighbourhood;
  beforeAll(async () => {
    all = await Neighbourhood.create();
  });
  afterAll(() => all.close());

  /** An open WebSocket, on which nothing was said yet. */
  const upgraded = async (credential = all.attacker): Promise<Duplex> => {
    const socket = await all.world.secure(HUB, 443, credential);
    const answered = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    socket.write(UPGRADE);
    expect((await all.world.run(answered)).toString()).toMatch(/^HTTP\/1\.1 101 /);
    return socket;
  };
  const plain: Mangling = { changes: [], pieces: [70_000], ending: 'end' };

  test('what it sends rightly is taken, or nothing of the following would say anything', async () => {
    const answers = await all.attack(await upgraded(), talk(ATTACKER), plain);
    expect(await all.check(answers, ATTACKER)).toEqual([ATTACKER]);
    expect(answers.toString()).toContain('"$version":1');
  });

  test(
    'the upgrade',
    async () => {
      const bytes = Buffer.concat([UPGRADE, talk(NEIGHBOUR)]);
      await always(manglings(), async (mangling) => {
        const socket = await all.world.secure(HUB, 443, all.forged);
        return all.check(await all.attack(socket, bytes, mangling));
      });
    },
    TIMEOUT,
  );

  test(
    'bytes of frames',
    async () => {
      await always(fc.tuple(manglings(), fc.constantFrom(ATTACKER, NEIGHBOUR)), async ([mangling, deviceId]) =>
        all.check(await all.attack(await upgraded(), talk(deviceId), mangling), ATTACKER),
      );
    },
    TIMEOUT,
  );

  test(
    'whole frames of any kind, before a CONNECT and after',
    async () => {
      const frames = fc.array(anyFrame, { minLength: 1, maxLength: 6 });
      await always(fc.tuple(frames, manglings(1), fc.boolean()), async ([some, { changes, ...mangling }, isOnline]) => {
        const bytes = Buffer.concat([
          isOnline ? talk(ATTACKER) : Buffer.alloc(0),
          changed(Buffer.concat(some), changes),
        ]);
        return all.check(await all.attack(await upgraded(), bytes, { ...mangling, changes: [] }), ATTACKER);
      });
    },
    TIMEOUT,
  );

  test.each([
    ['a frame of 2^63 bytes', frame({ lengthBits: 64 }).fill(0xff, 2, 10), 1],
    ['a frame of 2^32 bytes', Buffer.from('82ff0000000100000000' + '00000000', 'hex'), 1],
    ['a message that never ends', frame({ fin: false, payload: Buffer.alloc(60_000) }), 300],
  ])('%s: the connection is closed, and not all of it is kept', async (_name, bytes, times) => {
    const socket = await upgraded();
    const answers: Buffer[] = [];
    socket.on('data', (answer: Buffer) => answers.push(answer)).on('error', () => undefined);
    const more = frame({ opcode: 0, fin: false, payload: Buffer.alloc(60_000) });
    await sendInPieces(socket, bytes, [70_000]);
    for (let i = 1; i < times; i++) await sendInPieces(socket, more, [70_000]);
    await all.world.clock.advance(0);
    expect(socket.readableEnded).toBe(true);
    // Close, 1009: too big.
    expect(Buffer.concat(answers).toString('hex')).toMatch(/^880203f1/);
    socket.destroy();
    await all.check(Buffer.concat(answers));
  });
});
