import { SphereIotError } from '../../../errors.js';
import { errorBody } from '../../dps/answers.js';
import type { HttpAnswer } from '../../contract/http-service.js';
import { ServiceError } from '../service-error.js';

/** Status and number of what the emulator's own objects refuse (protocol.md#service-errors). */
const TRANSLATIONS: Readonly<Record<string, readonly [status: number, code: number]>> = {
  ENROLLMENT_NOT_FOUND: [404, 404201],
  ENROLLMENT_GROUP_NOT_FOUND: [404, 404202],
  REGISTRATION_NOT_FOUND: [404, 404000],
  ENROLLMENT_ALREADY_EXISTS: [409, 409000],
  ENROLLMENT_GROUP_ALREADY_EXISTS: [409, 409000],
};

const ARGUMENTS = new Set([
  'REGISTRATION_ID_INVALID',
  'ENROLLMENT_CERTIFICATE_NOT_READABLE',
  'SYMMETRIC_KEY_INVALID',
  'ALLOCATION_POLICY_INVALID',
  'CA_NOT_FOUND',
  'CA_NOT_READABLE',
  'CA_NOT_A_CA',
  'CA_KEY_UNSUPPORTED',
  'OPTIONS_INVALID',
]);

/** An error of the emulator's objects in the words of DPS. Throws what is none of those. */
export function translatedDpsError(error: unknown): ServiceError {
  if (!(error instanceof SphereIotError)) throw error;
  const [status, code] = ARGUMENTS.has(error.code) ? [400, 400000] : (TRANSLATIONS[error.code] ?? [0, 0]);
  if (status === 0) throw error;
  return new ServiceError(status, error.code, error.message, code);
}

/** An error as DPS writes it (protocol.md#service-errors): the names and numbers of hubs are not its own. */
export function dpsRefusal({ status, message, code }: ServiceError, now: number): HttpAnswer {
  const own = TRANSLATED.has(code) ? code : status * 1000;
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-ms-error-code': String(own) },
    body: errorBody(own, message, now),
  };
}

const TRANSLATED = new Set(Object.values(TRANSLATIONS).map(([, code]) => code));
