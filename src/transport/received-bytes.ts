const MIN_CAPACITY = 1024;
const NONE = Buffer.alloc(0);

/**
 * Bytes that came and were not taken yet, in one buffer. It grows by doubling: many small pieces take no more time and room than a few large
 * ones. What was taken is never written to again.
 */
export class ReceivedBytes {
  #bytes: Buffer = NONE;
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** The byte at this place, from 0; undefined beyond the end. */
  at(place: number): number | undefined {
    return place < this.length ? this.#bytes[this.#start + place] : undefined;
  }

  /** Those that are there: a view. */
  get view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** @param bytes This object's from now on. */
  add(bytes: Buffer): void {
    if (this.length === 0) {
      this.#bytes = bytes;
      this.#start = 0;
      this.#end = bytes.length;
      return;
    }
    if (this.#end + bytes.length > this.#bytes.length) this.#grow(this.length + bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The first bytes, without a copy: so many, or all that there are. */
  take(size: number): Buffer {
    const taken = this.#bytes.subarray(this.#start, Math.min(this.#start + size, this.#end));
    this.#start += taken.length;
    if (this.length === 0) this.clear();
    return taken;
  }

  clear(): void {
    this.#bytes = NONE;
    this.#start = this.#end = 0;
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(MIN_CAPACITY, 2 * length));
    this.#bytes.copy(larger, 0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    this.#bytes = larger;
  }
}
