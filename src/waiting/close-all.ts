import { checkArgument } from '../options.js';
import { like } from '../rules.js';
import { throwAll } from './unseen.js';

/** What a test closes in its end: a SphereApp, an AppDevice, a LocalAzure, a SphereDevice, a Pump … */
export interface Closeable {
  close(): void | Promise<void>;
}

const CLOSEABLE = like('an object with a close of its own, as in closeAll(app, cloud)', 'close');

/**
 * Closes one after the other in the order given, also where one of them throws; undefined, for what a test has not come to, is passed over.
 * For `afterEach`. In a `finally`, what it throws takes the place of what the test threw.
 * @throws SphereIotError `ARGUMENT_INVALID` for what can't be closed, as a promise or a list; what their `close` throws; where several throw, an error with the code of the first, all messages, and all of them in `cause.errors`.
 */
export async function closeAll(...all: readonly (Closeable | undefined)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const each of all) {
    try {
      if (each === undefined) continue;
      checkArgument('What closeAll closes', each, CLOSEABLE);
      await each.close();
    } catch (error) {
      errors.push(error);
    }
  }
  throwAll(errors);
}
