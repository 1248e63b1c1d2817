import { counted } from '../counted.js';
import { SphereIotError } from '../errors.js';
import { webAssembly, type WasmMemory } from './webassembly.js';

/** What the memory needs of the module. */
export interface MemoryExports {
  readonly memory: WasmMemory;
  malloc(size: number): number;
  free(pointer: number): void;
}

/** Bytes for the temporary values of the calls that are under way; what does not fit goes to the heap, one by one. */
const SCRATCH_SIZE = 16 * 1024;

/** Characters up to which a text is copied one by one: faster than to ask the encoder. */
const SHORT_TEXT = 64;

/** Bytes that UTF-8 may need for a character of JavaScript. */
const MAX_BYTES_PER_CHARACTER = 3;

const OUT_OF_BOUNDS = 'memory access out of bounds';
/** What the runtime says where bytes or a number are to be set beyond the memory. */
const BEYOND = new Set([OUT_OF_BOUNDS, 'offset is out of bounds', 'Offset is outside the bounds of the DataView']);

/** The trap that a pointer beyond the memory is, as where C itself uses it; any other error as it is. */
export function trapOf(error: unknown): unknown {
  // By its name: a test may have another RangeError than Node.
  const { name, message } = (error ?? {}) as Partial<Error>;
  return name === 'RangeError' && BEYOND.has(message ?? '') ? new webAssembly.RuntimeError(OUT_OF_BOUNDS) : error;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * The linear memory of a module. Views are renewed only when it grew; nothing returned here is a view of it, but for
 * `bytesAt`.
 */
export class Memory {
  readonly #exports: () => MemoryExports;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** A block of C's heap, filled from its start and emptied from its end, call by call. */
  #scratch = 0;
  /** Bytes of it in use; above its size, one for each temporary value that is on the heap. */
  #used = 0;
  readonly #onHeap: { readonly pointer: number; readonly size: number }[] = [];

  constructor(exports: () => MemoryExports) {
    this.#exports = exports;
  }

  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.renew();
    return this.#bytes;
  }

  get view(): DataView {
    if (this.#bytes.length === 0) this.renew();
    return this.#view;
  }

  /** Size of the memory, in bytes. */
  get size(): number {
    return this.bytes.length;
  }

  /** Takes the memory as it is now. One that has grown says so by itself, unless it is shared: views of that stay as they were. */
  renew(): void {
    const { buffer } = this.#exports().memory;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** A view, valid until C runs again. @throws RangeError Where not all of it is in the memory. */
  bytesAt(pointer: number, length: number): Uint8Array {
    const [start, end] = this.#place(pointer, length);
    return this.bytes.subarray(start, end);
  }

  /** A copy. @throws RangeError As `bytesAt`. */
  copyAt(pointer: number, length: number): Uint8Array {
    const [start, end] = this.#place(pointer, length);
    return this.bytes.slice(start, end);
  }

  /** What is beyond 2 GiB comes from C as a negative number, which JavaScript would count from the end. */
  #place(pointer: number, length: number): readonly [start: number, end: number] {
    const start = pointer >>> 0;
    const end = start + (length >>> 0);
    if (end > start && end > this.bytes.length) throw new RangeError(OUT_OF_BOUNDS);
    return [start, end];
  }

  /** The text at a pointer; null for NULL. @throws RangeError Where no NUL follows in the memory. */
  textAt(pointer: number): string | null {
    return pointer === 0 ? null : decoder.decode(this.bytes.subarray(pointer >>> 0, this.#nulAfter(pointer)));
  }

  /** A copy of the bytes up to the next NUL, which may be no UTF-8; undefined for NULL. @throws RangeError As `textAt`. */
  bytesToNul(pointer: number): Uint8Array | undefined {
    return pointer === 0 ? undefined : this.bytes.slice(pointer >>> 0, this.#nulAfter(pointer));
  }

  #nulAfter(pointer: number): number {
    const end = this.bytes.indexOf(0, pointer >>> 0);
    if (end < 0) throw new RangeError(OUT_OF_BOUNDS);
    return end;
  }

  /** The text in an array of char: up to its NUL, or all of it. */
  textWithin(pointer: number, size: number): string {
    const content = this.bytesAt(pointer, size);
    const end = content.indexOf(0);
    return decoder.decode(end < 0 ? content : content.subarray(0, end));
  }

  /** Writes a text with its NUL to an array of char, as much of it as there is room for. */
  setTextWithin(pointer: number, size: number, text: string): void {
    const content = encoder.encode(text).subarray(0, size - 1);
    this.bytes.set(content, pointer);
    this.bytes[pointer + content.length] = 0;
  }

  uint32At(pointer: number): number {
    return this.view.getUint32(pointer, true);
  }

  /** Copies bytes to the heap of C; the caller frees them, or C does. */
  allocate(content: Uint8Array): number {
    const pointer = this.#allocate(content.length);
    this.bytes.set(content, pointer);
    return pointer;
  }

  #allocate(size: number): number {
    const pointer = this.#exports().malloc(size || 1);
    if (pointer === 0) throw new SphereIotError('OUT_OF_MEMORY', `C has no ${counted(size, 'byte')} left.`);
    return pointer;
  }

  free(pointer: number): void {
    this.#exports().free(pointer);
  }

  /** Takes the block for temporary values, which is otherwise taken by the first of them. */
  prepare(): void {
    if (this.#scratch === 0) this.#scratch = this.#allocate(SCRATCH_SIZE);
  }

  /** Where the temporary values of a call begin: to be given to `release` or `wipe` when the call is over. */
  mark(): number {
    return this.#used;
  }

  /** Frees the temporary values since `mark`. */
  release(mark: number): void {
    if (this.#used > SCRATCH_SIZE) this.#freeHeap(mark, false);
    this.#used = mark;
  }

  /** The same, for values that may be secrets: they are overwritten first. */
  wipe(mark: number): void {
    if (this.#used > SCRATCH_SIZE) this.#freeHeap(mark, true);
    const end = Math.min(this.#used, SCRATCH_SIZE);
    if (end > mark) this.bytes.fill(0, this.#scratch + mark, this.#scratch + end);
    this.#used = mark;
  }

  #freeHeap(mark: number, wipe: boolean): void {
    const kept = Math.max(0, mark - SCRATCH_SIZE);
    for (const { pointer, size } of this.#onHeap.splice(kept)) {
      if (wipe) this.bytes.fill(0, pointer, pointer + size);
      this.free(pointer);
    }
  }

  /** A temporary value of `size` zero bytes, aligned for any type. */
  space(size: number): number {
    const pointer = this.#take(size);
    this.bytes.fill(0, pointer, pointer + size);
    return pointer;
  }

  /** A temporary copy. */
  temporary(content: Uint8Array): number {
    const pointer = this.#take(content.length);
    this.bytes.set(content, pointer);
    return pointer;
  }

  /**
   * A temporary text with its NUL; 0 (NULL) for null.
   * @throws SphereIotError `TEXT_HAS_NUL`: C would see only a part of it.
   */
  text(text: string | null | undefined): number {
    if (text === null || text === undefined) return 0;
    const { length } = text;
    if (length > SHORT_TEXT) return this.#encodedText(text);
    const pointer = this.#take(length + 1);
    const { bytes } = this;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code === 0 || code > 0x7f) return this.#encodedText(text);
      bytes[pointer + i] = code;
    }
    bytes[pointer + length] = 0;
    return pointer;
  }

  #encodedText(text: string): number {
    if (text.includes('\0'))
      throw new SphereIotError('TEXT_HAS_NUL', 'A text with a NUL character in it can not be passed to C.');
    const most = text.length * MAX_BYTES_PER_CHARACTER + 1;
    if (this.#used + aligned(most) > SCRATCH_SIZE) {
      const encoded = encoder.encode(text);
      const pointer = this.#take(encoded.length + 1);
      this.bytes.set(encoded, pointer);
      this.bytes[pointer + encoded.length] = 0;
      return pointer;
    }
    const used = this.#used;
    const pointer = this.#take(most);
    const { written } = encoder.encodeInto(text, this.bytesAt(pointer, most));
    this.bytes[pointer + written] = 0;
    this.#used = used + aligned(written + 1);
    return pointer;
  }

  /** A place for a temporary value: in the scratch block, or on the heap if there is not enough left. */
  #take(size: number): number {
    this.prepare();
    const used = this.#used + aligned(size);
    if (used > SCRATCH_SIZE) return this.#takeHeap(size);
    const pointer = this.#scratch + this.#used;
    this.#used = used;
    return pointer;
  }

  #takeHeap(size: number): number {
    const pointer = this.#allocate(size);
    this.#onHeap.push({ pointer, size });
    this.#used = SCRATCH_SIZE + this.#onHeap.length;
    return pointer;
  }
}

/** A size after which any type may follow. */
function aligned(size: number): number {
  return (size + 7) & ~7;
}
