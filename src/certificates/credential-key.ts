import { createPrivateKey, type KeyObject, type PrivateKeyInput } from 'node:crypto';

import { messageOf, SphereIotError } from '../errors.js';
import { derLength, derTags, foreignFormat, isDer, textOf } from './credential-der.js';
import { checkUnicode } from './key-file.js';

const BEGIN = /-----BEGIN ((?:(?:RSA|EC|ENCRYPTED) )?PRIVATE KEY)-----/g;
const ENCRYPTED = /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: *4, *ENCRYPTED/;

/** What node:crypto is given, and what can be told from the outside. */
interface EncodedKey {
  readonly input: PrivateKeyInput;
  readonly encrypted: boolean;
}

/**
 * Reads a private key: PKCS#8, SEC1 or PKCS#1, PEM (the first key of the text) or DER, encrypted or not. A passphrase
 * for a key that is not encrypted is not used. No message holds key text.
 * @param key The key, PEM as text or bytes, or DER.
 * @param subject Whose key it is, for the messages.
 * @param passphrase What an encrypted key is encrypted with.
 * @throws SphereIotError `CERTIFICATE_KEY_MISSING`, `CERTIFICATE_KEY_NOT_PEM`, `CERTIFICATE_KEY_TRUNCATED`,
 * `KEY_PASSPHRASE_MISSING`, `KEY_PASSPHRASE_WRONG`, `KEY_PASSPHRASE_NOT_UNICODE`.
 */
export function readPrivateKey(key: string | Uint8Array, subject: string, passphrase?: string | Uint8Array): KeyObject {
  const which = `The private key of ${subject}`;
  const format = foreignFormat(key);
  if (format !== undefined) throw new SphereIotError('CERTIFICATE_KEY_NOT_PEM', `${which} is ${format}.`);
  const { input, encrypted } = typeof key !== 'string' && isDer(key) ? fromDer(key, which) : fromPem(key, which);
  if (!encrypted) return parse(input, which);
  if (passphrase === undefined)
    throw new SphereIotError(
      'KEY_PASSPHRASE_MISSING',
      `${which} is encrypted and there is no passphrase. Give it as the option passphrase, ` +
        'or decrypt the key first: openssl pkey -in key.pem -out plain.pem',
    );
  if (typeof passphrase === 'string') checkUnicode(passphrase);
  return decrypt({ ...input, passphrase: Buffer.from(passphrase) }, which);
}

function fromPem(key: string | Uint8Array, which: string): EncodedKey {
  const text = textOf(key);
  if (text.trim() === '')
    throw new SphereIotError('CERTIFICATE_KEY_MISSING', `${which} is missing. Give it as PEM text, or DER as bytes.`);
  const begins = [...text.matchAll(BEGIN)];
  const block = wholeKey(text, begins);
  if (block !== undefined) return { input: { key: `${block}\n` }, encrypted: ENCRYPTED.test(block) };
  throw begins.length > 0 ? truncated(which) : notAKey(which);
}

/** The first key that has an end. An end that was looked for in vain is not looked for again, so that the time is linear. */
function wholeKey(text: string, begins: readonly RegExpExecArray[]): string | undefined {
  const endless = new Set<string>();
  for (const { index, 1: label = '' } of begins) {
    const mark = `-----END ${label}-----`;
    const end = endless.has(label) ? -1 : text.indexOf(mark, index);
    if (end >= 0) return text.slice(index, end + mark.length);
    endless.add(label);
  }
  return undefined;
}

/** Which of the formats it is shows in its first two elements. */
function fromDer(der: Uint8Array, which: string): EncodedKey {
  if ((derLength(der) ?? 0) > der.length) throw truncated(which);
  const type = TYPES[derTags(der).join()];
  if (type === undefined) throw notAKey(which);
  const { format, encrypted } = type;
  return { input: { key: Buffer.from(der), format: 'der', type: format }, encrypted };
}

const [INTEGER, OCTETS, SEQUENCE] = [2, 4, 48];
const TYPES: Readonly<Record<string, { format: 'pkcs1' | 'pkcs8' | 'sec1'; encrypted: boolean }>> = {
  [`${INTEGER},${INTEGER}`]: { format: 'pkcs1', encrypted: false },
  [`${INTEGER},${OCTETS}`]: { format: 'sec1', encrypted: false },
  [`${INTEGER},${SEQUENCE}`]: { format: 'pkcs8', encrypted: false },
  [`${SEQUENCE},${OCTETS}`]: { format: 'pkcs8', encrypted: true },
};

function parse(input: PrivateKeyInput, which: string): KeyObject {
  try {
    return createPrivateKey(input);
  } catch (cause) {
    throw notAKey(which, cause);
  }
}

/** A wrong passphrase shows in many ways: most as bad padding, some as an encoding that makes no sense. */
function decrypt(input: PrivateKeyInput, which: string): KeyObject {
  try {
    return createPrivateKey(input);
  } catch (cause) {
    throw new SphereIotError(
      'KEY_PASSPHRASE_WRONG',
      `${which} can't be decrypted (${messageOf(cause)}): the passphrase is wrong, or the key is damaged. ` +
        'Try both with: openssl pkey -in key.pem -noout',
      { cause },
    );
  }
}

function truncated(which: string): SphereIotError {
  return new SphereIotError('CERTIFICATE_KEY_TRUNCATED', `${which} is cut off. Give it up to its last line.`);
}

function notAKey(which: string, cause?: unknown): SphereIotError {
  return new SphereIotError(
    'CERTIFICATE_KEY_NOT_PEM',
    `${which} can't be read as one. Give PKCS#8, SEC1 or PKCS#1: PEM (-----BEGIN PRIVATE KEY-----), or DER as bytes.`,
    { cause },
  );
}
