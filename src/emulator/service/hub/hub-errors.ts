import { randomUUID } from 'node:crypto';

import { SphereIotError } from '../../../errors.js';
import type { HttpAnswer } from '../../contract/http-service.js';
import { badRequest, ServiceError } from '../service-error.js';

/** Status, name and number of what the emulator's own objects refuse (protocol.md#service-errors). */
const TRANSLATIONS: Readonly<Record<string, readonly [status: number, name: string, code: number]>> = {
  DEVICE_NOT_FOUND: [404, 'DeviceNotFound', 404001],
  DEVICE_ALREADY_EXISTS: [409, 'DeviceAlreadyExists', 409001],
  TOO_MANY_DEVICES: [403, 'TooManyDevices', 403102],
  DEVICE_NOT_ONLINE: [404, 'DeviceNotOnline', 404103],
  TIMED_OUT: [504, 'GatewayTimeout', 504101],
  METHOD_RESPONSE_NOT_JSON: [502, 'InvalidResponse', 502000],
  METHOD_THROTTLED: [429, 'ThrottlingException', 429001],
  EMULATOR_CLOSED: [503, 'ServiceUnavailable', 503000],
  TOO_MANY_MODULES: [403, 'TooManyModulesOnDevice', 403000],
  MODULE_NOT_FOUND: [404, 'ModuleNotFound', 404010],
  MODULE_ALREADY_EXISTS: [409, 'ModuleAlreadyExistsOnDevice', 409301],
};

const ARGUMENTS = new Set([
  'DEVICE_ID_INVALID',
  'MODULE_ID_INVALID',
  'DEVICE_AUTHENTICATION_INVALID',
  'SYMMETRIC_KEY_INVALID',
  'TWIN_PATCH_INVALID',
  'METHOD_NAME_INVALID',
  'METHOD_PAYLOAD_INVALID',
  'OPTIONS_INVALID',
]);

/** An error of the emulator's objects in the hub's words. Throws what is none of those. */
export function translatedHubError(error: unknown): ServiceError {
  if (!(error instanceof SphereIotError)) throw error;
  if (ARGUMENTS.has(error.code)) return badRequest(error.message);
  const known = TRANSLATIONS[error.code];
  if (known === undefined) throw error;
  const [status, name, code] = known;
  return new ServiceError(status, name, error.message, code);
}

/** What methods are refused with is an object in a string in an object; everything else has the name of the error in words. */
const NESTED = new Set([404103, 504101, 429001, 502000]);

/** An error as hubs write it (protocol.md#service-errors). */
export function hubRefusal(error: ServiceError, now: number): HttpAnswer {
  const trackingId = randomUUID().replaceAll('-', '');
  const body = NESTED.has(error.code)
    ? { Message: nested(error, trackingId, now), ExceptionMessage: '' }
    : {
        Message: `ErrorCode:${error.errorName};${error.message}`,
        ExceptionMessage: `Tracking ID:${trackingId}-TimeStamp:${american(now)}`,
      };
  return {
    status: error.status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'iothub-errorcode': error.errorName },
    body: JSON.stringify(body),
  };
}

function nested({ code, message }: ServiceError, trackingId: string, now: number): string {
  const timestampUtc = new Date(now).toISOString();
  return JSON.stringify({ errorCode: code, trackingId, message, info: {}, timestampUtc });
}

/** `MM/dd/yyyy HH:mm:ss`. */
function american(ms: number): string {
  const [date = '', time = ''] = new Date(ms).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${month}/${day}/${year} ${time.slice(0, 8)}`;
}
