import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline, Readable, type Duplex } from 'node:stream';

import { defined } from '../../../defined.js';
import type { Clock, Timer } from '../../../clock/index.js';
import { messageOf, type SphereIotError } from '../../../errors.js';
import { rememberSignature } from '../../../known-signatures.js';
import { closeGently } from '../close-gently.js';
import { decoded } from '../../codec/query.js';
import { SilenceTimer } from '../silence-timer.js';
import type { Peer } from '../../contract/peer.js';
import { tracedPayload } from '../../observe/trace/payload.js';
import type { ClosedBy } from '../../observe/trace/trace-entry.js';
import type { Tracer } from '../../observe/trace/tracer.js';
import type { WebSocketStream } from '../websocket/websocket-stream.js';
import { WEBSOCKET_PATH, WebSocketUpgrade } from '../websocket/websocket-upgrade.js';
import { PacedStream } from './paced-stream.js';
import { readBody } from './body.js';
import { targetFault, targetOf, type Target } from './target.js';
import type { HttpAnswer, HttpHead, HttpRequest, HttpService } from '../../contract/http-service.js';

/** Clock ms until a request's head has to be whole, and the longest pause within its body. */
const MAX_WAIT = 30_000;
/** Clock ms that a connection is kept after an answer; chosen. */
const MAX_IDLE = 120_000;
/** Bytes of a request's head. */
const MAX_HEAD_BYTES = 16 * 1024;

/** Bytes of whole requests on one connection above which nothing more is read from it until some of them have their answers. */
const READING_STOPS = 256 * 1024;

/** Bytes of an answer that are written at a time. */
const PIECE = 64 * 1024;

/** A request that no service took. */
export interface HttpRefusal {
  /** What it was answered with. */
  readonly status: number;
  readonly reason: string;
  /** Without its query; none where the request could not be read. */
  readonly path?: string;
}

export interface HttpFrontOptions {
  readonly clock: Clock;
  readonly tracer: Tracer;
  /** See StateStore. */
  saved(): Promise<void> | undefined;
  /** See StateStore. */
  fault(): SphereIotError | undefined;
  /** What answers requests for a host, which is the `Host` header without its port; undefined: nothing does. */
  serviceFor(host: string, path: string, peer: Peer): HttpService | undefined;
  /** Whether DPS is meant by that host, or may be under a local name. */
  isDps(host: string, peer: Peer): boolean;
  /** A WebSocket for MQTT or AMQP is open, with that sub-protocol. */
  opened(stream: WebSocketStream, peer: Peer, protocol: string): void;
  refused(refusal: HttpRefusal, peer: Peer): void;
}

/** A connection that speaks HTTP, and what ends the wait for its next request. */
interface Connection {
  readonly peer: Peer;
  readonly stream: PacedStream;
  timer: Pick<Timer, 'cancel'>;
  /** Bytes that requests without an answer may hold. */
  waiting: number;
  /** Requests of which the answer did not go out, the oldest first. */
  readonly pending: Set<Pending>;
  /** Nothing more is taken from it: an upgrade or a refusal waits for the answers before it. */
  isLast: boolean;
}

interface Pending {
  readonly request: IncomingMessage;
  /** By its service; its answer may have to wait for those before it. */
  isAnswered: boolean;
  /** Its answer went out, or there is none. Never rejects. */
  done: Promise<void>;
}

