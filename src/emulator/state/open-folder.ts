import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileAtomic } from '../../atomic-file.js';
import { isObject, parseJson } from '../../json.js';
import { convert, removeConverted } from './conversion.js';
import { StateDatabase } from './database.js';
import type { Entry } from './entry.js';
import { databaseDamaged } from './state-error.js';
import { holdFolder } from './folder-lock.js';
import {
  checkOwnFolder,
  MARKER,
  MARKER_CONTENT,
  notEmpty,
  removeLeftovers,
  STORE,
  type FolderKind,
} from './own-folder.js';

/** There are keys in it, and what devices uploaded. */
const OWNER_ONLY = 0o700;
const FILE_MODE = 0o600;

export interface OpenFolder {
  readonly database: StateDatabase;
  readonly entries: readonly Entry[];
  /** Lets others have the folder. */
  release(): void;
}

/**
 * Opens the state in a folder, which is made or converted first where it has to be; whoever is killed at that begins anew.
 * @throws SphereIotError See StateFolder.open.
 */
export async function openFolder(folder: string): Promise<OpenFolder> {
  await mkdir(folder, { recursive: true, mode: OWNER_ONLY });
  const kind = await checkOwnFolder(folder);
  const path = join(folder, STORE);
  if (kind !== 'current') await mkdir(path, { recursive: true, mode: OWNER_ONLY });
  const release = await holdFolder(folder, path);
  try {
    const database = await StateDatabase.open(folder, path, kind !== 'current');
    try {
      // Another emulator may have made or converted it, before we had the lock.
      const before = await checkOwnFolder(folder);
      if (before !== 'current') await make(folder, database, before);
      await removeConverted(folder);
      await removeLeftovers(folder);
      const entries = await database.read();
      if (database.changes < (await changesIn(folder))) throw databaseDamaged(path, 'the last changes are missing');
      return { database, entries, release };
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    release();
    throw error;
  }
}

/** Brings a few bytes, or as many as are to be written, to the disk and removes them. @throws What Node throws. */
export async function tryToWrite(folder: string, bytes: number, changes: number): Promise<void> {
  await writeMarker(folder, changes, bytes);
  await writeMarker(folder, changes);
}

/**
 * Says how many changes there were up to now: LevelDB leaves out the end of what it wrote where a byte of it is not as it was, as if
 * that had never been written. @param more Spaces behind it. @throws What Node throws.
 */
export async function writeMarker(folder: string, changes: number, more = 0): Promise<void> {
  const content = `${MARKER_CONTENT}${JSON.stringify({ changes })}\n${' '.repeat(more)}`;
  await writeFileAtomic(join(folder, MARKER), content, { mode: FILE_MODE });
}

/** 0 where the marker does not say it. */
async function changesIn(folder: string): Promise<number> {
  const [, line = ''] = (await readFile(join(folder, MARKER), 'utf8')).split('\n');
  const value = parseJson(line);
  return isObject(value) && typeof value['changes'] === 'number' ? value['changes'] : 0;
}

/** The marker comes last: without it, the database is not whole. */
async function make(folder: string, database: StateDatabase, before: FolderKind): Promise<void> {
  if (!(await database.isOurs())) throw notEmpty(folder, [STORE]);
  await database.clear();
  if (before === 'old') await convert(folder, database);
  await syncFolder(folder);
  await writeMarker(folder, 0);
  await syncFolder(folder);
}

/** That a new name outlives a loss of power too. Where a folder can't be opened, as on Windows, the system sees to it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
