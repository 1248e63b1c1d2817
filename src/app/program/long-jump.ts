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

/** Whether what C threw is a longjmp that arrived nowhere: itself, or as the text by which a thread reports it. */
export function isLongJump(error: unknown): boolean {
  return error === LONG_JUMP || error === String(LONG_JUMP);
}

/** One of the functions by which a C function that has called setjmp calls others: the table's function of a number, with its arguments. */
type Invoke = (index: number, ...args: unknown[]) => unknown;

/**
 * Makes these functions. A longjmp in what they call ends here; C then finds for itself where it goes on.
 * @param exports Of the program, once it is linked.
 * @param resuming Whether Asyncify is putting the stack back: these calls were made before.
 * @returns A function for each result that C gets after a longjmp.
 */
function invokers(exports: () => LongJumpExports, resuming: () => boolean): (failure: number | bigint) => Invoke {
  /** The stack pointers of C at the calls that stand; those above `depth` are of a stack that is suspended. */
  const pointers: number[] = [];
  let depth = 0;
  return (failure) =>
    (index, ...args) => {
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
}

/**
 * The imports of setjmp and longjmp.
 * @param exports Of the program, once it is linked.
 * @param resuming Whether Asyncify is putting the stack back.
 */
export function longJumpImports(
  module: WasmModule,
  exports: () => LongJumpExports,
  resuming: () => boolean,
): { readonly env: Record<string, unknown>; readonly host: Pick<AppImports, 'app_long_jump'> } {
  const invoke = invokers(exports, resuming);
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
