import type { CrashTraces } from './crash-traces.js';
import type { NullAccessPlace } from './host-calls.js';
import type { WasmMemory, WasmModule } from '../../wasm/index.js';

/** What a worker is started with. */
export interface WorkerData {
  /** With a memory that can be shared. */
  readonly module: WasmModule;
  /** The names of all functions that the module may ask for, by module. */
  readonly imports: Readonly<Record<string, readonly string[]>>;
  readonly shared: SharedArrayBuffer;
  /** Whether the clock is one that moves only when it is told to. */
  readonly virtual: boolean;
  /** As in ProgramOptions. */
  readonly watchdogMs: number;
}

/** What both threads see. */
export interface Shared {
  /** 1: the answer of a call is there. */
  readonly answered: Int32Array;
  readonly answer: Float64Array;
  /** How many signals C has not fetched. */
  readonly signals: Int32Array;
  /** The clock's readings at the last call or 'enter': now and monotonic. */
  readonly clock: Float64Array;
}

export const SHARED_SIZE = 32;

export function viewsOf(shared: SharedArrayBuffer): Shared {
  return {
    answered: new Int32Array(shared, 0, 1),
    signals: new Int32Array(shared, 4, 1),
    answer: new Float64Array(shared, 8, 1),
    clock: new Float64Array(shared, 16, 2),
  };
}

/** The messages of a worker. */
export type FromWorker =
  | { readonly type: 'linked'; readonly memory: WasmMemory }
  | { readonly type: 'notLinked'; readonly message: string }
  /** C calls the host, and waits for the answer. */
  | {
      readonly type: 'call';
      readonly module: string;
      readonly name: string;
      readonly args: readonly (number | bigint)[];
      /** JavaScript's, with C's frames in it. */
      readonly stack: string;
    }
  /** C waits for a time, a signal or anything else that comes: the next 'enter' lets it go on. */
  | {
      readonly type: 'suspended';
      readonly until: number;
      readonly stack: string;
      /** It has not asked to wait: it spins, and lets time pass. */
      readonly spins?: 'silently' | 'with calls' | 'for too long';
    }
  | { readonly type: 'returned' }
  | {
      readonly type: 'crashed';
      readonly message: string;
      readonly stack: string;
      readonly traces: CrashTraces;
    }
  | {
      readonly type: 'accessedNull';
      readonly place: NullAccessPlace;
      readonly stack: string;
      readonly traces: CrashTraces;
    };

/** The one message to a worker: it runs C until C waits, or ends. */
export type ToWorker = 'enter';
