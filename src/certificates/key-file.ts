import type { KeyObject } from 'node:crypto';

import { SphereIotError } from '../errors.js';

/**
 * A private key as PEM text, PKCS#8; with a passphrase encrypted by PBES2 (PBKDF2, AES-256-CBC). Files with it are
 * written with the permissions 0600.
 * @throws SphereIotError `KEY_PASSPHRASE_EMPTY`.
 */
export function privateKeyPem(key: KeyObject, passphrase?: string): string {
  checkPassphrase(passphrase);
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return key.export({ type: 'pkcs8', format: 'pem', ...encryption }) as string;
}

/**
 * Before keys are encrypted: everybody knows the empty passphrase. Keys that are encrypted with it already can be read.
 * @throws SphereIotError `KEY_PASSPHRASE_EMPTY`.
 */
export function checkPassphrase(passphrase: string | undefined): void {
  if (passphrase === '')
    throw new SphereIotError(
      'KEY_PASSPHRASE_EMPTY',
      'The passphrase of the private keys is empty: give one that is not, or none for keys that are not encrypted.',
    );
}
