import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer } from 'ws';

import { asciiLowerCase } from '../../../ascii.js';
import { messageOf } from '../../../errors.js';
import { decoded } from '../../codec/query.js';
import { WebSocketStream } from './websocket-stream.js';

/** protocol.md#dps-connect, protocol.md#hub-connect; DPS and hubs have the same. */
export const WEBSOCKET_PATH = '/$iothub/websocket';
const PROTOCOL = 'mqtt';
/** Bytes of a message: enough for many packets, and an end to what one client can make the emulator hold. */
const MAX_MESSAGE = 1024 * 1024;
/** Of a message: each is a buffer of its own until the message is whole, which holds a hundred times as much as a byte. */
const MAX_FRAGMENTS = 256;
/** Pieces in which a frame may come, as TLS records have them: with those of 1 KiB it is the longest message. */
const MAX_PIECES = 1024;

export interface WebSocketUpgradeOptions {
  /** A WebSocket for MQTT is open on `socket`, with that sub-protocol. */
  opened(stream: WebSocketStream, socket: Duplex, request: IncomingMessage, protocol: string): void;
  /** It is not answered yet: 400 is due (protocol.md#refusals). */
  refused(reason: string, socket: Duplex, request: IncomingMessage): void;
}

/** Turns HTTP connections into MQTT over WebSocket, and refuses every other upgrade. */
export class WebSocketUpgrade {
  readonly #options: WebSocketUpgradeOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: mqttAmong,
    maxPayload: MAX_MESSAGE,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_PIECES,
  });

  constructor(options: WebSocketUpgradeOptions) {
    this.#options = options;
    this.#server.on('wsClientError', (error, socket, request) => options.refused(messageOf(error), socket, request));
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const fault = faultOf(request);
    if (fault !== undefined) return this.#options.refused(fault, socket, request);
    this.#server.handleUpgrade(request, socket, head, (webSocket) =>
      this.#options.opened(new WebSocketStream(webSocket, socket), socket, request, webSocket.protocol),
    );
  }
}

/** protocol.md#refusals, last row. A query is allowed: clients say `iothub-no-client-cert` there. */
function faultOf({ url = '', headers }: IncomingMessage): string | undefined {
  const path = decoded(url.split('?')[0] ?? '');
  if (path !== WEBSOCKET_PATH) return `the path is ${path}, not ${WEBSOCKET_PATH}`;
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (mqttAmong(new Set(offered)) === false) return `it offers no sub-protocol ${PROTOCOL}`;
  return undefined;
}

/** In any case, and as it was offered: the C SDK says `MQTT` (protocol.md#dps-connect). */
function mqttAmong(offered: ReadonlySet<string>): string | false {
  return [...offered].find((name) => asciiLowerCase(name) === PROTOCOL) ?? false;
}
