import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileAtomic } from '../../atomic-file.js';
import type { SphereIotError } from '../../errors.js';
import { isObject, parseJson } from '../../json.js';
import { makeFolder } from '../../make-folder.js';
import { convert, removeConverted } from './conversion.js';
import { entryIn, StateDatabase } from './database.js';
import type { Entry } from './entry.js';
import { holdFolder } from './folder-lock.js';
import {
  checkOwnFolder,
  FILE_MODE,
  JOURNAL,
  MARKER,
  MARKER_CONTENT,
  markerLines,
  markStore,
  OWNER_ONLY,
  removeLeftovers,
  STORE,
  type FolderKind,
} from './own-folder.js';
import { damaged, databaseDamaged } from './state-error.js';

/** Bytes that are written at a time. */
const AT_ONCE = 1024 * 1024;

export interface OpenFolder {
  readonly database: StateDatabase;
  readonly entries: readonly Entry[];
  /** Of an entry whose value is not what it has to be. */
  entryDamaged(id: string, why: string, cause: unknown): SphereIotError;
  /**
   * All entries are what they have to be: from now on the folder has its state in the database. Until then, what it was converted from
   * is whole, and counts. @throws What Node throws.
   */
  accept(): Promise<void>;
  /** Lets others have the folder. */
  release(): void;
}

/**
 * Opens the state in a folder, which is made or converted first where it has to be; whoever is killed at that, or does not accept what
 * is in it, begins anew.
 * @throws SphereIotError See StateFolder.open.
 */
export async function openFolder(folder: string): Promise<OpenFolder> {
  await makeFolder(folder, OWNER_ONLY);
  const kind = await checkOwnFolder(folder);
  const path = join(folder, STORE);
  if (kind !== 'current') await makeFolder(path, OWNER_ONLY);
  const release = await holdFolder(folder, path);
  try {
    if (kind !== 'current') await markStore(folder);
    const database = await StateDatabase.open(folder, path, kind !== 'current');
    try {
      return { ...(await readFolder(folder, database)), release };
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    release();
    throw error;
  }
}

async function readFolder(folder: string, database: StateDatabase): Promise<Omit<OpenFolder, 'release'>> {
  // Another emulator may have made or converted it, before we had the lock.
  const kind = await checkOwnFolder(folder);
  if (kind === 'current') await removeConverted(folder);
  else await fill(folder, database, kind);
  await removeLeftovers(folder);
  const entries = await database.read();
  if (kind === 'current' && database.changes < (await changesIn(folder)))
    throw databaseDamaged(join(folder, STORE), 'the last changes are missing');
  return {
    database,
    entries,
    entryDamaged: (id, why, cause) =>
      kind === 'old'
        ? damaged(
            entryIn(join(folder, JOURNAL), id),
            why,
            'Mend or remove its last line there, or begin with another folder.',
            cause,
          )
        : databaseDamaged(entryIn(folder, id), why, cause),
    accept: async () => {
      if (kind === 'current') return;
      await syncFolder(folder);
      await writeMarker(folder, database.changes);
      await syncFolder(folder);
      await removeConverted(folder);
    },
  };
}

/** The marker comes later: without it, the database is not whole. */
async function fill(folder: string, database: StateDatabase, kind: FolderKind): Promise<void> {
  await database.clear();
  if (kind === 'old') await convert(folder, database);
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
  await writeFileAtomic(join(folder, MARKER), markerParts(changes, more), { mode: FILE_MODE });
}

/** There may be more spaces than a text can have. */
function* markerParts(changes: number, more: number): Generator<string> {
  yield `${MARKER_CONTENT}${JSON.stringify({ changes })}\n`;
  for (let left = more; left > 0; left -= AT_ONCE) yield ' '.repeat(Math.min(left, AT_ONCE));
}

/** 0 where the marker does not say it. */
async function changesIn(folder: string): Promise<number> {
  const [, line = ''] = await markerLines(folder);
  const value = parseJson(line);
  return isObject(value) && typeof value['changes'] === 'number' ? value['changes'] : 0;
}

/** That a new name outlives a loss of power too. Where a folder can't be opened, as on Windows, the system sees to it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
