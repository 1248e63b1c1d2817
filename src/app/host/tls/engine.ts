import type { X509Certificate } from 'node:crypto';
import { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { defined } from '../../../defined.js';
import { sentCertificates } from '../../../certificates/index.js';
import type { Clock } from '../../../clock/index.js';
import { ReceivedBytes } from '../../../transport/index.js';

/** Turns of Node's event loop without news after which the engine has settled. */
const QUIET_TURNS = 3;

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

export interface TlsEngineOptions {
  readonly clock: Clock;
  readonly lowest: TlsVersion;
  readonly highest: TlsVersion;
  /** The name that is sent to the server (SNI). Default: none. */
  readonly serverName?: string | undefined;
  /** Application protocols (ALPN), the first one first. Default: none. */
  readonly protocols?: readonly string[] | undefined;
  /** PEM. Default: none. */
  readonly certificate?: { readonly chain: string; readonly key: string } | undefined;
  /** Called when the engine has settled. */
  readonly settled: () => void;
}

export type TlsPhase = 'handshake' | 'open' | 'ended' | 'failed';

/**
 * The client's side of TLS without a connection, for a caller with a way of its own for the bytes: what the peer has sent is fed, what is to
 * be sent to it is taken. `feed`, `write` and `end` return at once; when `isSettled` says so, all that they lead to has happened, and
 * the clock has stood still meanwhile.
 *
 * Whether the peer is trusted is for its caller to decide: nothing is refused here. Of a handshake under TLS 1.3, what makes it known to the
 * peer as done is among the bytes that wait to be taken: a caller that does not take them has not finished it. Nor are there limits here: a
 * caller that feeds a record, or writes one, takes what comes of it before it goes on.
 */
export class TlsEngine {
  readonly #options: TlsEngineOptions;
  readonly #wire: Wire;
  readonly #socket: tls.TLSSocket;
  readonly #plain = new ReceivedBytes();
  #phase: TlsPhase = 'handshake';
  #error: NodeJS.ErrnoException | undefined;
  #quietTurns = 0;
  /** Lets the clock go on; undefined: it does. */
  #release: (() => void) | undefined;
  #closed = false;

  constructor(options: TlsEngineOptions) {
    this.#options = options;
    const { lowest, highest, serverName, protocols, certificate } = options;
    this.#wire = new Wire(() => this.#busy());
    this.#socket = tls.connect({
      socket: this.#wire,
      minVersion: lowest,
      maxVersion: highest,
      servername: serverName ?? '',
      rejectUnauthorized: false,
      ...defined({ ALPNProtocols: protocols && [...protocols] }),
      ...defined({ cert: certificate?.chain, key: certificate?.key }),
    });
    this.#socket.on('secureConnect', () => this.#becomes('open'));
    this.#socket.on('data', (bytes: Buffer) => {
      this.#plain.add(bytes);
      this.#busy();
    });
    this.#socket.on('end', () => this.#becomes('ended'));
    this.#socket.on('error', (error) => {
      this.#error ??= error;
      this.#becomes('failed');
    });
    this.#busy();
  }

  get phase(): TlsPhase {
    return this.#phase;
  }

  /** Why it failed: an error of OpenSSL. */
  get error(): NodeJS.ErrnoException | undefined {
    return this.#error;
  }

  get isSettled(): boolean {
    return this.#release === undefined;
  }

  /** Encrypted bytes that `take` has. */
  get sending(): number {
    return this.#wire.sent.length;
  }

  /** Decrypted bytes that `read` has. */
  get readable(): number {
    return this.#plain.length;
  }

  /** What the peer has sent. The bytes are the engine's from then on. */
  feed(bytes: Buffer): void {
    this.#wire.push(bytes);
    this.#busy();
  }

  /** At most `size` bytes of what is to be sent to the peer. */
  take(size: number): Buffer {
    return this.#wire.sent.take(size);
  }

  /** At most `size` decrypted bytes of the peer. */
  read(size: number, peek = false): Buffer {
    return peek ? this.#plain.view.subarray(0, size) : this.#plain.take(size);
  }

  /** Encrypts bytes for the peer. They are the engine's from then on. */
  write(bytes: Buffer): void {
    this.#socket.write(bytes);
    this.#busy();
  }

  /** Ends this side of the session; what the peer sends can still be read. */
  end(): void {
    this.#socket.end();
    this.#busy();
  }

  /** For example TLSv1.3; undefined before there is one. */
  get version(): string | undefined {
    return this.#phase === 'handshake' ? undefined : (this.#socket.getProtocol() ?? undefined);
  }

  /** The cipher suite, as IANA has it. */
  get cipher(): string | undefined {
    const cipher = this.#phase === 'handshake' ? undefined : this.#socket.getCipher();
    return cipher?.standardName;
  }

  /** The application protocol that the server chose. */
  get protocol(): string | undefined {
    return this.#socket.alpnProtocol || undefined;
  }

  /** The peer's certificates, its own first. */
  get peerCertificates(): readonly X509Certificate[] {
    return sentCertificates(this.#socket).certificates;
  }

  /** Why the peer's certificate is not one for a host; undefined: it is. */
  faultOfName(host: string): Error | undefined {
    return tls.checkServerIdentity(host, sentCertificates(this.#socket).leaf);
  }

  /** Forgets everything, wherever it stands. */
  close(): void {
    this.#closed = true;
    // The outer one first: TLS whose stream is destroyed under it crashes Node 20.
    this.#socket.destroy();
    this.#wire.destroy();
    this.#settle();
  }

  #becomes(phase: TlsPhase): void {
    if (this.#phase !== 'failed') this.#phase = phase;
    this.#busy();
  }

  /** Something has happened, so that more may. */
  #busy(): void {
    this.#quietTurns = 0;
    if (this.#release !== undefined || this.#closed) return;
    this.#release = this.#options.clock.hold('TLS at work');
    const turn = (): void => {
      if (this.#release === undefined) return;
      if (++this.#quietTurns < QUIET_TURNS) return void setImmediate(turn);
      this.#options.settled();
      this.#settle();
    };
    setImmediate(turn);
  }

  #settle(): void {
    this.#release?.();
    this.#release = undefined;
  }
}

/** The encrypted end of a TLS socket. */
class Wire extends Duplex {
  readonly sent = new ReceivedBytes();
  readonly #busy: () => void;

  constructor(busy: () => void) {
    super({ allowHalfOpen: true });
    this.#busy = busy;
  }

  override _read(): void {
    // What comes is pushed.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.sent.add(chunk);
    this.#busy();
    done();
  }
}
