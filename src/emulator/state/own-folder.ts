import { lstat, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { SphereIotError } from '../../errors.js';
import { HEADER } from './journal.js';

// What of a folder is ours. An emulator writes, beside its journal, only these names; whatever else is there belongs to
// somebody else, and is neither read nor changed.

export const JOURNAL = 'state.jsonl';
export const FILES = 'files';
export const LOCK = 'lock';
const TEMPORARY = /^\.[0-9a-f]{16}\.tmp$/;
const LOCK_ASIDE = /^lock\.[0-9a-f]{16}$/;
/** At the top of a volume, as the file system made it. */
const LOST_AND_FOUND = 'lost+found';

/**
 * Before anything is written to a folder that is there.
 * @throws SphereIotError `STATE_FOLDER_NOT_EMPTY` where something else is in it and no journal, `STATE_FOLDER_DAMAGED` where one
 * of our names stands for something that no emulator made.
 */
export async function checkOwnFolder(folder: string): Promise<void> {
  // The names before the journal: an emulator that starts there meanwhile adds names, and then the journal is there too.
  const names = await readdir(folder);
  if (names.includes(JOURNAL) && !(await isRegular(join(folder, JOURNAL))))
    throw notOurs(folder, JOURNAL, 'no regular file');
  if (names.includes(FILES) && !(await lstat(join(folder, FILES))).isDirectory())
    throw notOurs(folder, FILES, 'no folder itself, but a link or a file');
  if (names.includes(LOCK) && !(await isLock(join(folder, LOCK)))) throw notOurs(folder, LOCK, "no emulator's lock");
  if (await hasJournal(folder)) return;
  const foreign: string[] = [];
  for (const name of names) if (!(await isOfFirstStart(folder, name))) foreign.push(name);
  if (foreign.length === 0) return;
  throw new SphereIotError(
    'STATE_FOLDER_NOT_EMPTY',
    `${folder} is not empty (${foreign.sort().slice(0, 3).join(', ')}) and holds no state of an emulator: choose a folder that is ` +
      'empty or not there yet.',
  );
}

/** Removes what a process left that was killed while it wrote the journal anew. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (isTemporary(name) && (await beginsAsJournal(path))) await rm(path, { force: true });
  }
}

/** Whether an atomic write makes files with such a name, beside the one that it is to become. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/** Whether it is a file itself, and no link to one. */
export async function isRegular(path: string): Promise<boolean> {
  return lstat(path).then(
    (status) => status.isFile(),
    () => false,
  );
}

/** Whether more than the beginning of the first line is there: readJournal judges that. */
async function hasJournal(folder: string): Promise<boolean> {
  const head = await headOf(join(folder, JOURNAL));
  return head !== undefined && (head === HEADER || !HEADER.startsWith(head));
}

/** Whether a first start that was killed leaves such a thing. */
async function isOfFirstStart(folder: string, name: string): Promise<boolean> {
  if (name === JOURNAL || name === LOCK || name === LOST_AND_FOUND) return true;
  const path = join(folder, name);
  if (name === FILES) return (await readdir(path)).length === 0;
  if (LOCK_ASIDE.test(name)) return isLock(path);
  return isTemporary(name) && beginsAsJournal(path);
}

/** A lock is a process's id, and may be empty where the power failed. One that vanishes meanwhile was one. */
async function isLock(path: string): Promise<boolean> {
  try {
    const status = await lstat(path);
    return status.isFile() && status.size < 16 && /^\d*\n?$/.test(await readFile(path, 'latin1'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return true;
  }
}

async function beginsAsJournal(path: string): Promise<boolean> {
  if (!(await isRegular(path))) return false;
  const head = await headOf(path);
  return head !== undefined && HEADER.startsWith(head);
}

/** As much of a file as the first line of a journal takes; undefined where there is none. */
async function headOf(path: string): Promise<string | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER.length), 0, HEADER.length, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function notOurs(folder: string, name: string, what: string): SphereIotError {
  return new SphereIotError(
    'STATE_FOLDER_DAMAGED',
    `The emulator's state is damaged: ${join(folder, name)} is ${what}. No emulator made it: move it away, or choose another folder.`,
  );
}
