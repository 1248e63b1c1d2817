import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import esbuild from 'esbuild';

import { storageInFolder } from '../../../src/app/host/files/mutable-storage.js';
import { useFolder } from '../../support/folder.js';

const folder = useFolder();

test('a write that the disk has no room for leaves the old content, and nothing beside it', () => {
  const storage = folder.file('storage');
  const script = folder.file('write.cjs');
  storageInFolder(storage, 'app').write(Buffer.from('kept'));
  esbuild.buildSync({
    stdin: {
      contents: `
        import { storageInFolder } from './mutable-storage.js';
        try {
          storageInFolder(process.argv[2], 'app').write(Buffer.alloc(Number(process.argv[3])));
        } catch (error) {
          console.log(error.code);
        }`,
      loader: 'ts',
      resolveDir: path.join(__dirname, '../../../src/app/host/files'),
    },
    bundle: true,
    platform: 'node',
    outfile: script,
  });
  // A process whose files may not become larger than 4 KiB.
  const write = (size: number): string => {
    const limited = 'ulimit -f 4; exec "$@"';
    const { stdout, stderr } = spawnSync('bash', [
      '-c',
      limited,
      'bash',
      process.execPath,
      script,
      storage,
      String(size),
    ]);
    return `${stdout}${stderr}`;
  };
  expect(write(8192)).toBe('EFBIG\n');
  expect(readdirSync(storage)).toEqual(['app.mutable']);
  expect(readFileSync(path.join(storage, 'app.mutable'), 'utf8')).toBe('kept');
  expect(write(4000)).toBe('');
  expect(readFileSync(path.join(storage, 'app.mutable'))).toEqual(Buffer.alloc(4000));
});

test('a folder that can’t be made is an error, and what stands in its place stays', () => {
  const file = folder.file('file');
  writeFileSync(file, 'mine');
  expect(() => storageInFolder(file, 'app').write(Buffer.from('x'))).toThrow(
    expect.objectContaining({ code: 'EEXIST' }),
  );
  expect(readFileSync(file, 'utf8')).toBe('mine');
});
