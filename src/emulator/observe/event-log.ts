import { checkFunction } from '../../options.js';
import type { Lifetime } from '../lifetime.js';
import { NumberedLog } from './numbered-log.js';
import { sizeOf } from './size-of.js';
import type { Collection } from '../state/store.js';

/** What a log keeps. */
const LIMITS = { count: 100_000, bytes: 32 * 1024 * 1024, size: sizeOf };

/** What happened, in order, as data: the newest 100 000, of which all together have 32 MiB at most. Listeners are told of each entry when it is added. */
export class EventLog<T> {
  readonly #entries: NumberedLog<T>;
  readonly #shown: (event: T) => T;
  readonly #lifetime: Lifetime;
  readonly #listeners = new Set<(event: T) => void>();

  /**
   * @param shown What is kept and told of an event: `maskedTexts`, where a client's words are in it.
   * @param collection Where it is kept, if it is.
   */
  constructor(lifetime: Lifetime, shown: (event: T) => T, collection?: Collection<T>) {
    this.#lifetime = lifetime;
    this.#shown = shown;
    this.#entries = new NumberedLog(LIMITS, collection);
  }

  /** What there is so far, oldest first: a copy. */
  entries(): readonly T[] {
    return this.#entries.all();
  }

  /**
   * Calls `listener` for each event from now on. What it throws must not harm the connection that caused the event: `LocalAzure.close`
   * rejects with it.
   * @returns Ends it.
   * @throws SphereIotError `EMULATOR_CLOSED`, `ARGUMENT_INVALID`.
   */
  listen(listener: (event: T) => void): () => void {
    this.#lifetime.check();
    checkFunction('The listener of events', listener);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The event with that number, counted from 0, or the oldest that is left of those after it, with its number. */
  from(number: number): { readonly number: number; readonly entry: T } | undefined {
    return this.#entries.from(number);
  }

  /** The number that the next event will have. */
  get next(): number {
    return this.#entries.next;
  }

  /** @internal */
  add(seen: T): void {
    const event = this.#shown(seen);
    this.#entries.add(event);
    const { unseen } = this.#lifetime;
    for (const listener of [...this.#listeners]) unseen.tell('events', () => listener(event));
  }

  /** @internal */
  close(): void {
    this.#listeners.clear();
  }
}

/** For events of which each word is ours, or was masked before, or is what a user gave us to be given back. */
export function asItIs<T>(event: T): T {
  return event;
}
