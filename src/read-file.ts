import { closeSync, lstatSync, openSync, readSync, statSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';

import { SphereIotError } from './errors.js';

// Whatever is read as a whole is read here. A file may be larger than memory, or have no end: each reader says how large its file can be.

/** Bytes of what people and tools write: certificates, manifests, scripts, settings. */
export const MAX_TEXT_BYTES = 16 * 1024 * 1024;
/** Bytes of what a compiler or linker makes, and of a file in an image package. */
export const MAX_BINARY_BYTES = 256 * 1024 * 1024;

/** Bytes that are read at a time. */
const AT_ONCE = 64 * 1024;

export interface ReadFileOptions {
  /** Whether it may also be a pipe or a device, of which `most` bytes are read at most. Default false. */
  readonly pipe?: boolean | undefined;
}

/**
 * Reads a file as a whole. Links are followed. Nobody waits for the other end of a pipe, unless `pipe` says so.
 * @param most Bytes that such a file can have.
 * @throws SphereIotError `FILE_TOO_LARGE`, `FILE_NOT_REGULAR`, both with the file's name; what Node throws.
 */
export async function readFileWithin(
  path: string,
  most: number,
  { pipe = false }: ReadFileOptions = {},
): Promise<Buffer> {
  const status = await stat(path);
  // Of a folder, Node says so when it is read.
  if (!status.isFile() && !status.isDirectory() && !pipe) throw notRegular(path);
  if (status.isFile() && status.size > most) throw tooLarge(path, most);
  const file = await open(path);
  try {
    const parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(AT_ONCE), 0, AT_ONCE, null);
      if (bytesRead === 0) return Buffer.concat(parts, length);
      length += bytesRead;
      if (length > most) throw tooLarge(path, most);
      parts.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** As `readFileWithin`; UTF-8. */
export async function readTextWithin(path: string, most = MAX_TEXT_BYTES): Promise<string> {
  return (await readFileWithin(path, most)).toString();
}

export interface ReadFileSyncOptions {
  /** Whether links are followed. Default false: a link is `FILE_NOT_REGULAR`. */
  readonly links?: boolean | undefined;
}

/** As `readFileWithin`, for code that can't wait. */
export function readFileWithinSync(path: string, most: number, { links = false }: ReadFileSyncOptions = {}): Buffer {
  const status = links ? statSync(path) : lstatSync(path);
  if (!status.isFile()) throw notRegular(path);
  if (status.size > most) throw tooLarge(path, most);
  const file = openSync(path, 'r');
  try {
    const parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const part = Buffer.allocUnsafe(AT_ONCE);
      const bytesRead = readSync(file, part, 0, AT_ONCE, null);
      if (bytesRead === 0) return Buffer.concat(parts, length);
      length += bytesRead;
      // A file of /proc says that it has none.
      if (length > most) throw tooLarge(path, most);
      parts.push(part.subarray(0, bytesRead));
    }
  } finally {
    closeSync(file);
  }
}

/** The beginning of a regular file, `most` bytes at most, whatever its size. @throws What Node throws. */
export async function readHead(path: string, most: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** To catch what a reader throws of a file that may be missing: only that it was refused is still an error. */
export function undefinedIfUnreadable(error: unknown): undefined {
  if (error instanceof SphereIotError) throw error;
}

function notRegular(path: string): SphereIotError {
  return new SphereIotError(
    'FILE_NOT_REGULAR',
    `${path} is no regular file, but a device, a pipe or a link. Name a file.`,
  );
}

function tooLarge(path: string, most: number): SphereIotError {
  return new SphereIotError(
    'FILE_TOO_LARGE',
    `${path} is too large: a file of its kind has ${most} bytes at most. Is it the right one?`,
  );
}
