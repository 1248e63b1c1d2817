// Runs tools so that Ctrl-C ends them first: the set-up ends when none is left that still writes, and says no more than that. What a
// tool says of its own end would only mislead. Each has a process group of its own, which gets the signal once.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Each with the signal that ends it; undefined: the one that came. */
const running = new Map();
let interrupted;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

for (const signal of SIGNALS)
  process.on(signal, () => {
    const again = interrupted !== undefined;
    if (!again) console.error('Interrupted. The same command goes on from here.');
    interrupted ??= signal;
    for (const [child, killSignal = signal] of running) signalAll(child, again ? 'SIGKILL' : killSignal);
    if (running.size === 0) end();
  });

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options `stdio` says what is passed on; the rest is collected. `killSignal` is what
 *   it gets where the set-up is interrupted; default: the same signal.
 * @returns {Promise<{ status: number | null, stdout: string, stderr: string, error?: Error }>} `status` is null where it was killed or
 *   could not be started. Never, where the set-up was interrupted meanwhile.
 */
export function runTool(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options, detached: true });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'])
      child[name]?.setEncoding('utf8').on('data', (text) => (said[name] += text));
    let error;
    running.set(child, options.killSignal);
    child.on('error', (thrown) => (error = thrown));
    child.on('close', (status) => {
      running.delete(child);
      if (interrupted === undefined) resolve({ ...said, status: error ? null : status, error });
      else if (running.size === 0) end();
    });
  });
}

/** Gives a signal that has come meanwhile its turn: Node looks for it once in a round of its loop. */
export function checkInterrupted() {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

/** From now on, signals do what they do without this module. */
export function leaveSignals() {
  for (const signal of SIGNALS) process.removeAllListeners(signal);
}

function signalAll(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has just ended, or never began.
  }
}

function end() {
  process.exit(128 + constants.signals[interrupted]);
}
