/** Entries in order, each with its number, from 0. Keeps the newest `limit` at least; what is older is dropped. */
export class NumberedLog<T> {
  readonly #limit: number;
  #entries: T[] = [];
  /** The number of the first entry that is still there. */
  #first = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The number that the next entry will have. */
  get next(): number {
    return this.#first + this.#entries.length;
  }

  add(entry: T): void {
    this.#entries.push(entry);
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
