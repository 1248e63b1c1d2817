import type { Duplex } from 'node:stream';
import type { Clock } from '../clock/index.js';
import { SphereIotError, messageOf } from '../errors.js';

/** What happens to a connection. `failed` or `lost` come at most once, and nothing comes after them or after `close`. */
export interface ConnectionEvents {
  /** The handshake is done and the server is trusted. */
  opened(): void;
  /** It can't be opened. */
  failed(error: SphereIotError): void;
  /** The bytes are the receiver's from now on. */
  received(bytes: Buffer): void;
  /** The peer closed it (no error), or it broke. */
  lost(error?: SphereIotError): void;
}

export interface Connection {
  /** Reads nothing more until `resume`: what comes waits with the peer, and so does its end. A connection that breaks is told of. */
  pause(): void;
  /** May be called at any time. */
  resume(): void;
  /** Queues bytes; what is queued in one turn of the event loop leaves in one TLS record, if it fits. Copies them. */
  write(bytes: Uint8Array): void;
  /** Bytes that were written and that the peer's side has not taken. */
  readonly unsent: number;
  /** Sends what is queued, and closes. No event comes any more. */
  close(): void;
  /** Closes at once. No event comes any more. */
  destroy(): void;
}

/** Bytes of the least buffer for what is to be sent. */
const PENDING_SIZE = 4096;

/**
 * A connection over a stream that is still to be established. It holds the clock until that is done, unless what it sends or gets
 * waits in the network.
 */
export class StreamConnection implements Connection {
  readonly #where: string;
  readonly #events: ConnectionEvents;
  readonly #clock: Clock;
  #release: () => void = () => undefined;
  /** Every stream under the connection, in the order in which they were made. */
  readonly #streams: Duplex[] = [];
  #stream: Duplex | undefined;
  #state: 'opening' | 'open' | 'closed' = 'opening';
  #error: unknown;
  #paused = false;
  #pending = Buffer.alloc(0);
  #pendingLength = 0;
  /** Bytes that the last turn of the event loop sent: this one may send as many. */
  #lastLength = 0;

  /**
   * @param where Name and port, for the texts of errors.
   * @param establish Makes the stream; it tells of each stream that it makes on the way.
   */
  constructor(
    clock: Clock,
    where: string,
    events: ConnectionEvents,
    establish: (track: (stream: Duplex) => void) => Promise<Duplex>,
  ) {
    this.#clock = clock;
    this.#where = where;
    this.#events = events;
    this.#hold();
    establish((stream) => this.#track(stream)).then(
      (stream) => this.#opened(stream),
      (error: unknown) => this.#ended(error),
    );
  }

  #hold(): void {
    this.#release();
    if (this.#state === 'opening') this.#release = this.#clock.hold(`a connection to ${this.#where} being opened`);
  }

  #track(stream: Duplex): void {
    this.#streams.push(stream);
    stream.on('stalled', () => this.#release());
    stream.on('moving', () => this.#hold());
    stream.on('error', (error) => {
      this.#error ??= error;
    });
    if (this.#state === 'closed') stream.destroy();
  }

  #opened(stream: Duplex): void {
    if (this.#state === 'closed') return void stream.destroy();
    if (!this.#streams.includes(stream)) this.#track(stream);
    this.#stream = stream;
    this.#state = 'open';
    this.#events.opened();
    stream.on('data', (bytes: Buffer) => {
      if (this.#state === 'open') this.#events.received(bytes);
    });
    if (this.#paused) stream.pause();
    stream.on('end', () => this.#ended(undefined));
    stream.on('close', () => this.#ended(this.#error));
    this.#release();
  }

  #ended(error: unknown): void {
    const state = this.#state;
    this.destroy();
    if (state === 'opening') this.#events.failed(this.#openError(error));
    else if (state === 'open') this.#events.lost(error === undefined ? undefined : this.#lostError(error));
  }

  #openError(error: unknown): SphereIotError {
    if (error instanceof SphereIotError) return error;
    return new SphereIotError('CONNECTION_FAILED', `${this.#where} can't be reached: ${messageOf(error)}.`, {
      cause: error,
    });
  }

  #lostError(error: unknown): SphereIotError {
    if (error instanceof SphereIotError) return error;
    return new SphereIotError('CONNECTION_LOST', `The connection to ${this.#where} broke: ${messageOf(error)}.`, {
      cause: error,
    });
  }

  pause(): void {
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#stream?.resume();
  }

  write(bytes: Uint8Array): void {
    if (this.#state === 'closed') return;
    if (this.#pendingLength === 0) queueMicrotask(() => this.#flush());
    const length = this.#pendingLength + bytes.length;
    if (length > this.#pending.length) {
      const larger = Buffer.allocUnsafeSlow(
        Math.max(PENDING_SIZE, this.#pendingLength === 0 ? this.#lastLength : 2 * length, length),
      );
      this.#pending.copy(larger, 0, 0, this.#pendingLength);
      this.#pending = larger;
    }
    this.#pending.set(bytes, this.#pendingLength);
    this.#pendingLength = length;
  }

  get unsent(): number {
    return this.#pendingLength + (this.#stream?.writableLength ?? 0);
  }

  #flush(): void {
    if (this.#pendingLength === 0 || this.#stream === undefined || this.#stream.destroyed) return;
    this.#stream.write(this.#pending.subarray(0, this.#pendingLength));
    // What was handed over belongs to the stream until it is sent.
    this.#pending = this.#pending.subarray(this.#pendingLength);
    this.#lastLength = this.#pendingLength;
    this.#pendingLength = 0;
  }

  close(): void {
    if (this.#state !== 'open') return this.destroy();
    for (const stream of this.#streams) stream.emit('leaving');
    this.#flush();
    this.#state = 'closed';
    this.#stream?.end(() => this.#destroyStreams());
  }

  destroy(): void {
    this.#state = 'closed';
    this.#pendingLength = 0;
    this.#release();
    this.#destroyStreams();
  }

  #destroyStreams(): void {
    // The outermost first: TLS whose socket is destroyed under it crashes Node 20.
    for (const stream of [...this.#streams].reverse()) stream.destroy();
  }
}
