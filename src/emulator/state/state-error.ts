import { messageOf, SphereIotError } from '../../errors.js';

/** What LevelDB says where the machine has no room, no right or no file descriptor for it; else the folder is not whole. */
const MACHINE =
  /No space left|Too many open files|Permission denied|Read-only file system|quota exceeded|Input\/output error|File too large/i;

/** @param where The file, the folder or the entry. @param advice What to do, as a sentence. */
export function damaged(where: string, why: string, advice: string, cause?: unknown): SphereIotError {
  return new SphereIotError('STATE_FOLDER_DAMAGED', `The emulator's state is damaged: ${where}: ${why}. ${advice}`, {
    cause,
  });
}

/** Of what is in the database. */
export function databaseDamaged(where: string, why: string, cause?: unknown): SphereIotError {
  return damaged(where, why, 'Put back a copy of the folder, or begin with another one.', cause);
}

export function inUse(folder: string, cause?: unknown): SphereIotError {
  return new SphereIotError(
    'STATE_FOLDER_IN_USE',
    `The state in ${folder} is in use by another emulator: end that one, or choose another folder.`,
    { cause },
  );
}

export function newer(path: string, format: number): SphereIotError {
  return new SphereIotError(
    'STATE_FOLDER_NEWER',
    `${path} was written by a newer version of sphere-iot (format ${format}). Update it.`,
  );
}

/** Somebody removed the file by which LevelDB locks, or put another in its place. */
export function lockLost(folder: string): SphereIotError {
  return new SphereIotError(
    'STATE_LOCK_LOST',
    `The file store/LOCK in ${folder} was removed or replaced while the emulator runs, so that another one may have the state now. ` +
      'Nothing that a client was told is lost. The emulator refuses its clients until it has the lock again: let nobody remove that file.',
  );
}

export function notWritten(folder: string, cause: unknown): SphereIotError {
  if (cause instanceof SphereIotError) return cause;
  return new SphereIotError(
    'STATE_NOT_WRITTEN',
    `The emulator's state can't be written to ${folder}: ${messageOf(cause)}. Nothing that a client was told is lost. Make room ` +
      'there, or raise the limit that is named: the emulator refuses its clients until it can write again.',
    { cause },
  );
}

/** What LevelDB threw when a folder was opened or read. */
export function openError(folder: string, thrown: unknown): unknown {
  if (thrown instanceof SphereIotError) return thrown;
  const { code = '', cause } = thrown as { readonly code?: string; readonly cause?: unknown };
  if (!code.startsWith('LEVEL_')) return thrown;
  const inner = (cause ?? thrown) as { readonly code?: string };
  if (inner.code === 'LEVEL_LOCKED') return inUse(folder, thrown);
  const reason = messageOf(inner);
  return MACHINE.test(reason) ? notWritten(folder, inner) : databaseDamaged(folder, reason, thrown);
}
