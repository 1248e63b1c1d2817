// Command lines as a shell reads them: in response files, and in what emcc says of its calls.

const WORD = /(?:[^\s"'\\]|\\[^]|"(?:[^"\\]|\\[^])*"|'[^']*')+/g;
const PART = /"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])/g;

/** The words of a command line, without their quotes. */
function shellWords(text) {
  return (text.match(WORD) ?? []).map((word) =>
    word.replace(PART, (_, double, single, escaped) => double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? escaped),
  );
}

module.exports = { shellWords };
