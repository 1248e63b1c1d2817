import { isIP, connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import type { Credential } from '../certificates/index.js';
import type { Clock } from '../clock/index.js';
import { SphereIotError, messageOf } from '../errors.js';
import { createDuplexPair } from './duplex-pair.js';
import type { Endpoint, EndpointResolver } from './endpoint.js';
import { faultOfServer } from './verify-server.js';

export interface TlsClientOptions {
  readonly clock: Clock;
  /** Maps names and ports to endpoints. */
  readonly resolve: EndpointResolver;
  /** Whether a name that `resolve` does not know may be looked up and connected to. Default false. */
  readonly allowInternet?: boolean;
  /** PEM: the roots that the device's operating system trusts. Default: those that come with Node. */
  readonly trustRoots?: string;
}

export interface TlsRequest {
  /** The real host name: TLS sends it, and the server's certificate has to carry it. */
  readonly name: string;
  readonly port: number;
  /** PEM; default: the client's trust roots. */
  readonly trustRoots?: string | undefined;
  readonly credential?: Credential | undefined;
}

/** What happens to a connection. `failed` or `lost` come at most once, and nothing comes after them or after `close`. */
export interface ConnectionEvents {
  /** The handshake is done and the server is trusted. */
  opened(): void;
  /** It can't be opened. */
  failed(error: SphereIotError): void;
  /** The bytes are the receiver's from now on. */
  received(bytes: Buffer): void;
  /** The peer closed it (no error), or it broke. */
  lost(error?: SphereIotError): void;
}

export interface Connection {
  /** Queues bytes; what is queued in one turn of the event loop leaves in one TLS record, if it fits. Copies them. */
  write(bytes: Uint8Array): void;
  /** Sends what is queued, and closes. No event comes any more. */
  close(): void;
  /** Closes at once. No event comes any more. */
  destroy(): void;
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
    return new TlsConnection(this.#options.clock, request, events, () => this.#connect(request));
  }

  #connect(request: TlsRequest): { socket: tls.TLSSocket; trustRoots: readonly string[] } {
    const trustText = request.trustRoots ?? this.#options.trustRoots;
    const socket = tls.connect({
      socket: this.#stream(this.#endpoint(request)),
      servername: isIP(request.name) ? '' : request.name,
      secureContext: this.#context(request.credential, trustText),
      // The verdict is ours: it has to read the clock.
      rejectUnauthorized: false,
    });
    return { socket, trustRoots: trustText === undefined ? tls.rootCertificates : [trustText] };
  }

  #endpoint({ name, port }: TlsRequest): Endpoint {
    const endpoint = this.#options.resolve(name, port);
    if (endpoint !== undefined) return endpoint;
    if (this.#options.allowInternet) return { kind: 'tcp', host: name, port };
    throw new SphereIotError(
      'ENDPOINT_NOT_MAPPED',
      `Nothing is mapped to ${name}:${port}, and the internet is not allowed. Map it to an emulator, or set allowInternet.`,
    );
  }

  #stream(endpoint: Endpoint): Duplex {
    if (endpoint.kind === 'tcp') return connectTcp({ host: endpoint.host, port: endpoint.port, noDelay: true });
    const [ours, theirs] = createDuplexPair(this.#options.clock);
    endpoint.accept(theirs);
    return ours;
  }

  /** One context for all connections with the same credential and trust: making one costs more than a handshake. */
  #context(credential: Credential | undefined, trustRoots: string | undefined): tls.SecureContext {
    const key = credential ?? this;
    let contexts = this.#contexts.get(key);
    if (contexts === undefined) this.#contexts.set(key, (contexts = new Map()));
    let context = contexts.get(trustRoots ?? '');
    if (context === undefined) {
      context = tls.createSecureContext({
        minVersion: 'TLSv1.2',
        ...(trustRoots === undefined ? {} : { ca: trustRoots }),
        ...(credential === undefined
          ? {}
          : { cert: credential.chain, key: credential.privateKey.export({ type: 'pkcs8', format: 'pem' }) }),
      });
      contexts.set(trustRoots ?? '', context);
    }
    return context;
  }
}

