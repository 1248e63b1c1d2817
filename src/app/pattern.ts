import { types } from 'node:util';
import { SphereIotError } from '../errors.js';
import { matchesAnything } from '../matches-anything.js';
import { kindOf } from '../options.js';

/**
 * The expression that a wait for text looks for; its flags g and y are of no effect.
 * @param pattern A text is looked for as it is.
 * @param example How the wait is written.
 * @throws SphereIotError `PREDICATE_INVALID`: it is neither a text nor a RegExp, or everything would fit, as what is empty and /x?/ do.
 */
export function expressionOf(pattern: unknown, example: string): RegExp {
  const expression = typeof pattern === 'string' ? new RegExp(escaped(pattern)) : pattern;
  if (!types.isRegExp(expression))
    throw invalid(`What is waited for is a text or a RegExp, and not ${kindOf(pattern)}: ${example}.`);
  if (matchesAnything(expression))
    throw invalid(
      `What is waited for is ${what(expression)}, so that everything would fit. Say what is to come: ${example}.`,
    );
  return new RegExp(expression.source, expression.flags.replace(/[gy]/g, ''));
}

const EMPTY = new RegExp('').source;

function what(expression: RegExp): string {
  return expression.source === EMPTY ? 'empty' : `${String(expression)}, which fits the empty text too`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function invalid(message: string): SphereIotError {
  return new SphereIotError('PREDICATE_INVALID', message);
}
