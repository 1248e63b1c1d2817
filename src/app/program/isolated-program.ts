import { Worker } from 'node:worker_threads';
import type { Timer } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { packageFile } from '../../package-file.js';
import { NullAccess } from './host-calls.js';
import { wrongProgram } from './link.js';
import { AppExit } from './runtime.js';
import { delayUntil, type ProgramEnd, type ProgramOptions, type RunningProgram } from './in-process-program.js';
import { LONG_SILENCE } from './spin.js';
import { loadModule } from '../../wasm/index.js';
import {
  SHARED_SIZE,
  viewsOf,
  type FromWorker,
  type Shared,
  type ToWorker,
  type WorkerData,
} from './worker-protocol.js';
import { withSharedMemory } from './shared-memory.js';

/** A thread runs JavaScript, also where jest runs TypeScript. */
const WORKER = 'dist/cjs/app/program/worker.js';

/** A watchdog's parts: while Node itself stands still, one of them passes at most. */
const TICKS = 10;

export interface IsolatedProgramOptions extends Omit<ProgramOptions, 'module' | 'activity'> {
  readonly wasm: Uint8Array;
}

type Call = Extract<FromWorker, { type: 'call' }>;

/**
 * A program in a thread of its own. Only C is there: what it asks of the host is done here, as ever, while the thread waits
 * for the result; the memory is shared. So whatever C does, Node goes on, and can end it.
 */
export class IsolatedProgram implements RunningProgram {
  readonly skips = 0;
  readonly #options: IsolatedProgramOptions;
  readonly #worker: Worker;
  readonly #shared: Shared;
  readonly #signals: number[] = [];
  #state: 'new' | 'running' | 'suspended' | 'ended' = 'new';
  /** Something came while C was running, so perhaps after it had looked. */
  #woken = false;
  #timer: Timer | undefined;
  /** Lets the clock go on. */
  #release = (): void => undefined;
  #watchdog: NodeJS.Timeout | undefined;
  /** For how long C has run since its last wait, in ms of real time, and when it was entered. */
  #ran = 0;
  #entered = 0;
  /** Where C was at its last call. */
  #lastStack = '';
  spinsAt: string | undefined;

  private constructor(options: IsolatedProgramOptions, data: WorkerData) {
    this.#options = options;
    this.#shared = viewsOf(data.shared);
    this.#worker = new Worker(packageFile(WORKER), { workerData: data });
  }

  /**
   * Starts the thread and links the program there; `start` runs it.
   * @throws SphereIotError `WASM_INVALID`, `WASM_MISMATCH` where it was built with another version.
   */
  static async load(options: IsolatedProgramOptions): Promise<IsolatedProgram> {
    const names = Object.entries(options.imports).map(([module, all]) => [module, Object.keys(all)]);
    const program = new IsolatedProgram(options, {
      module: await loadModule(withSharedMemory(options.wasm)),
      imports: Object.fromEntries(names) as WorkerData['imports'],
      shared: new SharedArrayBuffer(SHARED_SIZE),
      virtual: options.clock.skip !== undefined,
      watchdogMs: options.watchdogMs,
    });
    await program.#linked();
    return program;
  }

  async #linked(): Promise<void> {
    const worker = this.#worker;
    const first = await new Promise<FromWorker>((resolve, reject) =>
      worker.once('message', resolve).once('error', reject),
    );
    if (first.type !== 'linked') {
      this.close();
      const cause = new Error(first.type === 'notLinked' ? first.message : first.type);
      throw wrongProgram(cause);
    }
    // C's heap is out of reach from here.
    this.#options.linked({ memory: first.memory, malloc: () => 0, free: () => undefined });
    worker.on('message', (message: FromWorker) => this.#on(message));
    worker.on('error', (error) => this.#end({ error }));
  }

  start(): void {
    this.#timer = this.#options.clock.setTimer(0, () => this.#enter());
  }

  signal(number: number): void {
    this.#signals.push(number);
    this.#countSignals();
    this.wake();
  }

  wake(): void {
    this.#woken = true;
    if (this.#state !== 'suspended') return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(0, () => this.#enter());
  }

  close(): void {
    this.#leave('ended');
    this.#timer?.cancel();
    void this.#worker.terminate();
  }

  #enter(): void {
    if (this.#state === 'ended') return;
    this.#state = 'running';
    this.#woken = false;
    this.#release = this.#options.clock.hold('an app that runs in a thread');
    this.#entered = performance.now();
    const { watchdogMs } = this.#options;
    let left = TICKS;
    if (watchdogMs < Infinity)
      this.#watchdog = setInterval(() => {
        if (--left === 0) this.#end({ unresponsive: { ranFor: `${watchdogMs} ms`, lastStack: this.#lastStack } });
      }, watchdogMs / TICKS);
    this.#readClock();
    this.#worker.postMessage('enter' satisfies ToWorker);
  }