/** The HTTP side of the emulator's TLS port: MQTT and AMQP over WebSocket, and the services' HTTPS. */
export class HttpFront {
  readonly #options: HttpFrontOptions;
  /** Its own time-outs are the machine's time, and stay off. */
  readonly #http = createServer({
    maxHeaderSize: MAX_HEAD_BYTES,
    requireHostHeader: false,
    keepAliveTimeout: 0,
    requestTimeout: 0,
    headersTimeout: 0,
  });
  readonly #webSockets: WebSocketUpgrade;
  readonly #connections = new WeakMap<Duplex, Connection>();

  constructor(options: HttpFrontOptions) {
    this.#options = options;
    this.#webSockets = new WebSocketUpgrade({
      opened: (stream, socket, { url = '' }, protocol) => {
        const peer = this.#settle(socket);
        if (peer === undefined) return;
        options.tracer.add(peer, () => ({ type: 'webSocket', path: url, protocol }));
        options.opened(stream, peer, protocol);
      },
      refused: (reason, socket, request) => this.#refuse(socket, 400, reason, request),
      isDps: (request) => {
        const peer = this.#connections.get(request.socket)?.peer;
        return peer !== undefined && options.isDps(targetOf(request).host ?? '', peer);
      },
    });
    this.#http.on('request', (request, response) => this.#take(request, response));
    this.#http.on('upgrade', (request, socket, head) => {
      rememberTokens(request);
      this.#last(socket, request, () => this.#webSockets.upgrade(request, socket, head));
    });
    // Without a listener, Node answers the one by itself and cuts the connection of the other.
    this.#http.on('checkExpectation', (request) =>
      this.#refuseLast(request.socket, 417, 'it expects what is not known', request),
    );
    this.#http.on('connect', (request, socket) => this.#refuseLast(socket, 400, 'CONNECT is for proxies', request));
    this.#http.on('clientError', (error: NodeJS.ErrnoException, socket) =>
      this.#refuseLast(socket, error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400, `malformed HTTP: ${messageOf(error)}`),
    );
  }

  /** Takes a connection on which TLS stands and nothing was read yet. */
  accept(socket: Duplex, peer: Peer): void {
    const stream = new PacedStream(socket);
    this.#connections.set(stream, {
      peer,
      stream,
      timer: this.#limit(stream),
      waiting: 0,
      pending: new Set(),
      isLast: false,
    });
    stream.on('close', () =>
      stream.readableEnded
        ? this.#end(stream, 'client', 'the client closed the connection')
        : this.#end(stream, 'network', 'the connection was lost'),
    );
    this.#http.emit('connection', stream);
  }

  /** Whatever fails in answering is told, and ends the connection alone. */
  #take(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const connection = this.#connections.get(socket);
    if (connection === undefined) return void socket.destroy();
    const pending: Pending = { request, isAnswered: false, done: Promise.resolve() };
    connection.pending.add(pending);
    pending.done = this.#request(connection, pending, response)
      .catch(async (error: unknown) => {
        await answersBefore(connection, pending);
        this.#failed(socket, error, request, response);
      })
      .finally(() => connection.pending.delete(pending));
  }

  /** Until its answer went out, or it is known that there is none. */
  async #request(connection: Connection, pending: Pending, response: ServerResponse): Promise<void> {
    const { request } = pending;
    const { socket } = request;
    rememberTokens(request);
    const target = targetOf(request);
    const { path } = target;
    const service = targetFault(request) ?? this.#serviceFor(target, connection.peer);
    if (typeof service === 'string') {
      await answersBefore(connection, pending);
      return this.#refuse(socket, 400, service, request);
    }
    const silence = new SilenceTimer(this.#options.clock, MAX_WAIT, () => this.#tooSlow(socket));
    this.#await(connection, silence);
    const head = headOf(request, target, connection.peer);
    const body = await readBody(request, service?.maxBodyBytes(head) ?? 0, () => silence.heard());
    if (body.isLost || this.#connections.get(socket) !== connection) return;
    // The request is whole: the service may take its time now. The next one may have its own timer already.
    silence.cancel();
    this.#traceRequest(connection.peer, request, body.bytes);
    const answer = await paced(connection, MAX_HEAD_BYTES + (body.bytes?.length ?? 0), () =>
      this.#answer(service, { ...head, body: body.bytes }),
    );
    if (this.#connections.get(socket) !== connection) return;
    if (answer === 'none') return;
    if (answer.reason !== undefined)
      this.#options.refused({ status: answer.status, reason: answer.reason, path: decoded(path) }, connection.peer);
    pending.isAnswered = true;
    if ([...connection.pending].every(({ isAnswered }) => isAnswered))
      this.#await(
        connection,
        this.#options.clock.setTimer(MAX_IDLE, () => this.#idle(socket)),
      );
    const sent = this.#send(response, answer, body.bytes === undefined);
    this.#traceAnswer(connection.peer, answer);
    if (!response.shouldKeepAlive) {
      await answersBefore(connection, pending);
      this.#end(socket, 'service', 'the answer was the last');
    }
    await sent;
  }

  /** What is the last of HTTP on a connection, once the requests before it have their answers. */
  #last(socket: Duplex, request: IncomingMessage | undefined, act: () => void): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined || connection.isLast) return;
    connection.isLast = true;
    void answersBefore(connection)
      .then(() => this.#connections.get(socket) === connection && act())
      .catch((error: unknown) => this.#failed(socket, error, request));
  }

  #refuseLast(socket: Duplex, status: number, reason: string, request?: IncomingMessage): void {
    this.#last(socket, request, () => this.#refuse(socket, status, reason, request));
  }

  /** Answers 500, or cuts the connection where an answer is under way already. */
  #failed(socket: Duplex, error: unknown, request?: IncomingMessage, response?: ServerResponse): void {
    try {
      this.#refuse(socket, 500, failure(error), request);
      if (response?.headersSent === true) socket.destroy();
    } catch {
      socket.destroy();
    }
  }

  /** Once what it tells is on the disk; 503 where it can't be brought there. */
  async #answer(service: HttpService | undefined, request: HttpRequest): Promise<HttpAnswer | 'none'> {
    const fault = this.#options.fault();
    if (fault !== undefined) return unavailable(fault);
    const answer =
      service === undefined
        ? { status: 404, reason: `${request.headers.host} has nothing at this path` }
        : await answered(service, request);
    try {
      await this.#options.saved();
      return answer;
    } catch (error) {
      return unavailable(error);
    }
  }

  /** In words, why there can be none; undefined where nobody has the name. */
  #serviceFor({ host, path }: Target, peer: Peer): HttpService | string | undefined {
    if (decoded(path) === WEBSOCKET_PATH) return 'it asks for no WebSocket';
    if (host === undefined) return 'it has no Host header';
    return this.#options.serviceFor(host, path, peer);
  }

  /**
   * @param isLast Closes the connection, as there is more of the request that nobody wants to read.
   * @returns Once it went out; those before it on the connection go first.
   */
  #send(response: ServerResponse, { status, headers, body = '' }: HttpAnswer, isLast: boolean): Promise<void> {
    response.sendDate = false;
    response.writeHead(status, {
      date: new Date(this.#options.clock.now()).toUTCString(),
      ...(isLast ? { connection: 'close' } : {}),
      ...(status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...headers,
    });
    const sent = new Promise<void>((resolve) => response.once('close', resolve));
    if (typeof body === 'string' || body.length <= PIECE) response.end(body);
    // In pieces, each once the client has taken those before: a peer that does not read costs no memory.
    else pipeline(Readable.from(piecesOf(body)), response, () => undefined);
    return sent;
  }

  #limit(socket: Duplex): Timer {
    return this.#options.clock.setTimer(MAX_WAIT, () => this.#tooSlow(socket));
  }

  #idle(socket: Duplex): void {
    this.#end(socket, 'service', 'no further request came');
    closeGently(socket, this.#options.clock);
  }

  #tooSlow(socket: Duplex): void {
    const connection = this.#connections.get(socket);
    // It may have come, and is not read.
    if (connection?.stream.isHeld === true) return this.#await(connection, this.#limit(socket));
    this.#refuseLast(socket, 408, 'no whole request came');
  }

  #await(connection: Connection, timer: Pick<Timer, 'cancel'>): void {
    connection.timer.cancel();
    connection.timer = timer;
  }

  /** Answers in the place of Node's parser, and closes. */
  #refuse(socket: Duplex, status: number, reason: string, request?: IncomingMessage): void {
    const peer = this.#connections.get(socket)?.peer;
    if (peer === undefined) return;
    if (request !== undefined) this.#traceRequest(peer, request);
    this.#traceAnswer(peer, { status });
    this.#end(socket, 'service', reason);
    if (socket.writable)
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    closeGently(socket, this.#options.clock);
    const path = request?.url?.split('?')[0];
    this.#options.refused({ status, reason, ...defined({ path }) }, peer);
  }

  #traceRequest(peer: Peer, { method = '', url = '' }: IncomingMessage, body?: Buffer): void {
    this.#options.tracer.add(peer, (limit) => ({
      type: 'http',
      direction: 'in',
      method,
      path: url,
      ...(body === undefined || body.length === 0 ? {} : { body: tracedPayload(body, limit) }),
    }));
  }

  #traceAnswer(peer: Peer, { status, body = '' }: HttpAnswer): void {
    this.#options.tracer.add(peer, (limit) => ({
      type: 'http',
      direction: 'out',
      status,
      ...(body.length === 0 ? {} : { body: tracedPayload(body, limit) }),
    }));
  }

  #end(socket: Duplex, by: ClosedBy, reason: string): void {
    const peer = this.#settle(socket);
    if (peer !== undefined) this.#options.tracer.add(peer, () => ({ type: 'closed', by, reason }));
  }

  /** Undefined where the connection speaks HTTP no longer. */
  #settle(socket: Duplex): Peer | undefined {
    const connection = this.#connections.get(socket);
    this.#connections.delete(socket);
    connection?.timer.cancel();
    return connection?.peer;
  }
}

