import { types } from 'node:util';

/** What the value of an option has to be: the test, and its words for an error. */
export interface Rule {
  readonly words: string;
  fits(value: unknown): boolean;
  /** It can't be left out. */
  readonly required?: true;
}

/** The longest time that a test can ask for: a clock can't show every time. */
export const MAX_DAYS = 3650;
const MAX_DURATION = MAX_DAYS * 86_400_000;

/** For what is judged elsewhere. */
export const anything: Rule = { words: 'anything', fits: () => true };

export const flag: Rule = { words: 'true or false', fits: (value) => typeof value === 'boolean' };

export const text: Rule = { words: 'a text', fits: (value) => typeof value === 'string' };

export const textList: Rule = {
  words: 'a list of texts',
  fits: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
};

export const list: Rule = { words: 'a list', fits: Array.isArray };

export const object: Rule = { words: 'an object', fits: isPlain };

export const bytes: Rule = { words: 'a Uint8Array', fits: types.isUint8Array };

export const callback: Rule = { words: 'a function', fits: (value) => typeof value === 'function' };

export const number: Rule = { words: 'a number', fits: Number.isFinite };

export const milliseconds: Rule = {
  words: 'milliseconds, 0 or more',
  fits: (value) => typeof value === 'number' && value >= 0,
};

/** Of real time or of a clock's: more than none, and not for ever. */
export const duration: Rule = {
  words: `milliseconds, more than 0, and ten years (${MAX_DURATION}) at most`,
  fits: (value) => typeof value === 'number' && value > 0 && value <= MAX_DURATION,
};

/** How far a clock can be moved at once. */
export const distance: Rule = {
  words: `milliseconds, from 0 to ten years (${MAX_DURATION})`,
  fits: (value) => value === 0 || duration.fits(value),
};

/** Of a wait. */
export const timeLimit: Rule = {
  words: 'a number of ms, 0 or more, or Infinity',
  fits: milliseconds.fits,
};

export const aClock: Rule = like('a clock, as realClock or a VirtualClock', 'now', 'monotonic', 'setTimer', 'hold');

export const aCatalog: Rule = like('a Catalog', 'claim', 'device');

/** How many there may be. */
export const count: Rule = {
  words: 'a whole number from 0, or Infinity',
  fits: (value) => value === Infinity || whole(0).fits(value),
};

export function whole(from: number, to = Infinity): Rule {
  const words = to === Infinity ? `a whole number from ${from}` : `a whole number from ${from} to ${to}`;
  return { words, fits: (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to };
}

export function oneOf(...values: readonly (string | number)[]): Rule {
  return { words: `one of ${values.join(', ')}`, fits: (value) => values.includes(value as string) };
}

/** An object that has these functions: of whichever copy of the package. */
export function like(words: string, ...functions: readonly string[]): Rule {
  const has = (value: object): boolean =>
    functions.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
  return { words, fits: (value) => typeof value === 'object' && value !== null && has(value) };
}

export function required(rule: Rule): Rule {
  return { ...rule, required: true };
}

/** Whether it is an object, and no list. */
export function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
