// What the generated binding checks values with.
import { SphereIotError } from '../errors.js';
import type { Memory } from '../wasm/index.js';

export const encoder = new TextEncoder();

/** A whole number in a range. */
export function integer(value: unknown, min: number, max: number, what: string): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw wrong(what, `a whole number from ${min} to ${max}`, value);
}

/** @param members TypeScript's enum, which has a name for each value. */
export function enumerator(members: object, type: string, value: unknown, what: string): number {
  if (Number.isInteger(value) && (value as number) in members) return value as number;
  throw wrong(what, `a ${type}`, value);
}

/** Bytes, which may be given as a text. */
export function bytesOf(value: unknown, what: string): Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value;
  if (typeof value === 'string') return encoder.encode(value);
  throw wrong(what, 'bytes, a text or null', value);
}

/** A copy of the bytes whose address and length C wrote to `at`; null for NULL. */
export function lentBytes(memory: Memory, at: number): Uint8Array | null {
  const pointer = memory.uint32At(at);
  return pointer === 0 ? null : memory.copyAt(pointer, memory.uint32At(at + 4));
}

/** Seconds since 1970: the `time_t` that C wrote to `at`, of as many bytes as the module's compiler gives it. */
export function timeAt(memory: Memory, at: number, size: number): number {
  return size === 8 ? Number(memory.view.getBigInt64(at, true)) : memory.view.getInt32(at, true);
}

/**
 * The address of a provider.
 * @param fitting Those that the function takes, by name.
 */
export function providerOf(value: unknown, fitting: Readonly<Record<string, number>>, what: string): number {
  if (Object.values(fitting).some((address) => address === value)) return value as number;
  throw wrong(what, `${Object.keys(fitting).join(' or ')} of this SDK instance`, value);
}

/** What a callback returned that answers with a number and bytes. */
export function objectOf(value: unknown, type: string, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new SphereIotError('ARGUMENT_INVALID', `The ${type} has to return { ${name}, response }.`);
}

export function wrong(what: string, expected: string, value: unknown): SphereIotError {
  const given =
    typeof value === 'number' || typeof value === 'boolean' || value == null ? String(value) : `a ${typeof value}`;
  return new SphereIotError('ARGUMENT_INVALID', `${what} has to be ${expected}, not ${given}.`);
}

export function wrongCount(name: string, expected: number, given: number): SphereIotError {
  return new SphereIotError('ARGUMENT_INVALID', `${name} takes ${expected} arguments, not ${given}.`);
}

export function busy(name: string): SphereIotError {
  return new SphereIotError(
    'HANDLE_BUSY',
    `${name} can't be called from a callback of the handle that is being worked.`,
  );
}

export function lent(name: string): SphereIotError {
  return new SphereIotError(
    'HANDLE_BORROWED',
    `${name}: this handle was lent to a callback, and is not the app's to destroy.`,
  );
}
