import { SphereIotError } from '../errors.js';

interface Waiting {
  check(): boolean;
  fail(error: unknown): void;
}

/** Promises for conditions on the emulator's own state: whoever changes it calls `changed()`. Nothing sleeps or polls. */
export class Watch {
  readonly #waiting = new Set<Waiting>();
  #closed: SphereIotError | undefined;

  /**
   * Resolves with what `check` returns as soon as that is not undefined, at once where it is so already. Rejects with
   * what `check` throws, and with `EMULATOR_CLOSED`.
   * @param signal Gives up, with its reason.
   */
  until<T>(check: () => T | undefined, signal?: AbortSignal): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => {
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
      if (this.#closed !== undefined) return reject(this.#closed);
      if (signal?.aborted) return reject(signal.reason);
      this.#waiting.add(waiting);
      signal?.addEventListener('abort', () => this.#waiting.delete(waiting) && reject(signal.reason), { once: true });
    });
    // Who dropped the promise must not be hit by an unhandled rejection when the emulator closes.
    promise.catch(() => undefined);
    return promise;
  }

  /** As `until`, for a plain condition. */
  met(condition: () => boolean): Promise<void> {
    const promise = this.until(() => condition() || undefined).then(() => undefined);
    promise.catch(() => undefined);
    return promise;
  }

  changed(): void {
    for (const waiting of [...this.#waiting]) if (this.#settle(waiting)) this.#waiting.delete(waiting);
  }

  close(): void {
    this.#closed = new SphereIotError('EMULATOR_CLOSED', 'The emulator was closed while something waited for it.');
    for (const waiting of this.#waiting) waiting.fail(this.#closed);
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
