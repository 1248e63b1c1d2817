import { SphereIotError } from '../../errors.js';
import { seededRandom } from '../../seeded-random.js';

/** What a write leaves that the power did not last for: what was there before, all of the new, or a part of the new. */
export type TornOutcome = 'old' | 'new' | 'cut';

export interface PowerFailureOptions {
  /** How many writes succeed before. Default 0: it is the next one. */
  readonly after?: number;
  /** The same seed, the same outcome. Default 1. */
  readonly seed?: number;
  /** In the place of one by the seed. */
  readonly outcome?: TornOutcome;
}

/** A write to the mutable file. */
export interface FileWrite {
  /** The file before it. */
  readonly old: Buffer;
  /** The file after it. */
  readonly content: Buffer;
  /** Where in the file it begins. */
  readonly offset: number;
}

/** What is left of it. */
export interface TornWrite {
  readonly outcome: TornOutcome;
  /** The file that the next run finds. */
  readonly content: Buffer;
}

const OUTCOMES: readonly TornOutcome[] = ['old', 'new', 'cut'];

const FIELDS: Readonly<Record<keyof PowerFailureOptions, readonly [fits: (value: unknown) => boolean, words: string]>> =
  {
    after: [(value) => Number.isSafeInteger(value) && (value as number) >= 0, 'a whole number, 0 or more'],
    seed: [(value) => Number.isFinite(value), 'a number'],
    outcome: [(value) => OUTCOMES.includes(value as TornOutcome), `one of ${OUTCOMES.join(', ')}`],
  };

/** Throws SphereIotError `POWER_FAILURE_INVALID`. */
export function checkPowerFailure(options: PowerFailureOptions): void {
  const invalid = (reason: string): SphereIotError =>
    new SphereIotError('POWER_FAILURE_INVALID', `The power can't be told to fail so: ${reason}.`);
  if (typeof options !== 'object' || (options as unknown) === null)
    throw invalid(`its options are ${String(options)}, not an object`);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(FIELDS, name)) throw invalid(`there is no ${name}, but ${Object.keys(FIELDS).join(', ')}`);
    const [fits, words] = FIELDS[name as keyof PowerFailureOptions];
    if (value !== undefined && !fits(value)) throw invalid(`${name} is ${String(value)}, not ${words}`);
  }
}

/** What a write leaves. One of no more than a byte can't be cut: it leaves what was there before. */
export function tear({ old, content, offset }: FileWrite, { seed = 1, outcome }: PowerFailureOptions): TornWrite {
  const random = seededRandom(`torn write ${seed}`);
  const drawn = outcome ?? OUTCOMES[Math.floor(random() * 3)] ?? 'cut';
  if (drawn === 'new') return { outcome: 'new', content };
  const written = content.length - offset;
  if (drawn === 'old' || written < 2) return { outcome: 'old', content: old };
  return { outcome: 'cut', content: content.subarray(0, offset + 1 + Math.floor(random() * (written - 1))) };
}
