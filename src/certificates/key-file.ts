import type { KeyObject } from 'node:crypto';

/**
 * A private key as PEM text, PKCS#8; with a passphrase encrypted by PBES2 (PBKDF2, AES-256-CBC). Files with it are
 * written with the permissions 0600.
 */
export function privateKeyPem(key: KeyObject, passphrase?: string): string {
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return key.export({ type: 'pkcs8', format: 'pem', ...encryption }) as string;
}
