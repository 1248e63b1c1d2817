// One set-up at a time writes into build/, dist/ and node_modules. The rules are those of src/app/build/lock.ts, which says why they hold.
// There are two files since this one runs before anything is compiled or installed.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { step } from './terminal.mjs';

/** Milliseconds between looks at the lock of another one, on average. */
const PAUSE = 200;

/** Takes the lock in the build folder, which is held until this process ends or gives it back. @returns what gives it back. */
export async function lock(build) {
  mkdirSync(build, { recursive: true });
  const own = path.join(build, `setup.lock.${process.pid}.${randomUUID()}`);
  const release = () => rmSync(own, { force: true });
  process.once('exit', release);
  for (let told = false; ;) {
    const other = otherClaim(build, own) ?? claim(build, own);
    if (other === undefined) return release;
    if (!told)
      step(`Waiting for the set-up that is under way (process ${other.pid}; if it is none, delete ${other.file})`);
    told = true;
    await sleep(PAUSE * (0.5 + Math.random()));
  }
}

/** Claims the lock. @returns undefined, or the claim of another one: this one is taken back then. */
function claim(build, own) {
  writeFileSync(own, '');
  const other = otherClaim(build, own);
  if (other !== undefined) rmSync(own, { force: true });
  return other;
}

/** The claim of another one that runs; those of processes that are gone are removed. */
function otherClaim(build, own) {
  for (const name of readdirSync(build)) {
    const pid = Number(/^setup\.lock\.([1-9]\d*)\./.exec(name)?.[1]);
    const file = path.join(build, name);
    if (!(pid > 0) || file === own) continue;
    if (runs(pid)) return { pid, file };
    rmSync(file, { force: true });
  }
  return undefined;
}

function runs(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
