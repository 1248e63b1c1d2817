import { SphereIotError } from './errors.js';

/**
 * Refuses options that are no object: what stands in their place would be ignored, as 5000 in the place of `{ timeout: 5000 }`.
 * @param of What they are of, for the error.
 * @param example As they are written.
 * @throws SphereIotError `OPTIONS_INVALID`.
 */
export function checkOptions(options: unknown, of: string, example: string): void {
  if (options === undefined || (typeof options === 'object' && options !== null && !Array.isArray(options))) return;
  throw new SphereIotError(
    'OPTIONS_INVALID',
    `The options of ${of} are an object, and not ${kindOf(options)}. Write them as in ${example}, or leave them out.`,
  );
}

/** A text may be a secret. */
function kindOf(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
