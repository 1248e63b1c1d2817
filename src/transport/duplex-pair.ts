import { Duplex } from 'node:stream';
import type { Clock } from '../clock/index.js';

/**
 * Two ends of a connection inside the process: what is written to one is read from the other, in order, with
 * back-pressure. As with a TCP connection, ending one end ends the other's reading, and destroying one closes the other.
 * Bytes in flight hold the clock.
 */
export function createDuplexPair(clock: Clock): [Duplex, Duplex] {
  const a = new End(clock);
  const b = new End(clock);
  a.other = b;
  b.other = a;
  return [a, b];
}

class End extends Duplex {
  other!: End;
  /** Resumes the other end's writing, once this end has been read from. */
  #resumeWriter: ((error?: Error) => void) | undefined;

  constructor(readonly clock: Clock) {
    super({ allowHalfOpen: true });
  }

  override _read(): void {
    const resume = this.#resumeWriter;
    this.#resumeWriter = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#carry(() => {
      if (this.other.push(chunk)) done();
      else this.other.#resumeWriter = done;
    }, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#carry(() => {
      this.other.push(null);
      done();
    }, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#resumeWriter?.(brokenPipe());
    this.#resumeWriter = undefined;
    const release = this.clock.hold('a connection being closed');
    // After what was written before: bytes that are in flight still arrive.
    setImmediate(() => {
      if (!this.other.destroyed && !this.other.readableEnded) this.other.push(null);
      setImmediate(() => {
        if (!this.other.destroyed && this.other.writableEnded) this.other.destroy();
        release();
      });
    });
    done(error);
  }

  /** Does `deliver` on a later turn, as a network would, and holds the clock until its consequences are under way. */
  #carry(deliver: () => void, failed: (error?: Error | null) => void): void {
    const release = this.clock.hold('bytes in flight');
    setImmediate(() => {
      if (this.other.destroyed) failed(brokenPipe());
      else deliver();
      setImmediate(release);
    });
  }
}

function brokenPipe(): Error {
  return Object.assign(new Error('The other end is closed.'), { code: 'EPIPE' });
}