/** Bytes that one turn of the event loop usually sends. */
const PENDING_SIZE = 4096;

class TlsConnection implements Connection {
  readonly #clock: Clock;
  readonly #request: TlsRequest;
  readonly #events: ConnectionEvents;
  readonly #release: () => void;
  #socket: tls.TLSSocket | undefined;
  #state: 'opening' | 'open' | 'closed' = 'opening';
  #error: unknown;
  #pending = Buffer.alloc(0);
  #pendingLength = 0;

  constructor(
    clock: Clock,
    request: TlsRequest,
    events: ConnectionEvents,
    connect: () => { socket: tls.TLSSocket; trustRoots: readonly string[] },
  ) {
    this.#clock = clock;
    this.#request = request;
    this.#events = events;
    this.#release = clock.hold('a TLS handshake');
    try {
      const { socket, trustRoots } = connect();
      this.#socket = socket;
      this.#listen(socket, trustRoots);
    } catch (error) {
      setImmediate(() => this.#ended(error));
    }
  }

  #listen(socket: tls.TLSSocket, trustRoots: readonly string[]): void {
    socket.on('secureConnect', () => this.#secured(socket, trustRoots));
    socket.on('data', (bytes: Buffer) => {
      if (this.#state === 'open') this.#events.received(bytes);
    });
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('end', () => this.#ended(undefined));
    socket.on('close', () => this.#ended(this.#error));
  }

  #secured(socket: tls.TLSSocket, trustRoots: readonly string[]): void {
    if (this.#state !== 'opening') return;
    const fault = faultOfServer(socket, this.#request.name, trustRoots, this.#clock);
    if (fault !== undefined) return this.#ended(fault);
    this.#state = 'open';
    this.#events.opened();
    this.#release();
  }

  #ended(error: unknown): void {
    const state = this.#state;
    this.destroy();
    if (state === 'opening') this.#events.failed(this.#openError(error));
    else if (state === 'open') this.#events.lost(error === undefined ? undefined : this.#lostError(error));
  }

  #openError(error: unknown): SphereIotError {
    if (error instanceof SphereIotError) return error;
    const { name, port } = this.#request;
    const what = error === undefined ? 'it closed the connection during the TLS handshake' : messageOf(error);
    return new SphereIotError('CONNECTION_FAILED', `${name}:${port} can't be reached: ${what}.`, { cause: error });
  }

  #lostError(error: unknown): SphereIotError {
    const { name, port } = this.#request;
    return new SphereIotError('CONNECTION_LOST', `The connection to ${name}:${port} broke: ${messageOf(error)}.`, {
      cause: error,
    });
  }

  write(bytes: Uint8Array): void {
    if (this.#state === 'closed') return;
    if (this.#pendingLength === 0) queueMicrotask(() => this.#flush());
    const length = this.#pendingLength + bytes.length;
    if (length > this.#pending.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(PENDING_SIZE, 2 * length));
      this.#pending.copy(larger, 0, 0, this.#pendingLength);
      this.#pending = larger;
    }
    this.#pending.set(bytes, this.#pendingLength);
    this.#pendingLength = length;
  }

  #flush(): void {
    if (this.#pendingLength === 0 || this.#socket === undefined || this.#socket.destroyed) return;
    this.#socket.write(this.#pending.subarray(0, this.#pendingLength));
    // What was handed over belongs to the socket until it is sent.
    this.#pending = this.#pending.subarray(this.#pendingLength);
    this.#pendingLength = 0;
  }

  close(): void {
    if (this.#state === 'closed') return;
    const opened = this.#state === 'open';
    this.#flush();
    this.#state = 'closed';
    this.#release();
    const socket = this.#socket;
    if (socket === undefined) return;
    if (!opened) socket.destroy();
    else socket.end(() => socket.destroy());
  }

  destroy(): void {
    this.#state = 'closed';
    this.#pendingLength = 0;
    this.#release();
    this.#socket?.destroy();
  }
}
