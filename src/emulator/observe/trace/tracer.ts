import { checkOptions, type Rules } from '../../../options.js';
import type { Clock } from '../../../clock/index.js';
import { maskedAll } from './payload.js';
import type { TraceEntry, TraceFact, TraceOrigin } from './trace-entry.js';

/** Bytes of a payload that are shown unless told otherwise. */
const DEFAULT_PAYLOAD_LIMIT = 1024;

export interface TraceOptions {
  /** How many bytes of each payload are shown. Default 1024. */
  readonly payloadLimit?: number;
}

export const TRACE_RULES: Rules<TraceOptions> = {
  payloadLimit: {
    words: 'a number of bytes, 0 or more, or Infinity',
    fits: (value) => typeof value === 'number' && value >= 0,
  },
};

/** Takes what is seen on the connections to those who listen; costs nothing where nobody does. */
export class Tracer {
  readonly #clock: Clock;
  readonly #listeners = new Map<(entry: TraceEntry) => void, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether somebody listens. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  /** What the listener throws is ignored. Returns what ends it. */
  listen(listener: (entry: TraceEntry) => void, options: TraceOptions = {}): () => void {
    checkOptions(options, 'trace', '{ payloadLimit: 100 }', TRACE_RULES);
    // Wrapped, so that the same function can listen twice.
    const own = (entry: TraceEntry): void => listener(entry);
    this.#listeners.set(own, options.payloadLimit ?? DEFAULT_PAYLOAD_LIMIT);
    return () => void this.#listeners.delete(own);
  }

  /**
   * Tells of something.
   * @param fact Makes it, if somebody listens: with the number of a payload's bytes that are to be shown
   * (`tracedPayload`). Secrets are masked here, wherever they stand.
   */
  add({ connection, serverName, clientId }: TraceOrigin, fact: (payloadLimit: number) => TraceFact): void {
    for (const [listener, limit] of [...this.#listeners]) {
      try {
        const entry: TraceEntry = {
          at: this.#clock.now(),
          connection,
          ...(serverName === undefined ? {} : { serverName }),
          ...(clientId === undefined ? {} : { clientId }),
          ...fact(limit),
        };
        listener(maskedAll(entry));
      } catch {
        // It must not harm the connection.
      }
    }
  }

  close(): void {
    this.#listeners.clear();
  }
}
