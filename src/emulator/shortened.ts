import { SphereIotError } from '../errors.js';

/** Longest text in a description. */
const LONGEST = 120;

export function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

/**
 * What a wait is for that has a predicate: ` for which … holds`; nothing where it has none.
 * @throws SphereIotError `PREDICATE_INVALID`: it is no function, as where options stand in its place.
 */
export function forWhich(predicate: ((value: never) => boolean) | undefined): string {
  if (predicate !== undefined && typeof predicate !== 'function')
    throw new SphereIotError(
      'PREDICATE_INVALID',
      `What a wait is for is said by a function, and not by ${shortened(JSON.stringify(predicate))}: options come second, after undefined.`,
    );
  return predicate === undefined ? '' : ` for which ${shortened(String(predicate).replace(/\s+/g, ' '))} holds`;
}
