import { randomBytes, randomUUID } from 'node:crypto';

import type { RefusalCause } from './attestation.js';
import type { Registration } from './registration.js';

// The bodies of protocol.md#dps-answers, key by key in its order.

/** `{digit}.{16 hex}.{guid}`. */
export function newOperationId(): string {
  return `4.${randomBytes(8).toString('hex')}.${randomUUID()}`;
}

export function acceptedBody(operationId: string): string {
  return JSON.stringify({ operationId, status: 'assigning' });
}

export function assigningBody(operationId: string, registrationId: string): string {
  return JSON.stringify({
    operationId,
    status: 'assigning',
    registrationState: { registrationId, status: 'assigning' },
  });
}

/** Assigned or failed; both are answered with 200. */
export function finishedBody(operationId: string, registration: Registration): string {
  return JSON.stringify({
    operationId,
    status: registration.status,
    registrationState: registrationState(registration),
  });
}

/** What is asked for without an operation, over HTTPS. */
export function registrationStateBody(registration: Registration): string {
  return JSON.stringify(registrationState(registration));
}

/** The record of a registration; a device is told by what it attested, too. */
export function registrationRecord(registration: Registration): object {
  const { registrationId, status, assignedHub, deviceId, substatus, errorCode, errorMessage, etag } = registration;
  return {
    registrationId,
    createdDateTimeUtc: longTime(registration.createdAt),
    assignedHub,
    deviceId,
    status,
    substatus,
    errorCode,
    errorMessage,
    lastUpdatedDateTimeUtc: longTime(registration.lastUpdatedAt),
    etag,
    payload: registration.payload,
  };
}

function registrationState(registration: Registration): object {
  return {
    ...(registration.status === 'assigned' ? attestationResult(registration) : {}),
    ...registrationRecord(registration),
  };
}

/** `x509` is empty in every trace; the other as the service's API describes it (protocol.md#dps-answers). */
function attestationResult({ attestation, enrollmentGroupId }: Registration): object {
  return attestation === 'x509' ? { x509: {} } : { symmetricKey: { enrollmentGroupId } };
}

export function disabledBody(registrationId: string): string {
  return JSON.stringify({
    operationId: '',
    status: 'disabled',
    registrationState: { registrationId, status: 'disabled' },
  });
}

/** What a device is told that is refused; `unauthorized`: GH MicrosoftDocs/azure-docs#43157. */
export const REFUSALS: Readonly<Record<RefusalCause, { readonly errorCode: number; readonly message: string }>> = {
  caNotFound: { errorCode: 401002, message: 'CA certificate not found.' },
  invalidCertificate: { errorCode: 401002, message: 'Invalid certificate.' },
  unauthorized: { errorCode: 401000, message: 'Unauthorized' },
};

export function errorBody(errorCode: number, message: string, now: number): string {
  return JSON.stringify({ errorCode, trackingId: randomUUID(), message, timestampUtc: longTime(now) });
}

/** A time with seven digits after the point, as .NET writes it. */
export function longTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '0000Z');
}
