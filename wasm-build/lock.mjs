// One set-up at a time writes into build/, dist/ and node_modules.
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { step } from './terminal.mjs';

/** Milliseconds between looks at the lock of another one. */
const PAUSE = 200;

/** Takes the lock in the build folder, which is held until this process ends or gives it back. @returns what gives it back. */
export async function lock(build) {
  const file = path.join(build, 'setup.lock');
  mkdirSync(build, { recursive: true });
  for (let told = false; !take(file); told = true) {
    if (!told)
      step(`Waiting for the set-up that is under way (process ${ownerOf(file)}; if it is none, delete ${file})`);
    await sleep(PAUSE);
  }
  const release = () => {
    if (ownerOf(file) === process.pid) rmSync(file, { force: true });
  };
  process.once('exit', release);
  return release;
}

/** Whether it is ours now. The file is never without its owner, whenever a process ends. */
function take(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(own);
  }
  if (runs(ownerOf(file))) return false;
  rmSync(file, { force: true });
  return take(file);
}

function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0; // It has just been given back.
  }
}

function runs(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
