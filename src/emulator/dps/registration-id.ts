import { asciiLowerCase } from '../../ascii.js';

/** protocol.md#dps-identity: ASCII letters, digits, `- . _ :`, the last one a letter, digit or `-`; up to 128. */
export function isRegistrationId(id: unknown): boolean {
  return typeof id === 'string' && id.length <= 128 && /^[A-Za-z0-9\-._:]*[A-Za-z0-9-]$/.test(id);
}

/** By what a registration id is found: ids that differ in ASCII case only are one (protocol.md#dps-identity). */
export function registrationKey(id: string): string {
  return asciiLowerCase(id);
}

/** Whether two texts are one registration id. */
export function isSameRegistrationId(a: string, b: string): boolean {
  return isRegistrationId(a) && registrationKey(a) === registrationKey(b);
}
