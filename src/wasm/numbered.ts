/** A record that is known by a number while it is in use; 0: it is free. */
export interface Numbered {
  number: number;
}

/** Power of two. */
const SMALLEST = 16;

/**
 * Records that are found by numbers in constant time. Numbers count up and are not used again, so that what is gone is told from what
 * came later; the records themselves are, so that nothing is allocated for what comes and goes.
 */
export class NumberedRecords<T extends Numbered> {
  readonly #make: () => T;
  readonly #most: number;
  /** The record with a number is at the number modulo the length. At most half of them are in use. */
  #records: T[];
  #next = 1;
  #count = 0;

  /**
   * @param make A free record.
   * @param most The largest number; after it, they begin at 1 again.
   */
  constructor(make: () => T, most = Number.MAX_SAFE_INTEGER) {
    this.#make = make;
    this.#most = most;
    this.#records = Array.from({ length: SMALLEST }, make);
  }

  /** Records in use. */
  get count(): number {
    return this.#count;
  }

  /** The record with this number. */
  get(number: number): T | undefined {
    const record = this.#records[number & (this.#records.length - 1)] as T;
    return record.number === number && number !== 0 ? record : undefined;
  }

  /** A record with a new number; its other fields are as they were left. */
  take(): T {
    if (2 * this.#count >= this.#records.length) this.#grow();
    for (;;) {
      const number = this.#next;
      this.#next = number === this.#most ? 1 : number + 1;
      const record = this.#records[number & (this.#records.length - 1)] as T;
      if (record.number !== 0) continue;
      record.number = number;
      this.#count++;
      return record;
    }
  }

  free(record: T): void {
    record.number = 0;
    this.#count--;
  }

  /** Whether a number was given away at some time. */
  wasUsed(number: number): boolean {
    return Number.isInteger(number) && number > 0 && number < this.#next;
  }

  /** Those in use, oldest number first. */
  all(): T[] {
    return this.#records.filter(({ number }) => number !== 0).sort((a, b) => a.number - b.number);
  }

  #grow(): void {
    const old = this.#records;
    this.#records = Array.from({ length: 2 * old.length }, (_, i) => {
      const record = old[i % old.length] as T;
      return (record.number & (2 * old.length - 1)) === i && record.number !== 0 ? record : this.#make();
    });
  }
}
