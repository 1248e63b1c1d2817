import { chmod, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

import type { ClassicLevel } from 'classic-level';

import { messageOf, SphereIotError } from '../../errors.js';
import { isObject, parseJson } from '../../json.js';
import { checksumOf, decodeEntry, type Entry } from './entry.js';
import { lockFileOf } from './folder-lock.js';
import { checkStore, FILE_MODE, OF_DATABASE, OWNER_ONLY } from './own-folder.js';
import { databaseDamaged, lockLost, openError } from './state-error.js';

type Level = ClassicLevel<string, Buffer>;

/** What is to be written: contents by the ids of their entries; undefined deletes. */
export type Changes = ReadonlyMap<string, Buffer | undefined>;

/** Before every entry, whose ids begin with `[`. */
const SUMMARY = '!summary';
/** Entries that are read at a time. */
const READ_AT_ONCE = 1000;

/**
 * Of all entries, written with each change of them: LevelDB leaves out what it can't read of its files, without a word, and the
 * summary tells that something is not there, or is older than it was.
 */
interface Summary {
  readonly count: number;
  /** Of the entries' checksums, modulo 2^32. */
  readonly sum: number;
  /** Of the changes so far. */
  readonly changes: number;
}

const NOTHING: Summary = { count: 0, sum: 0, changes: 0 };

/** The entries in a LevelDB database, which the operating system locks for this process. */
export class StateDatabase {
  readonly #folder: string;
  readonly #path: string;
  #level: Level;
  /** The file that it locked. */
  #lock: string | undefined;
  /** What is on the disk for sure. */
  #saved = NOTHING;
  /** A change that failed may be on the disk as a whole. */
  #tried = NOTHING;
  readonly #checksums = new Map<string, number>();

  private constructor(folder: string, path: string, level: Level) {
    this.#folder = folder;
    this.#path = path;
    this.#level = level;
    this.#lock = lockFileOf(path);
  }

  /**
   * @param folder Of the state, for errors. @param path Of the database; it is there.
   * @throws SphereIotError `STATE_FOLDER_IN_USE`, `STATE_FOLDER_DAMAGED`, `STATE_NOT_WRITTEN`, `STATE_STORE_MISSING`.
   */
  static async open(folder: string, path: string, createIfMissing: boolean): Promise<StateDatabase> {
    // LevelDB compares paths.
    const real = await realpath(path);
    return new StateDatabase(folder, real, await openLevel(folder, real, createIfMissing));
  }

  /** How many there were, of this folder. */
  get changes(): number {
    return this.#saved.changes;
  }

  /** Whether the lock is still ours: where its file was removed or replaced, another process may have the database. */
  get isLocked(): boolean {
    return this.#lock !== undefined && lockFileOf(this.#path) === this.#lock;
  }

  /** Begins with nothing. */
  async clear(): Promise<void> {
    await this.write(new Map());
    await this.#level.clear({ gt: SUMMARY });
    this.#saved = NOTHING;
    this.#checksums.clear();
    await this.write(new Map());
  }

  /** All entries, in their order. @throws SphereIotError `STATE_FOLDER_DAMAGED`, `STATE_NOT_WRITTEN`. */
  async read(): Promise<readonly Entry[]> {
    try {
      const entries = await this.#read();
      return entries.sort((a, b) => a.order - b.order);
    } catch (error) {
      throw openError(this.#folder, error);
    }
  }

  /** As a whole or not at all, and to the disk. @throws SphereIotError `STATE_LOCK_LOST`; what LevelDB throws. */
  async write(changes: Changes): Promise<void> {
    await this.#checkLock();
    this.#tried = this.#after(changes);
    const operations = [...changes].map(([key, value]) =>
      value === undefined ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
    );
    const summary = { type: 'put', key: SUMMARY, value: Buffer.from(JSON.stringify(this.#tried)) } as const;
    await this.#level.batch<string, Buffer>([...operations, summary], { sync: true });
    // Now and not before: whoever opens the database from now on finds what was written.
    await this.#checkLock();
    this.#saved = this.#tried;
    for (const [id, content] of changes)
      if (content === undefined) this.#checksums.delete(id);
      else this.#checksums.set(id, checksumOf(content));
  }

  /**
   * After a write that failed, as LevelDB takes none any more.
   * @throws SphereIotError As `open`; `STATE_FOLDER_IN_USE` too where somebody had the folder meanwhile and changed it.
   */
  async reopen(): Promise<void> {
    await this.#level.close();
    this.#level = await openLevel(this.#folder, this.#path, false);
    this.#lock = lockFileOf(this.#path);
    const summary = JSON.stringify(await this.#summary());
    if ([this.#saved, this.#tried].some((known) => JSON.stringify(known) === summary)) return;
    await this.#level.close();
    throw new SphereIotError(
      'STATE_FOLDER_IN_USE',
      `Another emulator changed the state in ${this.#folder} while this one could not write: end this one.`,
    );
  }

  async close(): Promise<void> {
    await this.#level.close();
  }

  /** Where it is not ours any more, nothing more is written to it. */
  async #checkLock(): Promise<void> {
    if (this.isLocked) return;
    await this.#level.close();
    throw lockLost(this.#folder);
  }

  async #read(): Promise<Entry[]> {
    const entries: Entry[] = [];
    const changes = new Map<string, Buffer>();
    const iterator = this.#level.iterator({ gt: SUMMARY });
    try {
      for (let some = await iterator.nextv(READ_AT_ONCE); some.length > 0; some = await iterator.nextv(READ_AT_ONCE))
        for (const [id, content] of some) {
          const entry = decodeEntry(id, content);
          if (entry === undefined) throw databaseDamaged(entryIn(this.#path, id), 'it is not as it was written');
          entries.push(entry);
          changes.set(id, content.subarray(0, 4));
        }
    } finally {
      await iterator.close();
    }
    const summary = await this.#summary();
    const { count, sum } = this.#after(changes);
    if (count !== summary.count || sum !== summary.sum)
      throw databaseDamaged(this.#path, 'entries are missing, or older than they were');
    for (const [id, content] of changes) this.#checksums.set(id, checksumOf(content));
    this.#saved = this.#tried = summary;
    return entries;
  }

  async #summary(): Promise<Summary> {
    const value = parseJson((await this.#level.get(SUMMARY)) ?? '');
    const numbers = isObject(value) ? [value['count'], value['sum'], value['changes']] : [];
    if (numbers.length === 3 && numbers.every(Number.isSafeInteger)) return value as Summary;
    throw databaseDamaged(this.#path, 'it does not say how much is in it');
  }

  #after(changes: Changes): Summary {
    let { count, sum } = this.#saved;
    for (const [id, content] of changes) {
      const before = this.#checksums.get(id);
      if (before !== undefined) count--;
      if (content !== undefined) count++;
      sum = (sum - (before ?? 0) + (content === undefined ? 0 : checksumOf(content))) >>> 0;
    }
    return { count, sum, changes: this.#saved.changes + 1 };
  }
}

/** For errors. */
export function entryIn(path: string, id: string): string {
  return `${path}, entry ${id}`;
}

async function openLevel(folder: string, path: string, createIfMissing: boolean): Promise<Level> {
  const { ClassicLevel } = await load();
  await checkStore(path);
  const level: Level = new ClassicLevel<string, Buffer>(path, {
    keyEncoding: 'utf8',
    valueEncoding: 'buffer',
    createIfMissing,
  });
  try {
    await level.open();
    await keepToOwner(path);
    return level;
  } catch (error) {
    throw openError(folder, error);
  }
}

/**
 * LevelDB gives its files what the umask of the process leaves, and those that it makes later, too: nobody else gets into their folder.
 * Where somebody else owns them, they stay as they are.
 */
async function keepToOwner(path: string): Promise<void> {
  await chmod(path, OWNER_ONLY).catch(() => undefined);
  for (const name of await readdir(path))
    if (OF_DATABASE.test(name)) await chmod(join(path, name), FILE_MODE).catch(() => undefined);
}

/** Only where there is state: a bundle does without it. */
async function load(): Promise<typeof import('classic-level')> {
  try {
    return await import('classic-level');
  } catch (cause) {
    throw new SphereIotError(
      'STATE_STORE_MISSING',
      `The package classic-level, in which the state is kept, can't be loaded: ${messageOf(cause)}. Leave it out of a bundle ` +
        '(external), and install it beside that.',
      { cause },
    );
  }
}
