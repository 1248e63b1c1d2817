// TLS without a connection: what one end has to send is carried to the other by hand.
import * as tls from 'node:tls';
import type { Duplex } from 'node:stream';
import { TlsEngine, type TlsEngineOptions } from '../../../src/app/host/tls/engine.js';
import { CertificateAuthority } from '../../../src/certificates/index.js';
import { VirtualClock } from '../../../src/clock/index.js';
import { createDuplexPair } from '../../../src/transport/index.js';
import { expectNoTimers } from '../../support/sphere.js';

let clock: VirtualClock;
let engine: TlsEngine;
let server: tls.Server;
let wire: Duplex;
/** What the server has sent. */
let sent: Buffer[];
let settledTimes: number;

beforeEach(async () => {
  clock = new VirtualClock();
  const root = await CertificateAuthority.create({ subject: { commonName: 'Root' }, clock });
  const { chain, privateKey } = await root.issue({ commonName: 'tls.contoso.com', usage: 'server' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  server = tls.createServer({ cert: chain, key }, (socket) => {
    socket.on('data', (bytes: Buffer) => socket.write(bytes));
    socket.on('end', () => socket.end());
  });
  server.on('tlsClientError', () => undefined);
  const [here, there] = createDuplexPair(clock);
  wire = here;
  sent = [];
  settledTimes = 0;
  wire.on('data', (bytes: Buffer) => sent.push(bytes));
  server.emit('connection', there);
});

afterEach(async () => {
  engine.close();
  wire.destroy();
  await expectNoTimers(clock);
});

function open(options: Partial<TlsEngineOptions> = {}): void {
  const settled = (): void => void settledTimes++;
  engine = new TlsEngine({ clock, lowest: 'TLSv1.2', highest: 'TLSv1.3', settled, ...options });
}

async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

/** Carries bytes both ways until there are no more. */
async function carry(): Promise<void> {
  for (let quiet = 0; quiet < 2; quiet++) {
    await turns();
    if (engine.sending > 0 || sent.length > 0) quiet = 0;
    if (engine.sending > 0) wire.write(engine.take(Infinity));
    for (const bytes of sent.splice(0)) engine.feed(bytes);
  }
}

test('a handshake, and what is said both ways', async () => {
  open({ serverName: 'tls.contoso.com' });
  expect(engine.isSettled).toBe(false);
  await turns();
  expect([engine.isSettled, settledTimes, engine.phase]).toEqual([true, 1, 'handshake']);
  expect([engine.version, engine.cipher]).toEqual([undefined, undefined]);
  await carry();
  expect([engine.phase, engine.version]).toEqual(['open', 'TLSv1.3']);
  expect(engine.peerCertificates.map(({ subject }) => subject)).toEqual(['CN=tls.contoso.com']);
  expect(engine.faultOfName('tls.contoso.com')).toBeUndefined();
  expect(engine.faultOfName('other.contoso.com')).toBeDefined();
  engine.write(Buffer.from('hello '));
  engine.write(Buffer.from('world'));
  await carry();
  expect(engine.readable).toBe(11);
  expect(engine.read(8, true).toString()).toBe('hello wo');
  expect(engine.read(2).toString()).toBe('he');
  expect(engine.read(100).toString()).toBe('llo world');
  expect(engine.read(1).length).toBe(0);
  engine.end();
  await carry();
  expect([engine.phase, engine.error]).toEqual(['ended', undefined]);
});

test('a byte at a time', async () => {
  open();
  for (let i = 0; i < 30; i++) {
    await turns();
    if (engine.sending > 0) wire.write(engine.take(Infinity));
    for (const bytes of sent.splice(0)) for (const byte of bytes) engine.feed(Buffer.of(byte));
  }
  expect(engine.phase).toBe('open');
});

test('what is no TLS', async () => {
  open();
  await turns();
  engine.feed(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await turns();
  expect([engine.phase, engine.isSettled, engine.error?.code]).toEqual([
    'failed',
    true,
    'ERR_SSL_WRONG_VERSION_NUMBER',
  ]);
  engine.feed(Buffer.from('more'));
  engine.write(Buffer.from('x'));
  engine.end();
  await turns();
  expect([engine.phase, engine.isSettled]).toEqual(['failed', true]);
});

test('the clock stands still while it works, and goes on when it is closed', async () => {
  open();
  const later = new Promise<void>((resolve) => clock.setTimer(1000, resolve));
  engine.close();
  expect(engine.isSettled).toBe(true);
  await clock.runUntil(later);
  expect(settledTimes).toBe(0);
});
