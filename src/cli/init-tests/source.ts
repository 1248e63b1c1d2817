// Pieces of JavaScript.

/** A text in quotes: double ones where it has single ones. */
export function literal(text: string): string {
  const escaped = text.replace(/[\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, escapeSequence);
  return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

function escapeSequence(character: string): string {
  const short: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Lines between a first and a last one. */
export function block(first: string, lines: readonly string[], last: string): string {
  return [first, ...lines.map((line) => `  ${line}`), last].join('\n');
}

/** A test that passes. */
export function passing(name: string, lines: readonly string[]): string {
  return block(`test(${literal(name)}, async () => {`, lines, '});');
}

/** What is to be written. */
export function todo(name: string): string {
  return `test.todo(${literal(name)});`;
}
