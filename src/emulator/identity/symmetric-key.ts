import { createHmac, randomBytes } from 'node:crypto';

import { SphereIotError } from '../../errors.js';
import { isObject } from '../../json.js';

/** Two keys, base64, of which either will do: so one can be changed while devices use the other. Secrets. */
export interface SymmetricKey {
  readonly primaryKey: string;
  readonly secondaryKey: string;
}

/** What Azure takes as a key: base64 of 16 to 64 bytes. */
const FEWEST_BYTES = 16;
const MAX_BYTES = 64;
const MADE_BYTES = 32;

/** Checks the keys that are given, and makes those that are not. @throws SphereIotError `SYMMETRIC_KEY_INVALID`. */
export function completeKey(given: Partial<SymmetricKey> = {}, owner: string): SymmetricKey {
  if (!isObject(given))
    throw new SphereIotError(
      'SYMMETRIC_KEY_INVALID',
      `The keys of ${owner} are no object, as { primaryKey: '…' } is one.`,
    );
  return {
    primaryKey: keyOf(given.primaryKey, `primary key of ${owner}`),
    secondaryKey: keyOf(given.secondaryKey, `secondary key of ${owner}`),
  };
}

/**
 * The key of one device of an enrollment group with symmetric keys: what is put on the device, in the place of the
 * group's, which stays secret.
 * @param groupKey The group's primary or secondary key, base64.
 * @returns Base64.
 */
export function deriveDeviceKey(groupKey: string, registrationId: string): string {
  return createHmac('sha256', Buffer.from(groupKey, 'base64')).update(registrationId).digest('base64');
}

/** Both keys of one device of a group. */
export function deriveDeviceKeys({ primaryKey, secondaryKey }: SymmetricKey, registrationId: string): SymmetricKey {
  return {
    primaryKey: deriveDeviceKey(primaryKey, registrationId),
    secondaryKey: deriveDeviceKey(secondaryKey, registrationId),
  };
}

function keyOf(given: unknown, what: string): string {
  if (given === undefined) return randomBytes(MADE_BYTES).toString('base64');
  if (typeof given === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(given)) {
    const { length } = Buffer.from(given, 'base64');
    if (length >= FEWEST_BYTES && length <= MAX_BYTES) return given;
  }
  // The key itself is a secret, even a wrong one.
  throw new SphereIotError(
    'SYMMETRIC_KEY_INVALID',
    `The ${what} is not base64 of ${FEWEST_BYTES} to ${MAX_BYTES} bytes. Leave it out to have one made.`,
  );
}
