import { printable, printableLine } from '../printable.js';
import { paint, writePainted, type CliIo, type Writer } from './io.js';

/** Writes what happens as lines a person can follow: coloured on a terminal, plain in a pipe. */
export class Timeline {
  readonly #now: () => number;
  readonly #start: number;
  readonly #out: Writer;
  readonly #env: CliIo['env'];

  /** @param now Clock milliseconds; the times of the lines count from here. */
  constructor(now: () => number, out: Writer, env: CliIo['env']) {
    this.#now = now;
    this.#out = out;
    this.#env = env;
    this.#start = now();
  }

  heading(text: string): void {
    writePainted(this.#out, `\n${this.#paint('1', printable(text))}\n`);
  }

  /** One thing that happened, with the party it happened to. */
  event(who: string, what: string): void {
    writePainted(
      this.#out,
      `${this.#paint('2', this.#time())}  ${this.#paint('36', printable(who).padEnd(8))}  ${printableLine(what)}\n`,
    );
  }

  #time(): string {
    const ms = this.#now() - this.#start;
    const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
    return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(Math.floor(ms % 1000)).padStart(3, '0')}`;
  }

  #paint(code: string, text: string): string {
    return paint({ env: this.#env }, this.#out, code, text);
  }
}
