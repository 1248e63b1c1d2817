import type { Clock, Timer } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import type { Gate, MemoryExports, WasmImports, WasmModule } from '../../wasm/index.js';
import { AsyncifyStack } from './asyncify.js';
import { crashTraces, type CrashTraces } from './crash-traces.js';
import { HostCalls } from './host-calls.js';
import { linkProgram, wrongProgram, type ProgramExports } from './link.js';
import { AppExit } from './runtime.js';
import { Spin } from './spin.js';

// Once for all: where jest runs this, a global takes longer to find than a wait to be skipped.
const { max } = Math;
const NEVER = Infinity;

/** A wait's shortest length, in ms: less may get lost in a clock that counts from 1970. */
const MIN_WAIT = 0.001;

/** Waits that are over at once, after which it is looked at whether Node should have a turn. */
const SKIPS_TO_LOOK = 1024;
/** For how long an app may go from one such wait to the next before it has one, in ms. */
const MAX_SKIPPING_MS = 50;

export interface ProgramOptions {
  readonly module: WasmModule;
  readonly clock: Clock;
  readonly gate: Gate;
  /** All that C imports, but what has to do with waiting. */
  readonly imports: WasmImports;
  /** Grows with everything that C does to its connections: the clock must not move on before that has had its consequences. */
  readonly activity: () => number;
  /** Called whenever C waits. */
  readonly waits: () => void;
  /** Given the exports before C runs. */
  readonly linked: (exports: MemoryExports) => void;
  readonly ended: (end: ProgramEnd) => void;
  /** For how long C may run without a wait or a call, in ms of real time. */
  readonly watchdogMs: number;
}

/** How a program ended: its exit code, what made it crash, or what it did last before the watchdog ended it. */
export type ProgramEnd =
  { readonly code: number } | ({ readonly error: unknown } & CrashTraces) | { readonly unresponsive: Unresponsive };

export interface Unresponsive {
  /** A time, in words. */
  readonly ranFor: string;
  /** Where it spins: JavaScript's stack, with C's frames in it. Not known where it is in a loop of a library. */
  readonly spinsAt?: string;
  /** Its last call of the host, as in host.h; empty: there was none. */
  readonly lastCall?: string;
  /** The same, as a stack. */
  readonly lastStack?: string;
}

/** Thrown through C, to end what spins. */
class Spinning extends Error {}

/** A program that was linked. */
export interface RunningProgram {
  /** Waits that were over without leaving C: the clock's readings are new after each. */
  readonly skips: number;
  /** Where it is in a loop that it seems not to leave: a stack with C's frames in it. */
  readonly spinsAt: string | undefined;
  /** Calls main on the clock's next turn. */
  start(): void;
  /** Sends a signal; its handler runs when C goes on, which is at once where it waits. */
  signal(number: number): void;
  /** Something has come: C looks again, where it waits. */
  wake(): void;
  /** Forgets it, wherever it stands. */
  close(): void;
}

/** The milliseconds until a time of C, which may be Infinity. */
export function delayUntil(until: number, clock: Clock): number {
  const delay = until - clock.monotonic();
  return delay > 0 ? max(delay, MIN_WAIT) : 0;
}

/** A program that runs in this thread. Where C waits (host.h, app_wait), its stack is taken away; signals are kept until it goes on. */
export class Program implements RunningProgram {
  readonly #options: ProgramOptions;
  #exports: ProgramExports | undefined;
  readonly #stack = new AsyncifyStack(() => this.#exports as ProgramExports);
  #ended = false;
  /** Ends the wait that C is suspended in; undefined: it waits for something other than time. */
  #timer: Timer | undefined;
  /** For how long C has asked to be suspended, in ms. */
  #delay = 0;
  readonly #signals: number[] = [];
  /** The activity when C was entered. */
  #activity = 0;
  readonly #calls = new HostCalls(() => (this.#exports as ProgramExports).memory);
  readonly #spin: Spin;
  skips = 0;
  /** When C was entered, as performance.now. */
  #entered = 0;

