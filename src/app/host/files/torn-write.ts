import { SphereIotError } from '../../../errors.js';
import { kindOf, optionFault, type Rules } from '../../../options.js';
import { isPlain, number, oneOf, whole } from '../../../rules.js';
import { seededRandom } from '../../../seeded-random.js';

/** What a write leaves during which the power fails: the old content, all of the new, or a part of the new. */
export type TornOutcome = 'old' | 'new' | 'cut';

export interface PowerFailureOptions {
  /** How many writes succeed before. Default 0: it is the next one. */
  readonly after?: number | undefined;
  /** The same seed, the same outcome. Default 1. */
  readonly seed?: number | undefined;
  /** In the place of one by the seed. */
  readonly outcome?: TornOutcome | undefined;
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

/** The mutable file after it, where the power failed. */
export interface TornWrite {
  readonly outcome: TornOutcome;
  /** The file that the next run finds. */
  readonly content: Buffer;
}

const OUTCOMES: readonly TornOutcome[] = ['old', 'new', 'cut'];

const RULES: Rules<PowerFailureOptions> = { after: whole(0), seed: number, outcome: oneOf(...OUTCOMES) };

/** Throws SphereIotError `POWER_FAILURE_INVALID`. */
export function checkPowerFailure(options: PowerFailureOptions): void {
  const fault = isPlain(options) ? optionFault(options, RULES) : `its options are ${kindOf(options)}, not an object`;
  if (fault !== undefined)
    throw new SphereIotError('POWER_FAILURE_INVALID', `The power can't be told to fail so: ${fault}.`);
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
