import { SphereIotError } from '../errors.js';
import { NumberedRecords, type Numbered } from './numbered.js';

declare const handleType: unique symbol;
declare const functionType: unique symbol;

/**
 * A handle of the SDK, as C has it, but for its number: that is never used twice, so a handle that was destroyed is told
 * from one that C made later in the same place.
 */
export type Handle<Type extends string> = number & { readonly [handleType]: Type };

/** The address of a C function. */
export type CFunction<Type extends string> = number & { readonly [functionType]: Type };

/** A live handle. */
export interface HandleEntry extends Numbered {
  type: string;
  pointer: number;
  /** Lent to a callback: not the app's to destroy. */
  borrowed: boolean;
  /** Numbers of handles that live no longer than this one. */
  parts: number[] | undefined;
  /** Number of the newest callback that C may call for this handle; 0: none. `Callbacks` keeps it. */
  newestCallback: number;
}

/** The live handles of one module. 0 is NULL. */
export class HandleTable {
  readonly #entries = new NumberedRecords<HandleEntry>(() => ({
    number: 0,
    type: '',
    pointer: 0,
    borrowed: false,
    parts: undefined,
    newestCallback: 0,
  }));

  /** Told of a handle that is about to go and has callbacks. */
  onDropped: ((entry: HandleEntry) => void) | undefined;

  /** A handle for what C has made for the app, which is to destroy it; 0 for NULL. */
  adopt(type: string, pointer: number): number {
    return pointer === 0 ? 0 : this.#add(type, pointer, false).number;
  }

  /** A handle for what C lends to a callback. */
  lend(type: string, pointer: number): number {
    return pointer === 0 ? 0 : this.#add(type, pointer, true).number;
  }

  /** The handle of a part of `whole`, which ends with it: the one that it had, or a new one. */
  part(type: string, pointer: number, whole: number): number {
    if (pointer === 0) return 0;
    const owner = this.#entries.get(whole);
    for (const number of owner?.parts ?? []) {
      const known = this.#entries.get(number);
      if (known?.pointer === pointer && known.type === type) return number;
    }
    const { number } = this.#add(type, pointer, false);
    if (owner !== undefined) (owner.parts ??= []).push(number);
    return number;
  }

  #add(type: string, pointer: number, borrowed: boolean): HandleEntry {
    const entry = this.#entries.take();
    entry.type = type;
    entry.pointer = pointer;
    entry.borrowed = borrowed;
    return entry;
  }

  /**
   * The pointer of a handle. NULL is passed on: C knows what to do with it.
   * @throws SphereIotError `HANDLE_INVALID` (no handle, or of another type), `HANDLE_DESTROYED`.
   */
  pointer(type: string, handle: unknown, where: string): number {
    if (handle === null || handle === undefined || handle === 0) return 0;
    const entry = this.entry(handle);
    return entry?.type === type ? entry.pointer : this.#refuse(type, handle, entry, where);
  }

  #refuse(type: string, handle: unknown, entry: HandleEntry | undefined, where: string): never {
    if (entry !== undefined)
      throw new SphereIotError('HANDLE_INVALID', `${where} takes a ${type}, and was given a ${entry.type}.`);
    if (this.#entries.wasUsed(handle as number))
      throw new SphereIotError('HANDLE_DESTROYED', `${where} was given a ${type} that is destroyed.`);
    throw new SphereIotError(
      'HANDLE_INVALID',
      `${where} takes a ${type} that the SDK returned, not ${String(handle)}.`,
    );
  }

  /** What is known of a live handle. */
  entry(handle: unknown): HandleEntry | undefined {
    return typeof handle === 'number' ? this.#entries.get(handle) : undefined;
  }

  /** The C type of a live handle. */
  typeOf(handle: number): string | undefined {
    return this.#entries.get(handle)?.type;
  }

  /** Forgets a handle and all that is a part of it. */
  drop(handle: number): void {
    const entry = this.entry(handle);
    if (entry === undefined) return;
    if (entry.newestCallback !== 0) this.onDropped?.(entry);
    const { parts } = entry;
    entry.parts = undefined;
    this.#entries.free(entry);
    if (parts !== undefined) for (const part of parts) this.drop(part);
  }

  /** The live handles, by type: for tests that look for what was not destroyed. */
  live(): { readonly type: string; readonly handle: number }[] {
    return this.#entries.all().map(({ type, number }) => ({ type, handle: number }));
  }
}
