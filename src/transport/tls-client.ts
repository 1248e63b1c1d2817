import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import type { Credential } from '../certificates/index.js';
import { StreamConnection, type Connection, type ConnectionEvents } from './connection.js';
import { openTunnel, type HttpProxy } from './http-proxy.js';
import { lookUp, openStream, type StreamOptions } from './open-stream.js';
import { faultOfServer } from './verify-server.js';
import { openWebSocket, type WebSocketRequest } from './websocket.js';

export interface TlsClientOptions extends StreamOptions {
  /** PEM: the roots that the device's operating system trusts. Default: those that come with Node. */
  readonly trustRoots?: string | undefined;
}

/** The server that TLS is to lead to, and the client. */
export interface TlsIdentity {
  /** The real host name: TLS sends it, and the server's certificate has to carry it. */
  readonly name: string;
  /** PEM; default: the client's trust roots. */
  readonly trustRoots?: string | undefined;
  readonly credential?: Credential | undefined;
  /** Whether the server's certificate has to lead to a trust root. Default true. */
  readonly verifyPeer?: boolean;
  /** Whether it has to carry the name. Default true. */
  readonly verifyHost?: boolean;
  /** What may be agreed on. Default: TLS 1.2 and newer, and Node's ciphers. */
  readonly suites?: TlsSuites | undefined;
}

export interface TlsSuites {
  readonly minVersion: tls.SecureVersion;
  readonly maxVersion: tls.SecureVersion;
  /** OpenSSL's names with : between them. */
  readonly ciphers?: string | undefined;
}

export interface TlsRequest extends TlsIdentity {
  readonly port: number;
  /** Default: none, the server is connected to directly. */
  readonly proxy?: HttpProxy | undefined;
  /** Default: none, the bytes are those of the TLS connection. */
  readonly webSocket?: WebSocketRequest | undefined;
}

/** Opens TLS connections as a device does. Nothing leaves the process unless `resolve` or `allowInternet` says so. */
export class TlsClient {
  readonly #options: TlsClientOptions;
  readonly #contexts = new WeakMap<object, Map<string, tls.SecureContext>>();

  constructor(options: TlsClientOptions) {
    this.#options = options;
  }

  /** Begins to open a connection. Every outcome comes by `events`, on a later turn. */
  open(request: TlsRequest, events: ConnectionEvents): Connection {
    const { clock } = this.#options;
    return new StreamConnection(clock, `${request.name}:${request.port}`, events, (track) =>
      this.#establish(request, track),
    );
  }

  /** Everything up to the stream of application bytes. `track` is told of each stream on the way, to close it if need be. */
  async #establish(request: TlsRequest, track: (stream: Duplex) => void): Promise<Duplex> {
    const { name, port, proxy, webSocket } = request;
    const first = proxy ?? request;
    lookUp(this.#options, first.name);
    const raw = openStream(this.#options, first.name, first.port);
    track(raw);
    if (proxy !== undefined) await openTunnel(raw, proxy, name, port);
    const secure = await this.secure(raw, request, track);
    return webSocket === undefined ? secure : openWebSocket(secure, name, port, webSocket);
  }

  /**
   * TLS over a stream that leads to the server. `track` is told of the stream that comes of it before the handshake.
   * @throws SphereIotError `SERVER_NAME_MISMATCH`, `SERVER_NOT_TRUSTED`; Node's own errors.
   */
  async secure(raw: Duplex, request: TlsIdentity, track: (stream: Duplex) => void): Promise<tls.TLSSocket> {
    const { name, trustRoots } = request;
    const trusted = trustRoots ?? this.#options.trustRoots;
    const socket = tls.connect({
      socket: raw,
      servername: isIP(name) ? '' : name,
      secureContext: this.#context(request, trusted),
      // The verdict is ours: it has to read the clock.
      rejectUnauthorized: false,
    });
    track(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      raw.once('error', reject);
      socket.once('close', () => reject(new Error('it closed the connection during the TLS handshake')));
    });
    const roots = trusted === undefined ? tls.rootCertificates : [trusted];
    const fault = faultOfServer(socket, request, roots, this.#options.clock);
    if (fault !== undefined) throw fault;
    return socket;
  }

  /** One context for all connections with the same credential, trust and suites: making one costs more than a handshake. */
  #context({ credential, suites }: TlsIdentity, trustRoots: string | undefined): tls.SecureContext {
    const key = credential ?? this;
    let contexts = this.#contexts.get(key);
    if (contexts === undefined) this.#contexts.set(key, (contexts = new Map<string, tls.SecureContext>()));
    const what = suites === undefined ? (trustRoots ?? '') : JSON.stringify([trustRoots, suites]);
    let context = contexts.get(what);
    if (context === undefined) {
      const { ciphers, ...versions } = suites ?? { minVersion: 'TLSv1.2' };
      context = tls.createSecureContext({
        ...versions,
        ciphers,
        ca: trustRoots,
        ...(credential === undefined
          ? {}
          : { cert: credential.chain, key: credential.privateKey.export({ type: 'pkcs8', format: 'pem' }) }),
      });
      contexts.set(what, context);
    }
    return context;
  }
}
