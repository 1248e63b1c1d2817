// docs/recipes.md and docs/testbed.md show lines of tests that run: here they are held to them.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const docs = path.resolve(__dirname, '../../docs');

interface Shown {
  readonly page: string;
  readonly file: string;
  readonly code: string;
}

/** The blocks of a page, each with the file that the last link before it leads to. */
function shown(page: string): Shown[] {
  const blocks: Shown[] = [];
  let file = '';
  for (const [, link, code] of readFileSync(path.join(docs, page), 'utf8').matchAll(
    /\]\((\.\.\/[^)]+)\)|```\w+\n(.*?)```/gs,
  )) {
    if (link !== undefined) file = link;
    else if (code !== undefined) blocks.push({ page, file, code });
  }
  return blocks;
}

/** Without what differs by how far a line is indented, and with the names of the package. */
function lines(text: string): string {
  return text
    .replace(/'\.\.\/\.\.\/src\/(\w+)\/index\.js'/g, "'sphere-iot/$1'")
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}

const blocks = ['recipes.md', 'testbed.md'].flatMap(shown);

test.each(blocks)('block $# stands in $file', ({ file, code }) => {
  const text = lines(readFileSync(path.resolve(docs, file), 'utf8'));
  // Its imports stand first in the file, maybe among others.
  for (const part of lines(code).trim().split('\n\n')) expect(text).toContain(part);
});

test.each([
  ['recipes.md', 6],
  ['testbed.md', 1],
])('%s has blocks of %d files', (page, count) => {
  expect(new Set(blocks.filter((block) => block.page === page).map(({ file }) => file)).size).toBe(count);
});
