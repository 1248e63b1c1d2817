import { SphereIotError } from './errors.js';

/**
 * Refuses options that are no object, or have other names: what stands in their place would be ignored, as 5000 in the place of
 * `{ timeout: 5000 }`.
 * @param of What they are of, for the error.
 * @param example As they are written.
 * @param names Those that there are. Default: any.
 * @throws SphereIotError `OPTIONS_INVALID`.
 */
export function checkOptions(options: unknown, of: string, example: string, names?: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) {
    const unknown = names && Object.keys(options).find((name) => !names.includes(name));
    if (unknown === undefined) return;
    const known = names?.join(', ');
    throw new SphereIotError('OPTIONS_INVALID', `${of} has no option ${JSON.stringify(unknown)}, but ${known}.`);
  }
  throw new SphereIotError(
    'OPTIONS_INVALID',
    `The options of ${of} are an object, and not ${kindOf(options)}. Write them as in ${example}, or leave them out.`,
  );
}

/** A value as an error shows it. A text may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  if (value === undefined) return 'undefined';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
