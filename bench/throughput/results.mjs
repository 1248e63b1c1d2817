// What the rounds of `npm run bench` measured, and statistics of it.

/** Values by row and column, one a round. */
export class Results {
  #values = new Map();

  note(row, column, value) {
    const key = JSON.stringify([row, column]);
    if (!this.#values.has(key)) this.#values.set(key, []);
    this.#values.get(key).push(value);
  }

  noted(row, column) {
    return this.#values.get(JSON.stringify([row, column])) ?? [];
  }

  /** @returns {{ median: number, least: number, most: number } | undefined} */
  statistics(row, column) {
    return statisticsOf(this.noted(row, column));
  }

  /** The median of the rounds' ratios: both sides of each were measured one after the other. */
  ratio(row, otherRow, column) {
    const others = this.noted(otherRow, column);
    const values = this.noted(row, column).slice(0, others.length);
    return statisticsOf(values.map((value, round) => value / others[round]))?.median;
  }

  /** For a program: "ROW COLUMN" → the values. */
  toJSON() {
    return Object.fromEntries([...this.#values].map(([key, values]) => [JSON.parse(key).join(' '), values]));
  }
}

function statisticsOf(values) {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, least: sorted[0], most: sorted.at(-1) };
}
