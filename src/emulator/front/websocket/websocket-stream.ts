import { Duplex } from 'node:stream';

import { WebSocket } from 'ws';

/** "Unsupported data" (RFC 6455, 7.4.1). */
const NOT_BINARY = 1003;
/** "Message too big". */
const TOO_BIG = 1009;
/** Bytes of a message that is not whole, as long as the client has not proved its identity. */
const MAX_BEFORE_OPEN = 128 * 1024;
/** What a piece holds beside its bytes, about: each is a buffer of its own until the message is whole. */
const BYTES_OF_PIECE = 256;

/**
 * The bytes of a WebSocket's binary messages as a stream: where a message ends does not matter, and each write is one
 * message. A text message closes it. Ending it sends a close frame and ends the connection below, without waiting for
 * the client's: what `ws` waits for is the machine's time, not the clock's.
 */
export class WebSocketStream extends Duplex {
  readonly #socket: WebSocket;
  readonly #below: Duplex;
  /** Bytes that are held since the last whole message. */
  #unfinished = 0;

  /** @param below The connection that the WebSocket is on. */
  constructor(socket: WebSocket, below: Duplex) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#below = below;
    socket.on('message', (bytes: Buffer, isBinary) => this.#received(bytes, isBinary));
    // What a client sent wrongly. `ws` sends the close frame, and would read on for 30 s of the machine's time until the client's comes.
    socket.on('error', (error) => this.#giveUp(error));
    socket.on('close', () => this.#closed());
    below.on('data', this.#count);
  }

  /** The client has proved its identity: messages may be as long as `ws` was told. */
  trust(): void {
    this.#below.off('data', this.#count);
  }

  readonly #count = (bytes: Buffer): void => {
    this.#unfinished += bytes.length + BYTES_OF_PIECE;
    if (this.#unfinished <= MAX_BEFORE_OPEN) return;
    this.#close(TOO_BIG);
    this.#giveUp(new Error(`a WebSocket message has more than ${MAX_BEFORE_OPEN} bytes, before CONNECT`));
  };

  /** Once what was written went out. */
  #giveUp(error: Error): void {
    this.trust();
    this.#below.end(() => this.destroy(error));
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
    this.#unfinished = 0;
    if (this.destroyed || this.readableEnded) return;
    if (!isBinary) {
      this.#close(NOT_BINARY);
      this.push(null);
    } else if (!this.push(bytes)) this.#socket.pause();
  }

  /** What came is read to its end, unless the client left before it took what it was sent: then nobody waits for more. */
  #closed(): void {
    if (this.writableLength > 0) this.destroy();
    else this.push(null);
  }

  #close(code: number): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code);
  }
}
