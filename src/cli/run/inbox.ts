import type { Happenings } from './happenings.js';

/** How many lines and messages are kept that no expectation has looked at. */
const KEPT = 10_000;

/** What came and was not expected yet: lines of the log, telemetry, and what the app wrote to its UARTs. */
export class Inbox {
  readonly #log: string[] = [];
  readonly #telemetry: unknown[] = [];
  readonly #uarts = new Map<string, string>();

  constructor(happenings: Happenings) {
    happenings.listen((happening) => {
      if (happening.type === 'log') add(this.#log, happening.line);
      if (happening.type === 'telemetry') add(this.#telemetry, happening.body);
      if (happening.type === 'uart')
        this.#uarts.set(happening.uart, (this.#uarts.get(happening.uart) ?? '') + happening.text);
    });
  }

  /** Whether a line of the log fits; what is before it is not looked at again, nor is it. */
  takeLog(fits: (line: string) => boolean): boolean {
    return take(this.#log, fits);
  }

  takeTelemetry(fits: (body: unknown) => boolean): boolean {
    return take(this.#telemetry, fits);
  }

  /** @param find Gives the end of what fits. */
  takeUart(uart: string, find: (text: string) => number | undefined): boolean {
    const text = this.#uarts.get(uart) ?? '';
    const end = find(text);
    if (end !== undefined) this.#uarts.set(uart, text.slice(end));
    return end !== undefined;
  }

  /** Only what comes from now on is looked at. */
  skip(): void {
    this.#log.length = 0;
    this.#telemetry.length = 0;
    this.#uarts.clear();
  }
}

function add<T>(entries: T[], entry: T): void {
  entries.push(entry);
  if (entries.length > 2 * KEPT) entries.splice(0, KEPT);
}

function take<T>(entries: T[], fits: (entry: T) => boolean): boolean {
  const index = entries.findIndex(fits);
  if (index !== -1) entries.splice(0, index + 1);
  return index !== -1;
}
