import { Duplex } from 'node:stream';
import type { Clock } from '../clock/index.js';
import type { Lane } from './lane.js';
import type { Line } from './network.js';
import { tellOfStalls } from './stalling.js';

/**
 * Two ends of a connection inside the process: what is written to one is read from the other, in order, with
 * back-pressure. As with a TCP connection, ending one end ends the other's reading, and destroying one closes the other.
 * Bytes in flight hold the clock.
 * @param line The network between them; the first end is the device's. Default: nothing is between them.
 */
export function createDuplexPair(clock: Clock, line?: Line): [Duplex, Duplex] {
  const a = new End(clock, line?.out);
  const b = new End(clock, line?.in);
  a.other = b;
  b.other = a;
  if (line !== undefined) tellOfStalls(line, a, b);
  return [a, b];
}

class End extends Duplex {
  other!: End;
  /** Resumes the other end's writing, once this end has been read from. */
  #resumeWriter: ((error?: Error) => void) | undefined;

  /** @param lane What it sends through. */
  constructor(
    readonly clock: Clock,
    readonly lane: Lane | undefined,
  ) {
    super({ allowHalfOpen: true });
    if (lane !== undefined) lane.onBroken = (error) => this.destroy(error);
  }

  override _read(): void {
    const resume = this.#resumeWriter;
    this.#resumeWriter = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk.length, done, (then) => {
      if (this.other.push(chunk)) then();
      else this.other.#resumeWriter = then;
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#send(0, done, (then) => {
      this.other.push(null);
      then();
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#resumeWriter?.(brokenPipe());
    this.#resumeWriter = undefined;
    const { lane } = this;
    if (lane === undefined || lane.isClear) this.#gone();
    else
      lane.send({
        size: 0,
        deliver: (then) => {
          this.#gone();
          then();
        },
      });
    done(error);
  }

  /** The other end learns that this one is closed. */
  #gone(): void {
    const release = this.clock.hold('a connection being closed');
    // After what was written before: bytes that are in flight still arrive.
    setImmediate(() => {
      if (!this.other.destroyed && !this.other.readableEnded) this.other.push(null);
      setImmediate(() => {
        if (!this.other.destroyed && this.other.writableEnded) this.other.destroy();
        release();
      });
    });
  }

  /** Has something delivered to the other end: at once, or when the network lets it. `then` is called when more can follow. */
  #send(
    size: number,
    done: (error?: Error | null) => void,
    deliver: (then: (error?: Error | null) => void) => void,
  ): void {
    const { lane } = this;
    if (lane === undefined || lane.isClear) return this.#carry(() => deliver(done), done);
    lane.send({
      size,
      accepted: done,
      deliver: (next) => {
        const then = (error?: Error | null): void => {
          if (error) this.destroy(error);
          next();
        };
        this.#carry(() => deliver(then), then);
      },
    });
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
