import { createHmac, timingSafeEqual } from 'node:crypto';

import { rememberSignature } from '../../known-signatures.js';
import { decoded, queryValue } from '../codec/query.js';

/** What hubs hand out (GH azure-iot-sdk-csharp#2359), and what its signature is made over. */
const VERSION = '2018-03-28';
/** The fields of the query that are signed, in their order. */
const SIGNED = ['sp', 'st', 'se', 'si', 'sip', 'spr', 'sv', 'rscc', 'rscd', 'rsce', 'rscl', 'rsct'];
/** Which form the signed text has. A change of the form changes the number, so that no text is valid in two forms. */
const TEXT_FORM = 'sphere-iot blob sas 2';

export interface StorageKey {
  readonly account: string;
  /** A secret. */
  readonly key: Buffer;
}

export interface BlobAddress {
  readonly container: string;
  /** Decoded; slashes are part of it. */
  readonly blob: string;
}

/** What a request needs the token to allow: read, or write. */
export type BlobPermission = 'r' | 'w';

export type SasFault = { readonly kind: 'missing' | 'invalid' | 'permission'; readonly reason: string };

/** A service SAS for one blob, with the `?` before it, as a hub gives it to a device. A secret. */
export function blobSas(key: StorageKey, address: BlobAddress, expiresAt: number, sp: 'r' | 'rw' = 'rw'): string {
  const se = `${new Date(expiresAt).toISOString().slice(0, 19)}Z`;
  const sig = signature(key, address, { sp, se, sv: VERSION }).toString('base64');
  const token = `?sv=${VERSION}&sr=b&sig=${encodeURIComponent(sig)}&se=${encodeURIComponent(se)}&sp=${sp}`;
  rememberSignature(token);
  return token;
}

/** Why a query's token does not allow this on this blob; undefined where it does. */
export function sasFault(
  key: StorageKey,
  address: BlobAddress,
  query: string,
  needed: BlobPermission,
  now: number,
): SasFault | undefined {
  const fields = Object.fromEntries(
    ['sig', 'sr', ...SIGNED].map((name) => [name, decoded(queryValue(query, name) ?? '')]),
  );
  const { sig = '', se = '', sp = '', sr = '' } = fields;
  if (sig === '') return { kind: 'missing', reason: 'the request has no SAS token' };
  const expected = signature(key, address, fields);
  const given = Buffer.from(sig, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return { kind: 'invalid', reason: 'the signature of the SAS token is not that for this blob' };
  // The signed text is a blob's: the token is for no container.
  if (sr !== 'b') return { kind: 'invalid', reason: 'the SAS token does not say sr=b, as that of a blob does' };
  if (!(Date.parse(se) > now))
    return { kind: 'invalid', reason: `the SAS token expired at ${se}; it is ${new Date(now).toISOString()} now` };
  if (!sp.includes(needed)) return { kind: 'permission', reason: `the SAS token allows ${sp}, not ${needed}` };
  return undefined;
}

/** Over JSON, which escapes what is in a field: no two requests have the same text, whatever characters are in them. */
function signature(
  { account, key }: StorageKey,
  { container, blob }: BlobAddress,
  fields: Readonly<Record<string, string>>,
): Buffer {
  const values = SIGNED.map((name) => fields[name] ?? '');
  const text = JSON.stringify([TEXT_FORM, account, container, blob, ...values]);
  return createHmac('sha256', key).update(text).digest();
}
