import { SphereIotError, messageOf } from '../errors.js';

/** A frame of a WebAssembly stack, as V8 writes it. */
const FRAME = /^\s+at (?:async )?(\S+) \(wasm:\/\//;

/**
 * The error of an app that crashed, with the C functions that were on the stack. What else ended it (an exception of a
 * listener) is passed on.
 */
export function crashError(error: unknown, lastLines: string): unknown {
  if (!(error instanceof SphereIotError) || error.code !== 'SDK_CRASHED') return error;
  const { cause } = error;
  const stack = cause instanceof Error ? (cause.stack ?? '') : '';
  const functions = stack
    .split('\n')
    .map((line) => FRAME.exec(line)?.[1]?.replace(/^.*\./, ''))
    .filter((name): name is string => name !== undefined && name !== '_start');
  const where = functions.length > 0 ? `, in ${functions.join(' ← ')}` : '';
  return new SphereIotError('APP_CRASHED', `The app crashed${where}: ${messageOf(cause)}. ${lastLines}`, { cause });
}
