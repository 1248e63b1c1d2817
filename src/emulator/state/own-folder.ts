import { lstat, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { SphereIotError } from '../../errors.js';
import { isObject, parseJson } from '../../json.js';
import { readHead, readTextWithin } from '../../read-file.js';
import { checkJournal, isFormat, JOURNAL_HEADER, KIND } from './journal.js';
import { damaged, databaseDamaged, notWritten } from './state-error.js';

// What of a folder is ours. An emulator writes only these names; whatever else is there belongs to somebody else, and is neither
// read nor changed.

/** Modes: there are keys in it, and what devices uploaded. */
export const OWNER_ONLY = 0o700;
export const FILE_MODE = 0o600;

/** Says what the folder is, once the database is whole. */
export const MARKER = 'state.json';
export const STORE = 'store';
/** In the database's folder: LevelDB removes what it finds there under names like its own, so we say first that the folder is ours. */
const STORE_MARKER = 'sphere-iot';
/** The old format: its journal, the bytes of its entries, its lock. */
export const JOURNAL = 'state.jsonl';
export const FILES = 'files';
export const LOCK = 'lock';

const FORMAT = 2;
/** Its first line. */
export const MARKER_CONTENT = `${JSON.stringify({ kind: KIND, format: FORMAT })}\n`;

/** Bytes of its two lines, and more. */
const MAX_MARKER = 1024;

const TEMPORARY = /^\.[0-9a-f]{16}\.tmp$/;
const LOCK_ASIDE = /^lock\.[0-9a-f]{16}$/;
/** Of a LevelDB database. */
export const OF_DATABASE = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.(log|ldb|sst|dbtmp))$/;
/** At the top of a volume, as the file system made it. */
const LOST_AND_FOUND = 'lost+found';

/** In which format its state is; `new`: there is none yet. */
export type FolderKind = 'new' | 'old' | 'current';

/**
 * Before anything is written to a folder that is there.
 * @throws SphereIotError `STATE_FOLDER_NOT_EMPTY` where something else is in it and no state, `STATE_FOLDER_DAMAGED` where one of our
 * names stands for something that no emulator made, `STATE_FOLDER_NEWER`.
 */
export async function checkOwnFolder(folder: string): Promise<FolderKind> {
  // The names before their contents: an emulator that starts there meanwhile adds names, and then its marker is there too.
  const names = await readdir(folder);
  for (const name of [MARKER, JOURNAL])
    if (names.includes(name) && !(await isRegular(join(folder, name)))) throw notOurs(folder, name, 'no regular file');
  for (const name of [STORE, FILES])
    if (names.includes(name) && !(await lstat(join(folder, name))).isDirectory())
      throw notOurs(folder, name, 'no folder itself, but a link or a file');
  if (names.includes(MARKER)) {
    await checkMarker(folder);
    if (!names.includes(STORE)) throw databaseDamaged(join(folder, STORE), 'it is not there');
    return 'current';
  }
  if (names.includes(STORE) && !(await isOwnStore(join(folder, STORE)))) throw notEmpty(folder, [STORE]);
  if (names.includes(LOCK) && !(await isLock(join(folder, LOCK)))) throw notOurs(folder, LOCK, "no emulator's lock");
  if (await hasJournal(folder)) {
    await checkJournal(join(folder, JOURNAL));
    return 'old';
  }
  const foreign: string[] = [];
  for (const name of names) if (!(await isOfFirstStart(folder, name))) foreign.push(name);
  if (foreign.length > 0) throw notEmpty(folder, foreign);
  return 'new';
}

/**
 * Before LevelDB opens it, which follows links, and waits for the other end of a pipe for ever.
 * @throws SphereIotError `STATE_FOLDER_DAMAGED`; what Node throws.
 */
export async function checkStore(store: string): Promise<void> {
  for (const entry of await readdir(store, { withFileTypes: true }))
    if (OF_DATABASE.test(entry.name) && !entry.isFile()) throw notOurs(store, entry.name, 'no regular file');
}

