import { SphereIotError } from '../../errors.js';
import type { Clock } from '../../clock/index.js';
import type { Registrations } from '../../diagnosis/index.js';
import { printableLine } from '../../printable.js';
import {
  isHostName,
  type Connection,
  type ConnectionEvents,
  type HttpProxy,
  type TlsClient,
  type TlsRequest,
  type WebSocketRequest,
} from '../../transport/index.js';
import type { Diagnostics } from './diagnostics.js';
import {
  HostSocketEvent,
  readHostSocketRequest,
  type HostSocketRequest,
  type SocketsImports,
} from '../generated/index.js';
import type { Gate } from '../gate.js';
import type { Memory } from '../memory.js';
import type { Credentials } from './credentials.js';
import { Inspection } from './inspection.js';

const { nothing, opened, openFailed, lost } = HostSocketEvent;

/** Bytes that wait for C above which nothing more is read; half of it, and reading goes on. */
const MAX_WAITING = 128 * 1024;

/**
 * Bytes that wait for a service that does not read, above which nothing more is taken: C sees a connection that is broken. Natively they would
 * wait in the SDK's own list, until the device has no memory left.
 */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

/** Characters that are shown of what is no host name. */
const MAX_SHOWN_NAME = 300;

/** The port of the WebSocket transports. */
const HTTPS_PORT = 443;

interface Socket {
  readonly connection: Connection;
  readonly inspection: Inspection;
  /** Name and port. */
  readonly where: string;
  /** The handle whose DoWork opened it; 0 if none did. */
  readonly owner: number;
  /** What has happened, and C has not fetched yet; the first entry's bytes from `offset` on. */
  readonly queue: (Buffer | HostSocketEvent)[];
  offset: number;
  /** Bytes in the queue. */
  waiting: number;
  /** How much of the queue belongs to the turn. */
  turn: number;
  open: boolean;
  /** Its service does not read, and the diagnostics have that. */
  stuck: boolean;
}

/** A connection that is being opened. */
interface Opening {
  readonly number: number;
  readonly owner: number;
  readonly inspection: Inspection;
  readonly report: (error: SphereIotError) => void;
  /** Ends the connection at once. */
  readonly destroy: () => void;
}

export interface SocketsOptions {
  readonly memory: Memory;
  readonly gate: Gate;
  readonly client: TlsClient;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly webSocketsByHost: boolean;
  /** Something waits for the handle `owner`. */
  readonly waiting: (owner: number) => void;
}

/**
 * The sockets of host.h. What happens on a connection waits here until C asks, so that callbacks come only from DoWork.
 */
export class Sockets {
  readonly #options: SocketsOptions;
  readonly #sockets = new Map<number, Socket>();
  /** Those whose opening C has fetched, by the handle that opened them. */
  readonly #connected = new Map<number, Socket>();
  readonly #registrations: Registrations = new Map();
  #next = 1;
  /** Connections that were begun, ever. */
  opened = 0;

  constructor(options: SocketsOptions) {
    this.#options = options;
  }

  /** Sockets that C has not closed. */
  get count(): number {
    return this.#sockets.size;
  }

  /** Whether C has fetched the opening of a socket of this handle, and not its loss. */
  isConnected(owner: number): boolean {
    return this.#connected.has(owner);
  }

  /** Closes everything at once. */
  close(): void {
    for (const { connection } of this.#sockets.values()) connection.destroy();
    this.#sockets.clear();
    this.#connected.clear();
  }

  /** The imports of host.h. */
  imports(): SocketsImports {
    const { gate } = this.#options;
    return {
      socket_opens_websockets: (): number => (this.#options.webSocketsByHost ? 1 : 0),
      socket_open: (request: number): number => gate.guard(() => this.#open(request), 0),
      socket_turn: (number: number): number => this.#turn(number),
      socket_next: (number: number, buffer: number, capacity: number): number => this.#take(number, buffer, capacity),
      socket_send: (number: number, bytes: number, size: number): number => {
        try {
          return this.#send(number, bytes, size);
        } catch (error) {
          gate.keep(error);
          return 1;
        }
      },
      socket_close: (number: number): void => {
        const socket = this.#sockets.get(number);
        if (socket === undefined) return;
        socket.connection.close();
        this.#sockets.delete(number);
        this.#setOpen(socket, false);
      },
    };
  }

  #open(request: number): number {
    const { gate, client, clock, diagnostics, webSocketsByHost } = this.#options;
    const owner = gate.worked;
    const report = (error: SphereIotError): void => diagnostics.add(owner, error);
    const asked = this.#asked(request, report);
    if (asked === undefined) return 0;
    const { name, port, credential } = asked;
    const number = this.#next++;
    this.opened++;
    const framed = port === HTTPS_PORT && !webSocketsByHost;
    const registrations = this.#registrations;
    const where = `${name}:${port}`;
    const inspection = new Inspection(where, { clock, name, credential, framed, registrations, refused: report });
    const events = this.#events({ number, owner, inspection, report, destroy: () => connection.destroy() });
    const connection = client.open(asked, events);
    this.#sockets.set(number, {
      connection,
      inspection,
      where,
      owner,
      queue: [],
      offset: 0,
      waiting: 0,
      turn: 0,
      open: false,
      stuck: false,
    });
    return number;
  }

