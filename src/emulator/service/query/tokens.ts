import { badRequest } from '../service-error.js';

/** A piece of a query: a word, a name in brackets, a number, a text, or a sign. */
export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'sign' | 'end';
  /** As it stands there; of a text what it means. */
  readonly text: string;
  /** The first character's place, counted from 1. */
  readonly at: number;
}

/** Characters and tokens of a query; chosen. */
const MAX_QUERY = 16_384;
const MAX_TOKENS = 4096;

const TOKEN =
  /\s*(?:(?<word>[\p{L}_$][\p{L}\p{N}_$]*)|(?<number>0[xX][\dA-Fa-f]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<sign><>|!=|<=|>=|\[\[|\]\]|[-+*/%=<>()[\],.]))/suy;
const KINDS = ['word', 'number', 'text', 'sign'] as const;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** @throws ServiceError 400 where there is something that the language has not. */
export function tokensOf(query: string): readonly Token[] {
  if (query.length > MAX_QUERY) throw badRequest(`The query has more than ${MAX_QUERY} characters.`);
  const end = query.trimEnd().length;
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const groups = TOKEN.exec(query)?.groups;
    const kind = KINDS.find((each) => groups?.[each] !== undefined);
    if (groups === undefined || kind === undefined) throw unreadable(query, from);
    const text = groups[kind] as string;
    tokens.push({ kind, text: kind === 'text' ? meaning(text) : text, at: TOKEN.lastIndex - text.length + 1 });
    if (tokens.length > MAX_TOKENS) throw badRequest(`The query has more than ${MAX_TOKENS} words and signs.`);
  }
  return [...tokens, { kind: 'end', text: '', at: end + 1 }];
}

function unreadable(query: string, from: number): Error {
  const at = from + (query.slice(from).length - query.slice(from).trimStart().length);
  return badRequest(
    `The query has ${JSON.stringify(query[at])} at character ${at + 1}, which the query language has not.`,
  );
}

/** The documented escapes, and those of JSON. */
function meaning(literal: string): string {
  return literal
    .slice(1, -1)
    .replace(/\\(?:u([\dA-Fa-f]{4})|(.))/gs, (_, hex: string | undefined, letter: string | undefined) =>
      hex === undefined ? (ESCAPES[letter as string] ?? (letter as string)) : String.fromCharCode(parseInt(hex, 16)),
    );
}
