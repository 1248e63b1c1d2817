// Macros without parameters, from what the preprocessor prints with -dD.

/**
 * @param {string} text Of `-E -dD`.
 * @returns name, file, text (as written) and expansion (with the macros in it replaced) of each that is defined at the end.
 */
export function readMacros(text) {
  const macros = new Map();
  let file = '';
  for (const line of text.split('\n')) {
    const place = /^# \d+ "((?:\\.|[^"\\])*)"/.exec(line);
    if (place) file = unescaped(place[1]);
    const define = /^#define (\w+)(\(.*?\))?(?: (.*))?$/.exec(line);
    if (define) macros.set(define[1], { name: define[1], file, parameters: define[2], text: define[3]?.trim() ?? '' });
    const undefine = /^#undef (\w+)/.exec(line);
    if (undefine) macros.delete(undefine[1]);
  }
  return [...macros.values()]
    .filter((macro) => macro.parameters === undefined && macro.text !== '')
    .map(({ name, file, text }) => ({ name, file, text, expansion: expand(text, macros, new Set([name])) }));
}

/** A file's name as the preprocessor prints it: bytes beyond ASCII are octal numbers. */
function unescaped(text) {
  const bytes = text.replace(/\\([0-7]{3}|.)/g, (_, code) =>
    code.length === 3 ? String.fromCharCode(parseInt(code, 8)) : code,
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Replaces the names of macros without parameters; as in C, none inside its own expansion. */
function expand(text, macros, inside) {
  return text.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\b[A-Za-z_]\w*/g, (token) => {
    const macro = macros.get(token);
    if (!macro || macro.parameters !== undefined || inside.has(token)) return token;
    return expand(macro.text, macros, new Set([...inside, token]));
  });
}

const number = /(?:0[xX][\da-fA-F]+|0[bB][01]+|\d+)[uUlL]*\b/;
const typeName = /\b(?:unsigned|signed|char|short|int|long|size_t|u?int(?:8|16|32|64)_t|sizeof)\b/;
const operator = /[-+*/%&|^~!<>=?:()]/;
const expression = new RegExp(`^(?:\\s|${number.source}|'(?:\\\\.|[^'\\\\])'|${typeName.source}|${operator.source})+$`);

/** Whether an expansion is a whole number, or is computed from such. */
export function isExpression(expansion) {
  return /\d|'/.test(expansion) && expression.test(expansion);
}

/** The text, where an expansion is one or several string literals. */
export function stringOf(expansion) {
  const bare = expansion.replace(/^\((.*)\)$/, '$1');
  if (!/^\s*(?:"(?:\\.|[^"\\])*"\s*)+$/.test(bare)) return undefined;
  return [...bare.matchAll(/"((?:\\.|[^"\\])*)"/g)].map((match) => match[1]).join('');
}

/** A single floating-point literal. */
export function floatOf(expansion) {
  const literal = /^\(*([-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?)[fFlL]?\)*$/.exec(expansion.trim());
  return literal ? Number(literal[1]) : undefined;
}
