import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Line } from './network.js';
import { tellOfStalls } from './stalling.js';

/** A TCP socket, seen through the network of the device. It is the socket's owner, and closes it. */
export class TcpStream extends Duplex {
  readonly #socket: Socket;
  readonly #line: Line;

  /** @param socket May be still to be connected. Has to allow half-open connections. */
  constructor(socket: Socket, line: Line) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#line = line;
    tellOfStalls(line, this);
    line.out.onBroken = (error) => this.destroy(error);
    socket.on('connect', () => this.emit('connect'));
    socket.on('data', (bytes) => this.#arrives(bytes.length, () => this.#push(bytes)));
    socket.on('end', () => this.#arrives(0, () => void this.push(null)));
    let connected = false;
    socket.once('connect', () => (connected = true));
    socket.on('error', (error) => {
      if (connected) this.#arrives(0, () => void this.destroy(error));
      else this.destroy(error);
    });
  }

  get connecting(): boolean {
    return this.#socket.connecting;
  }

  #push(bytes: Buffer): void {
    if (!this.push(bytes)) this.#socket.pause();
  }

  /** Something has come from the peer: it arrives at once, or when the network lets it. */
  #arrives(size: number, arrive: () => void): void {
    const lane = this.#line.in;
    if (lane.isClear) return arrive();
    const arrived = (): void => {
      if (!this.destroyed) arrive();
    };
    this.#socket.pause();
    lane.send({
      size,
      accepted: () => this.#socket.resume(),
      deliver: (then) => {
        arrived();
        then();
      },
    });
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const write = (then: () => void): void => {
      if (this.#socket.write(chunk) || this.#socket.destroyed) then();
      else this.#socket.once('drain', then);
    };
    this.#send(chunk.length, done, write);
  }

  override _final(done: () => void): void {
    this.#send(0, done, (then) => void this.#socket.end(then));
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#send(
      0,
      () => undefined,
      (then) => {
        this.#socket.destroy();
        then();
      },
    );
    done(error);
  }

  #send(size: number, done: () => void, write: (then: () => void) => void): void {
    const lane = this.#line.out;
    if (lane.isClear || lane.isBroken) write(done);
    else lane.send({ size, accepted: done, deliver: write });
  }
}