  /** C does not run any more. */
  #leave(state: 'suspended' | 'ended'): void {
    clearInterval(this.#watchdog);
    this.#state = state;
    // What it did has its consequences before the clock moves on.
    setImmediate(this.#release);
  }

  #on(message: FromWorker): void {
    if (this.#state === 'ended') return;
    if (message.type === 'call') this.#answer(message);
    else if (message.type === 'suspended') this.#suspend(message);
    else if (message.type === 'returned') this.#end({ code: 0 });
    else if (message.type === 'crashed') this.#end({ error: crash(message), ...message.traces });
    else if (message.type === 'accessedNull')
      this.#end({ error: Object.assign(new NullAccess(message.place), { stack: message.stack }), ...message.traces });
  }

  #suspend({ until, stack, spins }: Extract<FromWorker, { type: 'suspended' }>): void {
    const { clock, watchdogMs } = this.#options;
    // Calls are slow here: an app that only moves a virtual clock on by its calls would come to no end that a test could await.
    const isAtWork = spins === undefined || (spins === 'with calls' && clock.skip === undefined);
    this.#ran = isAtWork ? 0 : this.#ran + performance.now() - this.#entered;
    if (spins === 'for too long' || this.#ran > watchdogMs) {
      const ranFor = this.#ran > watchdogMs ? `${watchdogMs} ms` : LONG_SILENCE;
      this.#end({ unresponsive: { ranFor, spinsAt: stack, lastStack: this.#lastStack } });
      return;
    }
    this.spinsAt = spins === 'silently' ? stack : undefined;
    if (spins === undefined) this.#lastStack = stack;
    this.#leave('suspended');
    this.#options.waits();
    if (this.#signals.length > 0 || this.#woken) this.wake();
    else if (until !== Infinity) this.#timer = clock.setTimer(delayUntil(until, clock), () => this.#enter());
  }

  #answer(call: Call): void {
    this.#lastStack = call.stack;
    const { answer, answered } = this.#shared;
    try {
      answer[0] = this.#options.gate.enter(() => this.#run(call));
    } catch (error) {
      this.#end(error instanceof AppExit ? { code: error.code } : { error });
      return;
    }
    this.#readClock();
    Atomics.store(answered, 0, 1);
    Atomics.notify(answered, 0);
  }

  #run({ module, name, args }: Call): number {
    if (name === 'app_next_signal') return this.#nextSignal();
    const run = this.#options.imports[module]?.[name] as (
      ...args: readonly (number | bigint)[]
    ) => number | bigint | undefined;
    return Number(run(...args) ?? 0);
  }

  #nextSignal(): number {
    const next = this.#signals.shift() ?? 0;
    this.#countSignals();
    return next;
  }

  #countSignals(): void {
    Atomics.store(this.#shared.signals, 0, this.#signals.length);
  }

  #readClock(): void {
    const { clock } = this.#options;
    this.#shared.clock.set([clock.now(), clock.monotonic()]);
  }

  #end(end: ProgramEnd): void {
    this.close();
    this.#options.ended(end);
  }
}

/** As Gate has it of a program in this thread. */
function crash({ message, stack }: { readonly message: string; readonly stack: string }): SphereIotError {
  const cause = Object.assign(new Error(message), { stack });
  return new SphereIotError('SDK_CRASHED', `The C code crashed: ${message}.`, { cause });
}
