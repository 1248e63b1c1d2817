/** Where a character of a text was before escapes were taken out: from, to. */
export type Span = readonly [number, number];

/** Text without escapes, and where in the text each of its characters stands; without places where it had none. */
export interface Unescaped {
  readonly plain: string;
  readonly places?: readonly Span[];
}

/** An escape of a query, however often it was made; one of JSON or a C text; one of XML; and a NUL, which UTF-16 has. */
const ESCAPE =
  /(?:%(?:25)*|\\x)([\da-f]{2})|\\u([\da-f]{4})|\\(["'/\\nrt])|&(?:(amp|quot|lt|gt|apos)|#(\d{1,6})|#x([\da-f]{1,6}));|\0/gi;
/** How often escapes within escapes are taken out. */
const MAX_PASSES = 8;
const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', lt: '<', gt: '>', apos: "'" };

/**
 * Takes out the escapes of queries (`%26`), JSON and C (`\\u0026`), and XML (`&amp;`), also those within escapes, up to eight deep, and NULs.
 */
export function unescaped(text: string): Unescaped {
  let left: Unescaped = { plain: text };
  for (let pass = 0; pass < MAX_PASSES && left.plain.search(ESCAPE) >= 0; pass++) left = unescapedOnce(left);
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
