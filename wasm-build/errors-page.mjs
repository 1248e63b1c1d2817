// Writes docs/errors.md from src/error-codes/ (`npm run docs:errors`); with --check, refuses another page.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

/** The page, as prettier leaves it. @param {typeof import('../src/error-codes/index.js').ERROR_AREAS} areas */
function page(areas) {
  const names = areas.map(({ title, texts }) => `- ${title}: ${Object.keys(texts).map(linkTo).join(', ')}`);
  const sections = areas.map(({ title, texts }) => `## ${title}\n\n${Object.entries(texts).map(entry).join('\n\n')}`);
  return `# Error codes

Every \`SphereIotError\` has a \`code\`: stable, and meant for programs. Its \`message\` says what happened, to what, and what to do; \`cause\` has the error
behind it, and \`c\` the result of a C function, where there is one. On this page each code has a heading, so that \`errors.md#timed_out\` leads to
\`TIMED_OUT\`. \`sphere-iot explain CODE\` prints the same. \`npm run docs:errors\` writes this page from \`src/error-codes/\`.

${names.join('\n')}

${sections.join('\n\n')}
`;
}

function linkTo(code) {
  return `[${code}](#${code.toLowerCase()})`;
}

function entry([code, { meaning, whatToDo }]) {
  return `### ${code}\n\n${meaning}\n\n**What to do:** ${whatToDo}`;
}

const { outputFiles } = buildSync({
  entryPoints: [path.join(root, 'src/error-codes/index.ts')],
  bundle: true,
  write: false,
  format: 'esm',
});
const { ERROR_AREAS } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
const file = path.join(root, 'docs/errors.md');
const text = page(ERROR_AREAS);
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error('docs/errors.md is not what src/error-codes/ says: type `npm run docs:errors`, and commit it.');
  process.exitCode = 1;
}
