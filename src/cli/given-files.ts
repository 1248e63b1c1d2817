import { rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import { writeFileAtomic } from '../atomic-file.js';
import { readCertificateFile, type CertificateFile } from '../certificates/index.js';
import { SphereIotError } from '../errors.js';
import { MAX_TEXT_BYTES, readFileWithin } from '../read-file.js';
import { errorOf } from './own-error.js';

// The files that commands are given. Errors have codes of ours, and name the file: `FILE_NOT_FOUND`, `FILE_NOT_ALLOWED`,
// `FILE_IS_FOLDER` and others of system-error.ts; `FILE_TOO_LARGE`.

/** A file, or a pipe as a shell makes it of `<(command)`. @param most Bytes that it can have. */
export async function readBytes(file: string, most = MAX_TEXT_BYTES): Promise<Buffer> {
  return readFileWithin(file, most, { pipe: true }).catch((error: unknown) => {
    throw errorOf(error, file);
  });
}

/** As `readBytes`; UTF-8. */
export async function readText(file: string, most?: number): Promise<string> {
  return (await readBytes(file, most)).toString();
}

/** PEM, DER or PKCS#7. Throws SphereIotError `CERTIFICATE_…` and `PKCS7_…` too, with the file's name. */
export async function readCertificates(file: string): Promise<CertificateFile> {
  const content = await readBytes(file);
  return readCertificateFile(content).catch((error: unknown) => {
    throw inFile(file, error);
  });
}

/** An error about what a file holds, with its name. */
export function inFile(file: string, error: unknown): SphereIotError {
  const { code, message } = errorOf(error);
  return new SphereIotError(code, `${file}: ${message}`, { cause: error });
}

/** Throws what `writeOutput` would, before the work is done whose result goes there. */
export async function checkOutput(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory() === true) throw new SphereIotError('FILE_IS_FOLDER', `${file} is a folder, not a file.`);
  // Beside it, as `writeOutput` does: what is there stays.
  const probe = `${dirname(file)}/.${basename(file).slice(0, 40)}.${process.pid}.check`;
  await writeFileAtomic(probe, '').catch((error: unknown) => {
    throw errorOf(error, (error as NodeJS.ErrnoException).code === 'ENOENT' ? dirname(file) : file);
  });
  await rm(probe, { force: true });
}

/** Writes it whole or not at all. */
export async function writeOutput(file: string, content: string | Uint8Array): Promise<void> {
  await writeFileAtomic(file, content).catch((error: unknown) => {
    throw errorOf(error, (error as NodeJS.ErrnoException).code === 'ENOENT' ? dirname(file) : file);
  });
}
