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

/** The files of a folder of native/. */
function filesOfC(folder: string): string[] {
  return readdirSync(path.join(root, 'native', folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[ch]$/.test(file))
    .map((file) => path.join('native', folder, file));
}

// The other folders name files of the SDK and of curl.
test('a file of C that a comment names without its folder is there', () => {
  const files = ['applibs', 'host', 'posix'].flatMap((folder) => filesOfC(folder));
  const names = new Set(files.map((file) => path.basename(file)));
  const named = files.flatMap((file) => {
    const comments = readFileSync(path.join(root, file), 'utf8').match(/\/\/ .*/g) ?? [];
    return (comments.join('\n').match(/(?<![\w/.])[a-z]\w*\.c\b/g) ?? []).map((name) => `${file}: ${name}`);
  });
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((each) => !names.has(each.split(': ')[1] as string))).toEqual([]);
});

test('C includes one way: the applibs stand on posix, and posix not on them', () => {
  const upper = new Set(filesOfC('applibs').map((file) => path.basename(file)));
  const included = filesOfC('posix').flatMap((file) =>
    [...readFileSync(path.join(root, file), 'utf8').matchAll(/#include [<"]([^>"]+)/g)].map(
      ([, name]) => name as string,
    ),
  );
  expect(included.length).toBeGreaterThan(200);
  expect(included.filter((name) => name.startsWith('applibs/') || upper.has(name))).toEqual([]);
});

test('the files that comments name are there', () => {
  const named = namedInComments();
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((each) => !existsSync(path.join(root, each.split(': ')[1] as string)))).toEqual([]);
});
