import type { Duplex } from 'node:stream';
import { SphereIotError, messageOf } from '../errors.js';
import { MAX_MESSAGE_BYTES } from './websocket-guard.js';

/** A WebSocket to be opened on a TLS connection. */
export interface WebSocketRequest {
  /** For example `/$iothub/websocket`. */
  readonly path: string;
  /** The sub-protocol, for example `MQTT`. */
  readonly protocol: string;
}

/**
 * Opens a WebSocket over a TLS connection that stands, and returns it as a stream of the bytes of its binary messages.
 * Its error is `WEBSOCKET_INVALID` where the service leaves what a WebSocket is, or sends too long a message.
 * @throws SphereIotError `WEBSOCKET_REFUSED`.
 */
export async function openWebSocket(
  secure: Duplex,
  name: string,
  port: number,
  request: WebSocketRequest,
): Promise<Duplex> {
  // Loaded where it is needed: few programs do.
  const { createWebSocketStream, WebSocket } = await import('ws');
  const socket = new WebSocket(`ws://${name}:${port}${request.path}`, [request.protocol], {
    createConnection: () => secure as never,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });
  return new Promise<Duplex>((resolve, reject) => {
    // In the event itself: what comes along with the answer to the upgrade would be lost a turn later.
    socket.once('open', () => {
      // Before the stream's own listener, which would leave the service half a minute to close.
      socket.once('error', (error) => stream.destroy(webSocketInvalid(`${name}:${port}`, messageOf(error))));
      const stream = createWebSocketStream(socket);
      // Neither is the service's Close waited for: it may never come, and what comes in its place would be read.
      stream._final = (done): void => {
        socket.close();
        secure.end(() => done());
      };
      resolve(stream);
    });
    socket.once('error', (error) => {
      const message = `${name}:${port} does not open a WebSocket at ${request.path}: ${messageOf(error)}.`;
      reject(new SphereIotError('WEBSOCKET_REFUSED', message, { cause: error }));
    });
  });
}

/**
 * A service sent what is no WebSocket.
 * @param where Name and port.
 * @param what In words.
 */
export function webSocketInvalid(where: string, what: string): SphereIotError {
  const message = `${where} sent what no WebSocket of a service has: ${what}. The connection was ended before the SDK saw it. Look at the service.`;
  return new SphereIotError('WEBSOCKET_INVALID', message);
}
