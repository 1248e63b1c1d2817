// What is read as a whole has the size that such a file can have, or is refused before it is in memory.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { readBuiltApp } from '../src/app/build/built-app.js';
import { MAX_BINARY_BYTES, MAX_TEXT_BYTES, readFileWithin, readFileWithinSync, readHead } from '../src/read-file.js';
import { useFolder } from './support/folder.js';

/** Bytes: more than a string can have. */
const HUGE = 700_000_000;

const folder = useFolder();

function made(name: string, size: number): string {
  const path = folder.file(name);
  writeFileSync(path, 'text');
  truncateSync(path, size);
  return path;
}

test('a file of the largest size is read, and one of a byte more is not', async () => {
  const path = made('file', 100_000);
  expect(await readFileWithin(path, 100_000)).toHaveLength(100_000);
  expect(readFileWithinSync(path, 100_000)).toHaveLength(100_000);
  const refused = { code: 'FILE_TOO_LARGE', message: expect.stringContaining(`${path} is too large`) };
  await expect(readFileWithin(path, 99_999)).rejects.toMatchObject(refused);
  expect(() => readFileWithinSync(path, 99_999)).toThrow(expect.objectContaining({ code: 'FILE_TOO_LARGE' }));
});

test('of a file of any size the beginning can be read', async () => {
  expect((await readHead(made('huge', HUGE), 4)).toString()).toBe('text');
  expect((await readHead(made('short', 2), 4)).toString()).toBe('te');
});

test('a link to a file is followed, a folder is what Node says it is', async () => {
  symlinkSync(made('file', 4), folder.file('link'));
  expect((await readFileWithin(folder.file('link'), 4)).toString()).toBe('text');
  expect(() => readFileWithinSync(folder.file('link'), 4)).toThrow(
    expect.objectContaining({ code: 'FILE_NOT_REGULAR' }),
  );
  await expect(readFileWithin(folder.path, 4)).rejects.toMatchObject({ code: 'EISDIR' });
  await expect(readFileWithin(folder.file('none'), 4)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a device and a pipe are refused, and nobody waits for them', async () => {
  const pipe = folder.file('pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [pipe, '/dev/zero', '/dev/null'])
    await expect(readFileWithin(path, 100)).rejects.toMatchObject({
      code: 'FILE_NOT_REGULAR',
      message: expect.stringContaining(path),
    });
});

test('where a pipe is allowed, it is read up to its end, or up to the limit', async () => {
  const pipe = folder.file('pipe');
  execFileSync('mkfifo', [pipe]);
  for (const [most, size] of [
    [200_000, 200_000],
    [199_999, undefined],
  ] as const) {
    const writer = createWriteStream(pipe);
    const closed = once(
      writer.on('error', () => undefined),
      'close',
    );
    writer.end(Buffer.alloc(200_000));
    const read = readFileWithin(pipe, most, { pipe: true });
    if (size === undefined) await expect(read).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    else expect(await read).toHaveLength(size);
    await closed;
  }
  await expect(readFileWithin('/dev/zero', 1000, { pipe: true })).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
});

test.each([
  ['app.wasm', MAX_BINARY_BYTES + 1],
  ['peripherals.txt', MAX_TEXT_BYTES + 1],
  ['package/huge', MAX_BINARY_BYTES + 1],
])('an app that was built, of which %s is too large, is none', async (name, size) => {
  const built = folder.file('sphere-iot');
  execFileSync('mkdir', ['-p', join(built, 'package')]);
  for (const each of ['app.wasm', 'peripherals.txt', 'package/app_manifest.json']) writeFileSync(join(built, each), '');
  made(join('sphere-iot', name), size);
  await expect(readBuiltApp(built)).rejects.toMatchObject({
    code: 'APP_NOT_BUILT',
    message: expect.stringContaining(`${join(built, name)} is too large`),
  });
});