  /** Puts what happens on a connection into the queue of its socket. */
  #events({ number, owner, inspection, report, destroy }: Opening): ConnectionEvents {
    const happened = (what: Socket['queue'][number]): void => {
      const socket = this.#sockets.get(number);
      if (socket === undefined) return;
      socket.queue.push(what);
      this.#options.waiting(owner);
    };
    return {
      opened: () => happened(opened),
      failed: (error) => {
        report(error);
        happened(openFailed);
      },
      received: (bytes) => {
        const { passed, error } = inspection.received(bytes);
        this.#received(number, passed.length);
        if (passed.length > 0) happened(passed);
        if (error === undefined) return;
        report(error);
        destroy();
        happened(lost);
      },
      lost: (error) => {
        if (error !== undefined) report(error);
        happened(lost);
      },
    };
  }

  /** The connection that C asks for; undefined where it can't be made, which is reported. */
  #asked(request: number, report: (error: SphereIotError) => void): TlsRequest | undefined {
    const { memory, credentials } = this.#options;
    const asked = readHostSocketRequest(memory, request);
    const { hostname: name = '', port, trustedCertificates: trustRoots } = asked;
    if (!isHostName(name)) {
      report(new SphereIotError('HOST_NAME_INVALID', `"${printableLine(name, MAX_SHOWN_NAME)}" is no host name.`));
      return undefined;
    }
    let credential;
    try {
      credential = credentials.resolve(asked.certificate, asked.privateKey);
    } catch (error) {
      if (!(error instanceof SphereIotError)) throw error;
      report(error);
      return undefined;
    }
    return { name, port, credential, trustRoots, proxy: proxyOf(asked), webSocket: webSocketOf(asked) };
  }

  #received(number: number, length: number): void {
    const socket = this.#sockets.get(number);
    if (socket === undefined) return;
    socket.waiting += length;
    if (socket.waiting > MAX_WAITING) socket.connection.pause();
  }

  #turn(number: number): number {
    const socket = this.#sockets.get(number);
    if (socket === undefined) return 0;
    socket.turn = socket.queue.length;
    return socket.turn;
  }

  #take(number: number, buffer: number, capacity: number): number {
    const socket = this.#sockets.get(number);
    if (socket === undefined || socket.turn === 0) return nothing;
    this.#options.gate.activity++;
    const next = socket.queue[0] as Socket['queue'][number];
    if (typeof next !== 'number') return this.#takeBytes(socket, next, buffer, capacity);
    this.#shift(socket);
    this.#setOpen(socket, next === opened);
    return next;
  }

  #setOpen(socket: Socket, open: boolean): void {
    socket.open = open;
    if (open) this.#connected.set(socket.owner, socket);
    else if (this.#connected.get(socket.owner) === socket) this.#connected.delete(socket.owner);
  }

  #takeBytes(socket: Socket, chunk: Buffer, buffer: number, capacity: number): number {
    const length = Math.min(capacity, chunk.length - socket.offset);
    this.#options.memory.bytes.set(chunk.subarray(socket.offset, socket.offset + length), buffer);
    socket.offset += length;
    socket.waiting -= length;
    if (socket.waiting <= MAX_WAITING / 2) socket.connection.resume();
    if (socket.offset === chunk.length) this.#shift(socket);
    return length;
  }

  #shift(socket: Socket): void {
    socket.queue.shift();
    socket.offset = 0;
    socket.turn--;
  }

  #send(number: number, bytes: number, size: number): number {
    const socket = this.#sockets.get(number);
    if (socket === undefined || !socket.open) return 1;
    if (socket.connection.unsent > MAX_UNSENT_BYTES) return this.#notRead(socket);
    const content = this.#options.memory.bytesAt(bytes, size);
    socket.inspection.sent(content);
    socket.connection.write(content);
    this.#options.gate.activity++;
    return 0;
  }

  #notRead(socket: Socket): number {
    if (socket.stuck) return 1;
    socket.stuck = true;
    const message = `${socket.where} does not read: more than ${MAX_UNSENT_BYTES} bytes wait for it, and nothing more is sent until it does. Look at the service.`;
    this.#options.diagnostics.add(socket.owner, new SphereIotError('SERVICE_NOT_READING', message));
    return 1;
  }
}

function proxyOf(request: HostSocketRequest): HttpProxy | undefined {
  const { proxyHostname: name, proxyPort: port, proxyUsername: username, proxyPassword: password } = request;
  return name === undefined ? undefined : { name, port, username, password };
}

function webSocketOf({
  websocketPath: path,
  websocketProtocol: protocol = '',
}: HostSocketRequest): WebSocketRequest | undefined {
  return path === undefined ? undefined : { path, protocol };
}
