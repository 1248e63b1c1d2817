import { Duplex } from 'node:stream';

/**
 * A connection as Node's HTTP gets it, which can be kept from reading on. Not the TLS socket itself: of that, Node's parser takes bytes from
 * below the stream, also while it is paused because nobody reads the answers, and then refuses them (`Parse Error: Paused`).
 */
export class PacedStream extends Duplex {
  readonly #below: Duplex;
  #isHeld = false;
  #isWanted = false;

  constructor(below: Duplex) {
    super({ allowHalfOpen: true });
    this.#below = below;
    below.pause();
    below.on('data', (bytes: Buffer) => {
      this.#isWanted = this.push(bytes);
      this.#pace();
    });
    below.on('end', () => this.push(null));
    below.on('close', () => this.destroy());
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Whether nothing more is read. What is read already, some 16 KiB, comes nevertheless. */
  set isHeld(isHeld: boolean) {
    this.#isHeld = isHeld;
    this.#pace();
  }

  override _read(): void {
    this.#isWanted = true;
    this.#pace();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // What fails below closes that, and so this. Until then the write stays open: else the
    // emulator would go on to answer a client that is gone.
    this.#below.write(chunk, (error) => {
      if (!error) done();
    });
  }

  /** What was written together, as the two parts of a WebSocket frame, leaves as one TLS record. */
  override _writev(chunks: readonly { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#below.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#below.destroy();
    done(error);
  }

  #pace(): void {
    if (this.#isWanted && !this.#isHeld) this.#below.resume();
    else this.#below.pause();
  }
}
