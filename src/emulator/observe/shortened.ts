import { types } from 'node:util';

import { SphereIotError } from '../../errors.js';
import { masked } from '../../masked.js';

/** Longest text in a description. */
const MAX_SHOWN = 120;

/**
 * A part of a text for an error, which masks what is secret: that of a longer one is masked before it is cut.
 * @param limit In characters.
 */
export function shortened(text: string, limit = MAX_SHOWN): string {
  return text.length <= limit ? text : `${masked(text, limit)}…`;
}

/** Characters of a text that is kept in an event. */
const MAX_KEPT = 4096;
const NOT_LATIN1 = /[^\u0000-\u00ff]/;

/** A text to be kept: what a peer makes as long as it likes is cut, and a part of a longer text does not keep all of that in memory. */
export function keptText(text: string): string {
  const short = text.length <= MAX_KEPT ? text : `${text.slice(0, MAX_KEPT)}…`;
  const encoding = NOT_LATIN1.test(short) ? 'utf16le' : 'latin1';
  return Buffer.from(short, encoding).toString(encoding);
}

/**
 * What a wait is for that has a predicate: ` for which … holds`; nothing where it has none.
 * @throws SphereIotError `PREDICATE_INVALID`: it is no function, as where options stand in its place; or an async one.
 */
export function forWhich(predicate: ((value: never) => boolean) | undefined): string {
  if (predicate !== undefined && typeof predicate !== 'function')
    throw new SphereIotError(
      'PREDICATE_INVALID',
      `What a wait is for is said by a function, and not by ${shortened(JSON.stringify(predicate))}: options come second, as in (undefined, { timeout: 5000 }).`,
    );
  if (types.isAsyncFunction(predicate)) throw isAsync();
  return predicate === undefined ? '' : ` for which ${shortened(String(predicate).replace(/\s+/g, ' '))} holds`;
}

/**
 * Whether a predicate holds.
 * @throws SphereIotError `PREDICATE_INVALID`: it answers with a promise, which would count as true, whatever comes of it.
 */
export function holds<T>(predicate: (value: T) => boolean, value: T): boolean {
  const answer: unknown = predicate(value);
  if (typeof (answer as { then?: unknown } | null | undefined)?.then !== 'function') return Boolean(answer);
  Promise.resolve(answer).catch(() => undefined); // nobody asks
  throw isAsync();
}

function isAsync(): SphereIotError {
  return new SphereIotError(
    'PREDICATE_INVALID',
    'The predicate of a wait answers at once, with true or false: this one gives a promise, which counts as true whatever comes of it. Leave out async and await.',
  );
}
