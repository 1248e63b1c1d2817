import type { AppSignal } from '../../app/index.js';
import type { TraceEntry } from '../../emulator/index.js';
import { NumberedLog } from '../../emulator/observe/numbered-log.js';
import { sizeOf } from '../../emulator/observe/size-of.js';

/** What `run` shows, and what `show` and `hide` name. */
export const KINDS = ['log', 'telemetry', 'pins', 'uart', 'twin', 'methods', 'cloud', 'packets'] as const;

export type Kind = (typeof KINDS)[number];

/** What can happen to an app, to its device, and between them and the cloud. */
export type Fact =
  | { readonly type: 'log'; readonly line: string }
  | {
      readonly type: 'telemetry';
      /** JSON, parsed; a text where it is none. */
      readonly body: unknown;
      readonly properties: Readonly<Record<string, string>>;
    }
  | { readonly type: 'pin'; readonly pin: string; readonly value: 0 | 1 }
  | { readonly type: 'uart'; readonly uart: string; readonly text: string }
  | { readonly type: 'twin'; readonly section: 'desired' | 'reported' | 'tags'; readonly patch: unknown }
  | { readonly type: 'method'; readonly name: string; readonly status: number; readonly payload: unknown }
  | { readonly type: 'cloud'; readonly text: string }
  | { readonly type: 'packet'; readonly entry: TraceEntry }
  | { readonly type: 'network'; readonly up: boolean }
  | { readonly type: 'signal'; readonly signal: AppSignal }
  | { readonly type: 'exit'; readonly code: number; /** Bytes. */ readonly heapPeak: number }
  | { readonly type: 'crash'; readonly code: string; readonly message: string };

/** A fact, and when it happened, in clock ms. */
export type Happening = { readonly at: number } & Fact;

/** What is kept. */
const LIMITS = { count: 1_000, bytes: 16 * 1024 * 1024, size: sizeOf };

/** What has happened, in order: the newest thousand, of which all together have 16 MiB at most. A listener is told of each when it happens. */
export class Happenings {
  readonly #now: () => number;
  readonly #listeners = new Set<(happening: Happening) => void>();
  readonly #entries = new NumberedLog<Happening>(LIMITS);

  /** @param now Clock ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(fact: Fact): void {
    const happening = { at: this.#now(), ...fact };
    this.#entries.add(happening);
    for (const listener of [...this.#listeners]) listener(happening);
  }

  /** Calls `listener` for each from now on; returns what ends that. */
  listen(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The newest ones but packets, the oldest of them first. */
  last(count: number): readonly Happening[] {
    return this.#entries
      .all()
      .filter(({ type }) => type !== 'packet')
      .slice(-count);
  }
}
