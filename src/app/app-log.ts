import type { Clock } from '../clock/index.js';
import type { Unseen } from '../waiting/index.js';

/** The newest lines that are kept. */
const KEPT = 10_000;
/** Characters that are kept of all lines together. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
/** Characters after which a line is ended that has no end. */
const MAX_LINE = 65_536;

interface Waiter {
  readonly pattern: RegExp;
  readonly resolve: (match: RegExpExecArray) => void;
  readonly reject: (error: unknown) => void;
}

export interface AppLogOptions {
  /** Gets every line, once it has its end. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Gets what is written as it comes, with the ends of lines. */
  readonly onText?: ((text: string) => void) | undefined;
  readonly unseen: Unseen;
}

/**
 * What an app wrote, in lines, and the waits for a line. A line has its end once the app writes it, or ends. What has no end yet is
 * the last line, which grows; a wait is shown it when the app waits, as nothing is added to it then: so a prompt is
 * found, and a line that several calls write is not found in parts.
 */
export class AppLog {
  readonly #clock: Clock;
  readonly #options: AppLogOptions;
  readonly #decoder = new TextDecoder();
  readonly #waiters = new Set<Waiter>();
  #lines: string[] = [];
  /** Of `#lines` together. */
  #characters = 0;
  /** Lines that were let go. */
  #dropped = 0;
  /** The number of the line that is looked at next: after the one that was found last. */
  #next = 0;
  /** The line that has no end yet; its number is that after the last. */
  #unfinished = '';
  /** Nothing was added to it since the app waited. */
  #waiting = false;
  /** How much was found of a line before it had its end: the rest of it is looked at next. */
  #found = { line: -1, length: 0 };

  constructor(clock: Clock, options: AppLogOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** The newest lines, up to 16 Mi characters, the oldest of them first; the last one may have no end yet. */
  get lines(): readonly string[] {
    return this.#unfinished === '' ? [...this.#lines] : [...this.#lines, withoutReturn(this.#unfinished)];
  }

  /** Bytes from C, with or without the ends of lines. */
  write(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true });
    this.#tell(text);
    const parts = (this.#unfinished + text).split('\n');
    const unfinished = parts.pop() ?? '';
    this.#unfinished = '';
    this.#waiting = false;
    for (const part of parts) this.#add(withoutReturn(part));
    this.#unfinished = unfinished;
    if (this.#unfinished.length > MAX_LINE) this.flush();
  }

  /** The app waits: the text that it has written so far is looked at. */
  pause(): void {
    if (this.#waiting || this.#unfinished === '') return;
    this.#waiting = true;
    this.#show(this.#end, this.#unfinished);
  }

  /** A line that does not come from the app. It stands before one that has no end yet. */
  note(text: string): void {
    const line = `[sphere-iot] ${text}`;
    this.#tell(`${this.#unfinished === '' ? '' : '\n'}${line}\n`);
    if (this.#found.line === this.#end) this.#found.line++;
    this.#add(line);
  }

  /** Ends a line that has no end yet. */
  flush(): void {
    if (this.#unfinished === '') return;
    const line = withoutReturn(this.#unfinished);
    this.#unfinished = '';
    this.#tell('\n');
    this.#add(line);
  }

  /**
   * The next line that matches: after the one that was found last, there already or still to come.
   * @param signal Gives up, with its reason: no line is taken any more.
   */
  find(pattern: RegExp, signal?: AbortSignal): Promise<RegExpExecArray> {
    while (this.#next < this.#end) {
      const number = Math.max(this.#next, this.#dropped);
      this.#next = number + 1;
      const rest = this.#rest(number, this.#lines[number - this.#dropped] as string);
      const match = rest === undefined ? null : pattern.exec(rest);
      if (match !== null) return Promise.resolve(match);
    }
    return new Promise((resolve, reject) => {
      const waiter = { pattern, resolve, reject };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', () => this.#waiters.delete(waiter) && reject(signal.reason), { once: true });
      if (this.#waiting) this.#show(this.#end, this.#unfinished);
    });
  }

  /** No line comes any more: all waits reject with the error. */
  end(error: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(error);
    this.#waiters.clear();
  }

  /** The number after that of the last line that has its end. */
  get #end(): number {
    return this.#dropped + this.#lines.length;
  }

  #tell(text: string): void {
    const { onText, unseen } = this.#options;
    if (onText !== undefined) unseen.tell("the log's text", () => onText(text));
  }

  #add(line: string): void {
    const number = this.#end;
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#lines.length > 2 * KEPT) this.#drop(KEPT);
    while (this.#characters > MAX_CHARACTERS && this.#lines.length > 1) this.#drop(this.#lines.length >> 1);
    const { onLine } = this.#options;
    if (onLine !== undefined) {
      this.#options.unseen.tell('the log', () => onLine(line));
      this.#letOthersAct();
    }
    this.#show(number, line);
  }

  /** Lets the oldest lines go: many at a time, as moving the others costs more than the room. */
  #drop(count: number): void {
    for (const line of this.#lines.slice(0, count)) this.#characters -= line.length;
    this.#lines = this.#lines.slice(count);
    this.#dropped += count;
  }

  /** Resolves the waits that a line matches, with its end or without. */
  #show(number: number, line: string): void {
    const rest = this.#rest(number, line);
    if (rest === undefined) return;
    for (const waiter of [...this.#waiters]) {
      const match = waiter.pattern.exec(rest);
      if (match === null) continue;
      this.#waiters.delete(waiter);
      if (number < this.#end) this.#next = number + 1;
      else this.#found = { line: number, length: line.length };
      this.#letOthersAct();
      waiter.resolve(match);
    }
  }

  /** The part of a line in which a wait looks: after what was found before the line had its end; undefined where nothing is left. */
  #rest(number: number, line: string): string | undefined {
    if (number !== this.#found.line) return line;
    return line.slice(this.#found.length) || undefined;
  }

  /** A listener or a wait that gets a line goes on before the clock does. */
  #letOthersAct(): void {
    setImmediate(this.#clock.hold('a line of the log'));
  }
}

function withoutReturn(line: string): string {
  return line.replace(/\r$/, '');
}
