import { constants } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket, type SecureContext, type SecureVersion } from 'node:tls';

import type { Credential } from '../certificates/index.js';
import type { Clock } from '../clock/index.js';
import { messageOf } from '../errors.js';
import { clientCertificateOf, type ClientCertificate } from './client-certificate.js';

/** Clock ms from the connection to the end of the handshake, after which the server gives up. */
const HANDSHAKE_TIMEOUT = 30_000;

const GONE = 'the client closed the connection during the handshake';

/** Who is at the other end, as far as TLS knows. */
export interface Peer {
  /** The SNI name that it asked for. */
  readonly serverName?: string;
  readonly certificate?: ClientCertificate;
}

export interface TlsServerOptions {
  readonly clock: Clock;
  readonly credential: Credential;
  /** Default `TLSv1.2`, as the stored documentation of DPS and Hub lists no 1.3 (section G). */
  readonly maxVersion?: SecureVersion;
  secure(socket: TLSSocket, peer: Peer): void;
  /** A handshake that failed, and why. */
  failed(reason: string, serverName: string | undefined): void;
}

/**
 * The TLS of the emulator's servers over any byte stream. A client certificate is asked for but not required, and not
 * checked: what is wrong with it is refused above TLS, as Azure does (G).
 */
export class TlsServer {
  readonly #options: TlsServerOptions;
  readonly #context: SecureContext;
  readonly #open = new Set<() => void>();
  #closed = false;

  constructor(options: TlsServerOptions) {
    this.#options = options;
    this.#context = createSecureContext({
      cert: options.credential.chain,
      key: options.credential.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      // Undefined would make Node offer its whole list of roots to the client.
      ca: [],
      minVersion: 'TLSv1.2',
      maxVersion: options.maxVersion ?? 'TLSv1.2',
      // A resumed session would not show the client's chain.
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
  }

  /** Begins a handshake on a new connection; holds the clock until it is over. Never throws. */
  accept(stream: Duplex): void {
    if (this.#closed) return void stream.destroy();
    const { clock } = this.#options;
    const socket = this.#wrap(stream);
    const release = clock.hold('TLS handshake');
    let pending = true;
    const over = (): boolean => {
      if (!pending) return false;
      pending = false;
      timer.cancel();
      release();
      return true;
    };
    const fail = (reason: string): void => {
      if (over() && !this.#closed) this.#options.failed(reason, serverNameOf(socket));
      socket.destroy();
      stream.destroy();
    };
    const timer = clock.setTimer(HANDSHAKE_TIMEOUT, () => fail('the handshake took too long'));
    const destroy = (): void => fail('the server was closed');
    this.#open.add(destroy);
    socket.on('secure', () => over() && this.#secure(socket));
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

  #wrap(stream: Duplex): TLSSocket {
    return new TLSSocket(stream, {
      isServer: true,
      secureContext: this.#context,
      requestCert: true,
      rejectUnauthorized: false,
    });
  }

  #secure(socket: TLSSocket): void {
    try {
      this.#options.secure(socket, { serverName: serverNameOf(socket), certificate: clientCertificateOf(socket) });
    } catch (error) {
      this.#options.failed(reasonOf(error), serverNameOf(socket));
      socket.destroy();
    }
  }
}

/** Node sets it on server sockets, false where there is none; its types don't say so. */
function serverNameOf(socket: TLSSocket): string | undefined {
  const { servername } = socket as TLSSocket & { servername?: string | false | null };
  return servername ? servername.toLowerCase() : undefined;
}

/** OpenSSL's own words, without its numbers and file names. */
function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message;
}
