// The thread of an isolated app: it holds the program, and nothing else. Whatever C asks of the host is asked of the thread
// that launched it, while this one stands still.
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../errors.js';
import { webAssembly, type WasmImports, type WasmMemory } from '../../wasm/webassembly.js';
import type { FromWorker, WorkerData } from './protocol.js';

interface Exports {
  readonly memory: WasmMemory;
  _start(): void;
  sphere_app_suspended_stack(): number;
  asyncify_start_unwind(stack: number): void;
  asyncify_stop_unwind(): void;
  asyncify_start_rewind(stack: number): void;
  asyncify_stop_rewind(): void;
}

/** Frames of the stack that an error can show. */
const FRAMES = 20;

const { module: wasm, imports, answer } = workerData as WorkerData;
const answered = new Int32Array(answer, 0, 1);
const result = new Float64Array(answer, 8, 1);
let program: Exports;
/** Where Asyncify keeps the stack of C while it is suspended. */
let stack = 0;
let state: 'running' | 'suspending' | 'suspended' | 'resuming' = 'running';

function say(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function call(from: string, name: string, args: readonly (number | bigint)[]): number {
  Atomics.store(answered, 0, 0);
  say({ type: 'call', module: from, name, args, stack: new Error().stack ?? '' });
  Atomics.wait(answered, 0, 0);
  return result[0] as number;
}

/** host.h's app_wait; the host says whether there is anything to wait for. */
function wait(until: number): void {
  if (state === 'resuming') {
    program.asyncify_stop_rewind();
    state = 'running';
  } else if (call('host', 'app_wait', [until]) !== 0) {
    state = 'suspending';
    stack = program.sphere_app_suspended_stack();
    program.asyncify_start_unwind(stack);
  }
}

function enter(): void {
  try {
    if (state === 'suspended') {
      state = 'resuming';
      program.asyncify_start_rewind(stack);
    }
    program._start();
  } catch (error) {
    say({ type: 'crashed', message: messageOf(error), stack: (error as Error).stack ?? '' });
    return;
  }
  if ((state as string) !== 'suspending') {
    say({ type: 'returned' });
    return;
  }
  program.asyncify_stop_unwind();
  state = 'suspended';
  say({ type: 'suspended' });
}

function functions(): WasmImports {
  return Object.fromEntries(
    Object.entries(imports).map(([from, names]) => [
      from,
      Object.fromEntries(names.map((name) => [name, (...args: (number | bigint)[]): number => call(from, name, args)])),
    ]),
  );
}

async function link(): Promise<void> {
  Error.stackTraceLimit = FRAMES;
  const all = functions();
  const host = { ...all['host'], app_wait: wait };
  try {
    program = (await webAssembly.instantiate(wasm, { ...all, host })).exports as unknown as Exports;
  } catch (error) {
    say({ type: 'notLinked', message: messageOf(error) });
    return;
  }
  parentPort?.on('message', enter);
  say({ type: 'linked', memory: program.memory });
}

void link();
