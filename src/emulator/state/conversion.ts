import { constants } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

import { messageOf } from '../../errors.js';
import { readFileWithin } from '../../read-file.js';
import type { StateDatabase } from './database.js';
import { encodeEntry, idOf } from './entry.js';
import { journalDamaged, readJournal, type JournalLine } from './journal.js';
import { beginsAsOurs, FILES, isRegular, isTemporary, JOURNAL, LOCK } from './own-folder.js';

/** Bytes that are written at a time. */
const AT_ONCE = 4 * 1024 * 1024;
/** A SHA-256. */
const CONTENT = /^[0-9a-f]{64}$/;

/**
 * Brings what a folder in the old format has into the database, which is empty. The folder is as it was then: it is whole until
 * `removeConverted`.
 * @throws SphereIotError `STATE_FOLDER_DAMAGED`, which names the file and the line; `STATE_FOLDER_NEWER`.
 */
export async function convert(folder: string, database: StateDatabase): Promise<void> {
  const journal = join(folder, JOURNAL);
  const batches = new BulkWriter(database);
  const orders = new Map<string, number>();
  /** A line that does not count may name a file that is gone. */
  const withBytes = new Map<string, JournalLine>();
  let next = 0;
  for await (const line of readJournal(journal)) {
    const id = idOf(line.key);
    withBytes.delete(id);
    if (line.value === undefined) {
      if (orders.delete(id)) await batches.write(id, undefined);
      continue;
    }
    const order = orders.get(id) ?? next++;
    orders.set(id, order);
    if (line.file === undefined) await batches.write(id, encodeEntry(id, { order, value: line.value }));
    else withBytes.set(id, line);
  }
  for (const [id, { file = '', value, line }] of withBytes) {
    const bytes = await contentOf(join(folder, FILES, file), file).catch((error: unknown) => {
      throw journalDamaged(journal, line, messageOf(error), error);
    });
    await batches.write(id, encodeEntry(id, { order: orders.get(id) as number, value, bytes }));
  }
  await batches.flush();
}

/** A file's bytes, whose name is their hash. No link is followed, and nothing is waited for. */
async function contentOf(path: string, hash: string): Promise<Buffer> {
  if (!(await isRegular(path))) throw new Error(`there is no file ${path}`);
  // Before it is in memory: what has that hash was written by us, and may have any size.
  if (!(await holds(path, hash))) throw new Error(`${path} holds something else than was written`);
  return readFileWithin(path, constants.MAX_LENGTH);
}

/** What an emulator wrote in the old format, and nothing else: a file whose name is not the hash of what it holds is somebody else's. */
export async function removeConverted(folder: string): Promise<void> {
  const journal = join(folder, JOURNAL);
  if (!(await beginsAsOurs(journal))) return;
  const files = join(folder, FILES);
  for (const name of await readdir(files).catch(() => [])) {
    const path = join(files, name);
    const isOurs = isTemporary(name) ? await isRegular(path) : CONTENT.test(name) && (await holds(path, name));
    if (isOurs) await rm(path, { force: true });
  }
  await rmdir(files).catch(() => undefined);
  await rm(join(folder, LOCK), { force: true });
  // Last: what is left where a kill interrupts this is removed at the next start.
  await rm(journal, { force: true });
}

/** Writes much in parts of some megabytes. */
class BulkWriter {
  readonly #database: StateDatabase;
  #changes = new Map<string, Buffer | undefined>();
  #bytes = 0;

  constructor(database: StateDatabase) {
    this.#database = database;
  }

  async write(id: string, content: Buffer | undefined): Promise<void> {
    this.#changes.set(id, content);
    this.#bytes += id.length + (content?.length ?? 0);
    if (this.#bytes > AT_ONCE) await this.flush();
  }

  async flush(): Promise<void> {
    await this.#database.write(this.#changes);
    this.#changes = new Map();
    this.#bytes = 0;
  }
}

/** Whether a file has the content that its name says. */
async function holds(path: string, name: string): Promise<boolean> {
  if (!(await isRegular(path))) return false;
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest('hex') === name;
}
