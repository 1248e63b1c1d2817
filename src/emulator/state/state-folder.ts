import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileAtomic } from '../../atomic-file.js';
import type { Clock } from '../../clock/index.js';
import { messageOf, SphereIotError } from '../../errors.js';
import { damaged, HEADER, journalLine, readJournal, type JournalEntry, type Key } from './journal.js';
import { lockFolder } from './lock.js';
import { checkOwnFolder, JOURNAL, removeLeftovers } from './own-folder.js';
import { WithBytes, type Codec, type Room, type Shelf, type StateStore } from './shelf.js';
import { StateFiles, syncFolder } from './state-files.js';

/** The file holds keys. */
const MODE = 0o600;
/** Lines that don't count any more, at least, before the journal is written anew. */
const MOST_STALE = 10_000;

/** What is to be written next, and who waits for it. */
interface Batch {
  readonly lines: string[];
  readonly written: Promise<void>;
  settle(error?: SphereIotError): void;
}

/**
 * State in a folder: one journal, to which changes are appended, each batch brought to the disk as a whole (`fdatasync`) and
 * answered for then; now and then it is written anew without what is stale, beside the old one, and renamed.
 */
export class StateFolder implements StateStore {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #unlock: () => Promise<void>;
  /** As they were read, by the paths of the shelves, until those take them. */
  readonly #read: Map<string, JournalEntry[]>;
  /** The lines that count, by their keys: what the journal holds when it is written anew. */
  readonly #lines: Map<string, string>;
  readonly #files: StateFiles;
  /** The names of the entries' files, by their keys. */
  readonly #fileOf = new Map<string, string>();
  #file: FileHandle;
  #next: Batch | undefined;
  #writing: Batch | undefined;
  /** Until all is written, and cleaned. */
  #atWork: Promise<void> = Promise.resolve();
  #stale = 0;
  #failure: SphereIotError | undefined;
  #closed = false;

  private constructor(
    folder: string,
    clock: Clock,
    entries: Map<string, JournalEntry>,
    { file, files, unlock }: { file: FileHandle; files: StateFiles; unlock(): Promise<void> },
  ) {
    this.#folder = folder;
    this.#clock = clock;
    this.#read = byPath(entries.values());
    this.#lines = new Map([...entries].map(([key, { text }]) => [key, text]));
    for (const [key, { file: name }] of entries) if (name !== undefined) this.#fileOf.set(key, name);
    this.#files = files;
    this.#file = file;
    this.#unlock = unlock;
  }

