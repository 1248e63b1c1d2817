import { randomBytes } from 'node:crypto';
import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf, SphereIotError } from '../../../errors.js';
import { makeFolderSync } from '../../../make-folder.js';
import { readFileWithinSync } from '../../../read-file.js';

/** Bytes that a file may have though the manifest allows less: an earlier version of the app may have made it. */
const MAX_EARLIER_FILE = 1024 * 1024;

/** Where an app's mutable file is kept. */
export interface MutableStorage {
  /** For messages. */
  readonly place: string;
  /** Undefined where there is none. @param limit Of the manifest, in bytes. */
  read(limit: number): Buffer | undefined;
  /** Replaces it as a whole, or throws what Node throws, and leaves it as it was. */
  write(content: Buffer): void;
  /** Throws what Node throws. */
  remove(): void;
}

/** With the device, for as long as there is one. @param kept The mutable files of its apps, by component id. */
export function storageOfDevice(kept: Map<string, Buffer>, componentId: string): MutableStorage {
  return {
    place: 'the device',
    read: () => kept.get(componentId),
    write: (content) => void kept.set(componentId, content),
    remove: () => void kept.delete(componentId),
  };
}

/**
 * In a folder, which the first write makes where it is not there: `COMPONENT-ID.mutable`, that only its owner can read, as apps keep
 * keys in it.
 */
export function storageInFolder(folder: string, componentId: string): MutableStorage {
  const file = path.join(folder, `${componentId}.mutable`);
  return {
    place: file,
    read: (limit) => readRegular(file, Math.max(limit, MAX_EARLIER_FILE)),
    write: (content) => {
      makeFolderSync(folder, 0o700);
      replaceFile(file, content);
    },
    remove: () => rmSync(file, { force: true }),
  };
}

/**
 * @throws SphereIotError `MUTABLE_FILE_NOT_REGULAR` for a link, which may lead to anybody's file, a folder and other things;
 * `MUTABLE_FILE_TOO_LARGE`.
 */
function readRegular(file: string, most: number): Buffer | undefined {
  const status = lstatSync(file, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  if (status.isFile() && status.size > most)
    throw new SphereIotError(
      'MUTABLE_FILE_TOO_LARGE',
      `The mutable file ${file} has ${status.size} bytes, of ${most} that are read at most: no app made it. ` +
        'Move it away, or name another folder as storage.',
    );
  if (status.isFile()) return readFileWithinSync(file, most);
  throw new SphereIotError(
    'MUTABLE_FILE_NOT_REGULAR',
    `The mutable file can't be read from ${file}: that is no regular file, but ${status.isSymbolicLink() ? 'a symbolic link' : 'something else'}. ` +
      'Move it away, or name another folder as storage.',
  );
}

/** Beside it, and then under its name: a link there is replaced, not followed. Not synced, as an app may write byte after byte. */
function replaceFile(file: string, content: Buffer): void {
  const temporary = path.join(path.dirname(file), `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    writeFileSync(temporary, content, { flag: 'wx', mode: 0o600 });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** For the log, where a change could not be kept. */
export function notKept({ place }: MutableStorage, thrown: unknown): string {
  return `The mutable file can't be kept in ${place}, and stays as it was: ${messageOf(thrown)}`;
}
