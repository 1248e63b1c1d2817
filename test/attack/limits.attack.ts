import { readPrivateKey } from '../../src/certificates/credential-key.js';
import { parseBlockList } from '../../src/emulator/storage/block-list.js';
import { WebSocketUnwrapper } from '../../src/transport/websocket-unwrapper.js';
import { attacks } from './attack-table.js';

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
  { name: 'one whose bytes come one by one', honest: () => undefined, attack: slowFrame, times: 50 },
]);
