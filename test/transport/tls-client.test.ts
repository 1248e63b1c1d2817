// TLS as a device does it: names, trust, time, failures, and what goes over the wire.
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';

import { CertificateAuthority, type Credential, type IssueOptions } from '../../src/certificates/index.js';
import { realClock, VirtualClock, type Clock } from '../../src/clock/index.js';
import type { SphereIotError } from '../../src/errors.js';
import {
  TlsClient,
  type Connection,
  type Endpoint,
  type TlsClientOptions,
  type TlsRequest,
} from '../../src/transport/index.js';
import { HOUR, HUB, keyPem, rootAuthority } from '../support/sphere.js';

/** A TLS server inside the process, and what reached it. */
class Server {
  readonly sockets: TLSSocket[] = [];
  /** What came over the wire, a write of the client each. */
  readonly wire: Buffer[] = [];
  readonly #credential: Credential;
  readonly #onSecure: (socket: TLSSocket) => void;

  constructor(credential: Credential, onSecure: (socket: TLSSocket) => void = () => undefined) {
    this.#credential = credential;
    this.#onSecure = onSecure;
  }

  readonly endpoint: Endpoint = {
    kind: 'in-process',
    accept: (stream) => {
      stream.on('data', (bytes: Buffer) => this.wire.push(bytes));
      const socket = new TLSSocket(stream, {
        isServer: true,
        cert: this.#credential.chain,
        key: keyPem(this.#credential),
        requestCert: true,
        rejectUnauthorized: false,
        // Its records say by their type what is application data.
        maxVersion: 'TLSv1.2',
      } as never);
      socket.on('error', () => undefined);
      socket.on('end', () => socket.end());
      socket.on('secure', () => this.#onSecure(socket));
      this.sockets.push(socket);
    },
  };

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

/** The types of the TLS records in a stream. */
function recordTypes(bytes: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) types.push(bytes[at] as number);
  return types;
}
const APPLICATION_DATA = 23;

interface Outcome {
  readonly events: string[];
  readonly connection: Connection;
  readonly received: Buffer[];
  error?: SphereIotError;
  /** After the next event. */
  next(): Promise<void>;
}

const opened: Connection[] = [];
const servers: Server[] = [];

afterEach(() => {
  for (const connection of opened.splice(0)) connection.destroy();
  for (const server of servers.splice(0)) server.close();
});

function open(options: TlsClientOptions, request: Partial<TlsRequest> = {}): Outcome {
  let wake: () => void = () => undefined;
  const happened = (what: string, error?: SphereIotError): void => {
    outcome.events.push(what);
    if (error !== undefined) outcome.error = error;
    wake();
  };
  const received: Buffer[] = [];
  const connection = new TlsClient(options).open(
    { name: HUB, port: 8883, ...request },
    {
      opened: () => happened('opened'),
      failed: (error) => happened('failed', error),
      lost: (error) => happened('lost', error),
      received: (bytes) => {
        received.push(bytes);
        wake();
      },
    },
  );
  const outcome: Outcome = {
    events: [],
    connection,
    received,
    next: () => new Promise((resolve) => (wake = resolve)),
  };
  opened.push(connection);
  return outcome;
}

/** A server with a certificate of a new root, and a client that trusts that root. */
async function prepared(issue: Partial<IssueOptions> = {}, onSecure?: (socket: TLSSocket) => void) {
  const clock = new VirtualClock();
  const root = await rootAuthority(clock, 'Server root');
  const server = new Server(await root.issue({ commonName: HUB, usage: 'server', ...issue }), onSecure);
  servers.push(server);
  const options = { clock, resolve: () => server.endpoint, trustRoots: root.pem };
  return { clock, root, server, options };
}

describe('opens', () => {
  test('a connection to a trusted server, under its real name', async () => {
    const { clock, options, server } = await prepared();
    const outcome = open(options);
    expect(outcome.events).toEqual([]);
    await clock.advance(0);
    expect(outcome.events).toEqual(['opened']);
    expect((server.sockets[0] as TLSSocket & { servername: string }).servername).toBe(HUB);
  });

  test('with the credential’s certificate and its issuers', async () => {
    const { clock, options, server } = await prepared();
    const root = await rootAuthority(clock);
    const line = await CertificateAuthority.create({ subject: { commonName: 'Line 7' }, clock, issuer: root });
    const credential = await line.issue({ commonName: 'kettle' });
    open(options, { credential });
    await clock.advance(0);
    const peer = server.sockets[0]?.getPeerCertificate(true);
    expect(peer?.fingerprint256).toBe(credential.leaf.fingerprint256);
    expect(peer?.issuerCertificate.subject.CN).toBe('Line 7');
  });

  test('through an intermediate that the server sends', async () => {
    const { clock, root } = await prepared();
    const line = await CertificateAuthority.create({ subject: { commonName: 'Servers' }, clock, issuer: root });
    const server = new Server(await line.issue({ commonName: HUB, usage: 'server' }));
    servers.push(server);
    const outcome = open({ clock, resolve: () => server.endpoint, trustRoots: root.pem });
    await clock.advance(0);
    expect(outcome.events).toEqual(['opened']);
  });

  test('with the roots of the request in the place of the client’s', async () => {
    const { clock, options, root } = await prepared();
    const other = await rootAuthority(clock, 'Another root');
    const bad = open(options, { trustRoots: other.pem });
    const good = open({ ...options, trustRoots: other.pem }, { trustRoots: `${other.pem}${root.pem}` });
    await clock.advance(0);
    expect(bad.events).toEqual(['failed']);
    expect(good.events).toEqual(['opened']);
  });
});

describe('does not open', () => {
  /** The code of the failure, which is the only event. */
  async function failureOf(clock: VirtualClock, outcome: Outcome): Promise<string | undefined> {
    await clock.advance(0);
    expect(outcome.events).toEqual(['failed']);
    return outcome.error?.code;
  }

  test('a name that nothing is mapped to', async () => {
    const clock = new VirtualClock();
    const asked: unknown[] = [];
    const outcome = open({ clock, resolve: (...args) => void asked.push(args) });
    expect(await failureOf(clock, outcome)).toBe('ENDPOINT_NOT_MAPPED');
    expect(asked).toEqual([[HUB, 8883]]);
    expect(outcome.error?.message).toContain(`${HUB}:8883`);
  });

  test('a server under an unknown root', async () => {
    const { clock, options } = await prepared();
    const other = await rootAuthority(clock, 'Another root');
    const outcome = open({ ...options, trustRoots: other.pem });
    expect(await failureOf(clock, outcome)).toBe('SERVER_NOT_TRUSTED');
    expect(outcome.error?.message).toMatch(/no CA certificate is known that signed/);
  });

  test('a server under a root of the same name', async () => {
    const { clock, options } = await prepared();
    const twin = await rootAuthority(clock, 'Server root');
    expect(await failureOf(clock, open({ ...options, trustRoots: twin.pem }))).toBe('SERVER_NOT_TRUSTED');
  });

  test('a server under Node’s roots, if none are given', async () => {
    const { clock, options } = await prepared();
    expect(await failureOf(clock, open({ clock, resolve: options.resolve }))).toBe('SERVER_NOT_TRUSTED');
  });

  test('a server whose certificate names another host', async () => {
    const { clock, options } = await prepared();
    const outcome = open(options, { name: 'fabrikam.azure-devices.net' });
    expect(await failureOf(clock, outcome)).toBe('SERVER_NAME_MISMATCH');
    expect(outcome.error?.message).toContain('fabrikam.azure-devices.net');
    expect(outcome.error?.message).toContain(HUB);
  });

  test('a server whose certificate has expired, by the clock', async () => {
    const { clock, options } = await prepared({ validityMs: HOUR });
    const before = open(options);
    await clock.advance(HOUR - 1000);
    expect(before.events).toEqual(['opened']);
    await clock.advance(2000);
    const outcome = open(options);
    expect(await failureOf(clock, outcome)).toBe('SERVER_NOT_TRUSTED');
    expect(outcome.error?.message).toContain('expired');
    // Who is connected stays so.
    expect(before.events).toEqual(['opened']);
  });

  test('a server whose certificate is not valid yet, by the clock', async () => {
    const { options } = await prepared();
    const early = new VirtualClock({ start: Date.UTC(2020, 0, 1) });
    const outcome = open({ ...options, clock: early });
    // The streams of the pair are on the clock of the client.
    expect(await failureOf(early, outcome)).toBe('SERVER_NOT_TRUSTED');
    expect(outcome.error?.message).toContain('is valid from');
  });

  test.each<[string, (stream: Duplex) => void]>([
    ['destroys the connection at once', (stream) => void stream.destroy()],
    ['closes in the middle of the handshake', (stream) => void stream.once('data', () => stream.end())],
    ['ends the connection at once', (stream) => void stream.resume().end()],
    [
      'speaks something else',
      (stream) => void stream.once('data', () => stream.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
    ],
    ['sends alerts without end before it answers', records('1503030002015a')],
    ['sends empty records without end', records('1603030000')],
    ['sends the change of ciphers without end', records('140303000101')],
    ['begins an answer of 16 MB', records(`160303400002ffffff${'00'.repeat(16_380)}`)],
  ])('a server that %s', async (_, accept) => {
    const clock = new VirtualClock();
    const streams: Duplex[] = [];
    const resolve = (): Endpoint => ({
      kind: 'in-process',
      accept: (stream) => {
        stream.on('error', () => undefined);
        streams.push(stream);
        accept(stream);
      },
    });
    const outcome = open({ clock, resolve });
    expect(await failureOf(clock, outcome)).toBe('CONNECTION_FAILED');
    for (const stream of streams) stream.destroy();
  });

  test('a port where nothing listens', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, 'close');
    const outcome = open({ clock: realClock, resolve: () => ({ kind: 'tcp', host: '127.0.0.1', port }) });
    await outcome.next();
    expect(outcome.events).toEqual(['failed']);
    expect(outcome.error?.code).toBe('CONNECTION_FAILED');
    expect(outcome.error?.message).toContain('ECONNREFUSED');
    expect(outcome.error?.cause).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

/** What a server says 50,000 times, or until it is left, once the client has said hello. */
function records(hex: string): (stream: Duplex) => void {
  const bytes = Buffer.from(hex, 'hex');
  const piece = Buffer.concat(Array.from({ length: Math.ceil(50_000 / bytes.length) }, () => bytes));
  return (stream) =>
    void stream.once('data', () => {
      for (let i = 0; i < bytes.length && !stream.destroyed; i++) stream.write(piece);
    });
}

describe('on real TCP and the real clock', () => {
  async function listening(clock: Clock = realClock) {
    const root = await rootAuthority(clock);
    const { chain, ...credential } = await root.issue({ commonName: HUB, usage: 'server' });
    const server = createTlsServer({ cert: chain, key: keyPem({ chain, ...credential }) }, (socket) => {
      socket.on('error', () => undefined);
      socket.pipe(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const resolve = (): Endpoint => ({ kind: 'tcp', host: '127.0.0.1', port });
    return { root, server, resolve };
  }

  test('sends and receives', async () => {
    const { root, server, resolve } = await listening();
    const outcome = open({ clock: realClock, resolve, trustRoots: root.pem });
    await outcome.next();
    expect(outcome.events).toEqual(['opened']);
    outcome.connection.write(Buffer.from('echo'));
    await outcome.next();
    expect(Buffer.concat(outcome.received).toString()).toBe('echo');
    outcome.connection.close();
    server.close();
    await once(server, 'close');
  });

  test.each<[string, { name?: string; foreign?: boolean }, string]>([
    ['an unknown root', { foreign: true }, 'SERVER_NOT_TRUSTED'],
    ['another name', { name: 'fabrikam.azure-devices.net' }, 'SERVER_NAME_MISMATCH'],
  ])('does not open for %s', async (_, { name = HUB, foreign = false }, code) => {
    const { root, server, resolve } = await listening();
    const other = await rootAuthority(realClock, 'Another root');
    const outcome = open({ clock: realClock, resolve, trustRoots: (foreign ? other : root).pem }, { name });
    await outcome.next();
    expect(outcome.events).toEqual(['failed']);
    expect(outcome.error?.code).toBe(code);
    server.close();
    await once(server, 'close');
  });
});

describe('over the wire', () => {
  test('what one turn writes leaves as one TLS record in one write', async () => {
    const { clock, options, server } = await prepared();
    const outcome = open(options);
    await clock.advance(0);
    server.wire.length = 0;
    const got: Buffer[] = [];
    server.sockets[0]?.on('data', (bytes: Buffer) => got.push(bytes));
    for (let i = 0; i < 100; i++) outcome.connection.write(Buffer.from(`${i},`));
    await clock.advance(0);
    expect(server.wire).toHaveLength(1);
    expect(recordTypes(Buffer.concat(server.wire))).toEqual([APPLICATION_DATA]);
    expect(Buffer.concat(got).toString()).toBe(Array.from({ length: 100 }, (_, i) => `${i},`).join(''));
    // Two turns are two.
    outcome.connection.write(Buffer.from('a'));
    await new Promise((resolve) => setImmediate(resolve));
    outcome.connection.write(Buffer.from('b'));
    await clock.advance(0);
    expect(server.wire).toHaveLength(3);
  });

  test('bytes are copied at once: the caller may reuse its buffer', async () => {
    const { clock, options, server } = await prepared();
    const outcome = open(options);
    await clock.advance(0);
    const got: Buffer[] = [];
    server.sockets[0]?.on('data', (bytes: Buffer) => got.push(bytes));
    const buffer = Buffer.from('first');
    outcome.connection.write(buffer);
    buffer.write('other');
    await clock.advance(0);
    expect(Buffer.concat(got).toString()).toBe('first');
  });

  test('megabytes in chunks of all sizes arrive as they were, both ways', async () => {
    const { clock, options, server } = await prepared({}, (socket) => socket.pipe(socket));
    const outcome = open(options);
    await clock.advance(0);
    const sent: Buffer[] = [];
    let seed = 7;
    for (let i = 0; i < 300; i++) {
      seed = (seed * 48_271) % 0x7fffffff;
      const bytes = Buffer.alloc(1 + (seed % 20_000), i);
      sent.push(bytes);
      outcome.connection.write(bytes);
      if (seed % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const expected = Buffer.concat(sent);
    let length = 0;
    while (length < expected.length) {
      await outcome.next();
      length = outcome.received.reduce((sum, { length: part }) => sum + part, 0);
    }
    expect(Buffer.concat(outcome.received).equals(expected)).toBe(true);
    expect(server.sockets).toHaveLength(1);
  });

  test('close sends what is queued', async () => {
    const { clock, options, server } = await prepared();
    const outcome = open(options);
    await clock.advance(0);
    const got: Buffer[] = [];
    let ended = false;
    server.sockets[0]?.on('data', (bytes: Buffer) => got.push(bytes));
    server.sockets[0]?.on('end', () => (ended = true));
    outcome.connection.write(Buffer.from('last words'));
    outcome.connection.close();
    await clock.advance(0);
    expect(Buffer.concat(got).toString()).toBe('last words');
    expect(ended).toBe(true);
    expect(outcome.events).toEqual(['opened']);
  });

  test('bytes come before the loss when the server sends and closes', async () => {
    const { clock, options } = await prepared({}, (socket) => socket.end('goodbye'));
    const outcome = open(options);
    await clock.advance(0);
    expect(outcome.events).toEqual(['opened', 'lost']);
    expect(outcome.error).toBeUndefined();
    expect(Buffer.concat(outcome.received).toString()).toBe('goodbye');
  });

  test('after close, destroy or a failure no event comes', async () => {
    const { clock, options, server } = await prepared();
    const closed = open(options);
    const destroyed = open(options);
    closed.connection.close();
    destroyed.connection.destroy();
    await clock.advance(0);
    expect([closed.events, destroyed.events]).toEqual([[], []]);
    const outcome = open(options);
    await clock.advance(0);
    outcome.connection.destroy();
    for (const socket of server.sockets) socket.destroy();
    await clock.advance(0);
    expect(outcome.events).toEqual(['opened']);
    expect(() => {
      outcome.connection.write(Buffer.from('x'));
      outcome.connection.close();
      outcome.connection.destroy();
    }).not.toThrow();
  });

  test('handles with the same credential and trust share one secure context', async () => {
    const { clock, options, root } = await prepared();
    const credential = await root.issue({ commonName: 'kettle' });
    const tls = jest.requireActual<typeof import('node:tls')>('node:tls');
    const create = jest.spyOn(tls, 'createSecureContext');
    try {
      const client = new TlsClient(options);
      const events = {
        opened: () => undefined,
        failed: () => undefined,
        lost: () => undefined,
        received: () => undefined,
      };
      for (let i = 0; i < 5; i++) opened.push(client.open({ name: HUB, port: 8883, credential }, events));
      await clock.advance(0);
      expect(create.mock.calls.filter(([context]) => context?.cert === credential.chain)).toHaveLength(1);
    } finally {
      create.mockRestore();
    }
  });
});
