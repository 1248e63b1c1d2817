import type { TraceEntry } from './trace-entry.js';

/** What was seen on the connections, from `LocalAzure.record` to `stop`. */
export class Recording {
  readonly #entries: TraceEntry[] = [];
  readonly #stop: () => void;

  /** @internal Use `LocalAzure.record`. */
  constructor(listen: (listener: (entry: TraceEntry) => void) => () => void) {
    this.#stop = listen((entry) => void this.#entries.push(entry));
  }

  get entries(): readonly TraceEntry[] {
    return this.#entries;
  }

  /** Ends it; twice is harmless. */
  stop(): void {
    this.#stop();
  }

  /** JSON lines, one an entry: what `toMatchWire` compares with. */
  toString(): string {
    return this.#entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  }
}