/** Keeps a connection from reading on where too much waits on it for answers. @param size Bytes that the request may hold. */
async function paced<T>(connection: Connection, size: number, answer: () => Promise<T>): Promise<T> {
  const add = (bytes: number): void => {
    connection.waiting += bytes;
    connection.stream.isHeld = connection.waiting > READING_STOPS;
  };
  add(size);
  try {
    return await answer();
  } finally {
    add(-size);
  }
}

/** Before anything of the request is told. */
function rememberTokens({ url = '', headers: { authorization = '' } }: IncomingMessage): void {
  rememberSignature(url);
  rememberSignature(authorization);
}

function unavailable(error: unknown): HttpAnswer {
  const reason = messageOf(error);
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '5' };
  return { status: 503, headers, body: `${reason}\n`, reason };
}

function* piecesOf(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += PIECE) yield body.subarray(at, at + PIECE);
}

function headOf(request: IncomingMessage, { path, query }: Target, peer: Peer): HttpHead {
  const { method = '', headers, rawHeaders } = request;
  return { method, path, query, headers, rawHeaders, peer };
}

/** Never rejects. */
async function answered(service: HttpService, request: HttpRequest): Promise<HttpAnswer | 'none'> {
  try {
    return await service.http(request);
  } catch (error) {
    return { status: 500, reason: failure(error) };
  }
}

function failure(error: unknown): string {
  return `the emulator failed on it: ${messageOf(error)}`;
}

/** Of all whole requests, or of those before one: a client takes what comes on a connection for the answer to the oldest. */
async function answersBefore({ pending }: Connection, end?: Pending): Promise<void> {
  for (const each of pending) {
    if (each === end) return;
    if (each.request.complete) await each.done;
  }
}
