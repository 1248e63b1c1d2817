import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Timer } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { packageRoot } from '../../package-root.cjs';
import { AppExit } from '../host/runtime.js';
import { delayUntil, type ProgramEnd, type ProgramOptions, type RunningProgram } from '../program.js';
import { loadModule } from '../../wasm/index.js';
import { ANSWER_SIZE, type FromWorker, type ToWorker, type WorkerData } from './protocol.js';
import { withSharedMemory } from './shared-memory.js';

/** A thread runs JavaScript, also where jest runs TypeScript. */
const WORKER = path.join(packageRoot, 'dist/cjs/app/isolate/worker.js');

/** A watchdog's parts: while Node itself stands still, one of them passes at most. */
const TICKS = 10;

export interface IsolatedProgramOptions extends Omit<ProgramOptions, 'module' | 'activity'> {
  readonly wasm: Uint8Array;
  /** For how long C may run without a wait, in ms of real time. */
  readonly watchdogMs: number;
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
  readonly #answered: Int32Array;
  readonly #result: Float64Array;
  readonly #signals: number[] = [];
  #state: 'new' | 'running' | 'suspended' | 'ended' = 'new';
  #timer: Timer | undefined;
  #delay = Infinity;
  /** Lets the clock go on. */
  #release = (): void => undefined;
  #watchdog: NodeJS.Timeout | undefined;
  /** Where C was at its last call. */
  #lastStack = '';

  private constructor(options: IsolatedProgramOptions, data: WorkerData) {
    this.#options = options;
    this.#answered = new Int32Array(data.answer, 0, 1);
    this.#result = new Float64Array(data.answer, 8, 1);
    this.#worker = new Worker(WORKER, { workerData: data });
  }

  /**
   * Starts the thread and links the program there; `start` runs it.
   * @throws SphereIotError `WASM_INVALID`, `WASM_MISMATCH` where it was built with another version.
   */
  static async load(options: IsolatedProgramOptions): Promise<IsolatedProgram> {
    const { app_wait: _wait, ...host } = { ...options.imports.host, app_next_signal: 0 } as Record<string, unknown>;
    const names = Object.entries({ ...options.imports, host }).map(([module, all]) => [module, Object.keys(all)]);
    const program = new IsolatedProgram(options, {
      module: await loadModule(withSharedMemory(options.wasm)),
      imports: Object.fromEntries(names) as WorkerData['imports'],
      answer: new SharedArrayBuffer(ANSWER_SIZE),
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
      throw new SphereIotError(
        'WASM_MISMATCH',
        'The app was built with another version of sphere-iot: build it again.',
        {
          cause,
        },
      );
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
    this.wake();
  }

  wake(): void {
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
    this.#release = this.#options.clock.hold('an app that runs in a thread');
    const { watchdogMs } = this.#options;
    let left = TICKS;
    if (watchdogMs < Infinity)
      this.#watchdog = setInterval(() => {
        if (--left === 0) this.#end({ unresponsive: { stack: this.#lastStack, watchdogMs } });
      }, watchdogMs / TICKS);
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
    else if (message.type === 'suspended') this.#suspend();
    else if (message.type === 'returned') this.#end({ code: 0 });
    else if (message.type === 'crashed') this.#end({ error: crash(message) });
  }

  #suspend(): void {
    this.#leave('suspended');
    if (this.#signals.length > 0) this.wake();
    else if (this.#delay !== Infinity) this.#timer = this.#options.clock.setTimer(this.#delay, () => this.#enter());
  }

  #answer(call: Call): void {
    this.#lastStack = call.stack;
    try {
      this.#result[0] = this.#options.gate.enter(() => this.#run(call));
    } catch (error) {
      this.#end(error instanceof AppExit ? { code: error.code } : { error });
      return;
    }
    Atomics.store(this.#answered, 0, 1);
    Atomics.notify(this.#answered, 0);
  }

  #run({ module, name, args }: Call): number {
    if (name === 'app_wait') return this.#wait(args[0] as number);
    if (name === 'app_next_signal') return this.#signals.shift() ?? 0;
    const run = this.#options.imports[module]?.[name] as (...args: readonly (number | bigint)[]) => number | void;
    return Number(run(...args) ?? 0);
  }

  /** Whether C is to be suspended. */
  #wait(until: number): 0 | 1 {
    if (this.#signals.length > 0) return 0;
    this.#delay = delayUntil(until, this.#options.clock);
    return 1;
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
