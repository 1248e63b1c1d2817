// What is secret in texts that others wrote, masked: tokens' signatures, keys, passwords.

const MASK = '(masked)';

const QUOTED_OR_NOT = String.raw`(?:"([^"]+)|'([^']+)|(?!(?:true|false|null)\b|…)([^&;\s"'<>[{]+[^&;\s"'<>]*))`;
const NAMES = 'sig|signature|SharedAccessKey|AccountKey|(?:primary|secondary)Key|pass(?:word|phrase)|pwd';
/** Name and value, as in a query, a connection string, JSON, a header or XML. The value is a group. */
const NAMED = new RegExp(String.raw`(?:${NAMES})["']?\s*[:=>]+\s*${QUOTED_OR_NOT}`, 'gi');
const CREDENTIALS = /authorization["']?\s*[:=]\s*["']?(?:Basic|Bearer)\s+([^\s"',;&<>]+)/gi;
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----([^]+?)(?=-----END|$)/g;
/** What has the form of a symmetric key or its signature: base64 of 32 or 64 bytes, alone. */
const KEY = /(?<![\w+-])([\w+/-]{43}=|[\w+/-]{86}==)(?!=)/g;
const PATTERNS = [NAMED, CREDENTIALS, PRIVATE_KEY, KEY];

/** So long that it may hold a name and a value; lines may be broken in it. */
const BASE64 = /[\w+/-](?:\r?\n?[\w+/-]){9,}={0,2}/g;
/** A part of a name, of an escape or of base64: most of what is read as base64 has none, and needs no closer look. */
const MAYBE_SECRET = /sig|key|pass|pwd|authoriz|BEGIN|%[\da-f]{2}|\\[ux]|&#|[\w+/-]{10}/i;
/** How often base64 is looked for within base64. */
const DEEPEST = 2;
/** Characters that `masked` reads beyond what is shown: without them, the beginning of a key would not be known for one. */
export const BEYOND = 256;

/** Where something secret is in a text: from, to. */
type Span = readonly [number, number];

/**
 * Text without SAS signatures, symmetric and private keys, and passwords: `(masked)` stands for each. They are found by their names (`sig`,
 * `SharedAccessKey`, …) and by their form, also where the text is percent-encoded, escaped as in JSON or XML, as often as may be, is UTF-16,
 * or is base64: that is masked as a whole. It takes time in proportion to the length.
 * @param length How many characters are shown; what is secret only together with those after them is masked, too.
 */
export function masked(text: string, length = text.length): string {
  const seen = text.slice(0, length + BEYOND);
  let shown = '';
  let at = 0;
  for (const [from, to] of secretSpans(seen)) {
    if (from >= length) break;
    if (to <= at) continue;
    shown += `${text.slice(at, Math.max(at, from))}${from < at ? '' : MASK}`;
    at = to;
  }
  return at < length ? shown + text.slice(at, length) : shown;
}

/** In order of their beginnings; one may overlap the next. */
function secretSpans(text: string): readonly Span[] {
  const { plain, places } = unescaped(text);
  return spansIn(plain, DEEPEST)
    .map(([from, to]): Span => (places === undefined ? [from, to] : [places[from]?.[0] ?? 0, places[to - 1]?.[1] ?? 0]))
    .sort((one, other) => one[0] - other[0]);
}

function spansIn(plain: string, depth: number): readonly Span[] {
  const named = PATTERNS.flatMap((pattern) =>
    [...plain.matchAll(pattern)].map((match): Span => {
      const value = (match.slice(1) as (string | undefined)[]).find((group) => group !== undefined) ?? '';
      const to = match.index + match[0].length;
      return [to - value.length, to];
    }),
  );
  return [...named, ...(depth === 0 ? [] : base64Spans(plain, depth))];
}

/** Other characters of base64 may stand right before it, as in a path: it is read from each of four places. */
function base64Spans(plain: string, depth: number): readonly Span[] {
  return [...plain.matchAll(BASE64)].flatMap((match): Span[] => {
    const run = match[0].replace(/[\r\n]/g, '');
    // Base64 of text has letters of both kinds; most ids and paths do not.
    if (!/[a-z]/.test(run) || !/[A-Z]/.test(run)) return [];
    const isSecret = [0, 1, 2, 3].some((skipped) => {
      const bytes = Buffer.from(run.slice(skipped), 'base64').toString('latin1').replaceAll('\0', '');
      return MAYBE_SECRET.test(bytes) && spansIn(unescaped(bytes).plain, depth - 1).length > 0;
    });
    return isSecret ? [[match.index, match.index + match[0].length]] : [];
  });
}

/** An escape of a query, however often it was made; one of JSON or a C text; one of XML; and a NUL, which UTF-16 has. */
const ESCAPE =
  /(?:%(?:25)*|\\x)([\da-f]{2})|\\u([\da-f]{4})|\\(["'/\\nrt])|&(?:(amp|quot|lt|gt|apos)|#(\d{1,6})|#x([\da-f]{1,6}));|\0/gi;
/** How often escapes within escapes are taken out. */
const MOST_PASSES = 8;
const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', lt: '<', gt: '>', apos: "'" };

/** Text without escapes, and where in the text each of its characters stands; without places where it had none. */
interface Unescaped {
  readonly plain: string;
  readonly places?: readonly Span[];
}

function unescaped(text: string): Unescaped {
  let left: Unescaped = { plain: text };
  for (let pass = 0; pass < MOST_PASSES && left.plain.search(ESCAPE) >= 0; pass++) left = unescapedOnce(left);
  return left;
}

function unescapedOnce({ plain, places }: Unescaped): Unescaped {
  const parts: string[] = [];
  const partPlaces: Span[] = [];
  const placeOf = (index: number): Span => places?.[index] ?? [index, index + 1];
  let at = 0;
  const copyTo = (end: number): void => {
    parts.push(plain.slice(at, end));
    for (; at < end; at++) partPlaces.push(placeOf(at));
  };
  for (const match of plain.matchAll(ESCAPE)) {
    copyTo(match.index);
    at = match.index + match[0].length;
    const character = characterOf(match);
    parts.push(character);
    if (character !== '') partPlaces.push([placeOf(match.index)[0], placeOf(at - 1)[1]]);
  }
  copyTo(plain.length);
  return { plain: parts.join(''), places: partPlaces };
}

function characterOf([, two, four, letter, entity, decimal, hexadecimal]: RegExpMatchArray): string {
  if (letter !== undefined) return LETTERS[letter.toLowerCase()] ?? letter;
  if (entity !== undefined) return ENTITIES[entity.toLowerCase()] as string;
  const code = decimal === undefined ? parseInt(two ?? four ?? hexadecimal ?? '0', 16) : Number(decimal);
  return code === 0 ? '' : String.fromCharCode(code);
}
