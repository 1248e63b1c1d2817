import { SphereIotError } from '../errors.js';
import type { ValueDescriptor } from './descriptor.js';
import * as enums from './generated/enums.js';

/**
 * A number, boolean or enumerator as C has it.
 * @throws SphereIotError `ARGUMENT_INVALID` for a wrong type or range.
 */
export function checked(descriptor: ValueDescriptor, value: unknown, what: string): number {
  switch (descriptor.kind) {
    case 'boolean':
      if (typeof value === 'boolean') return value ? 1 : 0;
      throw wrong(what, 'true or false', value);
    case 'enum':
      if (Number.isInteger(value) && isEnumerator(descriptor.type, value as number)) return value as number;
      throw wrong(what, `a ${descriptor.type}`, value);
    case 'number':
      return integer(value, descriptor.min, descriptor.max, what);
    default:
      throw wrong(what, `a ${descriptor.kind}`, value);
  }
}

/** A whole number in a range. */
export function integer(value: unknown, min: number, max: number, what: string): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
  throw wrong(what, `a whole number from ${min} to ${max}`, value);
}

export function wrong(what: string, expected: string, value: unknown): SphereIotError {
  const given =
    typeof value === 'number' || typeof value === 'boolean' || value == null ? String(value) : `a ${typeof value}`;
  return new SphereIotError('ARGUMENT_INVALID', `${what} has to be ${expected}, not ${given}.`);
}

function isEnumerator(type: string, value: number): boolean {
  const members = (enums as unknown as Record<string, Record<number, string>>)[type];
  return members !== undefined && value in members;
}
