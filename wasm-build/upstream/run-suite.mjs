// Runs one suite of the SDK's unit tests, and reads what it says.
import { spawn } from 'node:child_process';
import path from 'node:path';

const MAX_RUN = 300_000;

/**
 * @param {{ command: string, args: string[] }} run
 * @returns {Promise<{ ran: number, failed: string[], broken?: string }>} `broken`: it crashed, hung, or said nothing, in words.
 */
export function runSuite({ command, args, folder }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: folder });
    const limit = setTimeout(() => child.kill('SIGKILL'), MAX_RUN);
    let text = '';
    child.stdout.on('data', (bytes) => (text += bytes));
    child.stderr.on('data', (bytes) => (text += bytes));
    child.on('error', (error) => {
      clearTimeout(limit);
      resolve({ ran: 0, failed: [], broken: error.message });
    });
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      resolve(resultOf(text, signal === null ? `exit code ${code}` : signal));
    });
  });
}

/** @param end How the process ended, in words. */
export function resultOf(text, end) {
  const plain = text.replace(/\x1b\[[0-9;]*m/g, '');
  const [, ran] = /^(\d+) tests ran, /m.exec(plain) ?? [];
  const failed = [...plain.matchAll(/^Test (\S+) result = !!! FAILED/gm)].map(([, name]) => name);
  if (ran === undefined) return { ran: 0, failed, broken: `it ended without a result: ${end}` };
  if (/suite ending|ALL failed/.test(plain)) return { ran: Number(ran), failed, broken: firstFault(plain) };
  if (Number(/, (\d+) failed, /.exec(plain)?.[1]) !== failed.length)
    return { ran: Number(ran), failed, broken: `its count of failures does not fit what it said: ${end}` };
  return { ran: Number(ran), failed };
}

function firstFault(text) {
  return /Assert failed.*/.exec(text)?.[0].trim() ?? 'its set-up failed';
}

/** How a built suite is started. */
export function commandOf(side, buildFolder, { folder, target }) {
  const cwd = path.join(buildFolder, folder);
  // With Node's own fetch, Emscripten 3.1.6 takes Node for a browser.
  return side === 'wasm'
    ? { command: process.execPath, args: ['--no-experimental-fetch', `${target}.js`], folder: cwd }
    : { command: path.join(cwd, target), args: [], folder: cwd };
}
