import { join } from 'node:path';

import {
  loadCredential,
  readCredential,
  saveCredential,
  type Catalog,
  type Credential,
} from '../certificates/index.js';
import { realClock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import { inFile, readBytes } from './given-files.js';
import { errorOf } from './own-error.js';

/** Where the DAA certificate of a device is kept: in the catalog's folder. */
export function daaFolder(dir: string, deviceId: string): string {
  return join(dir, 'devices', deviceId);
}

/** Attests the device anew and keeps its DAA certificate. */
export async function attest(
  catalog: Catalog,
  dir: string,
  deviceId: string,
  passphrase: string | undefined,
): Promise<Credential> {
  const { id } = catalog.device(deviceId);
  const credential = await catalog.attest(id);
  await saveCredential(credential, daaFolder(dir, id), passphrase);
  return credential;
}

/** The DAA certificate that is kept, if it is whole and valid now. */
export async function keptDaa(
  dir: string,
  deviceId: string,
  passphrase: string | undefined,
): Promise<Credential | undefined> {
  try {
    return await loadCredential(daaFolder(dir, deviceId), { passphrase, clock: realClock });
  } catch (error) {
    // Expired, or interrupted while it was written: the next attestation mends that. A wrong passphrase it does not.
    if (error instanceof SphereIotError && error.code.startsWith('CERTIFICATE_')) return undefined;
    throw error;
  }
}

/** Codes of errors that are the key file's. */
const OF_KEY = /^(CERTIFICATE_KEY_(NOT_PEM|TRUNCATED|MISMATCH)|KEY_.*)$/;

/** A custom chain from its files. */
export async function customCredential(
  chainFiles: readonly string[],
  keyFile: string,
  passphrase: string | undefined,
): Promise<Credential> {
  const chain = await Promise.all(chainFiles.map((file) => readBytes(file)));
  const key = await readBytes(keyFile);
  try {
    return readCredential(chain, key, { passphrase, clock: realClock });
  } catch (error) {
    throw inFile(OF_KEY.test(errorOf(error).code) ? keyFile : chainFiles.join(', '), error);
  }
}
