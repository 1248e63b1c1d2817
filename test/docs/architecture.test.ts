// docs/architecture.md names only what is there, and each room; so do comments.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../..');
const page = readFileSync(path.join(root, 'docs/architecture.md'), 'utf8');
const named = [...page.matchAll(/`((?:src|native)\/[^` ]+)`/g)].map(([, file]) => file as string);

test('the files that it names are there', () => {
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
});

test('each folder of src/ has a line', () => {
  const rooms = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(rooms.map(({ name }) => `src/${name}/`).filter((room) => !page.includes(`| \`${room}\``))).toEqual([]);
});

/** Files of src/ and native/, with what each names in its comments: `native/host.h`. */
function namedInComments(): string[] {
  const files = ['src', 'native'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)),
  );
  return files
    .filter((file) => /\.(ts|c|h)$/.test(file))
    .flatMap((file) => {
      const comments = readFileSync(path.join(root, file), 'utf8').match(/\/\*\*[\s\S]*?\*\/|\/\/ .*/g) ?? [];
      const names =
        comments.join('\n').match(/\b(src|native|docs|wasm-build|test)\/[\w./-]+\.(ts|c|h|md|mjs|cjs|cmake|json)\b/g) ??
        [];
      return names.map((name) => `${file}: ${name}`);
    });
}

test('the files that comments name are there', () => {
  const named = namedInComments();
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((each) => !existsSync(path.join(root, each.split(': ')[1] as string)))).toEqual([]);
});
