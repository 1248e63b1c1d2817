import type { Watch } from './watch.js';

/** Entries in order, each with its number, from 0; the oldest may be gone. */
export interface NumberedEntries<T> {
  /** The entry with that number, or the oldest that is left of those after it, with its number. */
  from(number: number): { readonly number: number; readonly entry: T } | undefined;
}

/** Reads entries in order, each once. Readers that wait at the same time get theirs in the order in which they came. */
export class Cursor<T> {
  readonly #entries: NumberedEntries<T>;
  readonly #watch: Watch;
  #next = 0;
  #reading: Promise<unknown> = Promise.resolve();

  /** @param watch Told of every new entry. */
  constructor(entries: NumberedEntries<T>, watch: Watch) {
    this.#entries = entries;
    this.#watch = watch;
  }

  /** The next entry for which `predicate` holds, there already or still to come; it skips those before. As `Watch.until`. */
  next(predicate: (entry: T) => boolean, signal?: AbortSignal): Promise<T> {
    const next = this.#reading.then(() => this.#watch.until(() => this.#take(predicate), signal));
    this.#reading = next.catch(() => undefined);
    return next;
  }

  #take(predicate: (entry: T) => boolean): T | undefined {
    for (let found = this.#entries.from(this.#next); found !== undefined; found = this.#entries.from(this.#next)) {
      this.#next = found.number + 1;
      if (predicate(found.entry)) return found.entry;
    }
    return undefined;
  }
}
