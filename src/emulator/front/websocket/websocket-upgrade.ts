import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer } from 'ws';

import { asciiLowerCase } from '../../../ascii.js';
import { messageOf } from '../../../errors.js';
import { decoded } from '../../codec/query.js';
import { targetFault, targetOf } from '../http/target.js';
import { WebSocketStream } from './websocket-stream.js';

/** protocol.md#dps-connect, protocol.md#hub-connect; DPS and hubs have the same. */
export const WEBSOCKET_PATH = '/$iothub/websocket';
/** protocol.md#service-amqp. */
const EVENTS_PATH = '/$servicebus/websocket';
const MQTT = 'mqtt';
const AMQP = 'amqpwsb10';
/** Which sub-protocols there are at which path. */
const PATHS: Readonly<Record<string, readonly string[]>> = { [WEBSOCKET_PATH]: [MQTT, AMQP], [EVENTS_PATH]: [AMQP] };
/** Those of DPS: the Java client asks for `/mqtt`, others for none (protocol.md#dps-connect). */
const DPS_PATHS: Readonly<Record<string, readonly string[]>> = { ...PATHS, '/mqtt': [MQTT], '/': [MQTT] };

/** Whether a sub-protocol, as it was agreed on, is AMQP's. */
export function isAmqp(protocol: string): boolean {
  return asciiLowerCase(protocol) === AMQP;
}
/** Bytes of a message: enough for many packets, and an end to what one client can make the emulator hold. */
const MAX_MESSAGE = 1024 * 1024;
/** Of a message: each is a buffer of its own until the message is whole, which holds a hundred times as much as a byte. */
const MAX_FRAGMENTS = 256;
/** Pieces in which a frame may come, as TLS records have them: with those of 1 KiB it is the longest message. */
const MAX_PIECES = 1024;

export interface WebSocketUpgradeOptions {
  /** A WebSocket for MQTT or AMQP is open on `socket`, with that sub-protocol. */
  opened(stream: WebSocketStream, socket: Duplex, request: IncomingMessage, protocol: string): void;
  /** It is not answered yet: 400 is due (protocol.md#refusals). */
  refused(reason: string, socket: Duplex, request: IncomingMessage): void;
  /** Whether DPS is asked. */
  isDps(request: IncomingMessage): boolean;
}

/** Turns HTTP connections into MQTT or AMQP over WebSocket, and refuses every other upgrade. */
export class WebSocketUpgrade {
  readonly #options: WebSocketUpgradeOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    handleProtocols: (offered, request) => knownAmong(offered, this.#protocolsOf(request)),
    maxPayload: MAX_MESSAGE,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_PIECES,
  });

  constructor(options: WebSocketUpgradeOptions) {
    this.#options = options;
    this.#server.on('wsClientError', (error, socket, request) => options.refused(messageOf(error), socket, request));
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const fault = targetFault(request) ?? this.#faultOf(request);
    if (fault !== undefined) return this.#options.refused(fault, socket, request);
    this.#server.handleUpgrade(request, socket, head, (webSocket) =>
      this.#options.opened(new WebSocketStream(webSocket, socket), socket, request, webSocket.protocol),
    );
  }

  /** protocol.md#refusals, last row. A query is allowed: clients say `iothub-no-client-cert` there. */
  #faultOf(request: IncomingMessage): string | undefined {
    const protocols = this.#protocolsOf(request);
    if (protocols === undefined) return `the path is ${decoded(targetOf(request).path)}, not ${WEBSOCKET_PATH}`;
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (knownAmong(new Set(offered), protocols) === false) return `it offers no sub-protocol ${protocols.join(' or ')}`;
    return undefined;
  }

  /** What there is at the request's path; undefined where that is nothing. */
  #protocolsOf(request: IncomingMessage): readonly string[] | undefined {
    const path = decoded(targetOf(request).path);
    const paths = this.#options.isDps(request) ? DPS_PATHS : PATHS;
    return Object.hasOwn(paths, path) ? paths[path] : undefined;
  }
}

/** The first of `known`, in any case and as it was offered: the C SDK says `MQTT` (protocol.md#dps-connect). */
function knownAmong(offered: ReadonlySet<string>, known: readonly string[] = [MQTT, AMQP]): string | false {
  const named = (protocol: string): string | undefined =>
    [...offered].find((name) => asciiLowerCase(name) === protocol);
  return known.map(named).find((name) => name !== undefined) ?? false;
}
