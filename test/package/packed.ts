// The package as `npm pack` makes it.
import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

export const root = path.resolve(__dirname, '../..');
export const run = promisify(execFile);

/** Packs the package into a folder, and gives the tarball's path. */
export async function pack(folder: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
    maxBuffer: 1e7,
  });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  return path.join(folder, filename);
}

/** Packs the package, and unpacks it as `node_modules/sphere-iot` of a folder; what it depends on is looked for above. */
export async function unpack(folder: string): Promise<string> {
  const tarball = await pack(folder);
  const unpacked = path.join(folder, 'node_modules/sphere-iot');
  await mkdir(unpacked, { recursive: true });
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', unpacked]);
  return unpacked;
}

/** The files below a folder, as paths from there. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}