/** Removes what a process left that was killed while it wrote the marker, or tried whether it can write. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (isTemporary(name) && (await beginsAsOurs(path))) await rm(path, { force: true });
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

export function notEmpty(folder: string, names: readonly string[]): SphereIotError {
  return new SphereIotError(
    'STATE_FOLDER_NOT_EMPTY',
    `${folder} is not empty (${[...names].sort().slice(0, 3).join(', ')}) and holds no state of an emulator: choose a folder that is ` +
      'empty or not there yet.',
  );
}

/** The first two, with what it is and how many changes there were. There may be any number of spaces behind them. */
export async function markerLines(folder: string): Promise<string[]> {
  return (await readHead(join(folder, MARKER), MAX_MARKER)).toString().split('\n', 2);
}

async function checkMarker(folder: string): Promise<void> {
  const path = join(folder, MARKER);
  const [line = ''] = await markerLines(folder);
  const content = parseJson(line);
  if (!isObject(content) || content['kind'] !== KIND)
    throw notOurs(folder, MARKER, 'something else than what an emulator writes');
  if (!isFormat(content['format'], FORMAT, path)) throw notOurs(folder, MARKER, 'of a format that there never was');
}

/** Whether nothing is in it but what an emulator made, or began to make. */
async function isOwnStore(store: string): Promise<boolean> {
  // The names before the marker: an emulator that starts there meanwhile writes the marker first.
  const names = await readdir(store);
  const others = names.filter((name) => name !== STORE_MARKER);
  const marker = join(store, STORE_MARKER);
  if (others.length === 0) return names.length === 0 || beginsAsOurs(marker);
  return (
    (await isRegular(marker)) &&
    (await headOf(marker)) === MARKER_CONTENT &&
    others.every((name) => OF_DATABASE.test(name))
  );
}

/** Before LevelDB has the folder, in which nothing else is. @throws SphereIotError `STATE_NOT_WRITTEN`. */
export async function markStore(folder: string): Promise<void> {
  const marker = join(folder, STORE, STORE_MARKER);
  await writeFile(marker, MARKER_CONTENT, { mode: FILE_MODE, flush: true }).catch((error: unknown) => {
    throw notWritten(folder, error);
  });
}

/** Whether more than the beginning of the first line is there: readJournal judges that. */
async function hasJournal(folder: string): Promise<boolean> {
  const head = await headOf(join(folder, JOURNAL));
  return head !== undefined && (head === JOURNAL_HEADER || !JOURNAL_HEADER.startsWith(head));
}

/** Whether a first start that was killed leaves such a thing. */
async function isOfFirstStart(folder: string, name: string): Promise<boolean> {
  if ([JOURNAL, LOCK, LOST_AND_FOUND, STORE].includes(name)) return true;
  const path = join(folder, name);
  if (name === FILES) return (await readdir(path)).length === 0;
  if (LOCK_ASIDE.test(name)) return isLock(path);
  return isTemporary(name) && beginsAsOurs(path);
}

/** A lock is a process's id, and may be empty where the power failed. One that vanishes meanwhile was one. */
async function isLock(path: string): Promise<boolean> {
  try {
    const status = await lstat(path);
    return status.isFile() && status.size < 16 && /^\d*\n?$/.test(await readTextWithin(path, 16));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return true;
  }
}

/** Whether it is the beginning, at least, of a file that an emulator writes there. */
export async function beginsAsOurs(path: string): Promise<boolean> {
  if (!(await isRegular(path))) return false;
  const head = await headOf(path);
  return head !== undefined && [MARKER_CONTENT, JOURNAL_HEADER].some((content) => content.startsWith(head));
}

/** As much of a file as our first line takes; undefined where there is none. */
async function headOf(path: string): Promise<string | undefined> {
  const head = await readHead(path, MARKER_CONTENT.length).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  return head?.toString('latin1');
}

function notOurs(folder: string, name: string, what: string): SphereIotError {
  return damaged(join(folder, name), `it is ${what}`, 'No emulator made it: move it away, or choose another folder.');
}
