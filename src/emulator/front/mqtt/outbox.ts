import type { Duplex } from 'node:stream';

import { generate, type Packet } from 'mqtt-packet';

export interface OutboxOptions {
  /** Told of each packet when it is sent. */
  sent(packet: Packet): void;
  /** See StateStore: what is sent now may be told when this resolves; undefined for at once. */
  saved(): Promise<void> | undefined;
  /** It rejected: nothing more goes out. */
  failed(error: unknown): void;
  /** Less may be waiting than before. */
  moved(): void;
}

/** Collects the packets of one turn of the event loop and sends them as one write, so as one TLS record. */
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

  send(packet: Packet): void {
    this.#options.sent(packet);
    const bytes = packet.cmd === 'puback' ? puback(packet.messageId as number) : generate(packet);
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

/** Encodes a PUBACK without mqtt-packet, whose encoder took more time than the rest of the answer: there is one for each message. */
function puback(messageId: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes[0] = 0x40;
  bytes[1] = 2;
  bytes[2] = messageId >> 8;
  bytes[3] = messageId & 0xff;
  return bytes;
}
