import { constants } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket, type SecureContext, type SecureVersion } from 'node:tls';

import { defined } from '../../defined.js';
import { asciiLowerCase } from '../../ascii.js';
import type { Credential } from '../../certificates/index.js';
import type { Clock } from '../../clock/index.js';
import { messageOf } from '../../errors.js';
import { holdUnlessStalled } from '../../transport/stalling.js';
import type { Peer } from '../contract/peer.js';
import { clientCertificateOf, thumbprintsOf, type ClientCertificate } from '../identity/client-certificate.js';
import type { Faults } from '../faults/faults.js';
import { tlsFaults } from '../faults/tls-faults.js';
import type { ServerIdentity } from '../identity/server-identity.js';
import type { TraceFact } from '../observe/trace/trace-entry.js';
import type { Tracer } from '../observe/trace/tracer.js';

/** Clock ms from the connection to the end of the handshake, after which the server gives up. */
const HANDSHAKE_TIMEOUT = 30_000;

const GONE = 'the client closed the connection during the handshake';

export interface TlsServerOptions {
  readonly clock: Clock;
  readonly identity: ServerIdentity;
  readonly faults: Faults;
  readonly tracer: Tracer;
  /** Default `TLSv1.2`, as the stored documentation of DPS and Hub lists no 1.3 (protocol.md#refusals). */
  readonly maxVersion?: SecureVersion | undefined;
  /** Beyond so many open ones a connection is closed at once. */
  readonly maxConnections: number;
  secure(socket: TLSSocket, peer: Peer): void;
  /** A handshake that failed, and why. */
  failed(reason: string, peer: Peer): void;
}

/**
 * The TLS of the emulator's servers over any byte stream. A client certificate is asked for but not required, and not
 * checked: what is wrong with it is refused above TLS, as Azure does (protocol.md#refusals).
 */
export class TlsServer {
  readonly #options: TlsServerOptions;
  readonly #context: SecureContext;
  readonly #open = new Set<() => void>();
  #expired: Promise<SecureContext> | undefined;
  #connections = 0;
  #closed = false;

  constructor(options: TlsServerOptions) {
    this.#options = options;
    this.#context = this.#contextOf(options.identity.credential);
  }

  /** Begins a handshake on a new connection; holds the clock until it is over. Never throws. */
  accept(stream: Duplex): void {
    if (this.#closed) return void stream.destroy();
    const { clock, maxConnections } = this.#options;
    const peer: { connection: number; serverName?: string } = { connection: ++this.#connections };
    if (this.#open.size >= maxConnections) {
      stream.on('error', () => undefined).destroy();
      return this.#failed(`${maxConnections} connections are open, and there may be no more (maxConnections)`, peer);
    }
    const socket = this.#wrap(stream, (name) => (peer.serverName = name));
    const release = holdUnlessStalled(clock, stream, 'TLS handshake');
    let pending = true;
    const over = (): boolean => {
      if (!pending) return false;
      pending = false;
      timer.cancel();
      release();
      return true;
    };
    const fail = (reason: string): void => {
      if (over() && !this.#closed) this.#failed(reason, peer);
      socket.destroy();
      stream.destroy();
    };
    const timer = clock.setTimer(HANDSHAKE_TIMEOUT, () => fail('the handshake took too long'));
    const destroy = (): void => fail('the server was closed');
    this.#open.add(destroy);
    socket.on('secure', () => over() && this.#secure(socket, peer.connection));
    socket.on('error', (error) => fail(reasonOf(error)));
    stream.on('error', (error) => fail(reasonOf(error)));
    stream.on('end', () => pending && fail(GONE));
    socket.on('close', () => {
      this.#open.delete(destroy);
      fail(GONE);
    });
  }

  /** Closes every connection. */
  close(): void {
    this.#closed = true;
    for (const destroy of [...this.#open]) destroy();
  }

  #wrap(stream: Duplex, named: (serverName: string) => void): TLSSocket {
    return new TLSSocket(stream, {
      isServer: true,
      secureContext: this.#context,
      requestCert: true,
      rejectUnauthorized: false,
      ...tlsFaults({ faults: this.#options.faults, named, expired: () => this.#expiredContext() }),
    });
  }

  #contextOf(credential: Credential): SecureContext {
    return createSecureContext({
      cert: credential.chain,
      key: credential.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      // Undefined would make Node offer its whole list of roots to the client.
      ca: [],
      minVersion: 'TLSv1.2',
      maxVersion: this.#options.maxVersion ?? 'TLSv1.2',
      // A resumed session would not show the client's chain. A client that negotiates again and again would keep the process busy: what Node
      // limits in its own servers, it does not limit here.
      secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    });
  }

  #expiredContext(): Promise<SecureContext> {
    this.#expired ??= this.#options.identity.expired().then((credential) => this.#contextOf(credential));
    return this.#expired;
  }

  #secure(socket: TLSSocket, connection: number): void {
    const serverName = serverNameOf(socket);
    const peer = { connection, ...defined({ serverName }) };
    try {
      const certificate = clientCertificateOf(socket);
      this.#options.tracer.add(peer, () => handshakeFact(socket, certificate));
      this.#options.secure(socket, { ...peer, ...defined({ certificate }) });
    } catch (error) {
      this.#failed(reasonOf(error), peer);
      socket.destroy();
    }
  }

  #failed(reason: string, peer: Peer): void {
    this.#options.tracer.add(peer, () => ({ type: 'handshakeFailed', reason }));
    this.#options.failed(reason, peer);
  }
}

function handshakeFact(socket: TLSSocket, certificate: ClientCertificate | undefined): TraceFact {
  return {
    type: 'handshake',
    version: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    resumed: socket.isSessionReused(),
    ...(certificate === undefined
      ? {}
      : {
          clientCertificate: {
            subject: certificate.leaf.subject,
            thumbprint: thumbprintsOf(certificate.leaf).sha1,
          },
        }),
  };
}

/** Node sets it on server sockets, false where there is none; its types don't say so. */
function serverNameOf(socket: TLSSocket): string | undefined {
  const { servername } = socket as TLSSocket & { servername?: string | false | null };
  return servername ? asciiLowerCase(servername) : undefined;
}

/** OpenSSL's own words, without its numbers and file names. */
function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message;
}
