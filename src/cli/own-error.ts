import { messageOf, SphereIotError } from '../errors.js';
import { printableLine } from '../printable.js';
import { systemReason } from '../system-error.js';

/**
 * Anything that was thrown, as an error with a code of ours: what Node says of files and ports, too. What is left is a fault of
 * sphere-iot itself, and says so.
 * @param file The file that was meant, where the error does not name it.
 */
export function errorOf(thrown: unknown, file?: string): SphereIotError {
  if (thrown instanceof SphereIotError) return thrown;
  const reason = systemReason(thrown, file);
  if (reason !== undefined)
    return new SphereIotError(reason.code, sentence(reason.text, file ?? (thrown as { path?: string }).path), {
      cause: thrown,
    });
  return faultOf(thrown);
}

/** Anything that was thrown where nothing of ours may throw, as an error of one line that says whose fault it is. */
export function faultOf(thrown: unknown): SphereIotError {
  const what = printableLine(sentence(messageOf(thrown)));
  return new SphereIotError(
    'INTERNAL_ERROR',
    `${what} This is a fault of sphere-iot: please report it with what you typed.`,
    { cause: thrown },
  );
}

/** @param name Of a file, which stays as it is where the text begins with it. */
function sentence(text: string, name?: string): string {
  const first = name !== undefined && text.startsWith(name) ? text.charAt(0) : text.charAt(0).toUpperCase();
  return `${first}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
}
