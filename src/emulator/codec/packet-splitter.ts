import { ReceivedBytes } from '../../transport/received-bytes.js';

/** Bytes of the length in a fixed header (MQTT 2.2.3). */
const MAX_LENGTH_BYTES = 4;

/**
 * Cuts what comes into the pieces that a parser takes: a packet that is whole, else its fixed header, then the rest of it as a whole. What
 * is not taken waits here, so that a reader can stop after any packet.
 */
export class PacketSplitter {
  readonly #received = new ReceivedBytes();
  #longest: number;
  /** What is left of the packet whose header was taken, in bytes. */
  #rest = 0;

  /** @param longest Bytes that a packet may have after its fixed header. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** From now on packets may have so many bytes after their fixed header. */
  allow(longest: number): void {
    this.#longest = longest;
  }

  /** @param bytes The splitter's from now on. */
  add(bytes: Buffer): void {
    this.#received.add(bytes);
  }

  /** Forgets what waits. */
  clear(): void {
    this.#received.clear();
  }

  /** The next piece; undefined while it is not whole; `tooLong` where a header announces a packet that nobody takes. */
  next(): Buffer | undefined | 'tooLong' {
    if (this.#rest === 0) return this.#header();
    if (this.#received.length < this.#rest) return undefined;
    const rest = this.#received.take(this.#rest);
    this.#rest = 0;
    return rest;
  }

  #header(): Buffer | undefined | 'tooLong' {
    const received = this.#received;
    let length = 0;
    for (let i = 1; i < received.length; i++) {
      const byte = received.at(i) as number;
      length += (byte & 0x7f) * 0x80 ** (i - 1);
      if (length > this.#longest) return 'tooLong';
      // A length that goes on after its last byte is the parser's to refuse.
      if (byte >= 0x80 && i <= MAX_LENGTH_BYTES) continue;
      const header = i + 1;
      if (byte >= 0x80) return received.take(header);
      if (received.length >= header + length) return received.take(header + length);
      this.#rest = length;
      return received.take(header);
    }
    return undefined;
  }
}
