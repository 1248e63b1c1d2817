/** Writes what happens as lines a person can follow: coloured on a terminal, plain in a pipe. */
export class Timeline {
  readonly #colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  readonly #now: () => number;
  readonly #start: number;

  /** @param now Clock milliseconds; the times of the lines count from here. */
  constructor(now: () => number) {
    this.#now = now;
    this.#start = now();
  }

  heading(text: string): void {
    process.stdout.write(`\n${this.#paint('1', text)}\n`);
  }

  /** One thing that happened, with the party it happened to. */
  event(who: string, what: string): void {
    process.stdout.write(`${this.#paint('2', this.#time())}  ${this.#paint('36', who.padEnd(8))}  ${what}\n`);
  }

  failure(text: string): void {
    process.stderr.write(`${this.#paint('31', 'error:')} ${text}\n`);
  }

  #time(): string {
    const ms = this.#now() - this.#start;
    const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
    return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(Math.floor(ms % 1000)).padStart(3, '0')}`;
  }

  #paint(code: string, text: string): string {
    return this.#colour ? `\x1b[${code}m${text}\x1b[0m` : text;
  }
}
