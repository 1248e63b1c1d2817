import type { Clock, Timer } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import { webAssembly, type Gate, type MemoryExports, type WasmImports, type WasmModule } from '../wasm/index.js';
import { AppExit } from './host/runtime.js';
import { longJumpImports, type LongJumpExports } from './long-jump.js';

interface ProgramExports extends MemoryExports, LongJumpExports {
  _start(): void;
  sphere_app_suspended_stack(): number;
  asyncify_start_unwind(stack: number): void;
  asyncify_stop_unwind(): void;
  asyncify_start_rewind(stack: number): void;
  asyncify_stop_rewind(): void;
}

// Once for all: where jest runs this, a global takes longer to find than a wait to be skipped.
const { ceil } = Math;
const NEVER = Infinity;

/** Parts of a millisecond that a wait is rounded up to: finer ones get lost in a clock that counts from 1970. */
const RESOLUTION = 1000;

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
}

/** How a program ended: its exit code, what made it crash, or what it did last before the watchdog ended it. */
export type ProgramEnd =
  | { readonly code: number }
  | { readonly error: unknown }
  | { readonly unresponsive: { readonly stack: string; readonly watchdogMs: number } };

/** A program that was linked. */
export interface RunningProgram {
  /** Waits that were over without leaving C: the clock's readings are new after each. */
  readonly skips: number;
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
  return ceil((until - clock.monotonic()) * RESOLUTION) / RESOLUTION;
}

/**
 * A running program. `main` blocks in C, Node does not: where C waits (host.h, app_wait), Asyncify takes the stack away, and
 * puts it back when the wait is over. Meanwhile nothing enters C; signals are kept until it goes on.
 */
export class Program implements RunningProgram {
  readonly #options: ProgramOptions;
  #exports: ProgramExports | undefined;
  #state: 'new' | 'running' | 'suspended' | 'resuming' | 'ended' = 'new';
  /** Ends the wait that C is suspended in; undefined: it waits for something other than time. */
  #timer: Timer | undefined;
  /** For how long C has asked to be suspended, in ms; undefined: it has not. */
  #delay: number | undefined;
  /** Where Asyncify keeps the stack: an address, which C empties anew each time that it is asked for it. */
  #stack = 0;
  readonly #signals: number[] = [];
  /** The activity when C was entered. */
  #activity = 0;
  skips = 0;

  private constructor(options: ProgramOptions) {
    this.#options = options;
  }

  /**
   * Links a program; `start` runs it.
   * @throws SphereIotError `WASM_MISMATCH` where it was built with another version.
   */
  static async load(options: ProgramOptions): Promise<Program> {
    const program = new Program(options);
    const { imports, module, linked } = options;
    const jumps = longJumpImports(
      module,
      () => program.#exports as ProgramExports,
      () => program.#state === 'resuming',
    );
    const env = { ...imports.env, ...jumps.env };
    const host = {
      ...imports.host,
      ...jumps.host,
      app_wait: (until: number) => program.#wait(until),
      app_next_signal: () => program.#signals.shift() ?? 0,
    };
    let instance;
    try {
      instance = await webAssembly.instantiate(module, { ...imports, env, host });
    } catch (error) {
      throw new SphereIotError(
        'WASM_MISMATCH',
        'The app was built with another version of sphere-iot: build it again.',
        { cause: error },
      );
    }
    program.#exports = instance.exports as unknown as ProgramExports;
    linked(program.#exports);
    return program;
  }

  start(): void {
    this.#timer = this.#options.clock.setTimer(0, () => this.#enter());
  }

  signal(number: number): void {
    this.#signals.push(number);
    this.wake();
  }

  wake(): void {
    if (this.#state !== 'suspended') return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(0, () => this.#enter());
  }

  close(): void {
    this.#timer?.cancel();
    this.#state = 'ended';
  }

  #wait(until: number): void {
    const exports = this.#exports as ProgramExports;
    const { clock, activity, waits } = this.#options;
    if (this.#state === 'resuming') {
      exports.asyncify_stop_rewind();
      this.#state = 'running';
      return;
    }
    if (this.#signals.length > 0) return;
    waits();
    const delay = delayUntil(until, clock);
    if (delay !== NEVER && activity() === this.#activity && clock.skip?.(delay)) {
      this.skips++;
      return;
    }
    this.#delay = delay;
    this.#stack = exports.sphere_app_suspended_stack();
    exports.asyncify_start_unwind(this.#stack);
  }

  /** Runs C until it waits, or ends. Its result is that of a TimerCallback: whether something may come of it. */
  #enter(): boolean {
    const exports = this.#exports as ProgramExports;
    const { gate, ended, clock, activity } = this.#options;
    if (this.#state === 'ended') return false;
    this.#activity = activity();
    try {
      gate.enter(() => {
        if (this.#state === 'suspended') {
          this.#state = 'resuming';
          exports.asyncify_start_rewind(this.#stack);
        } else this.#state = 'running';
        exports._start();
      });
    } catch (error) {
      this.#state = 'ended';
      ended(error instanceof AppExit ? { code: error.code } : { error });
      return true;
    }
    const delay = this.#delay;
    if (delay === undefined) {
      this.#state = 'ended';
      ended({ code: 0 });
      return true;
    }
    exports.asyncify_stop_unwind();
    this.#delay = undefined;
    this.#state = 'suspended';
    this.#timer = delay === Infinity ? undefined : clock.setTimer(delay, () => this.#enter());
    return activity() !== this.#activity;
  }
}
