import type { Duplex } from 'node:stream';

export interface OutboxOptions {
  /** See StateStore: what is sent now may be told when this resolves; undefined for at once. */
  saved(): Promise<void> | undefined;
  /** It rejected: nothing more goes out. */
  failed(error: unknown): void;
  /** Less may be waiting than before. */
  moved(): void;
}

/** Collects what is sent in one turn of the event loop and sends it as one write, so as one TLS record. */
export class Outbox {
  readonly #stream: Duplex;
  readonly #options: OutboxOptions;
  #queued: Buffer[] = [];
  #hasWritten = false;
  /** Bytes that the stream was not given yet. */
  #kept = 0;
  /** The last write that waits for the state. */
  #waiting: Promise<void> | undefined;

  constructor(stream: Duplex, options: OutboxOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.on('drain', () => options.moved());
  }

  /** Bytes that were sent and that the client's side has not taken. */
  get waiting(): number {
    return this.#kept + this.#stream.writableLength;
  }

  /** Whether anything went out. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  send(bytes: Buffer): void {
    this.#kept += bytes.length;
    if (this.#queued.push(bytes) === 1) process.nextTick(() => this.flush());
  }

  /** @param written Called once all that was sent is written. */
  flush(written?: () => void): void {
    const queued = this.#queued;
    this.#queued = [];
    const saved = queued.length === 0 ? undefined : this.#options.saved();
    if (saved === undefined && this.#waiting === undefined) {
      this.#write(queued);
      return written?.();
    }
    const before = this.#waiting;
    const waiting = (async () => {
      await before;
      await saved;
      this.#write(queued);
      written?.();
    })();
    this.#waiting = waiting;
    waiting.then(
      () => void (this.#waiting === waiting && (this.#waiting = undefined)),
      (error: unknown) => this.#options.failed(error),
    );
  }

  #write(queued: readonly Buffer[]): void {
    if (queued.length === 0) return;
    const bytes = queued.length === 1 ? (queued[0] as Buffer) : Buffer.concat(queued);
    this.#kept -= bytes.length;
    if (!this.#stream.writable) return;
    this.#hasWritten = true;
    this.#stream.write(bytes);
    this.#options.moved();
  }
}
