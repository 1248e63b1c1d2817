import { NO_COLLECTION, type Collection } from '../state/store.js';

export interface LogLimits<T> {
  /** How many entries are kept. */
  readonly count: number;
  /** Of all entries together. The newest entry is kept, whatever it has. */
  readonly bytes: number;
  /** Bytes of an entry, roughly. */
  readonly size: (entry: T) => number;
}

/** Entries in order, each with its number, from 0. Keeps the newest within its limits, in memory and in its collection. */
export class NumberedLog<T> {
  readonly #limits: LogLimits<T>;
  readonly #collection: Collection<T>;
  /** Those before `#dropped` are gone. */
  #entries: (T | undefined)[] = [];
  #sizes: number[] = [];
  #dropped = 0;
  #bytes = 0;
  /** The number of the first of `#entries`. */
  #first = 0;

  /** @param collection By their numbers; what is there already comes first. */
  constructor(limits: LogLimits<T>, collection: Collection<T> = NO_COLLECTION) {
    this.#limits = limits;
    this.#collection = collection;
    const all = collection.entries();
    this.#first = Number(all[0]?.[0] ?? 0);
    for (const [, entry] of all) this.#append(entry);
  }

  /** The number that the next entry will have. */
  get next(): number {
    return this.#first + this.#entries.length;
  }

  add(entry: T): void {
    this.#collection.put(String(this.next), entry);
    this.#append(entry);
  }

  /** The entry with that number, or the oldest that is left of those after it, with its number. */
  from(number: number): { readonly number: number; readonly entry: T } | undefined {
    const actual = Math.max(number, this.#first + this.#dropped);
    const index = actual - this.#first;
    return index < this.#entries.length ? { number: actual, entry: this.#entries[index] as T } : undefined;
  }

  /** A copy. */
  all(): readonly T[] {
    return this.#entries.slice(this.#dropped) as T[];
  }

  #append(entry: T): void {
    const size = this.#limits.size(entry);
    this.#entries.push(entry);
    this.#sizes.push(size);
    this.#bytes += size;
    const { count, bytes } = this.#limits;
    while (this.#left > 1 && (this.#left > count || this.#bytes > bytes)) this.#drop();
    // In large steps: moving the array for each entry would cost more than the room.
    if (this.#dropped > 1000 && this.#dropped > this.#left) this.#compact();
  }

  get #left(): number {
    return this.#entries.length - this.#dropped;
  }

  #drop(): void {
    this.#bytes -= this.#sizes[this.#dropped] as number;
    this.#entries[this.#dropped] = undefined;
    this.#collection.delete(String(this.#first + this.#dropped));
    this.#dropped++;
  }

  #compact(): void {
    this.#entries = this.#entries.slice(this.#dropped);
    this.#sizes = this.#sizes.slice(this.#dropped);
    this.#first += this.#dropped;
    this.#dropped = 0;
  }
}
