import { join } from 'node:path';

import { writeFileAtomic } from '../atomic-file.js';
import { makeFolder } from '../make-folder.js';
import { MAX_TEXT_BYTES, readFileWithin } from '../read-file.js';
import { readCredential, type Credential, type ReadCredentialOptions } from './credential.js';
import { privateKeyPem } from './key-file.js';

const CERTIFICATE = 'certificate.pem';
const KEY = 'private-key.pem';

/**
 * Writes a credential into a folder: `certificate.pem` with the chain, and `private-key.pem` (PKCS#8), which only its
 * owner can read.
 * @param folder Is made where it is not there.
 * @param passphrase What the key is encrypted with (PBES2). Default: it is not.
 * @throws SphereIotError `KEY_PASSPHRASE_EMPTY`; what Node throws when it can't be written.
 */
export async function saveCredential(credential: Credential, folder: string, passphrase?: string): Promise<void> {
  const key = privateKeyPem(credential.privateKey, passphrase);
  await makeFolder(folder, 0o755);
  await writeFileAtomic(join(folder, KEY), key, { mode: 0o600 });
  await writeFileAtomic(join(folder, CERTIFICATE), credential.chain);
}

/**
 * Reads what `saveCredential` wrote.
 * @returns Undefined where there is none.
 * @throws SphereIotError as `readCredential` does, `CERTIFICATE_KEY_MISMATCH` also when its writing was interrupted;
 *   `FILE_TOO_LARGE`, `FILE_NOT_REGULAR`.
 */
export async function loadCredential(folder: string, options: ReadCredentialOptions): Promise<Credential | undefined> {
  const missing = (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== 'ENOENT') throw error;
  };
  const chain = await readFileWithin(join(folder, CERTIFICATE), MAX_TEXT_BYTES).catch(missing);
  const key = await readFileWithin(join(folder, KEY), MAX_TEXT_BYTES).catch(missing);
  return chain === undefined || key === undefined ? undefined : readCredential(chain, key, options);
}
