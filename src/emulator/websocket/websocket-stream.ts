import { Duplex } from 'node:stream';

import { WebSocket } from 'ws';

/** "Unsupported data" (RFC 6455, 7.4.1). */
const NOT_BINARY = 1003;

/**
 * The bytes of a WebSocket's binary messages as a stream: where a message ends does not matter, and each write is one
 * message. A text message closes it. Ending it sends a close frame and ends the connection below, without waiting for
 * the client's: what `ws` waits for is the machine's time, not the clock's.
 */
export class WebSocketStream extends Duplex {
  readonly #socket: WebSocket;
  readonly #below: Duplex;

  /** @param below The connection that the WebSocket is on. */
  constructor(socket: WebSocket, below: Duplex) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#below = below;
    socket.on('message', (bytes: Buffer, isBinary) => this.#received(bytes, isBinary));
    // What a client sent wrongly; `ws` closes, and says so with 'close'.
    socket.on('error', () => undefined);
    socket.on('close', () => this.push(null));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(chunk, { binary: true }, done);
    else done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#close(1000);
    if (this.#below.destroyed) done();
    else this.#below.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.terminate();
    done(error);
  }

  #received(bytes: Buffer, isBinary: boolean): void {
    if (this.destroyed || this.readableEnded) return;
    if (!isBinary) {
      this.#close(NOT_BINARY);
      this.push(null);
    } else if (!this.push(bytes)) this.#socket.pause();
  }

  #close(code: number): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code);
  }
}
