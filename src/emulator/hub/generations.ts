import type { Clock } from '../../clock/index.js';
import { only } from '../state/ids.js';
import { checked, type Check } from '../state/shape.js';
import type { Collection, Namespace } from '../state/store.js';

/** Milliseconds, with three digits behind them. */
const GENERATION = /^\d{1,30}$/;

/** A generation id, as it is kept. */
export const generation: Check<string> = (value) => {
  if (typeof value === 'string' && GENERATION.test(value)) return value;
  throw new Error('it is no number');
};

/** Generation ids of identities: none is given twice, also where a virtual clock began anew since and all identities are gone. */
export class Generations {
  readonly #clock: Clock;
  readonly #kept: Collection<string>;
  #newest: bigint;

  /** @param name Of the collection in which the newest is kept. @param known Those of the identities that are there. */
  constructor(clock: Clock, namespace: Namespace, name: string, known: Iterable<string>) {
    this.#clock = clock;
    this.#kept = namespace.collection(name, checked<string>(generation, only('newest')));
    this.#newest = newest([...known, ...this.#kept.entries().map(([, value]) => value)]);
  }

  /** Greater than all before. */
  next(): string {
    const now = BigInt(this.#clock.now()) * 1000n;
    this.#newest = (this.#newest < now ? now : this.#newest) + 1n;
    this.#kept.put('newest', String(this.#newest));
    return String(this.#newest);
  }
}

function newest(generations: readonly string[]): bigint {
  return generations.map(BigInt).reduce((one, other) => (one > other ? one : other), 0n);
}
