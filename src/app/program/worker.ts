// The thread of an isolated app: it holds the program, and nothing else. Each call of C to the host goes to the thread that launched
// the app, while this one stands still.
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../errors.js';
import { AsyncifyStack } from './asyncify.js';
import { crashTraces } from './crash-traces.js';
import { HostCalls, NullAccess } from './host-calls.js';
import { linkProgram, type ProgramExports } from './link.js';
import { Spin } from './spin.js';
import { MAX_READINGS } from '../../wasm/host/clock.js';
import type { AppImports, CoreImports } from '../../wasm/index.js';
import type { WasmImports } from '../../wasm/webassembly.js';
import { viewsOf, type FromWorker, type WorkerData } from './worker-protocol.js';

/** Frames of the stack that an error can show. */
const FRAMES = 20;

const { module: wasm, imports, shared, virtual, watchdogMs } = workerData as WorkerData;
const { answered, answer, signals, clock } = viewsOf(shared);
let program: ProgramExports;
const calls = new HostCalls(() => program.memory);
const spin = new Spin({ virtual, calls: () => calls.count, watchdogMs });
const stack = new AsyncifyStack(() => program);
let until = Infinity;
let waitingStack = '';
let spins: Extract<FromWorker, { type: 'suspended' }>['spins'];
let readings = 0;

function send(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function call(from: string, name: string, args: readonly (number | bigint)[]): number {
  Atomics.store(answered, 0, 0);
  send({ type: 'call', module: from, name, args, stack: new Error().stack ?? '' });
  // The notification of the last answer may come only now, when this call already waits.
  while (Atomics.load(answered, 0) === 0) Atomics.wait(answered, 0, 0);
  readings = 0;
  return answer[0] as number;
}

/** The clock of host.h. C reads it often, so it is asked for after a number of readings only. */
function reading(name: string, index: 0 | 1): () => number {
  return () => (++readings > MAX_READINGS ? call('host', name, []) : (clock[index] as number));
}

const readingsOfClock: Pick<CoreImports, 'clock_now' | 'clock_monotonic'> & Pick<AppImports, 'app_next_signal'> = {
  clock_now: reading('clock_now', 0),
  clock_monotonic: reading('clock_monotonic', 1),
  app_next_signal: (): number => (Atomics.load(signals, 0) === 0 ? 0 : call('host', 'app_next_signal', [])),
};

function howItSpins(): 'silently' | 'with calls' | 'for too long' {
  if (spin.isOver) return 'for too long';
  return spin.idle > 0 ? 'silently' : 'with calls';
}

const waits: Pick<AppImports, 'app_wait' | 'app_spun' | 'app_watch'> = {
  app_wait: (time: number): number => {
    const signalled = Atomics.load(signals, 0) === 0 ? 0 : 1;
    if (stack.resumed() || signalled !== 0) return signalled;
    calls.waits();
    spins = spin.waits() ? undefined : howItSpins();
    until = time;
    waitingStack = new Error().stack ?? '';
    stack.suspend();
    return 0;
  },
  app_spun: (): number => {
    const pause = spin.spun();
    return pause === 0 ? 0 : readingsOfClock.clock_monotonic() + pause;
  },
  // The thread that launched it has a watchdog.
  app_watch: (): void => undefined,
};

function enter(): void {
  readings = 0;
  spin.enter(performance.now());
  let isSuspended;
  try {
    isSuspended = stack.run();
    if (!isSuspended) calls.look('');
  } catch (thrown) {
    const error = calls.nullAccess(thrown) ?? thrown;
    const { stack: at = '' } = error as Error;
    const traces = crashTraces(calls, program);
    if (error instanceof NullAccess) send({ type: 'accessedNull', place: error.place, stack: at, traces });
    else send({ type: 'crashed', message: messageOf(error), stack: at, traces });
    return;
  }
  if (!isSuspended) {
    send({ type: 'returned' });
    return;
  }
  send({ type: 'suspended', until, stack: waitingStack, ...(spins && { spins }) });
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
  const host = { ...all['host'], ...readingsOfClock };
  try {
    program = await linkProgram(wasm, { imports: { ...all, host }, waits, calls, stack });
    calls.arm();
  } catch (error) {
    send({ type: 'notLinked', message: messageOf(error) });
    return;
  }
  parentPort?.on('message', enter);
  send({ type: 'linked', memory: program.memory });
}

void link();