  /**
   * @param folder Is made where it is not there; its owner alone can read it.
   * @throws SphereIotError `STATE_FOLDER_NOT_EMPTY` where it is somebody else's, `STATE_FOLDER_IN_USE`, `STATE_FOLDER_DAMAGED`,
   * `STATE_FOLDER_NEWER`; what Node throws.
   */
  static async open(folder: string, clock: Clock): Promise<StateFolder> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await checkOwnFolder(folder);
    const unlock = await lockFolder(folder);
    try {
      const path = join(folder, JOURNAL);
      const entries = readJournal(await contentOf(path), path);
      await removeLeftovers(folder);
      // Without a torn last line, to which the next one would be appended.
      const file = await rewrite(
        folder,
        [...entries.values()].map(({ text }) => text),
      );
      const used = [...entries.values()].flatMap(({ file: name }) => name ?? []);
      const files = await StateFiles.open(folder, used);
      return new StateFolder(folder, clock, entries, { file, files, unlock });
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  get root(): Room {
    return this.#room([]);
  }

  saved(): Promise<void> | undefined {
    if (this.#failure !== undefined) return quiet(Promise.reject(this.#failure));
    return (this.#next ?? this.#writing)?.written;
  }

  /** @throws SphereIotError `STATE_NOT_WRITTEN`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.saved();
    } finally {
      // Who has the folder next must not find that we still remove files.
      await this.#atWork;
      await this.#file.close();
      await this.#unlock();
    }
  }

  #room(path: Key): Room {
    return {
      room: (name) => this.#room([...path, name]),
      shelf: <T>(name: string, codec: Codec<T> = asItIs as Codec<T>) => this.#shelf([...path, name], codec),
      names: () => this.#names(path),
    };
  }

  #shelf<T>(path: Key, codec: Codec<T>): Shelf<T> {
    return {
      entries: () => {
        const entries = this.#read.get(JSON.stringify(path)) ?? [];
        this.#read.delete(JSON.stringify(path));
        return entries.map((entry) => [entry.key.at(-1) as string, this.#decoded(entry, codec)] as const);
      },
      put: (id, value) => this.#add([...path, id], codec.encode(value)),
      delete: (id) => this.#add([...path, id], undefined),
    };
  }

  #names(path: Key): readonly string[] {
    const keys = [...this.#read.values()].flat().map(({ key }) => key);
    const below = keys.filter((key) => path.every((part, index) => key[index] === part));
    return [...new Set(below.map((key) => key[path.length] as string))];
  }

  #decoded<T>({ value, file, line }: JournalEntry, codec: Codec<T>): T {
    try {
      return codec.decode(file === undefined ? value : new WithBytes(value, this.#files.bytes(file)));
    } catch (error) {
      throw damaged(join(this.#folder, JOURNAL), line, messageOf(error), error);
    }
  }

  #add(key: Key, encoded: unknown): void {
    if (this.#closed || this.#failure !== undefined) return;
    const id = JSON.stringify(key);
    const { value, bytes } = encoded instanceof WithBytes ? encoded : { value: encoded };
    const text = journalLine(key, value, this.#changeFile(id, bytes));
    if (this.#lines.has(id)) this.#stale++;
    else if (value === undefined) return;
    if (value === undefined) this.#lines.delete(id);
    else this.#lines.set(id, text);
    this.#next ??= newBatch();
    this.#next.lines.push(text);
    if (this.#writing === undefined) this.#atWork = this.#write(this.#clock.hold('the state that is being written'));
  }

  /** The name of the entry's file from now on. */
  #changeFile(id: string, bytes: Buffer | undefined): string | undefined {
    const before = this.#fileOf.get(id);
    const file = bytes === undefined ? undefined : this.#files.add(bytes);
    if (file === undefined) this.#fileOf.delete(id);
    else this.#fileOf.set(id, file);
    if (before !== undefined) this.#files.release(before);
    return file;
  }

  /** Until nothing is left; what is put meanwhile is the next batch. Never rejects: who waits for a batch is told. */
  async #write(release: () => void): Promise<void> {
    while (this.#next !== undefined) {
      const batch = this.#next;
      this.#writing = batch;
      // What else one turn of the event loop puts goes with it.
      await undefined;
      this.#next = undefined;
      try {
        await this.#files.write();
        await this.#writeBatch(batch.lines);
        batch.settle();
        await this.#files.clean();
      } catch (error) {
        // Nothing may be appended to a part of a line, and nobody told of what is not there.
        this.#fail(batch, error);
      }
    }
    this.#writing = undefined;
    release();
  }

  async #writeBatch(lines: readonly string[]): Promise<void> {
    if (this.#stale > MOST_STALE + this.#lines.size) {
      const all = [...this.#lines.values()];
      this.#stale = 0;
      const before = this.#file;
      this.#file = await rewrite(this.#folder, all);
      return before.close();
    }
    await this.#file.appendFile(lines.join(''));
    await this.#file.datasync();
  }

  #fail(batch: Batch, cause: unknown): void {
    this.#failure = new SphereIotError(
      'STATE_NOT_WRITTEN',
      `The emulator's state could not be written to ${this.#folder}: ${messageOf(cause)}. What clients were not told of is ` +
        'lost: make room there, and start again.',
      { cause },
    );
    batch.settle(this.#failure);
    this.#next?.settle(this.#failure);
    this.#next = undefined;
  }
}

const asItIs: Codec<unknown> = { encode: (value) => value, decode: (value) => value };

function newBatch(): Batch {
  let settle: Batch['settle'] = () => undefined;
  const written = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error));
  });
  return { lines: [], written: quiet(written), settle };
}

/** Who waits is told; nobody has to. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function byPath(entries: Iterable<JournalEntry>): Map<string, JournalEntry[]> {
  const paths = new Map<string, JournalEntry[]>();
  for (const entry of entries) {
    const path = JSON.stringify(entry.key.slice(0, -1));
    const there = paths.get(path);
    if (there === undefined) paths.set(path, [entry]);
    else there.push(entry);
  }
  return paths;
}

/** The journal anew, under its name once it is whole; returns it, for more. */
async function rewrite(folder: string, lines: readonly string[]): Promise<FileHandle> {
  const path = join(folder, JOURNAL);
  await writeFileAtomic(path, HEADER + lines.join(''), { mode: MODE });
  await syncFolder(folder);
  return open(path, 'a');
}

async function contentOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
}
