import type { WasmMemory, WasmModule } from '../../wasm/index.js';

/** What a worker is started with. */
export interface WorkerData {
  /** With a memory that can be shared. */
  readonly module: WasmModule;
  /** The names of all functions that the module may ask for, by module. */
  readonly imports: Readonly<Record<string, readonly string[]>>;
  /** Where answers are put: a word that is not 0 when one is there, and at 8 a float64, the result. */
  readonly answer: SharedArrayBuffer;
}

/** Bytes of `answer`. */
export const ANSWER_SIZE = 16;

/** What a worker says. */
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
  /** C waits for time, a signal or anything else that comes: the next 'enter' lets it go on. */
  | { readonly type: 'suspended' }
  | { readonly type: 'returned' }
  | { readonly type: 'crashed'; readonly message: string; readonly stack: string };

/** The one thing that a worker is told: to run C until it waits, or ends. */
export type ToWorker = 'enter';
