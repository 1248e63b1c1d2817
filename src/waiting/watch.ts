interface Waiting {
  check(): boolean;
  fail(error: unknown): void;
}

/** Promises for conditions on somebody's own state: whoever changes it calls `changed()`. Nothing sleeps or polls. */
export class Watch {
  readonly #waiting = new Set<Waiting>();
  #closed: { readonly error: unknown } | undefined;

  /**
   * Resolves with what `check` returns as soon as that is not undefined, at once where it is so already. Rejects with
   * what `check` throws, and with the error of `close`.
   * @param signal Gives up, with its reason; one that is aborted already has nothing checked.
   */
  until<T>(check: () => T | undefined, signal?: AbortSignal): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const waiting: Waiting = {
        check: () => {
          const value = check();
          if (value === undefined) return false;
          resolve(value);
          return true;
        },
        fail: reject,
      };
      if (this.#settle(waiting)) return;
      if (this.#closed !== undefined) return reject(this.#closed.error);
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', () => this.#waiting.delete(waiting) && reject(signal.reason), { once: true });
    });
    // A promise that was dropped must not be an unhandled rejection at `close`.
    promise.catch(() => undefined);
    return promise;
  }

  /** Looks again at every condition. */
  changed(): void {
    for (const waiting of [...this.#waiting]) if (this.#settle(waiting)) this.#waiting.delete(waiting);
  }

  /** Ends every wait with that error, and those to come. */
  close(error: unknown): void {
    this.#closed = { error };
    for (const waiting of this.#waiting) waiting.fail(error);
    this.#waiting.clear();
  }

  #settle(waiting: Waiting): boolean {
    try {
      return waiting.check();
    } catch (error) {
      waiting.fail(error);
      return true;
    }
  }
}
