import { types } from 'node:util';
import { SphereIotError } from '../errors.js';
import { kindOf } from '../options.js';

/**
 * What a wait for text looks for, from the begin of what it looks at.
 * @param pattern A text is looked for as it is.
 * @param example How the wait is written.
 * @throws SphereIotError `PREDICATE_INVALID`: it is neither a text nor a RegExp, or empty: everything would fit.
 */
export function expressionOf(pattern: unknown, example: string): RegExp {
  const expression = typeof pattern === 'string' ? new RegExp(escaped(pattern)) : pattern;
  if (!types.isRegExp(expression))
    throw invalid(`What is waited for is a text or a RegExp, and not ${kindOf(pattern)}: ${example}.`);
  if (expression.source === EMPTY)
    throw invalid(`What is waited for is empty, so that everything would fit. Say what is to come: ${example}.`);
  return new RegExp(expression.source, expression.flags.replace(/[gy]/g, ''));
}

const EMPTY = new RegExp('').source;

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function invalid(message: string): SphereIotError {
  return new SphereIotError('PREDICATE_INVALID', message);
}
