import type { Duplex } from 'node:stream';
import { SphereIotError, messageOf } from '../errors.js';

/** A WebSocket to be opened on a TLS connection. */
export interface WebSocketRequest {
  /** For example `/$iothub/websocket`. */
  readonly path: string;
  /** The sub-protocol, for example `MQTT`. */
  readonly protocol: string;
}

/**
 * Opens a WebSocket over a TLS connection that stands, and returns it as a stream of the bytes of its binary messages.
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
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (error) =>
      reject(
        new SphereIotError(
          'WEBSOCKET_REFUSED',
          `${name}:${port} does not open a WebSocket at ${request.path}: ${messageOf(error)}.`,
          {
            cause: error,
          },
        ),
      ),
    );
  });
  return createWebSocketStream(socket);
}
