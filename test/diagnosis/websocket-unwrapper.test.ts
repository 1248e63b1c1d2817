import { WebSocketUnwrapper } from '../../src/diagnosis/websocket-unwrapper.js';

const HEAD = Buffer.from('HTTP/1.1 101 Switching Protocols\r\n\r\n');

function frame(payload: Buffer, { opcode = 2, mask }: { opcode?: number; mask?: Buffer } = {}): Buffer {
  const length = payload.length < 126 ? Buffer.of(payload.length) : Buffer.of(126, payload.length >> 8, payload.length);
  length[0]! |= mask === undefined ? 0 : 0x80;
  const sent = mask === undefined ? payload : payload.map((byte, i) => byte ^ (mask[i & 3] as number));
  return Buffer.concat([Buffer.of(0x80 | opcode), length, mask ?? Buffer.alloc(0), sent]);
}

describe('the payloads of a WebSocket', () => {
  const parts = [Buffer.from('first'), Buffer.alloc(1000, 'x'), Buffer.from('last')];
  const stream = Buffer.concat([
    HEAD,
    frame(parts[0] as Buffer),
    frame(Buffer.from('ping'), { opcode: 9 }),
    frame(parts[1] as Buffer, { mask: Buffer.of(1, 2, 3, 4) }),
    frame(parts[2] as Buffer),
  ]);

  test.each([1, 7, 100, stream.length])('come out whole, whatever the pieces: %p bytes', (size) => {
    const unwrapper = new WebSocketUnwrapper();
    const payloads: Buffer[] = [];
    // Each piece in the same memory, as C's is.
    const piece = Buffer.alloc(size);
    for (let at = 0; at < stream.length; at += size) {
      const length = stream.copy(piece, 0, at);
      payloads.push(...unwrapper.unwrap(piece.subarray(0, length)));
    }
    expect(payloads).toEqual(parts);
  });

  test('are not waited for where the head or a frame is longer than any service sends', () => {
    expect(() => new WebSocketUnwrapper().unwrap(Buffer.alloc(17 * 1024, 'x'))).toThrow('the HTTP head is too long');
    const unwrapper = new WebSocketUnwrapper();
    const header = Buffer.of(0x82, 127, 0, 0, 0, 0, 2, 0x62, 0x5a, 0);
    expect(() => unwrapper.unwrap(Buffer.concat([HEAD, header]))).toThrow('a frame has 40000000 bytes');
  });
});
