import { SphereIotError } from '../errors.js';
import {
  createHost,
  Gate,
  HandleTable,
  loadModule,
  Memory,
  type Host,
  type HostOptions,
  webAssembly,
  type WasmImports,
  type WasmMemory,
} from '../wasm/index.js';
import { Callbacks } from './callbacks.js';
import { callbackImports } from './generated/callback-imports.js';
import type { CFunctions } from './generated/functions.js';
import { interfaceId } from './generated/interface-id.js';
import { PumpSeat } from './pump-seat.js';

/** The exports that are not part of the SDK's API. */
export interface ModuleExports {
  readonly memory: WasmMemory;
  malloc(size: number): number;
  free(pointer: number): void;
  _initialize?(): void;
  sphere_interface_id(): number;
  sphere_time_size(): number;
  sphere_heap_in_use(): number;
  sphere_callback_address(number: number): number;
  sphere_provider_address(number: number): number;
  sphere_override_dps(handle: number, installed: number): number;
  sphere_override_iothub(handle: number, installed: number): number;
  sphere_provisioning_begin(idScope: number, timeout: number): number;
  sphere_provisioning_poll(provisioning: number): number;
  sphere_provisioning_finish(provisioning: number, result: number, provError: number, clientError: number): number;
}

/** Something that ends with an instance. */
export interface Dependant {
  /**
   * Ends it. What it waits for rejects with `why`.
   * @returns Whether it waited for anything.
   */
  end(why: SphereIotError): boolean;
}

/** An instance of the WebAssembly module with all that belongs to it. */
export interface SdkModule {
  readonly exports: ModuleExports;
  /** The SDK's functions by their C names. */
  readonly functions: CFunctions;
  readonly memory: Memory;
  readonly gate: Gate;
  readonly handles: HandleTable;
  readonly callbacks: Callbacks;
  readonly host: Host;
  /** It is told of every call for a handle, and of what waits for one. */
  readonly pump: PumpSeat;
  /** What stands on it, and ends with it. */
  readonly dependants: Set<Dependant>;
}

/**
 * Loads and links an instance.
 * @throws SphereIotError `WASM_NOT_FOUND`, `WASM_INVALID`, `WASM_MISMATCH` (the file is of another build).
 */
export async function createModule(options: Omit<HostOptions, 'waiting'>, wasm?: Uint8Array): Promise<SdkModule> {
  const compiled = await loadModule(wasm);
  // The module's memory is made with it, and its imports need the memory: they get it once it is there.
  const linked: { exports?: ModuleExports } = {};
  const memory = new Memory(() => linked.exports as ModuleExports);
  const gate = new Gate();
  const handles = new HandleTable();
  const callbacks = new Callbacks(memory, gate, handles);
  const pump = new PumpSeat();
  const host = createHost(memory, gate, { ...options, waiting: (handle) => pump.wake(handle) });
  let instance;
  try {
    instance = await webAssembly.instantiate(compiled, {
      host: host.imports,
      callback: callbackImports({ memory, gate, handles, callbacks }),
      ...runtimeImports(),
    });
  } catch (error) {
    throw new SphereIotError('WASM_MISMATCH', mismatch, { cause: error });
  }
  const exports = instance.exports as unknown as ModuleExports;
  linked.exports = exports;
  if (typeof exports.sphere_interface_id !== 'function') throw new SphereIotError('WASM_MISMATCH', mismatch);
  exports._initialize?.();
  if (memory.textAt(exports.sphere_interface_id()) !== interfaceId) throw new SphereIotError('WASM_MISMATCH', mismatch);
  // Takes the block for temporary values now: heapInUse counts from here.
  memory.prepare();
  const functions = instance.exports as unknown as SdkModule['functions'];
  return {
    exports,
    functions,
    memory,
    gate,
    handles,
    callbacks,
    host,
    pump,
    dependants: new Set(),
  };
}

const mismatch =
  'The WebAssembly file is of another build than this TypeScript. Install the package anew, or run `npm run setup`.';

/** The few functions that Emscripten's C library wants in a module without its JavaScript: an empty environment. */
function runtimeImports(): WasmImports {
  const nothing = (): number => 0;
  return {
    env: { emscripten_notify_memory_growth: () => undefined },
    wasi_snapshot_preview1: { environ_sizes_get: nothing, environ_get: nothing },
  };
}
