import { messageOf } from '../../errors.js';
import { matchesAnything } from '../../matches-anything.js';
import { invalid } from './words.js';

/** Stands for any value. */
const ANY = ' any';
const ANY_JSON = JSON.stringify(ANY);

/**
 * What JSON is to be like: in objects the named fields only, lists element by element, and `…` (or `...`) in the place of
 * any value.
 * @throws SphereIotError `COMMAND_INVALID`.
 */
export function jsonPattern(text: string): unknown {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|…|\.\.\./g, (token) => (token.startsWith('"') ? token : ANY_JSON));
  // "and more" at the end of an object says nothing: others are ignored anyway.
  const json = marked.replace(new RegExp(`([{,])\\s*${ANY_JSON}\\s*}`, 'g'), (_, before: string) =>
    before === '{' ? '{}' : '}',
  );
  try {
    return JSON.parse(json);
  } catch (error) {
    throw invalid(`${text} is no JSON: ${messageOf(error)}`);
  }
}

/** Whether a value is like a pattern. */
export function isLike(pattern: unknown, value: unknown): boolean {
  if (pattern === ANY) return value !== undefined;
  if (typeof pattern !== 'object' || pattern === null) return pattern === value;
  if (typeof value !== 'object' || value === null || Array.isArray(pattern) !== Array.isArray(value)) return false;
  if (Array.isArray(pattern) && pattern.length !== (value as unknown[]).length) return false;
  return Object.entries(pattern).every(([key, each]) => isLike(each, (value as Record<string, unknown>)[key]));
}

/** Where a text is in another one: its end; undefined: it is not. */
export type TextPattern = (text: string) => number | undefined;

/**
 * A text that is contained, in quotes (JSON) where it begins or ends with a space, or a regular expression between slashes.
 * @throws SphereIotError `COMMAND_INVALID`.
 */
export function textPattern(text: string): TextPattern {
  const [, source, flags = ''] = /^\/(.+)\/([imsu]*)$/.exec(text) ?? [];
  if (source === undefined) {
    const wanted = quoted(text) ?? plain(text);
    if (wanted === '') throw invalid('An empty text is in every other: say what is to be there');
    return (where) => {
      const at = where.indexOf(wanted);
      return at === -1 ? undefined : at + wanted.length;
    };
  }
  let expression: RegExp;
  try {
    expression = new RegExp(source, flags);
  } catch (error) {
    throw invalid(messageOf(error));
  }
  if (matchesAnything(expression)) throw invalid(`${text} fits every text, an empty one too: say what is to be there`);
  return (where) => {
    const match = expression.exec(where);
    return match === null ? undefined : match.index + match[0].length;
  };
}

/** What is no part of a text, unless that is in quotes: else what was meant otherwise would be looked for, and not be found. */
const MEANT_OTHERWISE: readonly (readonly [RegExp, string])[] = [
  [/^\/.+\/[A-Za-z]*$/, 'A regular expression takes the flags i, m, s and u only'],
  [/^'|^[\u2018-\u201f\u00ab\u00bb]/u, 'Quotes are "…"'],
  [/(?:^|\s)within(?:\s|$)/i, 'within stands once, in small letters, at the end, and with one word, as in within 10s'],
  [/\sfor\s+\d+\s*(?:ms|[smhd])?$/, 'A time is said by within, as in within 10s'],
  [/\s#/, 'A comment has a line of its own'],
  [/,$/, 'A text does not end with a comma'],
];

function plain(text: string): string {
  const [, why] = MEANT_OTHERWISE.find(([looksLike]) => looksLike.test(text)) ?? [];
  if (why === undefined) return text;
  throw invalid(`${why}. If it is a part of the text, put that in quotes: ${JSON.stringify(text)}`);
}

/**
 * The text in quotes, with the escapes of JSON; undefined: it is not in quotes.
 * @throws SphereIotError `COMMAND_INVALID`.
 */
export function quoted(text: string): string | undefined {
  if (!text.startsWith('"')) return undefined;
  try {
    return JSON.parse(text) as string;
  } catch (error) {
    throw invalid(`${text} is no text in quotes: ${messageOf(error)}`);
  }
}
