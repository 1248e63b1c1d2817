import { SphereIotError } from '../../errors.js';
import type { AppImports, MemoryExports } from '../../wasm/index.js';
import { webAssembly, type WasmImports, type WasmModule } from '../../wasm/webassembly.js';
import type { AsyncifyExports, AsyncifyStack } from './asyncify.js';
import type { StackExports } from './crash-traces.js';
import type { HostCalls } from './host-calls.js';
import { longJumpImports, type LongJumpExports } from './long-jump.js';

/** What an app's program exports. */
export interface ProgramExports extends MemoryExports, LongJumpExports, StackExports, AsyncifyExports {
  sphere_app_yield(): void;
}

export interface LinkOptions {
  /** All that C imports, but what has to do with waiting and with longjmp. */
  readonly imports: WasmImports;
  readonly waits: Pick<AppImports, 'app_wait' | 'app_spun' | 'app_watch'>;
  /** Watches the calls of `imports`. */
  readonly calls: HostCalls;
  /** The program's stack. */
  readonly stack: AsyncifyStack;
}

/**
 * Links a program, in this thread; `_start` runs it.
 * @throws Error where it is not as native/cmake/package makes it today.
 */
export async function linkProgram(module: WasmModule, options: LinkOptions): Promise<ProgramExports> {
  const { imports, waits, calls, stack } = options;
  const watched = calls.watched(imports);
  const jumps = longJumpImports(
    module,
    () => program,
    () => stack.isResuming,
  );
  const { exports } = await webAssembly.instantiate(module, {
    ...watched,
    env: { ...watched['env'], ...jumps.env },
    host: { ...watched['host'], ...jumps.host, ...waits },
  });
  if (exports['sphere_app_yield'] === undefined) throw new Error('It does not export sphere_app_yield.');
  const program = exports as unknown as ProgramExports;
  return program;
}

/** The error of a program that can't be linked. */
export function wrongProgram(cause: unknown): SphereIotError {
  const message = 'The app was built with another version of sphere-iot: build it again.';
  return new SphereIotError('WASM_MISMATCH', message, { cause });
}
