import { isObject } from '../../json.js';
import type { Codec, FitsId } from './store.js';
import { WithBytes } from './store.js';

// What the store returns is what somebody may have changed, or another version wrote: each kind of entry says what it has to look
// like. A check returns the value as it is, or throws in words.

export type Check<T = unknown> = (value: unknown) => T;

/** A codec for what is JSON just so. */
export function checked<T>(check: Check, fits: NoInfer<FitsId<T>>): Codec<T> {
  return { encode: (value) => value, decode: (value) => check(value) as T, fits };
}

export const text: Check<string> = (value) => {
  if (typeof value === 'string') return value;
  throw wrong('a text', value);
};

/** A text that the head of an HTTP answer can carry: no line feed, and no character above ÿ. */
export const headerText: Check<string> = (value) => {
  if (typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw wrong('a text that an HTTP header can hold', value);
};

export const flag: Check<boolean> = (value) => {
  if (typeof value === 'boolean') return value;
  throw wrong('true or false', value);
};

/** An integer that is not negative, and still exact after some more are added. */
export const count: Check<number> = (value) => {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 52) return value as number;
  throw wrong('a count', value);
};

export const number: Check<number> = (value) => {
  if (typeof value === 'number') return value;
  throw wrong('a number', value);
};

/** Clock ms that `Date` takes. */
export const time: Check<number> = (value) => {
  if (typeof value === 'number' && Math.abs(value) <= 8.64e15) return value;
  throw wrong('a time', value);
};

export const json: Check = (value) => value;

export const jsonObject: Check<Record<string, unknown>> = (value) => {
  if (isObject(value)) return value;
  throw wrong('an object', value);
};

export function oneOf<T extends string | number>(...values: readonly T[]): Check<T> {
  return (value) => {
    if (values.includes(value as T)) return value as T;
    throw wrong(`one of ${values.join(', ')}`, value);
  };
}

/** Where it may be left out. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value) => (value === undefined ? undefined : check(value));
}

export function listOf<T>(check: Check<T>): Check<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value)) throw wrong('a list', value);
    value.forEach((each, index) => at(String(index), () => check(each)));
    return value as T[];
  };
}

/** By names of any kind. */
export function recordOf<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value) => {
    for (const [name, each] of Object.entries(jsonObject(value))) at(name, () => check(each));
    return value as Record<string, T>;
  };
}

/** An object with these, and whatever else. */
export function shape(checks: Readonly<Record<string, Check>>): Check<Record<string, unknown>> {
  return (value) => {
    const object = jsonObject(value);
    for (const [name, check] of Object.entries(checks)) at(name, () => check(object[name]));
    return object;
  };
}

/** The bytes that an entry has beside its value. */
export function bytesOf(kept: unknown): WithBytes {
  if (kept instanceof WithBytes) return kept;
  throw new Error('its bytes are missing');
}

/** Base64, as Node writes it: a regular expression takes some ten times as long. */
export const base64: Check<string> = (value) => {
  if (typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value) return value;
  throw wrong('base64', value);
};

function at(name: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}

/** Without the value, which may be a secret. */
function wrong(wanted: string, value: unknown): Error {
  const actual = value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
  return new Error(`it is no ${wanted.replace(/^an? /, '')}, but ${actual}`);
}
