import type { Duplex } from 'node:stream';
import { ReceivedBytes } from '../../../transport/index.js';
import { HostError, HostReady, type HostAddress } from '../../../wasm/index.js';
import { ANY, DEVICE, isLoopback } from './address.js';
import type { Ports } from './ports.js';
import { BUFFER_SIZE, type NetworkSocket, type Received, type SocketContext } from './socket.js';

/** The errors of C for those of streams, by their codes. */
const ERRORS: Readonly<Record<string, number>> = {
  CONNECTION_NOT_ALLOWED: HostError.access,
  DEVICE_LOOPBACK: HostError.refused,
  ENDPOINT_NOT_MAPPED: HostError.unreachable,
  ECONNREFUSED: HostError.refused,
  ECONNRESET: HostError.reset,
  EHOSTUNREACH: HostError.unreachable,
  ENETUNREACH: HostError.noNetwork,
  ENOTFOUND: HostError.unreachable,
  EAI_AGAIN: HostError.unreachable,
  EPIPE: HostError.reset,
  ETIMEDOUT: HostError.timedOut,
};

/** What TCP sockets have in common. */
export interface TcpContext extends SocketContext {
  readonly ports: Ports<TcpSocket>;
  /** Every stream that is not destroyed. */
  readonly streams: Set<Duplex>;
  /**
   * Begins a stream to an address.
   * @throws what openStream throws.
   */
  open(to: HostAddress, from: HostAddress): Duplex;
}

/** Makes a stream over another one. It gives the stream to `track` at once, so that it can be closed before it is done. */
export type Wrap = (raw: Duplex, track: (stream: Duplex) => void) => Promise<Duplex>;

/** A TCP socket (host.h): what came waits here until C asks for it. */
export class TcpSocket implements NetworkSocket {
  readonly #context: TcpContext;
  #state: 'new' | 'connecting' | 'connected' | 'listening' = 'new';
  #local: HostAddress | undefined;
  #remote: HostAddress | undefined;
  /** The port that `bind` gave it, to be released with it. */
  #bound: number | undefined;
  #stream: Duplex | undefined;
  /** Takes what this socket listens to off the stream. */
  #detach: () => void = () => undefined;
  /** A stream is being made over the one that is there. */
  #wrapping = false;
  /** What C has not fetched. */
  readonly #received = new ReceivedBytes();
  /** The peer sends no more. */
  #ended = false;
  #reads = true;
  #writes = true;
  /** HostError; 0: none. */
  #error = 0;
  /** connect has still to say that it is connected. */
  #news = false;
  #closed = false;
  /** Connections that were not accepted yet. */
  readonly #queue: TcpSocket[] = [];

  constructor(context: TcpContext) {
    this.#context = context;
  }

  get local(): HostAddress | undefined {
    return this.#local;
  }

  get remote(): HostAddress | undefined {
    return this.#state === 'connected' ? this.#remote : undefined;
  }

  get accepting(): boolean {
    return this.#state === 'listening';
  }

