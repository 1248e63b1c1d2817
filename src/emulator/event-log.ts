/** What happened, in order, as data. Listeners are told of each entry when it is added. */
export class EventLog<T> {
  readonly #entries: T[] = [];
  readonly #listeners = new Set<(event: T) => void>();

  /** Everything so far, oldest first: a copy. */
  entries(): readonly T[] {
    return [...this.#entries];
  }

  /**
   * Calls `listener` for each event from now on. What it throws is ignored: it must not harm the connection that
   * caused the event.
   * @returns Ends it.
   */
  listen(listener: (event: T) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** @internal */
  add(event: T): void {
    this.#entries.push(event);
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch {
        // See listen().
      }
    }
  }

  /** @internal */
  close(): void {
    this.#listeners.clear();
  }
}
