// What comes from outside, a value or bytes, changed in a few places by fast-check; and what a reader may do with it.
import * as fc from 'fast-check';

import { SphereIotError } from '../../src/errors.js';
import { changed, manglings } from './mangle.js';

/** `FUZZ_RUNS=5000 FUZZ_SEED=7 npx jest test/fuzz/read`. The seed is fixed, so that a run says the same each time. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 400);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

/** Checks a property `RUNS` times; fast-check tells seed and counterexample. */
export function holds<T>(arbitrary: fc.Arbitrary<T>, predicate: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, predicate), { numRuns: RUNS, seed: SEED });
}

/** Checks a property of what waits for files or other code. */
export async function holdsAsync<T>(arbitrary: fc.Arbitrary<T>, predicate: (value: T) => Promise<void>): Promise<void> {
  await fc.assert(fc.asyncProperty(arbitrary, predicate), { numRuns: RUNS / 2, seed: SEED });
}

/** Codes that say nothing to a user, or that the fault is ours. */
const NO_CODES = ['FAILED', 'INTERNAL_ERROR'];

/** What a reader makes of its input; undefined where it refuses that. Whatever else it throws is passed on. */
export function readOrRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    return refused(error);
  }
}

export async function readOrRefusedAsync<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    return refused(error);
  }
}

function refused(error: unknown): undefined {
  if (!(error instanceof SphereIotError)) throw error;
  expect(NO_CODES).not.toContain(error.code);
  expect(error.code).toMatch(/^[A-Z][A-Z0-9_]+$/);
  return undefined;
}

/** Bytes that were right, changed in one to four places. */
export function mangled(...rightly: readonly (Buffer | string)[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...rightly), manglings())
    .map(([bytes, { changes }]) => changed(Buffer.from(bytes as string), changes));
}

/** Names that every object has, and texts that are something else elsewhere. */
export const ODD_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  '\0',
  '\ud800',
  '%',
  '$',
  '/',
];

/** What nobody expects in the place of a value of JSON. */
const ODD: readonly unknown[] = [
  ...[null, true, false, 0, -1, 0.5, 1e21, 1e300, 2 ** 31, 2 ** 53, Infinity],
  ...[[], {}, [null], [[]], { toString: 1 }, { length: 3 }, nest(90), nest(2000)],
  ...ODD_NAMES,
  '1'.repeat(400),
];

function nest(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

interface Edit {
  readonly kind: 'replace' | 'remove' | 'repeat' | 'nest' | 'name' | 'swap';
  /** Of the place, and of another one. */
  readonly at: number;
  readonly other: number;
  readonly odd: unknown;
  readonly name: string;
}

const edits = fc.array(
  fc.record<Edit>({
    kind: fc.constantFrom('replace', 'replace', 'remove', 'repeat', 'nest', 'name', 'swap'),
    at: fc.nat(),
    other: fc.nat(),
    odd: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...ODD) }, fc.jsonValue({ maxDepth: 3 })),
    name: fc.constantFrom(...ODD_NAMES),
  }),
  { minLength: 1, maxLength: 3 },
);

/** A value of JSON that was right, changed in one to three places. */
export function edited(...rightly: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...rightly), edits)
    .map(([value, list]) => copyOf(list.reduce(editedOnce, copyOf(value))));
}

/** The JSON of such a value: with numbers that JavaScript has no number for. */
export function editedText(...rightly: readonly unknown[]): fc.Arbitrary<string> {
  return edited(...rightly).map(text);
}

/** As JSON. `Infinity` as a number that is too large for one. */
function text(value: unknown): string {
  const mark = ' infinite';
  const json = JSON.stringify(value, (_, each: unknown) => (each === Infinity ? mark : each)) ?? 'null';
  return json.replaceAll(JSON.stringify(mark), '1e999');
}

function copyOf(value: unknown): unknown {
  return JSON.parse(text(value));
}

type Holder = Record<string, unknown>;

function editedOnce(root: unknown, { kind, at, other, odd, name }: Edit): unknown {
  const holder: Holder = { root };
  const places = placesIn(holder);
  const [parent, key] = places[at % places.length] as readonly [Holder, string];
  const value = parent[key];
  if (kind === 'replace') define(parent, key, copyOf(odd));
  else if (kind === 'remove') remove(parent, key);
  else if (kind === 'nest') define(parent, key, at % 2 === 0 ? [value] : { [key]: value });
  else if (kind === 'name') define(parent, name, value);
  else if (kind === 'repeat') define(parent, key, Array.isArray(value) ? [...value, ...value] : [value, value]);
  else {
    const [from, there] = places[other % places.length] as readonly [Holder, string];
    define(parent, key, copyOf(from[there]));
  }
  return holder['root'];
}

/** Also for a name like `__proto__`. */
function define(parent: Holder, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, writable: true, configurable: true });
}

function remove(parent: Holder, key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
}

/** Every place in a value; of what is nested deep, the first ones. */
function placesIn(holder: Holder, depth = 0): (readonly [Holder, string])[] {
  return Object.keys(holder).flatMap((key) => {
    const value = holder[key];
    const isHolder = typeof value === 'object' && value !== null && depth < 12;
    return [[holder, key] as const, ...(isHolder ? placesIn(value as Holder, depth + 1) : [])];
  });
}
