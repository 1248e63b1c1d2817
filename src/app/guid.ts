/** The GUID of nothing: zeros. What an app has for an id that is a placeholder. */
export const NIL_GUID = '00000000-0000-0000-0000-000000000000';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a template is written with, and no GUID: `<YOUR TENANT>`, `{{tenant}}`, `${tenant}`, `%TENANT%`. */
const TEMPLATE = /[<>$%]|\{\{/;

/** Of the letters and digits of a GUID with a typing error, at least so many are hexadecimal digits; words have fewer. */
const HEXADECIMAL_SHARE = 0.75;

/** A GUID in lower case; a placeholder for one; or undefined, where a text was meant as a GUID and is none. */
export function readGuid(text: string): string | undefined {
  if (isPlaceholder(text)) return 'placeholder';
  return GUID.test(text) ? text.toLowerCase() : undefined;
}

/**
 * Tells a placeholder, which its author knows to be replaced, from a GUID with a typing error. A placeholder has no letters and
 * digits but zeros (an empty text, the nil GUID), or is written as a template, or consists of words: less than three quarters
 * of its letters and digits are hexadecimal digits (`YOUR TENANT ID`, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`).
 */
function isPlaceholder(text: string): boolean {
  const characters = text.match(/[\p{L}\p{N}]/gu) ?? [];
  if (characters.every((character) => character === '0') || TEMPLATE.test(text)) return true;
  const digits = characters.filter((character) => /[0-9a-f]/i.test(character));
  return digits.length < HEXADECIMAL_SHARE * characters.length;
}
