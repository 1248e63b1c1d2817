import { defined } from '../../defined.js';
import type { HostCalls } from './host-calls.js';

/** Traces that a crash leaves beside its error. */
export interface CrashTraces {
  /** The first address where C had written through NULL before. */
  readonly writtenThroughNull?: number;
  /** Whether its stack pointer was outside of the stack. */
  readonly stackOverflowed?: true;
}

/** Exported by native/posix/stack.c; apps that were built before it lack it. */
export interface StackExports {
  sphere_app_stack_overflowed?(): number;
}

/** The traces that a crash has left in a program. */
export function crashTraces(calls: HostCalls, exports: StackExports): CrashTraces {
  const address = calls.written();
  return {
    ...defined({ writtenThroughNull: address }),
    ...(exports.sphere_app_stack_overflowed?.() ? { stackOverflowed: true } : {}),
  };
}
