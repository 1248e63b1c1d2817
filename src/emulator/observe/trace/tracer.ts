import type { Lifetime } from '../../lifetime.js';
import { defined } from '../../../defined.js';
import { checkFunction, checkOptions, type Rules } from '../../../options.js';
import type { Clock } from '../../../clock/index.js';
import { maskedAll } from './payload.js';
import type { TraceEntry, TraceFact, TraceOrigin } from './trace-entry.js';

/** Bytes of a payload that are shown unless told otherwise. */
const DEFAULT_PAYLOAD_LIMIT = 1024;

export interface TraceOptions {
  /** How many bytes of each payload are shown. Default 1024. */
  readonly payloadLimit?: number | undefined;
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
  readonly #lifetime: Lifetime;
  readonly #listeners = new Map<(entry: TraceEntry) => void, number>();

  constructor(clock: Clock, lifetime: Lifetime) {
    this.#clock = clock;
    this.#lifetime = lifetime;
  }

  /** Whether somebody listens. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  /** What the listener throws harms no connection: `LocalAzure.close` rejects with it. Returns what ends it. Throws `EMULATOR_CLOSED`, `ARGUMENT_INVALID`. */
  listen(listener: (entry: TraceEntry) => void, options: TraceOptions = {}): () => void {
    checkOptions(options, 'trace', '{ payloadLimit: 100 }', TRACE_RULES);
    this.#lifetime.check();
    checkFunction('The listener of a trace', listener);
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
      this.#lifetime.unseen.tell('the trace', () => {
        const entry: TraceEntry = {
          at: this.#clock.now(),
          connection,
          ...defined({ serverName, clientId }),
          ...fact(limit),
        };
        listener(maskedAll(entry));
      });
    }
  }

  close(): void {
    this.#listeners.clear();
  }
}
