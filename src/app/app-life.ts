import type { Clock } from '../clock/index.js';
import { SphereIotError, messageOf } from '../errors.js';
import { runWithin, Unseen, type Wait } from '../waiting/index.js';
import type { AppWait } from './app-wait.js';
import type { AppEnd } from './launch-options.js';
import type { ProgramEnd } from './program/in-process-program.js';

/** The exit code of an app that a signal ended is this plus the number of the signal; and the highest such code. */
const BY_SIGNAL = 128;
const LAST_SIGNAL = BY_SIGNAL + 31;

/** What the life of an app has to know of it. */
export interface AppLifeOptions {
  readonly clock: Clock;
  /** The limit of its waits, in ms; undefined: that of each. */
  readonly timeout: number | undefined;
  readonly onEnd: ((end: AppEnd) => void) | undefined;
  /** What it wrote last, as sentences. */
  lastLines(): string;
  /** What it does now, for the error of a wait; empty: nothing of note. */
  state(): string;
  /** Whether a watchdog ends it where it does not leave a loop. */
  readonly isWatched: boolean;
  /** Why it crashed. */
  crash(end: Exclude<ProgramEnd, { code: number }>): unknown;
}

/** An app from its start to its end: whether it runs, how it ended, and its waits, which end with it. */
export class AppLife {
  /** Errors and ends that the test has not seen. */
  readonly unseen = new Unseen();
  readonly #options: AppLifeOptions;
  #exit!: { readonly promise: Promise<number>; resolve(code: number): void; reject(error: unknown): void };
  #ended = false;
  #closed = false;
  /** The test knows of its end. */
  #isEndSeen = false;
  #exitCode: number | undefined;
  /** The signals that it was sent. */
  readonly #signals = new Set<number>();
  /** Called at its end. */
  readonly #waits = new Set<() => void>();
  #why: unknown;

  constructor(options: AppLifeOptions) {
    this.#options = options;
    let resolve!: (code: number) => void;
    let reject!: (error: unknown) => void;
    const promise = new Promise<number>((resolved, rejected) => {
      resolve = resolved;
      reject = rejected;
    });
    promise.catch(() => undefined); // nobody has to ask
    this.#exit = { promise, resolve, reject };
  }

  get ended(): boolean {
    return this.#ended;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The error of waits for more, once it has ended. */
  get why(): unknown {
    return this.#why;
  }

  /** It was sent a signal, by its number. */
  signalled(signal: number): void {
    this.#signals.add(signal);
  }

  /** It runs no more. `end` or `close` says why. */
  stop(): void {
    this.#ended = true;
  }

  /** Its program came to its end. */
  end(end: ProgramEnd): void {
    const { clock, onEnd, lastLines, crash } = this.#options;
    this.#ended = true;
    setImmediate(clock.hold('the end of an app'));
    if ('code' in end) {
      this.#exitCode = end.code;
      this.#why = new SphereIotError('APP_ENDED', `The app has ended with exit code ${end.code}. ${lastLines()}`);
      this.#exit.resolve(end.code);
    } else {
      this.#why = crash(end);
      this.#exit.reject(this.#why);
    }
    this.#waits.forEach((tell) => tell());
    if (onEnd === undefined) return;
    this.#isEndSeen = true;
    const how = 'code' in end ? { code: end.code } : { error: this.#why };
    this.unseen.tell('its end', () => onEnd(how));
  }

  /** The test is done with it: its waits end. */
  close(): void {
    this.#ended = this.#closed = true;
    this.unseen.end();
    const before = this.#why;
    this.#why = new SphereIotError(
      'APP_CLOSED',
      before === undefined
        ? 'The app was closed before it came to its end.'
        : `The app is closed. Before that: ${messageOf(before)}`,
      { cause: before },
    );
    this.#exit.reject(this.#why);
    this.#waits.forEach((tell) => tell());
  }

  /** The error of an end that no test wants, where the test does not know of it. */
  get unseenEnd(): unknown {
    if (this.#why === undefined || this.#isEndSeen) return undefined;
    const code = this.#exitCode;
    if (code === undefined) return this.#why;
    const signal = code > BY_SIGNAL && code <= LAST_SIGNAL ? code - BY_SIGNAL : undefined;
    const isWanted = signal === undefined ? code === 0 || this.#signals.size > 0 : this.#signals.has(signal);
    return isWanted ? undefined : this.#why;
  }

  /** Throws why the app has ended, if it has. */
  readonly checkRuns = (): void => {
    if (!this.#ended) return;
    this.#isEndSeen = true;
    throw this.#why;
  };

  /** Throws `APP_CLOSED` once it is closed. */
  readonly checkOpen = (): void => {
    if (this.#closed) throw this.#why;
  };

  /** See SphereApp.exitCode. */
  exitCode(): Promise<number> {
    const wait = { what: 'the exit', last: () => '' };
    const exit = this.limited(this.#exit.promise, wait);
    exit.then(
      () => (this.#isEndSeen = true),
      () => undefined,
    );
    return this.wait(wait, exit);
  }

  /** A wait, for its caller. */
  wait<T>({ what, signal }: Wait, result: Promise<T>): Promise<T> {
    return this.unseen.wait(what, result, signal);
  }

  /** Waits for what only an app that runs can bring: its end is the wait's, too. */
  readonly until: AppWait = (promise, wait, done) => {
    const over = new AbortController();
    const limited = this.limited(Promise.race([promise, this.#gone(wait, over.signal)]), wait);
    return this.wait(
      wait,
      limited.finally(() => {
        over.abort();
        done?.();
      }),
    );
  };

  /** Moves a virtual clock until a promise settles, until the wait's limit; the error says what the app did last. */
  limited<T>(promise: Promise<T>, wait: Wait): Promise<T> {
    const { clock, timeout, lastLines, state } = this.#options;
    const last = (): string =>
      [wait.last(), this.#ended ? messageOf(this.#why) : `${state()}${lastLines()}`].join(' ').trim();
    const limit = { ...wait, timeout: wait.timeout ?? timeout, last };
    const result = runWithin(clock, limit, promise).catch((error: unknown) => {
      throw this.#isStuck(error) ? new SphereIotError('APP_UNRESPONSIVE', messageOf(error), { cause: error }) : error;
    });
    // Its error names the end.
    result.catch(() => (this.#isEndSeen ||= this.#ended));
    return result;
  }

  /** Whether a wait has come to its limit while the app was in a loop, and nothing else says so. */
  #isStuck(error: unknown): boolean {
    const { isWatched, state } = this.#options;
    return !isWatched && !this.#ended && (error as SphereIotError | undefined)?.code === 'TIMED_OUT' && state() !== '';
  }

  /** Rejects once the app has ended, after what its last calls lead to. */
  #gone({ what, last }: Wait, signal: AbortSignal): Promise<never> {
    const gone = new Promise<never>((_, reject) => {
      const tell = (): void => {
        const release = this.#options.clock.hold('the end of an app');
        setImmediate(() => {
          release();
          const why = this.#why;
          const message = (): string => `Waited for ${what}, in vain. ${last()} ${messageOf(why)}`.replace('  ', ' ');
          reject(why instanceof SphereIotError ? new SphereIotError(why.code, message(), { cause: why }) : why);
        });
      };
      if (this.#ended) return tell();
      this.#waits.add(tell);
      signal.addEventListener('abort', () => this.#waits.delete(tell));
    });
    gone.catch(() => undefined);
    return gone;
  }
}
