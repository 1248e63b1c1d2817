import { randomUUID } from 'node:crypto';

import type { Clock } from '../../../clock/index.js';
import type { FeedbackRecord } from '../../hub/feedback.js';

/** Records of one message of the service, and how long its receiver has for it: Azure's (protocol.md#service-messages). */
const MAX_RECORDS = 64;
const LOCK_MS = 60_000;
/** Records that wait; the oldest is dropped then. Chosen. */
const MAX_WAITING = 10_000;

/** Feedback that a back end received and did not settle yet. */
export interface LockedFeedback {
  readonly lockToken: string;
  readonly records: readonly FeedbackRecord[];
  readonly enqueuedAt: number;
}

interface Lock extends LockedFeedback {
  readonly until: number;
}

/** The feedback that waits for back ends: received, then completed, or given back. */
export class FeedbackQueue {
  readonly #clock: Clock;
  #waiting: readonly FeedbackRecord[] = [];
  readonly #locks = new Map<string, Lock>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(record: FeedbackRecord): void {
    this.#waiting = [...this.#waiting, record].slice(-MAX_WAITING);
  }

  /** Undefined where nothing waits. */
  receive(): LockedFeedback | undefined {
    this.#giveBackExpired();
    const records = this.#waiting.slice(0, MAX_RECORDS);
    if (records.length === 0) return undefined;
    this.#waiting = this.#waiting.slice(MAX_RECORDS);
    const now = this.#clock.now();
    const lock = { lockToken: randomUUID(), records, enqueuedAt: now, until: now + LOCK_MS };
    this.#locks.set(lock.lockToken, lock);
    return lock;
  }

  /** Whether it was locked by this token still. */
  complete(lockToken: string): boolean {
    this.#giveBackExpired();
    return this.#locks.delete(lockToken);
  }

  /** Gives it back. Whether it was locked by this token still. */
  abandon(lockToken: string): boolean {
    this.#giveBackExpired();
    const lock = this.#locks.get(lockToken);
    if (lock !== undefined) this.#giveBack(lock);
    return lock !== undefined;
  }

  #giveBackExpired(): void {
    const now = this.#clock.now();
    for (const lock of [...this.#locks.values()].reverse()) if (lock.until <= now) this.#giveBack(lock);
  }

  #giveBack({ lockToken, records }: Lock): void {
    this.#locks.delete(lockToken);
    this.#waiting = [...records, ...this.#waiting].slice(-MAX_WAITING);
  }
}
