import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { makeFolder, makeFolderSync } from '../src/make-folder.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sphere-iot-folders-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ways: readonly (readonly [string, (path: string) => Promise<void> | void])[] = [
  ['makeFolder', (path) => makeFolder(path, 0o700)],
  ['makeFolderSync', (path) => makeFolderSync(path, 0o700)],
];

describe.each(ways)('%s', (_, make) => {
  const code = async (path: string): Promise<unknown> => {
    try {
      await make(path);
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  };

  test('makes a folder with those that it is in, once', async () => {
    const path = join(folder, 'a/b/c');
    expect(await code(path)).toBeUndefined();
    expect(await code(path)).toBeUndefined();
    for (const each of ['a', 'a/b', 'a/b/c']) expect(statSync(join(folder, each)).mode & 0o777).toBe(0o700);
  });

  test('goes through a link to a folder, and says what a path leads to else', async () => {
    mkdirSync(join(folder, 'there'));
    symlinkSync('there', join(folder, 'link'));
    symlinkSync('nowhere', join(folder, 'broken'));
    writeFileSync(join(folder, 'file'), '');
    expect(await code(join(folder, 'link/new'))).toBeUndefined();
    expect(statSync(join(folder, 'there/new')).isDirectory()).toBe(true);
    expect(await code(join(folder, 'broken'))).toBe('ENOENT');
    expect(await code(join(folder, 'broken/new'))).toBe('ENOENT');
    expect(await code(join(folder, 'file'))).toBe('EEXIST');
    expect(await code(join(folder, 'file/new'))).toBe('ENOTDIR');
    expect(await code('')).toBe('ENOENT');
  });
});

/** In a process of its own, which can be killed where it tries without end. */
test.each(ways.map(([name]) => name))('%s ends where no folders can be made', (name) => {
  const program = `
    const { ${name} } = require(${JSON.stringify(join(__dirname, '../dist/cjs/make-folder.js'))});
    (async () => ${name}('/proc/x/y', 0o700))().catch(({ code }) => console.log(code));
  `;
  const { stdout, signal } = spawnSync(process.execPath, ['-e', program], { timeout: 5000, killSignal: 'SIGKILL' });
  expect({ stdout: stdout.toString(), signal }).toEqual({ stdout: 'ENOENT\n', signal: null });
});
