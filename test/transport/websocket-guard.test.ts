// What a service sends as a WebSocket, and the SDK's C must not see.
import { MAX_MESSAGE_BYTES, WebSocketGuard } from '../../src/transport/websocket-guard.js';

const HEAD = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n');
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const BINARY = 0x82;
const FIRST = 0x02;
const LAST = 0x80;
const PING = 0x89;

/** A frame whose length is written as short as it can be. */
function frame(first: number, length: number): Buffer {
  const header = Buffer.alloc(length < 126 ? 2 : length < 0x10000 ? 4 : 10);
  header[0] = first;
  header[1] = length < 126 ? length : length < 0x10000 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, Buffer.alloc(length, 'x')]);
}

/** What the guard says of bytes that come in pieces; how many it let through. */
function checked(bytes: Buffer, size: number): { passed: number; what: string | undefined } {
  const guard = new WebSocketGuard();
  for (let at = 0; at < bytes.length; at += size) {
    const fault = guard.check(bytes.subarray(at, at + size));
    if (fault !== undefined) return { passed: at + fault.at, what: fault.what };
  }
  return { passed: bytes.length, what: undefined };
}

const SIZES = [1, 7, 8192, 100_000_000];

describe('passed on, whatever the pieces:', () => {
  test.each<[string, ...Buffer[]]>([
    [
      'messages',
      frame(BINARY, 0),
      frame(BINARY, 125),
      frame(BINARY, 126),
      frame(BINARY, 65_535),
      frame(BINARY, 65_536),
    ],
    ['text, Ping, Pong, Close', frame(0x81, 5), frame(PING, 125), frame(0x8a, 0), frame(0x88, 2)],
    [
      'fragments, with a Ping between',
      frame(FIRST, 1),
      frame(PING, 0),
      frame(0, 200),
      frame(LAST, 3),
      frame(BINARY, 1),
    ],
    ['a last fragment of no length behind one that has some', frame(FIRST, 1), frame(LAST, 0)],
    ['the longest message', frame(BINARY, MAX_MESSAGE_BYTES)],
    ['the longest message in fragments', frame(FIRST, 3), frame(LAST, MAX_MESSAGE_BYTES - 3), frame(BINARY, 9)],
  ])('%s', (_, ...frames) => {
    for (const size of SIZES) {
      const bytes = Buffer.concat([HEAD, ...frames]);
      expect(checked(bytes, size)).toEqual({ passed: bytes.length, what: undefined });
    }
  });

  test('what follows a refusal', () => {
    for (const status of ['403 Forbidden', '200 OK', '100 Continue', '503\r\nx: y']) {
      const bytes = Buffer.from(`HTTP/1.1 ${status}\r\n\r\n${'\xff\0'.repeat(20_000)}`, 'latin1');
      for (const size of SIZES) expect(checked(bytes, size).what).toBeUndefined();
    }
  });

  test('Pings without end that come one by one', () => {
    const guard = new WebSocketGuard();
    expect(guard.check(HEAD)).toBeUndefined();
    for (let i = 0; i < 10_000; i++) expect(guard.check(frame(PING, 4))).toBeUndefined();
  });
});

describe('stopped, whatever the pieces:', () => {
  const begun = Buffer.concat([HEAD, frame(FIRST, 1)]);
  test.each<[what: string, before: Buffer, bad: Buffer, passed: number]>([
    ['a fragment of no length', HEAD, hex('02 00 00 00'), 1],
    ['a fragment of no length', HEAD, hex('01 00'), 1],
    ['a fragment of no length', Buffer.concat([begun, frame(LAST, 1)]), hex('02 00 80 00'), 1],
    ['a frame with reserved bits', HEAD, hex('c2 00'), 1],
    ['a frame with reserved bits', HEAD, hex('92 00'), 1],
    ['a frame with the opcode 3', HEAD, hex('83 00'), 1],
    ['a frame with the opcode 15', HEAD, hex('8f 00'), 1],
    ['a masked frame', HEAD, hex('82 81 00000000 78'), 1],
    ['a control frame in fragments', HEAD, hex('09 00'), 1],
    ['a control frame of 126 bytes', HEAD, frame(PING, 126), 3],
    ['a control frame of 70000 bytes', HEAD, frame(0x88, 70_000), 9],
    ['a fragment of no message', HEAD, frame(0, 1), 1],
    ['a fragment of no message', HEAD, frame(LAST, 1), 1],
    ['a message between the fragments of another', begun, frame(BINARY, 1), 1],
    ['a message between the fragments of another', begun, frame(FIRST, 1), 1],
    ['a length of 125 in 2 bytes', HEAD, hex('82 7e 00 7d'), 3],
    ['a length of 65535 in 8 bytes', HEAD, hex('82 7f 00000000 0000ffff'), 9],
    [`a message of ${MAX_MESSAGE_BYTES + 1} bytes`, HEAD, frame(BINARY, MAX_MESSAGE_BYTES + 1), 9],
    [`a message of ${MAX_MESSAGE_BYTES + 1} bytes`, begun, frame(LAST, MAX_MESSAGE_BYTES), 9],
    ['a message of 18446744073709552000 bytes', HEAD, hex('82 7f ffffffff ffffffff'), 9],
    ['an answer that is none of HTTP/1.1', Buffer.alloc(0), Buffer.from('HTTP/1.1 0x65 \r\n\r\n'), 17],
    ['an answer that is none of HTTP/1.1', Buffer.alloc(0), Buffer.from('HTTP/1.1 0145 \r\n\r\n'), 17],
    ['an answer that is none of HTTP/1.1', Buffer.alloc(0), Buffer.from('\r\n\r\n'), 3],
    ['an HTTP head with a NUL in it', Buffer.from('HTTP/1.1 101'), hex('00'), 0],
    ['an HTTP head of more than 16384 bytes', Buffer.from('HTTP/1.1 101 '), Buffer.alloc(20_000, 'x'), 16_384 - 13],
    ['an HTTP head of more than 16384 bytes', Buffer.alloc(0), Buffer.alloc(20_000, '\r\n\r'), 16_384],
  ])('%s', (what, before, bad, passed) => {
    for (const size of SIZES)
      expect(checked(Buffer.concat([before, bad]), size)).toEqual({ passed: before.length + passed, what });
  });

  test('65 Pings that come at once', () => {
    const pings = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => frame(PING, 0)));
    const guard = new WebSocketGuard();
    guard.check(HEAD);
    expect(guard.check(pings(64))).toBeUndefined();
    // The SDK has taken one.
    expect(guard.check(pings(1))).toBeUndefined();
    expect(guard.check(pings(2))).toEqual({ at: 3, what: 'more than 64 control frames at once' });
  });
});

test('many small frames take no time that counts', () => {
  const one = Buffer.concat([frame(FIRST, 1), ...Array.from({ length: 1000 }, () => frame(0, 1)), frame(LAST, 1)]);
  const bytes = Buffer.concat([HEAD, ...Array.from({ length: 1000 }, () => one)]);
  const begun = process.cpuUsage();
  for (const size of [1, 8192]) expect(checked(bytes, size).what).toBeUndefined();
  expect(process.cpuUsage(begun).user).toBeLessThan(20_000_000);
});
