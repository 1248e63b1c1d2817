import type { SphereIotError } from './errors.js';

/**
 * Has Node print a warning that what a test asked for never happened: without it the test would have passed, too.
 * @param fault Asked in the next turn of the event loop, so that a test can ask itself after what has closed.
 */
export function warnNeverStruck(fault: () => SphereIotError | undefined): void {
  setImmediate(() => {
    const error = fault();
    if (error !== undefined) process.emitWarning(error.message, { type: 'SphereIotWarning', code: error.code });
  });
}
