/** How many objects and lists may stand in one another. Code that walks through a value calls itself once for each. */
export const MAX_JSON_DEPTH = 100;

/**
 * Reads JSON that a peer sent, or that stands in a file. Its shape is for the caller to check.
 * @returns Undefined where it is no JSON, is nested too deep, or has a number that is beyond what a double holds.
 */
export function parseJson(content: Uint8Array | string, deepest = MAX_JSON_DEPTH): unknown {
  const text = textOf(content);
  if (isDeeper(text, deepest)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return hasFiniteNumbers(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The text itself where `parseJson` gives nothing. */
export function jsonOrText(content: Uint8Array | string): unknown {
  const value = parseJson(content);
  return value === undefined ? textOf(content) : value;
}

/** Whether it is a JSON object, as opposed to an array, null or a plain value. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether all numbers in it are: `1e400` becomes Infinity, of which no JSON can be made. */
function hasFiniteNumbers(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(hasFiniteNumbers);
}

function textOf(content: Uint8Array | string): string {
  return typeof content === 'string' ? content : Buffer.from(content).toString();
}

/** Looks at each character once; long strings are jumped over, as they may be most of the text. */
function isDeeper(text: string, deepest: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > deepest) return true;
  }
  return false;
}

/** Where the quote is that ends the string which begins at `from`, or the end of the text. */
function endOfString(text: string, from: number): number {
  let end = from;
  do end = text.indexOf('"', end + 1);
  while (end >= 0 && isEscaped(text, end));
  return end < 0 ? text.length : end;
}

/** Whether the backslashes before it are an odd number. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === '\\') first--;
  return (at - first) % 2 === 1;
}
