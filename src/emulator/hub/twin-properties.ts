import { isObject } from '../../json.js';

/** A JSON object. */
export type JsonObject = { readonly [key: string]: unknown };

/** Bytes of a section of properties, and of the tags. */
export const MAX_PROPERTIES_BYTES = 32 * 1024;
export const MAX_TAGS_BYTES = 8 * 1024;
const MAX_KEY_BYTES = 1024;
const MAX_STRING_BYTES = 4096;
const MAX_DEPTH = 10;
const MAX_INTEGER = 2 ** 52;
/** Control characters, `.`, `$` and space. */
const BAD_KEY = /[\u0000-\u001f\u007f-\u009f.$ ]/;

/**
 * Merges a patch into a section: null deletes, objects merge, anything else replaces, arrays as a whole (protocol.md#twins-and-methods).
 */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const entries = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    const before = entries.get(key);
    if (value === null) entries.delete(key);
    else if (isObject(value)) entries.set(key, mergePatch(isObject(before) ? before : {}, value));
    else entries.set(key, value);
  }
  return Object.fromEntries(entries);
}

/** The patch that makes `after` of `before`: what is gone is null, as a device that merges it needs it. */
export function differenceOf(before: JsonObject, after: JsonObject): JsonObject {
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
  const there = Object.entries(after).map(([key, value]) => {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    return [key, isObject(value) && isObject(old) ? differenceOf(old, value) : value] as const;
  });
  return Object.fromEntries([...gone.map((key) => [key, null] as const), ...there]);
}

/** What a patch may not have (protocol.md#twins-and-methods), in words; undefined if it has nothing of the kind. */
export function patchFault(patch: unknown): string | undefined {
  return isObject(patch) ? levelFault(patch, 1) : 'it is not a JSON object';
}

/** What forbids a section as a whole. */
export function sectionFault(section: JsonObject, largest: number): string | undefined {
  const size = Buffer.byteLength(JSON.stringify(section));
  return size > largest ? `the section would have ${size} bytes of ${largest}` : undefined;
}

/** An object or an array, and all below it; an array is a level too, so that nothing is deeper than it may be. */
function levelFault(level: object, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH} levels`;
  // Not Object.entries of an array: that leaves out its holes, which JSON writes as null.
  if (Array.isArray(level)) return firstFault(level, (value, index) => elementFault(value, String(index), depth));
  return firstFault(Object.entries(level), ([key, value]) => keyFault(key) ?? valueFault(key, value, depth));
}

function firstFault<T>(values: readonly T[], faultOf: (value: T, index: number) => string | undefined) {
  for (let index = 0; index < values.length; index++) {
    const fault = faultOf(values[index] as T, index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Null deletes a property, and an element of an array is none (protocol.md#twins-and-methods). */
function elementFault(value: unknown, index: string, depth: number): string | undefined {
  if (value == null) return `an array has null at ${index}`;
  return valueFault(index, value, depth);
}

function keyFault(key: string): string | undefined {
  if (BAD_KEY.test(key))
    return `the key ${JSON.stringify(key)} has a control character, a dot, a dollar sign or a space`;
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `a key is longer than ${MAX_KEY_BYTES} bytes`;
  return undefined;
}

/** A program may give what no JSON has. What is undefined is left out, as JSON leaves it out. */
function isOfJson(value: unknown): boolean {
  return typeof value === 'number' ? Number.isFinite(value) : !['bigint', 'function', 'symbol'].includes(typeof value);
}

function valueFault(key: string, value: unknown, depth: number): string | undefined {
  if (!isOfJson(value))
    return `the value of ${key} is no JSON, but ${typeof value === 'number' ? value : `a ${typeof value}`}`;
  if (typeof value === 'string' && Buffer.byteLength(value) > MAX_STRING_BYTES)
    return `the value of ${key} is longer than ${MAX_STRING_BYTES} bytes`;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > MAX_INTEGER)
    return `the value of ${key} is beyond ±2^52`;
  return typeof value === 'object' && value !== null ? levelFault(value, depth + 1) : undefined;
}
