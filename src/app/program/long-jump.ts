import type { AppImports } from '../../wasm/index.js';
import { webAssembly, type WasmModule } from '../../wasm/webassembly.js';

/** What a program exports for setjmp and longjmp; the functions are there where it calls longjmp. */
export interface LongJumpExports {
  readonly __indirect_function_table: { get(index: number): (...args: unknown[]) => unknown };
  sphere_app_stack_pointer?(): number;
  sphere_app_set_stack_pointer?(pointer: number): void;
}

/** Thrown through C from longjmp to the call that a function with setjmp made. */
const LONG_JUMP = Symbol('longjmp');

/** Whether what C threw is a longjmp that arrived nowhere. As a text it has this form, too: what a thread says of it. */
export function isLongJump(error: unknown): boolean {
  return error === LONG_JUMP || error === String(LONG_JUMP);
}

/**
 * The imports of setjmp and longjmp. A C function that has called setjmp calls others by `invoke_…`, so that a longjmp in them
 * ends here; C then finds for itself where it goes on.
 * @param exports Of the program, once it is linked.
 * @param resuming Whether Asyncify is putting the stack back: these calls were made before.
 */
export function longJumpImports(
  module: WasmModule,
  exports: () => LongJumpExports,
  resuming: () => boolean,
): { readonly env: Record<string, unknown>; readonly host: Pick<AppImports, 'app_long_jump'> } {
  /** The stack pointers of C at the calls that stand; those above `depth` are of a stack that is suspended. */
  const pointers: number[] = [];
  let depth = 0;
  const invoke =
    (failure: number | bigint) =>
    (index: number, ...args: unknown[]) => {
      const { __indirect_function_table: table, ...c } = exports();
      const at = depth++;
      if (!resuming()) pointers[at] = c.sphere_app_stack_pointer?.() ?? 0;
      try {
        return table.get(index)(...args);
      } catch (error) {
        if (error !== LONG_JUMP) throw error;
        c.sphere_app_set_stack_pointer?.(pointers[at] as number);
        return failure;
      } finally {
        depth = at;
      }
    };
  const names = webAssembly.Module.imports(module).flatMap(({ name }) =>
    /^invoke_[ijfdv]+$/.test(name) ? [name] : [],
  );
  return {
    // The first letter is the type of the result.
    env: {
      ...Object.fromEntries(names.map((name) => [name, invoke(name.startsWith('invoke_j') ? 0n : 0)])),
      // The mark of the app's own functions (native/cmake/package/instrument.cjs), where such a function calls it by `invoke_v`.
      __sanitizer_cov_trace_pc: () => undefined,
    },
    host: {
      app_long_jump: (): never => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- an Error would gather a stack with each jump
        throw LONG_JUMP;
      },
    },
  };
}
