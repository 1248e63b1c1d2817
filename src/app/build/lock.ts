// One at a time, for builds of apps. `wasm-build/lock.mjs` does the same for the set-up: it runs before anything is installed or
// compiled, so it can't import this file; and Node can't load it from the CommonJS half of the package, so this file can't import it.
import { randomUUID } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SphereIotError } from '../../errors.js';
import { makeFolder } from '../../make-folder.js';

/** Milliseconds between looks at a lock that another one has, on average. */
const PAUSE = 50;
/** For how long a lock is waited for, in ms: longer than any build. */
const PATIENCE = 600_000;

/** A file by which a process says that it has the lock, or wants it now. */
interface Claim {
  readonly pid: number;
  readonly file: string;
}

/**
 * Runs `work` while nobody else, in this process or another, does so with the same file: suites that jest runs side by side
 * build the same app. The lock of a process that is gone is nobody's.
 *
 * Each one makes a file with a name of its own, FILE.PID.UUID, and then looks for others: of two, the later one sees the earlier one's. No
 * file is ever taken over, so that nobody can remove one that means something. Two that see each other both give way, for unequal times.
 * @throws SphereIotError `APP_BUILD_LOCKED` after ten minutes.
 */
export async function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
  await makeFolder(path.dirname(file), 0o755);
  const own = `${file}.${process.pid}.${randomUUID()}`;
  try {
    await take(file, own);
    return await work();
  } finally {
    await rm(own, { force: true });
  }
}

async function take(file: string, own: string): Promise<void> {
  let waited = 0;
  for (;;) {
    const other = (await otherClaim(file, own)) ?? (await claim(file, own));
    if (other === undefined) return;
    if (waited > PATIENCE)
      throw new SphereIotError(
        'APP_BUILD_LOCKED',
        `Process ${other.pid} builds this app; if it does not, delete ${other.file}.`,
      );
    const pause = PAUSE * (0.5 + Math.random());
    await sleep(pause);
    waited += pause;
  }
}

/** Claims the lock. @returns undefined, or the claim of another one: this one is taken back then. */
async function claim(file: string, own: string): Promise<Claim | undefined> {
  await writeFile(own, '');
  const other = await otherClaim(file, own);
  if (other !== undefined) await rm(own, { force: true });
  return other;
}

/** The claim of another one that runs; those of processes that are gone are removed. */
async function otherClaim(file: string, own: string): Promise<Claim | undefined> {
  const folder = path.dirname(file);
  const prefix = `${path.basename(file)}.`;
  for (const name of await readdir(folder)) {
    const pid = name.startsWith(prefix) ? /^([1-9]\d*)\./.exec(name.slice(prefix.length))?.[1] : undefined;
    const found = path.join(folder, name);
    if (pid === undefined || found === own) continue;
    if (runs(Number(pid))) return { pid: Number(pid), file: found };
    await rm(found, { force: true });
  }
  return undefined;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
