// docs/architecture.md names only what is there, and each room.
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
