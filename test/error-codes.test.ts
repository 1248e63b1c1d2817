// Every code on one page: what is thrown has a text, what has a text is thrown, and the page is what the texts say.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ERROR_AREAS, ERROR_CODES } from '../src/error-codes/index.js';

const root = path.resolve(__dirname, '..');
const entries = Object.entries(ERROR_CODES);
const codes = Object.keys(ERROR_CODES);

/** The text of all TypeScript but that of the table, without comments and without the codes that an error's code is compared with. */
function source(): string {
  const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !file.startsWith('error-codes') && !file.includes('generated'))
    .map((file) => readFileSync(path.join(root, 'src', file), 'utf8'))
    .join('\n')
    .replace(/\/\*\*?[^]*?\*\/|^\s*\/\/.*$/gm, '')
    .replace(/[!=]== '\w+'/g, '');
}

/** What follows `before` in the texts as a name in quotes. */
function namesAfter(before: string, text: string): Set<string> {
  const found = text.matchAll(new RegExp(`${before}\\s*['"]([A-Z][A-Z0-9_]+)['"]`, 'g'));
  return new Set([...found].map(([, name]) => name as string));
}

test('every code of the table is thrown somewhere', () => {
  const named = namesAfter('', source());
  expect(codes.filter((code) => !named.has(code))).toEqual([]);
  expect(codes.length).toBeGreaterThan(200);
});

test('every code that is thrown by its name is in the table, and most are', () => {
  const thrown = [...namesAfter('new SphereIotError\\(', source())];
  expect(thrown.filter((code) => !codes.includes(code))).toEqual([]);
  expect(thrown.length).toBeGreaterThan(180);
});

test('so is every code that C tells of', () => {
  const text = readFileSync(path.join(root, 'native/sphere/installed_override.c'), 'utf8');
  const told = [...namesAfter('refuse\\(', text)].sort();
  expect(told).toEqual(codes.filter((code) => /^OVERRIDE_(?!ARGUMENT)/.test(code)));
});

test('no code is in two areas, and each area is in the order of the alphabet', () => {
  const areas = ERROR_AREAS.map(({ texts }) => Object.keys(texts));
  expect(areas.flat().sort()).toEqual([...codes].sort());
  for (const area of areas) expect(area).toEqual([...area].sort());
});

test.each(entries)('%s has its meaning and what to do, in plain sentences', (_, { meaning, whatToDo }) => {
  for (const text of [meaning, whatToDo]) {
    expect(text).toMatch(/^[A-Z`s].*[^.\s]\.$/);
    expect(text.split(/\.\s/).length).toBeLessThan(4);
    expect(text.length).toBeLessThan(250);
  }
});

describe('the page', () => {
  const page = readFileSync(path.join(root, 'docs/errors.md'), 'utf8');

  test('has a heading, the meaning and what to do for each code', () => {
    for (const [code, { meaning, whatToDo }] of entries)
      expect(page).toContain(`\n### ${code}\n\n${meaning}\n\n**What to do:** ${whatToDo}\n`);
    expect(page.match(/^### /gm)).toHaveLength(codes.length);
  });

  test('is what the generator writes; another one is refused', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-errors-'));
    try {
      for (const part of ['wasm-build/errors-page.mjs', 'src/error-codes', 'docs/errors.md'])
        cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
      symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
      const run = (...args: string[]) =>
        spawnSync(process.execPath, ['wasm-build/errors-page.mjs', ...args], { cwd: folder, encoding: 'utf8' });
      expect(run('--check')).toMatchObject({ status: 0, stderr: '' });
      writeFileSync(path.join(folder, 'docs/errors.md'), `${page}\nmore`);
      expect(run('--check')).toMatchObject({ status: 1, stderr: expect.stringContaining('npm run docs:errors') });
      expect(run()).toMatchObject({ status: 0, stderr: '' });
      expect(readFileSync(path.join(folder, 'docs/errors.md'), 'utf8')).toBe(page);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
