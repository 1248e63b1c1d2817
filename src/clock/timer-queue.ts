import type { Timer, TimerCallback } from './clock.js';

/** A timer in the queue. */
export interface QueuedTimer extends Timer {
  /** Clock milliseconds at which it is due. */
  readonly deadline: number;
  readonly callback: TimerCallback;
}

/** Timers by deadline, those of one deadline in the order in which they were set: a binary heap. */
export class TimerQueue {
  readonly #heap: Entry[] = [];
  #sequence = 0;

  add(deadline: number, callback: TimerCallback): QueuedTimer {
    const entry: Entry = {
      deadline,
      callback,
      sequence: this.#sequence++,
      index: this.#heap.length,
      cancel: () => this.remove(entry),
    };
    this.#heap.push(entry);
    this.#up(entry);
    return entry;
  }

  /** The timer that is due first; it stays in the queue. */
  next(): QueuedTimer | undefined {
    return this.#heap[0];
  }

  remove(timer: QueuedTimer): void {
    const entry = timer as Entry;
    if (this.#heap[entry.index] !== entry) return;
    const last = this.#heap.pop() as Entry;
    if (last !== entry) {
      this.#place(last, entry.index);
      this.#up(last);
      this.#down(last);
    }
    entry.index = -1;
  }

  #up(entry: Entry): void {
    while (entry.index > 0) {
      const parent = this.#heap[(entry.index - 1) >> 1] as Entry;
      if (!before(entry, parent)) return;
      this.#swap(entry, parent);
    }
  }

  #down(entry: Entry): void {
    for (;;) {
      const left = this.#heap[2 * entry.index + 1];
      const right = this.#heap[2 * entry.index + 2];
      const child = right !== undefined && left !== undefined && before(right, left) ? right : left;
      if (child === undefined || !before(child, entry)) return;
      this.#swap(entry, child);
    }
  }

  #swap(a: Entry, b: Entry): void {
    const index = a.index;
    this.#place(a, b.index);
    this.#place(b, index);
  }

  #place(entry: Entry, index: number): void {
    this.#heap[index] = entry;
    entry.index = index;
  }
}

interface Entry extends QueuedTimer {
  readonly sequence: number;
  index: number;
}

function before(a: Entry, b: Entry): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.sequence < b.sequence);
}
