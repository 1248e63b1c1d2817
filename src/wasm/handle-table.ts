import { SphereIotError } from '../errors.js';

declare const handleType: unique symbol;
declare const functionType: unique symbol;

/**
 * A handle of the SDK, as C has it, but for its number: that is never used twice, so a handle that was destroyed is told
 * from one that C made later in the same place.
 */
export type Handle<Type extends string> = number & { readonly [handleType]: Type };

/** The address of a C function. */
export type CFunction<Type extends string> = number & { readonly [functionType]: Type };

interface Entry {
  readonly id: number;
  readonly type: string;
  readonly pointer: number;
  readonly borrowed: boolean;
  /** Handles that live no longer than this one. */
  children: Entry[] | undefined;
}

/** Whose a handle is. Default: the app's, to be destroyed by it. */
export interface Adoption {
  /** The handle that it is a part of, and ends with. */
  readonly parent?: number;
  /** Lent to a callback. */
  readonly borrowed?: boolean;
}

/** The live handles of one module. 0 is NULL. */
export class HandleTable {
  readonly #byId = new Map<number, Entry>();
  readonly #byPointer = new Map<string, Entry>();
  #next = 1;

  /** Told of every handle that is gone. */
  onDropped: ((handle: number) => void) | undefined;

  /** The handle of a pointer that C gave: the one it had, or a new one. */
  adopt(type: string, pointer: number, { parent, borrowed = false }: Adoption = {}): number {
    if (pointer === 0) return 0;
    const known = this.#byPointer.get(`${type}${pointer}`);
    if (known !== undefined) return known.id;
    const owner = parent === undefined ? undefined : this.#byId.get(parent);
    const entry: Entry = { id: this.#next++, type, pointer, borrowed, children: undefined };
    this.#byId.set(entry.id, entry);
    this.#byPointer.set(`${type}${pointer}`, entry);
    if (owner !== undefined) (owner.children ??= []).push(entry);
    return entry.id;
  }

  /**
   * The pointer of a handle. NULL is passed on: C knows what to do with it.
   * @throws SphereIotError `HANDLE_INVALID` (no handle, or of another type), `HANDLE_DESTROYED`.
   */
  pointer(type: string, handle: unknown, where: string): number {
    if (handle === null || handle === undefined || handle === 0) return 0;
    const entry = this.#byId.get(handle as number);
    if (entry?.type === type) return entry.pointer;
    if (entry !== undefined)
      throw new SphereIotError('HANDLE_INVALID', `${where} takes a ${type}, and was given a ${entry.type}.`);
    if (Number.isInteger(handle) && (handle as number) > 0 && (handle as number) < this.#next)
      throw new SphereIotError('HANDLE_DESTROYED', `${where} was given a ${type} that is destroyed.`);
    throw new SphereIotError(
      'HANDLE_INVALID',
      `${where} takes a ${type} that the SDK returned, not ${String(handle)}.`,
    );
  }

  /** The C type of a live handle. */
  typeOf(handle: number): string | undefined {
    return this.#byId.get(handle)?.type;
  }

  isBorrowed(handle: number): boolean {
    return this.#byId.get(handle)?.borrowed ?? false;
  }

  /** Forgets a handle and all that was borrowed from it. */
  drop(handle: number): void {
    const entry = this.#byId.get(handle);
    if (entry === undefined) return;
    this.#byId.delete(handle);
    this.#byPointer.delete(`${entry.type}${entry.pointer}`);
    for (const child of entry.children ?? []) this.drop(child.id);
    this.onDropped?.(handle);
  }

  /** The live handles, by type: for tests that look for what was not destroyed. */
  live(): { readonly type: string; readonly handle: number }[] {
    return [...this.#byId.values()].map(({ type, id }) => ({ type, handle: id }));
  }
}
