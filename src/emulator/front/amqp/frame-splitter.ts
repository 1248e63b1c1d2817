/** Bytes of a header, and of the head of a frame (AMQP 1.0, 2.2 and 2.3). */
const HEAD = 8;
const HEADER = Buffer.from('AMQP');

/** Splits a stream of bytes into protocol headers and frames, each as a whole. */
export class FrameSplitter {
  readonly #longest: number;
  #chunks: Buffer[] = [];
  #size = 0;

  /** @param longest Bytes that a frame may have. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  add(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
  }

  /** The next header or frame; undefined where it is not whole yet; why it can't be one, in words. */
  next(): Buffer | string | undefined {
    if (this.#size < HEAD) return undefined;
    const head = this.#first(HEAD);
    const isHeader = head.subarray(0, 4).equals(HEADER);
    const size = isHeader ? HEAD : head.readUInt32BE(0);
    if (size < HEAD) return `a frame of ${size} bytes`;
    if (size > this.#longest) return `a frame of ${size} bytes, of ${this.#longest}`;
    if (this.#size < size) return undefined;
    const whole = this.#first(size).subarray(0, size);
    this.#drop(size);
    return whole;
  }

  clear(): void {
    this.#chunks = [];
    this.#size = 0;
  }

  /** The first chunk, made to have so many bytes. */
  #first(size: number): Buffer {
    if ((this.#chunks[0] as Buffer).length < size) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }

  #drop(size: number): void {
    const rest = (this.#chunks[0] as Buffer).subarray(size);
    this.#size -= size;
    if (rest.length > 0) this.#chunks[0] = rest;
    else this.#chunks.shift();
  }
}

/** Whether it is a protocol header, and no frame. */
export function isHeader(piece: Buffer): boolean {
  return piece.subarray(0, 4).equals(HEADER);
}
