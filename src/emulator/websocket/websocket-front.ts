import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer } from 'ws';

import type { Clock } from '../../clock/index.js';
import { messageOf } from '../../errors.js';
import { closeGently } from '../close-gently.js';
import { decoded } from '../mqtt/query.js';
import type { Peer } from '../tls-server.js';
import { WebSocketStream } from './websocket-stream.js';

/** Sections A1 and B1; DPS and hubs have the same. */
const PATH = '/$iothub/websocket';
const PROTOCOL = 'mqtt';
/** Bytes of a message: enough for many packets, and an end to what one client can make the emulator hold. */
const LONGEST_MESSAGE = 16 * 1024 * 1024;
/** Clock ms until the request has to be whole. */
const LONGEST_WAIT = 30_000;

export interface WebSocketFrontOptions {
  readonly clock: Clock;
  /** A WebSocket for MQTT is open. */
  opened(stream: Duplex, peer: Peer): void;
  /** A request was answered with 400; `path` where it could be read. */
  refused(reason: string, peer: Peer, path: string | undefined): void;
}

/** The HTTP side of the emulator's TLS port: takes MQTT over WebSocket, and answers 400 to everything else (G). */
export class WebSocketFront {
  readonly #options: WebSocketFrontOptions;
  readonly #http = createServer();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: mqttAmong,
    maxPayload: LONGEST_MESSAGE,
  });
  /** For each connection that has not asked yet: who is there, and what ends the wait. */
  readonly #waiting = new WeakMap<Duplex, { readonly peer: Peer; over(): void }>();

  constructor(options: WebSocketFrontOptions) {
    this.#options = options;
    this.#http.on('request', (request) => this.#refuse(request.socket, 'it asks for no WebSocket', request));
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#http.on('clientError', (error, socket) => this.#refuse(socket, `malformed HTTP: ${messageOf(error)}`));
    this.#server.on('wsClientError', (error, socket, request) => this.#refuse(socket, messageOf(error), request));
  }

  /** Takes a connection on which TLS stands and nothing was read yet. */
  accept(socket: Duplex, peer: Peer): void {
    const timer = this.#options.clock.setTimer(LONGEST_WAIT, () => this.#refuse(socket, 'no whole request came'));
    this.#waiting.set(socket, { peer, over: () => timer.cancel() });
    socket.on('close', () => timer.cancel());
    this.#http.emit('connection', socket);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const fault = faultOf(request);
    if (fault !== undefined) return this.#refuse(socket, fault, request);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const peer = this.#settle(socket);
      if (peer !== undefined) this.#options.opened(new WebSocketStream(webSocket, socket), peer);
    });
  }

  #refuse(socket: Duplex, reason: string, request?: IncomingMessage): void {
    const peer = this.#settle(socket);
    if (peer === undefined) return;
    if (socket.writable) socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    closeGently(socket);
    this.#options.refused(reason, peer, request?.url);
  }

  /** Undefined where the connection has had its answer. */
  #settle(socket: Duplex): Peer | undefined {
    const waiting = this.#waiting.get(socket);
    this.#waiting.delete(socket);
    waiting?.over();
    return waiting?.peer;
  }
}

/** Section G, last row. A query is allowed: clients say `iothub-no-client-cert` there. */
function faultOf({ url = '', headers }: IncomingMessage): string | undefined {
  const path = decoded(url.split('?')[0] ?? '');
  if (path !== PATH) return `the path is ${path}, not ${PATH}`;
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (mqttAmong(new Set(offered)) === false) return `it offers no sub-protocol ${PROTOCOL}`;
  return undefined;
}

/** In any case, and as it was offered: the C SDK says `MQTT` (A1). */
function mqttAmong(offered: ReadonlySet<string>): string | false {
  return [...offered].find((name) => name.toLowerCase() === PROTOCOL) ?? false;
}
