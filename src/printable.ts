// What others wrote, as text that a terminal shows and does not obey.

/** C0 but tab and line feed, DEL, C1, line separators, controls of direction, lone surrogates, what has no width and joins nothing. */
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\p{Bidi_Control}\p{Surrogate}\u200b\u2060\ufeff]/gu;

/** Characters of a line that are shown, once it has its escapes. */
const MAX_LINE = 4096;

/**
 * Text with a visible escape, such as `\u001b`, for each character that a terminal obeys or that hides text. Tabs, line feeds and all
 * other Unicode stay. Of a line with more than 4,096 characters it has the beginning, and how long the line is.
 */
export function printable(text: string): string {
  const whole = withEscapes(text);
  if (whole.length <= MAX_LINE) return whole;
  return whole
    .split('\n')
    .map((line) => shortened(line, MAX_LINE))
    .join('\n');
}

/**
 * One line of it: with escapes such as `\u000a` for tabs and line feeds, too.
 * @param longest Characters that are shown: fewer where other text follows in the line.
 */
export function printableLine(text: string, longest = MAX_LINE): string {
  return shortened(withEscapes(text).replace(/[\t\n]/g, escaped), longest);
}

/**
 * JSON that a terminal may show: a parser gets the exact value, however long it is.
 * @param indent Spaces for each level; without it the JSON is one line.
 */
export function printableJson(value: unknown, indent?: number): string {
  return withEscapes(JSON.stringify(value, null, indent));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
};

/** It as the text or an attribute of XML: a reader gets the printable text. XML has no way to say what is escaped. */
export function printableXml(text: string): string {
  return printable(text)
    .replace(/[\ufffe\uffff]/g, escaped)
    .replace(/[&<>"\t\n]/g, (character) => ENTITIES[character] as string);
}

function withEscapes(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** The beginning of a line that is too long, without half of a surrogate pair. */
function shortened(line: string, longest: number): string {
  if (line.length <= longest) return line;
  const end = `… (${line.length} characters)`;
  return `${line.slice(0, longest - end.length).replace(/\p{Surrogate}$/u, '')}${end}`;
}

/** Those that were made: text may consist of nothing else. There are some 2,000 characters that have one. */
const escapes = new Map<string, string>();

function escaped(character: string): string {
  let escape = escapes.get(character);
  if (escape === undefined) {
    escape = `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    escapes.set(character, escape);
  }
  return escape;
}