  private constructor(options: ProgramOptions) {
    this.#options = options;
    const { clock, watchdogMs } = options;
    this.#spin = new Spin({ virtual: clock.skip !== undefined, calls: () => this.#calls.count, watchdogMs });
  }

  /**
   * Links a program; `start` runs it.
   * @throws SphereIotError `WASM_MISMATCH` where it was built with another version.
   */
  static async load(options: ProgramOptions): Promise<Program> {
    const program = new Program(options);
    const { imports, module, linked } = options;
    const waits = {
      app_wait: (until: number) => program.#wait(until),
      app_spun: () => program.#spun(),
      app_watch: () => {
        if (program.#spin.isOverInside()) throw new Spinning();
      },
    };
    const host = { ...imports.host, app_next_signal: () => program.#signals.shift() ?? 0 };
    const exports = await linkProgram(module, {
      imports: { ...imports, host },
      waits,
      calls: program.#calls,
      stack: program.#stack,
    }).catch((error: unknown) => {
      throw wrongProgram(error);
    });
    program.#exports = exports;
    program.#calls.arm();
    linked(exports);
    return program;
  }

  get spinsAt(): string | undefined {
    return this.#spin.spinsAt;
  }

  start(): void {
    this.#timer = this.#options.clock.setTimer(0, () => this.#enter());
  }

  signal(number: number): void {
    this.#signals.push(number);
    this.wake();
  }

  wake(): void {
    if (this.#ended || !this.#stack.isSuspended) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(0, () => this.#enter());
  }

  close(): void {
    this.#timer?.cancel();
    this.#ended = true;
  }

  /** host.h, app_wait: whether there are signals. */
  #wait(until: number): number {
    const { clock, activity, waits } = this.#options;
    if (this.#stack.resumed()) return Number(this.#signals.length > 0);
    if (this.#signals.length > 0) return 1;
    waits();
    this.#spin.waits();
    const delay = delayUntil(until, clock);
    if (delay !== NEVER && activity() === this.#activity && !this.#isTurnDue() && clock.skip?.(delay)) return 0;
    this.#calls.waits();
    this.#delay = delay;
    this.#stack.suspend();
    return 0;
  }

  /** Counts a wait that may be over at once. Whether Node has had no turn for long. */
  #isTurnDue(): boolean {
    return ++this.skips % SKIPS_TO_LOOK === 0 && performance.now() - this.#entered > MAX_SKIPPING_MS;
  }

  /** host.h, app_spun: until when it is to pause. */
  #spun(): number {
    const { clock } = this.#options;
    const pause = this.#spin.spun();
    if (this.#spin.isOver) throw new Spinning();
    return pause === 0 ? 0 : clock.monotonic() + pause;
  }

  /** Runs C until it waits, or ends. Its result is that of a TimerCallback: whether something may come of it. */
  #enter(): boolean {
    const { gate, ended, clock, activity } = this.#options;
    if (this.#ended) return false;
    this.#activity = activity();
    this.#entered = performance.now();
    this.#spin.enter(this.#entered);
    let isSuspended = false;
    try {
      gate.enter(() => {
        isSuspended = this.#stack.run();
        if (!isSuspended) this.#calls.look('');
      });
    } catch (error) {
      this.#ended = true;
      if (error instanceof AppExit) ended({ code: error.code });
      else if (error instanceof Spinning)
        ended({ unresponsive: { ranFor: this.#spin.ranFor, spinsAt: error.stack ?? '', lastCall: this.#calls.last } });
      else {
        const trap = error instanceof SphereIotError ? error.cause : undefined;
        ended({
          error: this.#calls.nullAccess(trap) ?? error,
          ...crashTraces(this.#calls, this.#exports as ProgramExports),
        });
      }
      return true;
    }
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- C's call changes it
    if (!isSuspended) {
      this.#ended = true;
      ended({ code: 0 });
      return true;
    }
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- an import may have closed it
    if (this.#ended) return true; // closed meanwhile
    const delay = this.#delay;
    this.#timer = delay === Infinity ? undefined : clock.setTimer(delay, () => this.#enter());
    return activity() !== this.#activity;
  }
}
