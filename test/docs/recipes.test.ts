// docs/recipes.md shows lines of tests that run: here it is held to them.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const page = path.resolve(__dirname, '../../docs/recipes.md');

interface Shown {
  readonly file: string;
  readonly code: string;
}

/** The blocks of the page, each with the file that the last link before it leads to. */
function shown(): Shown[] {
  const blocks: Shown[] = [];
  let file = '';
  for (const [, link, code] of readFileSync(page, 'utf8').matchAll(/\]\((\.\.\/[^)]+)\)|```\w+\n(.*?)```/gs)) {
    if (link !== undefined) file = link;
    else if (code !== undefined) blocks.push({ file, code });
  }
  return blocks;
}

/** Without what differs by how far a line is indented. */
function lines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}

test.each(shown())('block $# stands in $file', ({ file, code }) => {
  expect(lines(readFileSync(path.resolve(path.dirname(page), file), 'utf8'))).toContain(lines(code).trim());
});

test('there are blocks of each file', () => {
  expect(new Set(shown().map(({ file }) => file)).size).toBe(6);
});
