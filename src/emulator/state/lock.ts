import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { SphereIotError } from '../../errors.js';
import { LOCK } from './own-folder.js';

/** Of this process: its own id in a lock may be that of a process before, as in a container, where each has the same. */
const held = new Set<string>();

/**
 * Takes a folder for this process, until the returned function is called. One that a process left which is gone is taken over.
 * @throws SphereIotError `STATE_FOLDER_IN_USE`.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(resolve(folder), LOCK);
  const own = `${path}.${randomBytes(8).toString('hex')}`;
  await writeFile(own, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
  try {
    // A link is there with its content or not at all, and to one process only.
    for (let tries = 0; !(await linked(own, path)); tries++) {
      const holder = await holderOf(path);
      if (isAlive(holder, path) || tries > 10) throw inUse(folder, holder, path);
      await remove(path, holder);
    }
  } finally {
    await rm(own, { force: true });
  }
  held.add(path);
  return async () => {
    held.delete(path);
    await rm(path, { force: true });
  };
}

async function linked(own: string, path: string): Promise<boolean> {
  return link(own, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

/** The id of the process, 0 where it can't be read; undefined where there is no lock by now. */
async function holderOf(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number.parseInt(text, 10) || 0;
}

/** Removes a lock only if it is still that process's: two that find it at once must not both have it. */
async function remove(path: string, holder: number | undefined): Promise<void> {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if ((await holderOf(aside)) !== holder) await linked(aside, path);
  await rm(aside, { force: true });
}

function isAlive(pid: number | undefined, path: string): boolean {
  if (!pid) return false;
  if (pid === process.pid) return held.has(path);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(folder: string, pid: number | undefined, path: string): SphereIotError {
  return new SphereIotError(
    'STATE_FOLDER_IN_USE',
    `The state in ${folder} is in use by the process ${pid ?? '(unknown)'}: end that, choose another folder, or, if it is no ` +
      `emulator, delete ${path}.`,
  );
}
