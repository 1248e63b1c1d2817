// A process that answers lines with lines: a client or a broker of `npm run bench`.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fail } from '../../wasm-build/terminal.mjs';

/** The kernel's ticks of processor time; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export class Peer {
  #child;
  #answers;
  #name;

  /**
   * @param {string} name For messages.
   * @param {string[]} command With its arguments.
   */
  constructor(name, [command, ...args], env = process.env) {
    this.#name = name;
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
    this.#child.on('error', (error) => fail(`${name} can't be started: ${error.message}`));
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async line() {
    const { value, done } = await this.#answers.next();
    if (done) fail(`${this.#name} has ended without an answer.`);
    return value;
  }

  ask(line) {
    this.#child.stdin.write(`${line}\n`);
    return this.line();
  }

  /** Seconds of processor time since it began, of user and system; undefined where the system has no /proc. */
  processorTime() {
    try {
      // The second field is a name in parentheses, which may hold anything.
      const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    } catch {
      return undefined;
    }
  }

  /** Bytes of memory that it has in use; undefined where the system has no /proc. */
  memory() {
    try {
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'))[1]) * 1024;
    } catch {
      return undefined;
    }
  }

  /** Ends it by the end of its stdin, or a signal where it reads none. */
  async end(signal) {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin.end();
    if (signal) this.#child.kill(signal);
    await ended;
  }
}
