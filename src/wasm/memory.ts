import { counted } from '../counted.js';
import { SphereIotError } from '../errors.js';
import type { WasmMemory } from './webassembly.js';

/** What the memory needs of the module. */
export interface MemoryExports {
  readonly memory: WasmMemory;
  malloc(size: number): number;
  free(pointer: number): void;
}

/** Bytes for the temporary values of the calls that are under way; what does not fit goes to the heap, one by one. */
const SCRATCH_SIZE = 4096;

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
  #scratchUsed = 0;

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

  /** A view, valid until C runs again. */
  bytesAt(pointer: number, length: number): Uint8Array {
    return this.bytes.subarray(pointer, pointer + length);
  }

  /** A copy. */
  copyAt(pointer: number, length: number): Uint8Array {
    return this.bytes.slice(pointer, pointer + length);
  }

  /** The text at a pointer; null for NULL. */
  textAt(pointer: number): string | null {
    if (pointer === 0) return null;
    const { bytes } = this;
    return decoder.decode(bytes.subarray(pointer, bytes.indexOf(0, pointer)));
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
    const pointer = this.#exports().malloc(content.length || 1);
    if (pointer === 0) throw new SphereIotError('OUT_OF_MEMORY', `C has no ${counted(content.length, 'byte')} left.`);
    this.bytes.set(content, pointer);
    return pointer;
  }

  free(pointer: number): void {
    this.#exports().free(pointer);
  }

  /** Runs a call with temporary values of its own, which are gone when it returns. */
  inScope<T>(run: (scope: Scope) => T): T {
    const used = this.#scratchUsed;
    const scope = new Scope(this, (size) => this.#takeScratch(size));
    try {
      return run(scope);
    } finally {
      scope.end();
      this.#scratchUsed = used;
    }
  }

  /** A place in the scratch block, aligned for any value; 0 if there is not enough left. */
  #takeScratch(size: number): number {
    if (this.#scratch === 0) this.#scratch = this.#exports().malloc(SCRATCH_SIZE);
    const aligned = (size + 7) & ~7;
    if (this.#scratch === 0 || this.#scratchUsed + aligned > SCRATCH_SIZE) return 0;
    const pointer = this.#scratch + this.#scratchUsed;
    this.#scratchUsed += aligned;
    return pointer;
  }
}

/** The temporary values of one call into C: freed together, texts (which may be secrets) overwritten first. */
export class Scope {
  readonly #memory: Memory;
  readonly #takeScratch: (size: number) => number;
  #texts: number[] | undefined;
  #heap: number[] | undefined;

  constructor(memory: Memory, takeScratch: (size: number) => number) {
    this.#memory = memory;
    this.#takeScratch = takeScratch;
  }

  /** `size` zero bytes, aligned for any value. */
  space(size: number): number {
    const pointer = this.#takeScratch(size);
    if (pointer === 0) return this.bytes(new Uint8Array(size));
    this.#memory.bytes.fill(0, pointer, pointer + size);
    return pointer;
  }

  /** A text with its NUL. Throws `TEXT_HAS_NUL`, since C would see only a part of it. */
  text(text: string | null | undefined): number {
    if (text === null || text === undefined) return 0;
    if (text.includes('\0'))
      throw new SphereIotError('TEXT_HAS_NUL', 'A text with a NUL character in it can not be passed to C.');
    const encoded = encoder.encode(text);
    const pointer = this.space(encoded.length + 1);
    this.#memory.bytes.set(encoded, pointer);
    (this.#texts ??= []).push(pointer, encoded.length);
    return pointer;
  }

  /** A copy on the heap. */
  bytes(content: Uint8Array): number {
    const pointer = this.#memory.allocate(content);
    (this.#heap ??= []).push(pointer);
    return pointer;
  }

  /** Overwrites the texts and frees what is on the heap. */
  end(): void {
    const texts = this.#texts ?? [];
    for (let i = 0; i < texts.length; i += 2) {
      const pointer = texts[i] as number;
      this.#memory.bytes.fill(0, pointer, pointer + (texts[i + 1] as number));
    }
    for (const pointer of this.#heap ?? []) this.#memory.free(pointer);
  }
}
