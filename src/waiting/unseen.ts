import { SphereIotError, messageOf } from '../errors.js';

/** A wait that was begun, until its result has come. */
interface Begun<T = unknown> {
  readonly what: string;
  readonly promise: WatchedPromise<T>;
  readonly signal: AbortSignal | undefined;
  /** Has the stack of its caller. */
  readonly place: { readonly stack?: string };
  /** Why it failed; undefined: it lasts. */
  failure?: { readonly error: unknown };
}

/**
 * What happened at something of a test's (the services, an app, a device), and the test has not seen: waits that nobody awaits, and what
 * listeners threw. `check`, in its `close`, tells of it, as the test would pass otherwise.
 */
export class Unseen {
  readonly #waits = new Set<Begun>();
  /** By the name of what they listen to: the first of each. */
  readonly #thrown = new Map<string, unknown>();
  #isOver = false;

  /**
   * Registers a wait for its caller. A caller that calls `then` (`await`, `catch` and `Promise.race` do) sees how the wait ends.
   * After the end nobody would tell of it any more but Node.
   * @param what What the wait is for; stands after "the wait for" in an error.
   * @param signal The caller's signal. A wait that was aborted is not reported.
   */
  wait<T>(what: string, result: Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#isOver) return result;
    const promise = new WatchedPromise<T>((resolve, reject) => void result.then(resolve, reject));
    const begun: Begun<T> = { what, promise, signal, place: placeOf(this.wait) };
    this.#waits.add(begun);
    promise.end(
      () => this.#waits.delete(begun),
      (error) => {
        if (promise.isSeen) this.#waits.delete(begun);
        else if (!this.#isOver) begun.failure = { error };
      },
    );
    return promise;
  }

  /** As `wait`, for what fails by itself: that nobody handles its failure, Node tells of. */
  begin<T>(what: string, result: Promise<T>): Promise<T> {
    const over = (): void => void this.#waits.delete(begun);
    const promise = new WatchedPromise<T>((resolve, reject) => {
      result.then(
        (value) => (over(), resolve(value)),
        (error: unknown) => (over(), reject(error as Error)),
      );
    });
    const begun: Begun<T> = { what, promise, signal: undefined, place: placeOf(this.begin) };
    this.#waits.add(begun);
    return promise;
  }

  /** Whether there is a wait that lasts. */
  get isWaiting(): boolean {
    return [...this.#waits].some(({ failure }) => failure === undefined);
  }

  /** The owner is closing: from now on a wait that fails, fails because of that. */
  end(): void {
    this.#isOver = true;
  }

  /** Calls a listener. What it throws is kept: it must not harm what it listens to. @param to In words. */
  tell(to: string, listener: () => unknown): void {
    try {
      listener();
    } catch (error) {
      if (!this.#thrown.has(to)) this.#thrown.set(to, error);
    }
  }

  /**
   * Tells of what nobody has seen, once.
   * @param more Of the owner's.
   * @throws `WAIT_FORGOTTEN`, `LISTENER_FAILED`, or `more`: where they are several, the code of the first, and all in its message.
   */
  check(more: readonly unknown[] = []): void {
    throwAll([...more, ...this.take()]);
  }

  /** What nobody has seen, once. */
  take(): readonly unknown[] {
    const waits = [...this.#waits].filter(({ promise, signal }) => !promise.isSeen && signal?.aborted !== true);
    const errors = [...[...this.#thrown].map(failed), ...waits.map(forgotten)];
    this.#waits.clear();
    this.#thrown.clear();
    return errors;
  }
}

/** An object with the stack of the caller of `callee`. */
function placeOf(callee: (...args: never[]) => unknown): { readonly stack?: string } {
  const place = {};
  Error.captureStackTrace(place, callee);
  return place;
}

/** Begins a wait. If `begin` throws, for wrong arguments for example, the promise rejects with that error: nothing is thrown. */
export function beginWait<T>(begin: () => Promise<T>): Promise<T> {
  try {
    return begin();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Throws an error, or one that tells of several; nothing where there is none. */
export function throwAll(errors: readonly unknown[]): void {
  const [first] = errors;
  if (errors.length > 1) {
    const code = first instanceof SphereIotError ? first.code : 'CLOSE_FAILED';
    throw new SphereIotError(code, errors.map(messageOf).join('\n'), { cause: new AggregateError(errors) });
  }
  if (errors.length === 1) throw first;
}

/** Knows whether anybody asks how it ends. A plain promise does not: `await` does not call its `then`. */
class WatchedPromise<T> extends Promise<T> {
  isSeen = false;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  override then<A = T, B = never>(
    resolved?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.isSeen = true;
    return super.then(resolved, rejected);
  }

  /** Calls back at the end, as `then` does, and does not count as seen. */
  end(resolved: () => void, rejected: (error: unknown) => void): void {
    void super.then(resolved, rejected);
  }
}

function failed([to, error]: [string, unknown]): SphereIotError {
  return new SphereIotError(
    'LISTENER_FAILED',
    `A listener of ${to} threw, and what it listens to went on: ${messageOf(error)}`,
    { cause: error },
  );
}

function forgotten({ what, place, failure }: Begun): SphereIotError {
  const how = failure === undefined ? 'It has not come.' : messageOf(failure.error);
  const error = new SphereIotError(
    'WAIT_FORGOTTEN',
    `Nobody awaits the wait for ${what}. ${how}${how.includes('\n') ? '\n' : ' '}Write await before it, where its stack says. If the test failed before it could, that is ` +
      'why. A wait that is given up is ended by its signal, or is left with .catch(() => undefined).',
    { cause: failure?.error },
  );
  const frames = (place.stack ?? '').split('\n').slice(1);
  Object.defineProperty(error, 'stack', {
    value: [`${error.name}: ${error.message}`, ...frames].join('\n'),
    configurable: true,
    writable: true,
  });
  return error;
}
