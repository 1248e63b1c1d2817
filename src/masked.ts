// What is secret in texts that others wrote, masked: tokens' signatures, keys, passwords.
import { createHash } from 'node:crypto';

import { knownSignatures } from './known-signatures.js';
import { unescaped, type Span } from './unescaped.js';

const QUOTED_OR_NOT = String.raw`(?:"([^"]+)|'([^']+)|(?!(?:true|false|null)\b|…)([^&;\s"'<>[{]+[^&;\s"'<>]*))`;
const NAMES = 'sig|signature|SharedAccessKey|AccountKey|(?:primary|secondary)Key|pass(?:word|phrase)|pwd';
/** Name and value, as in a query, a connection string, JSON, a header or XML. The value is a group. */
const NAMED = new RegExp(String.raw`(?:${NAMES})["']?\s*[:=>]+\s*${QUOTED_OR_NOT}`, 'gi');
const CREDENTIALS = /authorization["']?\s*[:=]\s*["']?(?:Basic|Bearer)\s+([^\s"',;&<>]+)/gi;
/** The whole of a header's value that authorises; but of a SAS, its signature is found by its name. */
const HEADER =
  /^(?:proxy-)?authorization:[ \t]*(?:(?:Basic|Bearer|Digest|Negotiate|NTLM)[ \t]+)?(?!SharedAccessSignature\b)(\S.*)$/gim;
const COOKIE = /^(?:set-)?cookie:[ \t]*(\S.*)$/gim;
/** Of `https://user:password@host`. */
const USER_INFO = /:\/\/[^\s/?#"'<>:]*:([^\s/?#"'<>]+)(?=@)/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----([^]+?)(?=-----END|$)/g;
/** What has the form of a symmetric key or its signature: base64 of 32 or 64 bytes, alone. */
const KEY = /(?<![\w+-])([\w+/-]{43}=|[\w+/-]{86}==)(?!=)/g;
const PATTERNS = [NAMED, CREDENTIALS, HEADER, COOKIE, USER_INFO, PRIVATE_KEY];

/** So long that it may hold a name and a value; lines may be broken in it. */
const BASE64 = /[\w+/-](?:\r?\n?[\w+/-]){9,}={0,2}/g;
/** A part of a name, of an escape or of base64: most of what is read as base64 has none, and needs no closer look. */
const MAYBE_SECRET = /sig|key|pass|pwd|authoriz|cookie|:\/\/|BEGIN|%[\da-f]{2}|\\[ux]|&#|[\w+/-]{10}/i;
/** How often base64 is looked for within base64. */
const MAX_DEPTH = 2;
/** Characters that `masked` reads beyond what is shown: without them, the beginning of a key would not be known for one. */
const BEYOND = 256;

/** Something secret: where it is in a text, and what stands there in its place. */
interface Secret {
  readonly span: Span;
  readonly mask: string;
}

/**
 * Text without SAS signatures, symmetric and private keys, and passwords: `(masked)` stands for each. They are found by their names (`sig`,
 * `SharedAccessKey`, …), by their form, and, signatures, by what is known of them (`rememberSignature`); also where the text is
 * percent-encoded, escaped as in JSON or XML, as often as may be, is UTF-16, or is base64: that is masked as a whole. What is found by
 * its form alone may be a digest, so its mask tells two apart: `(masked:3f9c)`. It takes time in proportion to the length.
 * @param length How many characters are shown; what is secret only together with those after them is masked, too.
 */
export function masked(text: string, length = text.length): string {
  const seen = text.slice(0, length + BEYOND);
  let shown = '';
  let at = 0;
  for (const {
    span: [from, to],
    mask,
  } of secretsIn(seen)) {
    if (from >= length) break;
    if (to <= at) continue;
    shown += `${text.slice(at, Math.max(at, from))}${from < at ? '' : mask}`;
    at = to;
  }
  return at < length ? shown + text.slice(at, length) : shown;
}

/** Bytes without what is secret in them: read as Latin-1, in which every byte is a character, so that it works in what is no text, too. */
export function maskedBytes(bytes: Buffer, length = bytes.length): Buffer {
  return Buffer.from(masked(bytes.toString('latin1', 0, length + BEYOND), length), 'latin1');
}

/** In order of their beginnings; one may overlap the next. */
function secretsIn(text: string): readonly Secret[] {
  const { plain, places } = unescaped(text);
  return plainSecrets(plain, MAX_DEPTH)
    .map(({ span, mask }) => ({ mask, span: places === undefined ? span : placeOf(span, places) }))
    .sort(({ span: [one] }, { span: [other] }) => one - other);
}

function placeOf([from, to]: Span, places: readonly Span[]): Span {
  return [places[from]?.[0] ?? 0, places[to - 1]?.[1] ?? 0];
}

/** Of those that begin at one place, the one that is known best is first. */
function plainSecrets(plain: string, depth: number): readonly Secret[] {
  const named = PATTERNS.flatMap((pattern) => [...plain.matchAll(pattern)].map(valueSpan));
  const encoded = depth === 0 ? [] : base64Spans(plain, depth);
  return [
    ...[...named, ...knownSignatures(plain), ...encoded].map((span) => ({ span, mask: '(masked)' })),
    ...[...plain.matchAll(KEY)].map((match) => ({ span: valueSpan(match), mask: `(masked:${digest(match[0])})` })),
  ];
}

/** Where the group is that took part, at the end of what matched. */
function valueSpan(match: RegExpMatchArray & { readonly index: number }): Span {
  const value = (match.slice(1) as (string | undefined)[]).find((group) => group !== undefined) ?? '';
  const to = match.index + match[0].length;
  return [to - value.length, to];
}

/** 16 bits: enough to tell two values apart, and too few to say what one is. */
function digest(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 4);
}

/** Other characters of base64 may stand right before it, as in a path: it is read from each of four places. */
function base64Spans(plain: string, depth: number): readonly Span[] {
  return [...plain.matchAll(BASE64)].flatMap((match): Span[] => {
    const run = match[0].replace(/[\r\n]/g, '');
    // Base64 of text has letters of both kinds; most ids and paths do not.
    if (!/[a-z]/.test(run) || !/[A-Z]/.test(run)) return [];
    const isSecret = [0, 1, 2, 3].some((skipped) => {
      const bytes = Buffer.from(run.slice(skipped), 'base64').toString('latin1').replaceAll('\0', '');
      return MAYBE_SECRET.test(bytes) && plainSecrets(unescaped(bytes).plain, depth - 1).length > 0;
    });
    return isSecret ? [[match.index, match.index + match[0].length]] : [];
  });
}
