// What others wrote, as text that a terminal shows and does not obey.

/** C0 but tab and line feed, DEL, C1, line separators, controls of direction, lone surrogates. */
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\p{Bidi_Control}\p{Surrogate}]/gu;

/**
 * Text with a visible escape, such as `\u001b`, for each character that a terminal obeys or that hides text. Tabs, line feeds and all
 * other Unicode stay.
 */
export function printable(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/** One line of it: with escapes such as `\u000a` for tabs and line feeds, too. */
export function printableLine(text: string): string {
  return printable(text).replace(/[\t\n]/g, escaped);
}

/**
 * JSON that a terminal may show: a parser gets the exact value.
 * @param indent Spaces for each level; without it the JSON is one line.
 */
export function printableJson(value: unknown, indent?: number): string {
  return printable(JSON.stringify(value, null, indent));
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

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