  ready(): number {
    if (this.#wrapping) return 0;
    const input = this.#received.length > 0 || this.#ended || !this.#reads || this.#queue.length > 0;
    switch (this.#state) {
      case 'new':
        return (this.#error === 0 ? 0 : HostReady.error | HostReady.input) | HostReady.output | HostReady.closed;
      case 'connecting':
        return 0;
      case 'listening':
        return input ? HostReady.input : 0;
      default: {
        const output = !this.#writes || this.#broken || this.#room > 0;
        const closed = this.#broken || (this.#ended && !this.#writes);
        const error = this.#error !== 0 ? HostReady.error : 0;
        return (
          error |
          (input || closed ? HostReady.input : 0) |
          (output ? HostReady.output : 0) |
          (closed ? HostReady.closed : 0)
        );
      }
    }
  }

  takeError(): number {
    const error = this.#error;
    this.#error = 0;
    return error;
  }

  connect(to: HostAddress): number {
    if (this.#error !== 0) return this.takeError();
    if (this.#state === 'connecting') return HostError.already;
    if (this.#state === 'listening') return HostError.connected;
    if (this.#state === 'new') return this.#begin(to.ip === ANY ? { ...to, ip: DEVICE } : to);
    const result = this.#news ? 0 : HostError.connected;
    this.#news = false;
    return result;
  }

  #begin(to: HostAddress): number {
    const { ports, network, open } = this.#context;
    const here = isLoopback(to.ip) || to.ip === DEVICE;
    if (!here && !network.connects()) return HostError.noNetwork;
    const local = { ip: isLoopback(to.ip) ? to.ip : DEVICE, port: this.#local?.port ?? ports.ephemeral() };
    let stream: Duplex;
    try {
      stream = open(to, local);
    } catch (error) {
      const failure = ERRORS[String((error as { code?: unknown }).code)];
      if (failure === undefined) throw error;
      if (failure === HostError.access) return failure;
      this.#state = 'connecting';
      this.#soon(() => this.#failed(failure));
      return HostError.inProgress;
    }
    this.#state = 'connecting';
    this.#local = local;
    this.#remote = to;
    this.#attach(stream);
    if ((stream as { connecting?: boolean }).connecting !== true) this.#soon(() => this.#connected());
    else {
      const release = this.#context.clock.hold('a socket being connected');
      stream.once('connect', () => this.#connected());
      stream.once('connect', release);
      stream.once('close', release);
    }
    return HostError.inProgress;
  }

  /** Nothing is connected, and nothing fails, while connect is called. */
  #soon(happen: () => void): void {
    const release = this.#context.clock.hold('a socket being connected');
    setImmediate(() => {
      if (!this.#closed) happen();
      release();
    });
  }

  #connected(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'connected';
    this.#news = true;
    this.#context.changed();
  }

  /** The connection was not made, or broke. */
  #failed(error: number): void {
    if (this.#closed) return;
    if (this.#state === 'connecting') this.#state = 'new';
    this.#error = error;
    this.#context.changed();
  }

  #attach(stream: Duplex): void {
    const { streams } = this.#context;
    const listeners: Readonly<Record<string, (what: unknown) => void>> = {
      data: (what) => {
        const bytes = what as Buffer;
        if (this.#closed && stream.writableFinished) return void stream.destroy();
        if (this.#closed || !this.#reads) return;
        this.#received.add(bytes);
        if (this.#received.length >= BUFFER_SIZE) stream.pause();
        this.#context.changed();
      },
      end: () => this.#end(),
      drain: () => this.#context.changed(),
      error: (error) => this.#failed(errorOf(error)),
      close: () => {
        streams.delete(stream);
        this.#end();
      },
    };
    this.#stream = stream;
    stream.allowHalfOpen = true;
    streams.add(stream);
    for (const [name, listener] of Object.entries(listeners)) stream.on(name, listener);
    this.#detach = () => {
      for (const [name, listener] of Object.entries(listeners)) stream.off(name, listener);
      streams.delete(stream);
    };
  }

  /**
   * Makes a stream over the one that is connected, as TLS is; what is sent and received from then on is its. Nothing is ready
   * meanwhile. A socket whose stream can't be made is broken.
   * @throws what `wrap` throws; an error where nothing is connected, or it is closed meanwhile.
   */
  async wrap(wrap: Wrap): Promise<void> {
    const raw = this.#stream;
    if (raw === undefined || this.#state !== 'connected' || this.#wrapping)
      throw new Error('The socket is not connected');
    const { streams, changed } = this.#context;
    this.#wrapping = true;
    this.#detach();
    raw.on('error', () => undefined); // the outer one has its errors
    if (this.#received.length > 0) raw.unshift(this.#received.take(this.#received.length));
    // Only the outermost is to be destroyed: TLS whose socket is destroyed under it crashes Node 20.
    this.#stream = undefined;
    let outer = raw;
    const track = (stream: Duplex): void => {
      outer = stream;
      streams.add(stream);
      stream.on('error', () => undefined);
      stream.once('close', () => {
        streams.delete(stream);
        raw.destroy();
      });
      this.#stream = stream;
    };
    try {
      const stream = await wrap(raw, track);
      if (this.#closed) throw new Error('The socket is closed');
      this.#attach(stream);
    } catch (error) {
      outer.destroy();
      this.#stream = outer;
      throw error;
    } finally {
      this.#wrapping = false;
      changed();
    }
  }

  #end(): void {
    this.#ended = true;
    if (!this.#closed) this.#context.changed();
  }

  bind(to: HostAddress): number {
    if (this.#local !== undefined) return HostError.invalid;
    const bound = this.#context.ports.bind(this, to);
    if (typeof bound === 'number') return bound;
    this.#local = bound;
    this.#bound = bound.port;
    return 0;
  }

  listen(): number {
    if (this.#state === 'connecting' || this.#state === 'connected') return HostError.invalid;
    const bound = this.#local === undefined ? this.bind({ ip: ANY, port: 0 }) : 0;
    if (bound === 0) this.#state = 'listening';
    return bound;
  }

  /** A connection comes to a listening socket. */
  connectedFrom(stream: Duplex, from: HostAddress, to: HostAddress): void {
    const socket = new TcpSocket(this.#context);
    socket.#state = 'connected';
    socket.#local = to;
    socket.#remote = from;
    socket.#attach(stream);
    this.#queue.push(socket);
    this.#context.changed();
  }

  accept(): TcpSocket | number {
    if (this.#state !== 'listening') return HostError.invalid;
    return this.#queue.shift() ?? HostError.again;
  }

  send(bytes: Uint8Array): number {
    if (this.#wrapping) return HostError.again;
    const error = this.#error !== 0 ? this.takeError() : this.#notConnected();
    if (error !== 0) return error;
    if (!this.#writes || this.#broken) return HostError.broken;
    const count = Math.min(bytes.length, this.#room);
    if (count === 0) return bytes.length === 0 ? 0 : HostError.again;
    this.#stream?.write(Buffer.from(bytes.subarray(0, count)));
    return count;
  }

  receive(size: number, peek: boolean): Received | number {
    if (this.#wrapping) return HostError.again;
    const from = this.#remote ?? { ip: ANY, port: 0 };
    if (this.#received.length === 0 && this.#error !== 0) return this.takeError();
    const error = this.#notConnected();
    if (error !== 0) return error;
    const bytes = peek ? this.#received.view.subarray(0, size) : this.#received.take(size);
    if (bytes.length === 0 && size > 0 && !this.#ended && this.#reads) return HostError.again;
    if (!peek && this.#received.length < BUFFER_SIZE && this.#stream?.isPaused()) this.#resume(this.#stream);
    return { bytes, from, length: bytes.length };
  }

  /** Has a stream go on. What comes of it comes on a later turn, for which the clock has to wait. */
  #resume(stream: Duplex): void {
    const release = this.#context.clock.hold('a stream that goes on');
    stream.resume();
    setImmediate(() => setImmediate(release));
  }

  shutdown(reading: boolean, writing: boolean): number {
    const error = this.#notConnected();
    if (error !== 0) return error;
    if (reading) this.#stopReading();
    if (writing) this.#stopWriting();
    return 0;
  }

  #stopReading(): void {
    this.#reads = false;
    this.#received.clear();
    this.#stream?.resume();
  }

  #stopWriting(): void {
    this.#writes = false;
    this.#stream?.end();
  }

  /** As the kernel does it: what was written still goes out, and a peer that then goes on sending is cut off. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#bound !== undefined) this.#context.ports.release(this.#bound);
    for (const socket of this.#queue) socket.close();
    const stream = this.#stream;
    if (stream === undefined) return;
    if (this.#state === 'connecting' || this.#wrapping) return void stream.destroy();
    this.#stopReading();
    this.#stopWriting();
  }

  #notConnected(): number {
    return this.#state === 'connected' ? 0 : HostError.notConnected;
  }

  /** Bytes that can be written now. */
  get #room(): number {
    return Math.max(0, BUFFER_SIZE - (this.#stream?.writableLength ?? 0));
  }

  get #broken(): boolean {
    return this.#stream?.destroyed === true;
  }
}

function errorOf(error: unknown): number {
  const { code } = error as { code?: unknown };
  return ERRORS[String(code)] ?? HostError.reset;
}
