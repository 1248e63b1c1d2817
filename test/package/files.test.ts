import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { filesIn, root, unpack } from './packed.js';

/** What the package has: nothing of the tree but these. */
const FOLDERS = ['dist', 'docs', 'examples', 'native/include', 'src', 'wasm-build'];
const FILES = ['CMakeLists.txt', 'LICENSE', 'NOTICES.md', 'README.md', 'SECURITY.md', 'package.json'];

describe('the files of the package', () => {
  let folder: string;
  let unpacked: string;
  let files: string[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(root, 'build/files-'));
    unpacked = await unpack(folder);
    files = await filesIn(unpacked);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('are those that it says, and nothing that was built beside them', () => {
    const others = files.filter(
      (file) => !FILES.includes(file) && !FOLDERS.some((name) => file.startsWith(`${name}/`)),
    );
    expect(others).toEqual([]);
    expect(
      files.filter(
        (file) =>
          /(^|\/)(build|node_modules|coverage)\//.test(file) && !/^(src|dist\/(cjs|esm))\/app\/build\//.test(file),
      ),
    ).toEqual([]);
    for (const page of ['docs/apps.md', 'examples/event-loop/src/main.c', 'src/index.ts', 'dist/esm/wasm/embedded.js'])
      expect(files).toContain(page);
  });

  test('source maps lead to sources that are there', async () => {
    const maps = files.filter((file) => file.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(300);
    const lost: string[] = [];
    for (const map of maps) {
      const { sources } = JSON.parse(await readFile(path.join(unpacked, map), 'utf8')) as { sources: string[] };
      for (const source of sources)
        if (!existsSync(path.join(unpacked, path.dirname(map), source))) lost.push(`${map}: ${source}`);
    }
    expect(lost).toEqual([]);
  });

  test('links between the pages lead to files that are there', async () => {
    const lost: string[] = [];
    for (const page of files.filter(
      (file) => ['README.md', 'SECURITY.md'].includes(file) || /^docs\/.*\.md$/.test(file),
    ))
      for (const [, link] of (await readFile(path.join(unpacked, page), 'utf8')).matchAll(
        /\]\(([^)#:]+)(?:#[^)]*)?\)/g,
      ))
        if (!existsSync(path.join(unpacked, path.dirname(page), link as string))) lost.push(`${page}: ${link}`);
    expect(lost).toEqual([]);
  });

  test('name no path of the machine that built them', async () => {
    const found: string[] = [];
    // In a container the project may be in /app, which is a part of many relative paths.
    const own = new RegExp(`(?<![\\w.~*{}()/-])${root.replace(/[^\w/]/g, '\\$&')}(?![\\w-])`);
    for (const file of files) if (own.test(await readFile(path.join(unpacked, file), 'utf8'))) found.push(file);
    expect(found).toEqual([]);
  });
});
