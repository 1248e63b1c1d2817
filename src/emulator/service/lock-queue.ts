import { randomUUID } from 'node:crypto';

import type { Clock, Timer } from '../../clock/index.js';

/** How long a receiver has for what it received: Azure's (protocol.md#service-messages). */
const LOCK_MS = 60_000;
/** What waits; the oldest is dropped then. Chosen. */
const MAX_WAITING = 10_000;

/** What a back end received and did not settle yet. */
export interface Locked<T> {
  readonly lockToken: string;
  readonly entries: readonly T[];
  readonly enqueuedAt: number;
}

interface Lock<T> extends Locked<T> {
  /** Gives it back. */
  readonly timer: Timer;
}

/** What waits for back ends: received under a lock, then completed, or given back. */
export class LockQueue<T> {
  readonly #clock: Clock;
  readonly #together: number;
  readonly #locks = new Map<string, Lock<T>>();
  readonly #listeners = new Set<() => void>();
  #waiting: readonly T[] = [];

  /** @param together How many are received at once. */
  constructor(clock: Clock, together: number) {
    this.#clock = clock;
    this.#together = together;
  }

  add(entry: T): void {
    this.#wait([...this.#waiting, entry]);
  }

  /** Calls `listener` whenever there may be something to receive. @returns Ends that. */
  onWaiting(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Undefined where nothing waits. */
  receive(): Locked<T> | undefined {
    const entries = this.#waiting.slice(0, this.#together);
    if (entries.length === 0) return undefined;
    this.#waiting = this.#waiting.slice(this.#together);
    const lockToken = randomUUID();
    const timer = this.#clock.setTimer(LOCK_MS, () => void this.abandon(lockToken));
    const lock = { lockToken, entries, enqueuedAt: this.#clock.now(), timer };
    this.#locks.set(lockToken, lock);
    return lock;
  }

  /** Whether it was locked by this token still. */
  complete(lockToken: string): boolean {
    return this.#unlock(lockToken) !== undefined;
  }

  /** Gives it back. Whether it was locked by this token still. */
  abandon(lockToken: string): boolean {
    const lock = this.#unlock(lockToken);
    if (lock !== undefined) this.#wait([...lock.entries, ...this.#waiting]);
    return lock !== undefined;
  }

  close(): void {
    for (const { timer } of this.#locks.values()) timer.cancel();
    this.#locks.clear();
    this.#listeners.clear();
  }

  #unlock(lockToken: string): Lock<T> | undefined {
    const lock = this.#locks.get(lockToken);
    lock?.timer.cancel();
    this.#locks.delete(lockToken);
    return lock;
  }

  #wait(entries: readonly T[]): void {
    this.#waiting = entries.slice(-MAX_WAITING);
    for (const listener of [...this.#listeners]) listener();
  }
}
