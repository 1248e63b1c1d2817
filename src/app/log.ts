import type { Clock } from '../clock/index.js';

/** The newest lines that are kept. */
const KEPT = 10_000;

interface Waiter {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (error: unknown) => void;
}

/** What an app wrote, in lines, and who waits for a line. */
export class AppLog {
  readonly #clock: Clock;
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #decoder = new TextDecoder();
  readonly #waiters = new Set<Waiter>();
  #lines: string[] = [];
  /** Lines that were let go. */
  #dropped = 0;
  /** The number of the line after the one that was last waited for. */
  #next = 0;
  #unfinished = '';

  constructor(clock: Clock, onLine: ((line: string) => void) | undefined) {
    this.#clock = clock;
    this.#onLine = onLine;
  }

  /** The newest lines, the oldest of them first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Bytes from C, with or without the ends of lines. */
  write(bytes: Uint8Array): void {
    const parts = (this.#unfinished + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#unfinished = parts.pop() ?? '';
    for (const part of parts) this.#add(part.replace(/\r$/, ''));
  }

  /** A line that does not come from the app. */
  note(text: string): void {
    this.flush();
    this.#add(`[sphere-iot] ${text}`);
  }

  /** Ends a line that has no end yet. */
  flush(): void {
    if (this.#unfinished !== '') this.#add(this.#unfinished);
    this.#unfinished = '';
  }

  /** The next line that matches: after the one that was found last, there already or still to come. */
  find(pattern: RegExp): Promise<RegExpExecArray> {
    for (let i = Math.max(0, this.#next - this.#dropped); i < this.#lines.length; i++) {
      const match = pattern.exec(this.#lines[i] as string);
      if (match === null) continue;
      this.#next = this.#dropped + i + 1;
      return Promise.resolve(match);
    }
    this.#next = this.#dropped + this.#lines.length;
    return new Promise((resolve, reject) => this.#waiters.add({ pattern, resolve, reject }));
  }

  /** No line comes any more: whoever waits gets the error. */
  end(error: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(error);
    this.#waiters.clear();
  }

  #add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * KEPT) {
      this.#dropped += KEPT;
      this.#lines = this.#lines.slice(KEPT);
    }
    if (this.#onLine !== undefined) {
      this.#onLine(line);
      this.#letOthersAct();
    }
    for (const waiter of [...this.#waiters]) {
      const match = waiter.pattern.exec(line);
      if (match === null) continue;
      this.#waiters.delete(waiter);
      this.#next = this.#dropped + this.#lines.length;
      this.#letOthersAct();
      waiter.resolve(match);
    }
  }

  /** Whoever learns of a line goes on before the clock does. */
  #letOthersAct(): void {
    setImmediate(this.#clock.hold('a line of the log'));
  }
}
