// Bytes that a client sends wrongly, by fast-check: what was right, changed in a few places, in pieces of any size.
import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';

import * as fc from 'fast-check';

/** How often each property is tried, and with which seed: `FUZZ_RUNS=5000 FUZZ_SEED=7 npx jest test/fuzz/client`. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 40);
/** Part of the tests' titles, as an error outside of a property is told without it. */
export const SEED = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31));

/** Longest time of a property, ms: with many runs more than jest allows. */
export const TIMEOUT = 60_000 + RUNS * 1000;

/** Lengths that no one can mean, as MQTT, WebSocket, HTTP and UTF-8 strings write them. */
const HUGE = ['ffffff7f', 'ffffffff', 'ffffffffffffffffff', 'ff7fffffffffffffff', 'ffff', '80808001'].map(hex);
/** Stray, overlong, surrogate, beyond Unicode, cut off, null. */
const BAD_UTF8 = ['80', 'c080', 'eda080', 'f4908080', 'f09f98', '00', 'fffe'].map(hex);
/** Line ends, separators, percent signs: what parsers of text look for. */
const TEXT = ['\r\n', '\r\n\r\n', '\0', '%', '%00', '%2f', '../', '/', '?', '&', '=', '#', '+', '$', '"', '{', '['].map(
  (text) => Buffer.from(text),
);

/** One change of bytes; `at` counts round and round. */
export interface Change {
  readonly kind: 'cut' | 'flip' | 'insert' | 'overwrite' | 'remove' | 'repeat';
  readonly at: number;
  readonly length: number;
  readonly bytes: Buffer;
}

/** What becomes of the bytes of a client. */
export interface Mangling {
  readonly changes: readonly Change[];
  /** Sizes of the pieces, used over and over. */
  readonly pieces: readonly number[];
  /** How the client leaves. */
  readonly ending: 'end' | 'destroy';
}

const change = fc.record<Change>({
  kind: fc.constantFrom('cut', 'flip', 'insert', 'overwrite', 'remove', 'repeat'),
  at: fc.nat(100_000),
  length: fc.integer({ min: 1, max: 64 }),
  bytes: fc.oneof(
    fc.constantFrom(...HUGE, ...BAD_UTF8, ...TEXT),
    fc.uint8Array({ minLength: 1, maxLength: 24 }).map((bytes) => Buffer.from(bytes)),
  ),
});

/** @param most Of changes. */
export function manglings(most = 4): fc.Arbitrary<Mangling> {
  return fc.record<Mangling>({
    changes: fc.array(change, { maxLength: most }),
    pieces: fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 70_000 })), {
      minLength: 1,
      maxLength: 4,
    }),
    ending: fc.constantFrom('end', 'destroy'),
  });
}

/** Tries a property as often as it is asked for; fast-check tells seed and counterexample. */
export async function always<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => Promise<unknown>): Promise<void> {
  const property = fc.asyncProperty(arbitrary, async (value) => void (await holds(value)));
  await fc.assert(property, { numRuns: RUNS, seed: SEED });
}

export function changed(bytes: Buffer, changes: readonly Change[]): Buffer {
  return changes.reduce(changedOnce, bytes);
}

function changedOnce(bytes: Buffer, { kind, at, length, bytes: other }: Change): Buffer {
  const start = at % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, start), bytes.subarray(start)];
  switch (kind) {
    case 'cut':
      return before;
    case 'flip':
      return Buffer.concat([
        before,
        after.subarray(0, other.length).map((byte, i) => byte ^ other[i]!),
        after.subarray(other.length),
      ]);
    case 'insert':
      return Buffer.concat([before, other, after]);
    case 'overwrite':
      return Buffer.concat([before, other, after.subarray(other.length)]);
    case 'remove':
      return Buffer.concat([before, after.subarray(length)]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, length), after]);
  }
}

/** Writes bytes in pieces, each on a turn of its own; what is left after many of them in one. */
export async function sendInPieces(to: Duplex, bytes: Buffer, pieces: readonly number[]): Promise<void> {
  const most = 100;
  let rest = bytes;
  for (let count = 0; rest.length > 0 && !to.destroyed && to.writable; count++) {
    const size = count < most ? (pieces[count % pieces.length] as number) : rest.length;
    to.write(rest.subarray(0, size));
    rest = rest.subarray(size);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
