import { randomUUID } from 'node:crypto';

import type { HttpAnswer } from '../contract/http-service.js';

/** The error codes of the Blob service that this endpoint uses, with their status and text. */
const ERRORS = {
  AuthenticationFailed: [
    403,
    'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.',
  ],
  AuthorizationPermissionMismatch: [
    403,
    'This request is not authorized to perform this operation using this permission.',
  ],
  BlobNotFound: [404, 'The specified blob does not exist.'],
  BlockCountExceedsLimit: [409, 'The uncommitted block count cannot exceed the maximum limit of 100,000 blocks.'],
  BlockListTooLong: [400, 'The block list may not contain more than 50,000 blocks.'],
  InvalidBlobOrBlock: [400, 'The specified blob or block content is invalid.'],
  InvalidBlockList: [400, 'The specified block list is invalid.'],
  InvalidHeaderValue: [400, 'The value for one of the HTTP headers is not in the correct format.'],
  InvalidQueryParameterValue: [400, 'Value for one of the query parameters specified in the request URI is invalid.'],
  InvalidResourceName: [400, 'The specified resource name contains invalid characters.'],
  InvalidUri: [400, 'The requested URI does not represent any resource on the server.'],
  InvalidXmlDocument: [400, 'XML specified is not syntactically valid.'],
  Md5Mismatch: [
    400,
    'The MD5 value specified in the request did not match with the MD5 value calculated by the server.',
  ],
  MissingRequiredHeader: [400, 'An HTTP header that is mandatory for this request is not specified.'],
  NoAuthenticationInformation: [
    401,
    'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.',
  ],
  RequestBodyTooLarge: [413, 'The request body is too large and exceeds the maximum permissible limit.'],
  UnsupportedHttpVerb: [405, "The resource doesn't support specified Http Verb."],
} as const;

export type StorageErrorCode = keyof typeof ERRORS;

/** @param reason What was the matter, for the emulator's events; the client is told the service's own words. */
export function storageError(code: StorageErrorCode, reason: string, now: number): HttpAnswer {
  const [status, text] = ERRORS[code];
  const requestId = randomUUID();
  const message = `${text}\nRequestId:${requestId}\nTime:${new Date(now).toISOString()}`;
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-ms-error-code': code, 'x-ms-request-id': requestId },
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    reason: `${code}: ${reason}`,
  };
}
