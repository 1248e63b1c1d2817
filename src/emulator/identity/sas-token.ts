import { createHmac, timingSafeEqual } from 'node:crypto';

import { decoded } from '../codec/query.js';
import type { SymmetricKey } from './symmetric-key.js';

/** A shared access signature, as read from a CONNECT's password; nothing of it is checked yet. A secret. */
export interface SasToken {
  /** What it is for (`sr`), as it was sent: that is what was signed. */
  readonly resource: string;
  readonly signature: Buffer;
  /** `se`, as it was sent. */
  readonly expiry: string;
  /** Clock ms. */
  readonly expiresAt: number;
  /** `skn`; '' where it is empty or missing. */
  readonly keyName: string;
}

/** `SharedAccessSignature sr=…&sig=…&se=…[&skn=…]`, in any order; undefined where it has another shape. */
export function parseSasToken(password: Buffer): SasToken | undefined {
  const match = /^SharedAccessSignature (.*)$/s.exec(password.toString());
  if (match === null) return undefined;
  const fields = new Map((match[1] ?? '').split('&').map((field) => halves(field.trim())));
  const [resource, signature, expiry] = [fields.get('sr'), fields.get('sig'), fields.get('se')];
  const expiresAt = /^\d+(\.\d+)?$/.test(expiry ?? '') ? Number(expiry) * 1000 : NaN;
  // So many digits that no number holds them would be a token without an end.
  if (resource === undefined || signature === undefined || !Number.isFinite(expiresAt)) return undefined;
  return {
    resource,
    signature: Buffer.from(decoded(signature), 'base64'),
    expiry: expiry as string,
    expiresAt,
    keyName: decoded(fields.get('skn') ?? ''),
  };
}

/** Why it is of no use by now, in words; undefined where it is. */
export function expiryFault({ expiresAt }: SasToken, now: number): string | undefined {
  if (expiresAt > now) return undefined;
  return `the SAS token expired at ${utc(expiresAt)}; it is ${utc(now)} now`;
}

/** Whether one of the keys made its signature: HMAC-SHA256 over the encoded `sr`, a line feed and `se` (protocol.md#sas-tokens). */
export function isSignedBy(token: SasToken, { primaryKey, secondaryKey }: SymmetricKey): boolean {
  return [primaryKey, secondaryKey].some((key) => hasSignature(token, Buffer.from(key, 'base64')));
}

/** The same, as clients of Event Hubs sign: with the key's text as it stands (protocol.md#service-events). */
export function isSignedByText(token: SasToken, { primaryKey, secondaryKey }: SymmetricKey): boolean {
  return [primaryKey, secondaryKey].some((key) => hasSignature(token, Buffer.from(key)));
}

/** Clients sign what they send, whether they encoded it with upper case, with lower case, or not at all. */
function hasSignature({ resource, expiry, signature }: SasToken, key: Buffer): boolean {
  const expected = createHmac('sha256', key).update(`${resource}\n${expiry}`).digest();
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

function halves(field: string): [string, string] {
  const equals = field.indexOf('=');
  return equals < 0 ? [field, ''] : [field.slice(0, equals), field.slice(equals + 1)];
}

function utc(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}
