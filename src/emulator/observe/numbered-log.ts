import { NO_COLLECTION, type Collection } from '../state/store.js';

/** Dropped entries leave an array together: to move the array for each of them would cost more time than the room is worth. */
const STEP = 16;

export interface LogLimits<T> {
  /** How many entries are kept. */
  readonly count: number;
  /** Of all entries together. The newest entry is kept, whatever it has. */
  readonly bytes: number;
  /** Bytes of an entry, roughly. */
  readonly size: (entry: T) => number;
  /** Of this log and others together. */
  readonly shared?: SharedLimit | undefined;
}

/** What a SharedLimit drops from. */
export interface Sharer {
  dropOldest(): void;
}

/** How many bytes several logs have together: beyond it, the oldest entry of all of them is dropped, but never the newest. */
export class SharedLimit {
  readonly #limit: number;
  #bytes = 0;
  /** Whose each entry is, oldest first; those before `#first` are gone. */
  #order: Sharer[] = [];
  #first = 0;
  /** Of each log, how many of its first entries in the order are gone: it has dropped them itself. */
  readonly #gone = new Map<Sharer, number>();
  #allGone = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The log has another entry. */
  added(log: Sharer, bytes: number): void {
    this.#order.push(log);
    this.#bytes += bytes;
    while (this.#bytes > this.#limit && this.#order.length - this.#first > 1) this.#dropFirst();
    const useless = this.#first + this.#allGone;
    if (useless > STEP && useless > this.#order.length / 4) this.#compact();
  }

  /** The log has dropped its oldest entry. */
  dropped(log: Sharer, bytes: number): void {
    this.#bytes -= bytes;
    this.#gone.set(log, (this.#gone.get(log) ?? 0) + 1);
    this.#allGone++;
  }

  /**
   * Logs that had entries from the start added them log after log: this tells in what order they are to be dropped.
   * @param order Whose each entry is that the logs have now, oldest first.
   */
  arrange(order: readonly Sharer[]): void {
    this.#order = [...order];
    this.#first = this.#allGone = 0;
    this.#gone.clear();
  }

  #dropFirst(): void {
    const log = this.#order[this.#first++] as Sharer;
    if (!this.#gone.has(log)) log.dropOldest();
    this.#isGone(log);
  }

  /** Whether the log's first entry in the order is gone; then the next one is its first. */
  #isGone(log: Sharer): boolean {
    const gone = this.#gone.get(log);
    if (gone === undefined) return false;
    if (gone > 1) this.#gone.set(log, gone - 1);
    else this.#gone.delete(log);
    this.#allGone--;
    return true;
  }

  #compact(): void {
    this.#order = this.#order.slice(this.#first).filter((log) => !this.#isGone(log));
    this.#first = 0;
  }
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
    this.#limits.shared?.added(this, size);
    if (this.#dropped > STEP && this.#dropped > this.#left) this.#compact();
  }

  /** Drops the oldest entry, whatever the limits are. */
  dropOldest(): void {
    if (this.#left > 0) this.#drop();
  }

  get #left(): number {
    return this.#entries.length - this.#dropped;
  }

  #drop(): void {
    const size = this.#sizes[this.#dropped] as number;
    this.#bytes -= size;
    this.#limits.shared?.dropped(this, size);
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
