import { randomUUID } from 'node:crypto';

import type { HttpAnswer } from '../contract/http-service.js';

/** The error codes of a hub that its HTTPS side uses (protocol.md#file-upload, DOC iot-hub/troubleshoot-error-codes.md). */
const ERRORS = {
  GenericBadRequest: 400000,
  InvalidProtocolVersion: 400001,
  ArgumentInvalid: 400004,
  DefaultStorageEndpointNotConfigured: 400014,
  InvalidFileUploadCorrelationId: 400015,
  ExpiredFileUploadCorrelationId: 400016,
  InvalidFileUploadCompletionStatus: 400019,
  InvalidStorageEndpointOrBlob: 400020,
  IotHubUnauthorized: 401003,
  DeviceMaximumActiveFileUploadLimitExceeded: 403006,
  GenericNotFound: 404000,
  GenericMethodNotAllowed: 405000,
  DeviceMessageLockLost: 412002,
  GenericRequestEntityTooLarge: 413000,
  GenericUnsupportedMediaType: 415000,
} as const;

export type HubErrorName = keyof typeof ERRORS;

export function hubErrorCode(name: HubErrorName): number {
  return ERRORS[name];
}

export function jsonAnswer(status: number, body: object): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}

/** As hubs write it: an object in a string in an object (GH azure-iot-sdk-csharp#2936). */
export function hubError(name: HubErrorName, message: string, now: number): HttpAnswer {
  const errorCode = ERRORS[name];
  const inner = {
    errorCode,
    trackingId: randomUUID().replaceAll('-', ''),
    message,
    timestampUtc: new Date(now).toISOString(),
  };
  const answer = jsonAnswer(Math.floor(errorCode / 1000), { Message: JSON.stringify(inner), ExceptionMessage: '' });
  return { ...answer, headers: { ...answer.headers, 'iothub-errorcode': name } };
}
