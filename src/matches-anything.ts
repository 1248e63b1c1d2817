/** A text that nobody waits for. */
const UNLIKELY = '\u0001\ufffe';

/** Whether a regular expression fits every text, as /x?/ and /$/ do: a wait for it would wait for nothing. /^$/ fits the empty text alone. */
export function matchesAnything({ source, flags }: RegExp): boolean {
  const expression = new RegExp(source, flags.replace(/[gy]/g, ''));
  return expression.test('') && expression.test(UNLIKELY);
}
