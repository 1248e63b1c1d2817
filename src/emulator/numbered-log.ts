import { NO_SHELF, type Shelf } from './state/shelf.js';

/**
 * Entries in order, each with its number, from 0. Keeps the newest `limit` at least in memory, and just so many on its shelf;
 * what is older is dropped.
 */
export class NumberedLog<T> {
  readonly #limit: number;
  readonly #shelf: Shelf<T>;
  #entries: T[] = [];
  /** The number of the first entry that is still there. */
  #first = 0;

  /** @param shelf By their numbers; what is there already comes first. */
  constructor(limit: number, shelf: Shelf<T> = NO_SHELF) {
    this.#limit = limit;
    this.#shelf = shelf;
    const all = shelf.entries();
    const kept = all.slice(Math.max(0, all.length - limit));
    for (const [id] of all.slice(0, all.length - kept.length)) shelf.delete(id);
    this.#first = Number(kept[0]?.[0] ?? 0);
    this.#entries = kept.map(([, entry]) => entry);
  }

  /** The number that the next entry will have. */
  get next(): number {
    return this.#first + this.#entries.length;
  }

  add(entry: T): void {
    const number = this.next;
    this.#entries.push(entry);
    this.#shelf.put(String(number), entry);
    if (number >= this.#limit) this.#shelf.delete(String(number - this.#limit));
    // In large steps: moving the array for each entry would cost more than the room.
    if (this.#entries.length < 2 * this.#limit) return;
    this.#entries = this.#entries.slice(this.#limit);
    this.#first += this.#limit;
  }

  /** The entry with that number, or the oldest that is left of those after it, with its number. */
  from(number: number): { readonly number: number; readonly entry: T } | undefined {
    const actual = Math.max(number, this.#first);
    const index = actual - this.#first;
    return index < this.#entries.length ? { number: actual, entry: this.#entries[index] as T } : undefined;
  }

  /** A copy. */
  all(): readonly T[] {
    return [...this.#entries];
  }
}
