import { randomUUID } from 'node:crypto';
import { link, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SphereIotError } from '../../errors.js';
import { makeFolder } from '../../make-folder.js';
import { readTextWithin } from '../../read-file.js';

/** Milliseconds between looks at a lock that another one has. */
const PAUSE = 50;
/** For how long a lock is waited for, in ms: longer than any build. */
const PATIENCE = 600_000;

/**
 * Runs `work` while nobody else, in this process or another, does so with the same file: suites that jest runs side by side
 * build the same app. The lock of a process that is gone is taken over.
 * @throws SphereIotError `APP_BUILD_LOCKED` after ten minutes.
 */
export async function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
  await makeFolder(path.dirname(file), 0o755);
  for (let waited = 0; !(await take(file)); waited += PAUSE) {
    if (waited > PATIENCE)
      throw new SphereIotError('APP_BUILD_LOCKED', `Another process builds this app; if none does, delete ${file}.`);
    await sleep(PAUSE);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** Whether it is ours now. The file is never without its owner, whenever a process ends. */
async function take(file: string): Promise<boolean> {
  const own = `${file}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(own);
  }
  const owner = Number(await readTextWithin(file).catch(() => process.pid));
  if (!(owner > 0 && runs(owner))) await rm(file, { force: true });
  return false;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
