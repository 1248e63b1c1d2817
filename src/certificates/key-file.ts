import type { KeyObject } from 'node:crypto';

import { SphereIotError } from '../errors.js';

/**
 * A private key as PEM text, PKCS#8; with a passphrase encrypted by PBES2 (PBKDF2, AES-256-CBC). Files with it are
 * written with the permissions 0600.
 * @throws SphereIotError `KEY_PASSPHRASE_EMPTY`, `KEY_PASSPHRASE_TOO_LONG`, `KEY_PASSPHRASE_NOT_UNICODE`.
 */
export function privateKeyPem(key: KeyObject, passphrase?: string): string {
  checkPassphrase(passphrase);
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return key.export({ type: 'pkcs8', format: 'pem', ...encryption }) as string;
}

/** What OpenSSL reads of one, bytes. */
const MAX_PASSPHRASE = 1024;

/** Whether a passphrase has nothing in it but blanks, control characters, as a file of zero bytes has, and what nobody sees. */
export function isBlank(passphrase: string): boolean {
  return /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]*$/u.test(passphrase);
}

/**
 * Before a passphrase is used, be it for reading: halves of surrogate pairs are all the same bytes in UTF-8, so that different passphrases
 * would be one.
 * @throws SphereIotError `KEY_PASSPHRASE_NOT_UNICODE`.
 */
export function checkUnicode(passphrase: string): void {
  if (/\p{Surrogate}/u.test(passphrase))
    throw new SphereIotError(
      'KEY_PASSPHRASE_NOT_UNICODE',
      'The passphrase of the private keys has half of a surrogate pair, which is no character: give one of whole characters.',
    );
}

/**
 * Before keys are encrypted: everybody guesses an empty passphrase and one of blanks, and with one that is too long nobody could read them again.
 * Keys that are encrypted already can be read with any that is Unicode.
 * @throws SphereIotError `KEY_PASSPHRASE_EMPTY`, `KEY_PASSPHRASE_TOO_LONG`, `KEY_PASSPHRASE_NOT_UNICODE`.
 */
export function checkPassphrase(passphrase: string | undefined): void {
  if (passphrase !== undefined) checkUnicode(passphrase);
  if (passphrase !== undefined && isBlank(passphrase))
    throw new SphereIotError(
      'KEY_PASSPHRASE_EMPTY',
      'The passphrase of the private keys is empty, or blank: give one that is not, or none for keys that are not encrypted.',
    );
  const length = Buffer.byteLength(passphrase ?? '');
  if (length > MAX_PASSPHRASE)
    throw new SphereIotError(
      'KEY_PASSPHRASE_TOO_LONG',
      `The passphrase of the private keys has ${length} bytes, of ${MAX_PASSPHRASE}. Give a shorter one.`,
    );
}
