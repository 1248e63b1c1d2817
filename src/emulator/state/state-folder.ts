import { defined } from '../../defined.js';
import type { Clock } from '../../clock/index.js';
import { messageOf, type SphereIotError } from '../../errors.js';
import type { StateDatabase } from './database.js';
import { encodeEntry, idOf, recordIn, type Entry, type Key } from './entry.js';
import { anyId } from './ids.js';
import { openFolder, tryToWrite, writeMarker, type OpenFolder } from './open-folder.js';
import {
  WithBytes,
  type Codec,
  type FaultListener,
  type Namespace,
  type Collection,
  type StateStore,
} from './store.js';
import { notWritten } from './state-error.js';

/** Real ms until a write that failed is tried again; each time twice as long, up to the longest. */
const FIRST_RETRY = 250;
const MAX_RETRY = 5000;

/** Those that wait for what is to be written next. */
interface Batch {
  readonly written: Promise<void>;
  settle(error?: SphereIotError): void;
}

/**
 * State in a folder. What one turn of the event loop changes is one write, which is on the disk as a whole or not at all, and is
 * answered for then. What could not be written is kept, so that memory and disk agree again once it can: it is tried until it
 * goes, and nobody is told of anything until then.
 */
export class StateFolder implements StateStore {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #database: StateDatabase;
  readonly #opened: Pick<OpenFolder, 'accept' | 'entryDamaged' | 'release'>;
  #isAccepted = false;
  /** As they were read, by the paths of the collections, until those take them. */
  readonly #read: Map<string, Entry[]>;
  readonly #orders = new Map<string, number>();
  #nextOrder = 0;
  #changes = new Map<string, Buffer | undefined>();
  #next: Batch | undefined;
  #writing: Batch | undefined;
  /** Until all is written, or failed. */
  #atWork: Promise<void> = Promise.resolve();
  #fault: SphereIotError | undefined;
  #retry: NodeJS.Timeout | undefined;
  readonly #listeners: FaultListener[] = [];
  #closed = false;

  private constructor(folder: string, clock: Clock, opened: OpenFolder) {
    const { database, entries, ...rest } = opened;
    this.#folder = folder;
    this.#clock = clock;
    this.#database = database;
    this.#opened = rest;
    this.#read = byPath(entries);
    for (const { key, order } of entries) this.#orders.set(idOf(key), order);
    this.#nextOrder = (entries.at(-1)?.order ?? -1) + 1;
  }

  /**
   * @param folder Is made where it is not there; its owner alone can read it.
   * @throws SphereIotError `STATE_FOLDER_NOT_EMPTY` where it is somebody else's, `STATE_FOLDER_IN_USE`, `STATE_FOLDER_DAMAGED`,
   * `STATE_FOLDER_NEWER`, `STATE_NOT_WRITTEN`, `STATE_STORE_MISSING`; what Node throws.
   */
  static async open(folder: string, clock: Clock): Promise<StateFolder> {
    return new StateFolder(folder, clock, await openFolder(folder));
  }

  get root(): Namespace {
    return this.#namespace([]);
  }

  get fault(): SphereIotError | undefined {
    return this.#fault;
  }

  onFault(listener: FaultListener): void {
    this.#listeners.push(listener);
  }

  async accept(): Promise<void> {
    await this.saved();
    await this.#opened.accept();
    this.#isAccepted = true;
  }

  saved(): Promise<void> | undefined {
    if (this.#fault !== undefined) return quiet(Promise.reject(this.#fault));
    return (this.#next ?? this.#writing)?.written;
  }

  /** Tries once more to write what could not be. @throws SphereIotError `STATE_NOT_WRITTEN`, `STATE_LOCK_LOST`. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    try {
      await this.#atWork;
      if (this.#fault !== undefined) await this.#recover().catch(() => undefined);
      if (this.#fault !== undefined) throw this.#fault;
    } finally {
      await this.#database.close();
      // It helps to find damage; where the disk is full, the one before does. Where another has the folder, it is that one's.
      if (this.#isAccepted && this.#fault === undefined)
        await writeMarker(this.#folder, this.#database.changes).catch(() => undefined);
      this.#opened.release();
    }
  }

  #namespace(path: Key): Namespace {
    return {
      namespace: (name) => this.#namespace([...path, name]),
      collection: <T>(name: string, codec: Codec<T> = asItIs as Codec<T>) => this.#collection([...path, name], codec),
      names: () => this.#names(path),
    };
  }

  #collection<T>(path: Key, codec: Codec<T>): Collection<T> {
    return {
      entries: () => {
        const entries = this.#read.get(idOf(path)) ?? [];
        this.#read.delete(idOf(path));
        return entries.map((entry, index) => this.#decoded(entry, codec, entries[index - 1]));
      },
      put: (id, value) => this.#put(idOf([...path, id]), codec.encode(value)),
      delete: (id) => this.#delete(idOf([...path, id])),
    };
  }

  #names(path: Key): readonly string[] {
    const keys = [...this.#read.values()].flat().map(({ key }) => key);
    const below = keys.filter((key) => path.every((part, index) => key[index] === part));
    return [...new Set(below.map((key) => key[path.length] as string))];
  }

  #decoded<T>({ key, content }: Entry, codec: Codec<T>, before: Entry | undefined): readonly [string, T] {
    try {
      const id = idInCollection(key);
      const { value, bytes } = recordIn(content) ?? {};
      const decoded = codec.decode(bytes === undefined ? value : new WithBytes(value, bytes));
      if (codec.fits(id, decoded, before && idInCollection(before.key))) return [id, decoded];
      throw new Error('what it holds belongs under another id');
    } catch (error) {
      throw this.#opened.entryDamaged(idOf(key), messageOf(error), error);
    }
  }

  #put(id: string, encoded: unknown): void {
    const order = this.#orders.get(id) ?? this.#nextOrder++;
    this.#orders.set(id, order);
    const { value, bytes } = encoded instanceof WithBytes ? encoded : { value: encoded, bytes: undefined };
    this.#change(id, encodeEntry(id, { order, value, ...defined({ bytes }) }));
  }

  #delete(id: string): void {
    if (this.#orders.delete(id)) this.#change(id, undefined);
  }

  #change(id: string, content: Buffer | undefined): void {
    if (this.#closed) return;
    this.#changes.set(id, content);
    if (this.#fault === undefined) this.#begin();
  }

  #begin(): void {
    this.#next ??= newBatch();
    if (this.#writing === undefined) this.#atWork = this.#write(this.#hold());
  }

  /** Until nothing is left; what is put meanwhile is the next batch. Never rejects: those that wait for a batch are told. */
  async #write(release: () => void): Promise<void> {
    while (this.#next !== undefined) {
      const batch = this.#next;
      this.#writing = batch;
      // What else one turn of the event loop puts goes with it.
      await Promise.resolve();
      this.#next = undefined;
      try {
        await this.#writeChanges();
        batch.settle();
      } catch (error) {
        this.#failed(error, batch);
      }
    }
    this.#writing = undefined;
    release();
  }

  /** What can't be written is kept, but for what was changed again meanwhile. */
  async #writeChanges(): Promise<void> {
    const changes = this.#changes;
    this.#changes = new Map();
    try {
      await this.#database.write(changes);
    } catch (error) {
      this.#changes = new Map([...changes, ...this.#changes]);
      throw error;
    }
  }

  #failed(cause: unknown, batch: Batch): void {
    const fault = notWritten(this.#folder, cause);
    this.#fault = fault;
    batch.settle(fault);
    this.#next?.settle(fault);
    this.#next = undefined;
    this.#tell();
    this.#retryIn(FIRST_RETRY);
  }

  #retryIn(delay: number): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.#atWork = this.#recover().catch(() => this.#retryIn(Math.min(2 * delay, MAX_RETRY)));
    }, delay);
    this.#retry.unref();
  }

  /** @throws Why it can't be written yet. */
  async #recover(): Promise<void> {
    const release = this.#hold();
    try {
      // The database is locked until it is closed: that is done when it can be opened again, as far as one can tell.
      if (this.#isAccepted && this.#database.isLocked)
        await tryToWrite(this.#folder, bytesOf(this.#changes), this.#database.changes);
      await this.#database.reopen();
      await this.#writeChanges();
      this.#fault = undefined;
      this.#tell();
      if (this.#changes.size > 0) this.#begin();
    } finally {
      release();
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.#fault);
  }

  #hold(): () => void {
    return this.#clock.hold('the state that is being written');
  }
}

const asItIs: Codec<unknown> = { encode: (value) => value, decode: (value) => value, fits: anyId };

function idInCollection(key: Key): string {
  return key.at(-1) as string;
}

function newBatch(): Batch {
  let settle: Batch['settle'] = () => undefined;
  const written = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error));
  });
  return { written: quiet(written), settle };
}

/** Those that wait are told; nobody has to wait. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function bytesOf(changes: ReadonlyMap<string, Buffer | undefined>): number {
  return [...changes].reduce((sum, [id, content]) => sum + id.length + (content?.length ?? 0), 0);
}

function byPath(entries: readonly Entry[]): Map<string, Entry[]> {
  const paths = new Map<string, Entry[]>();
  for (const entry of entries) {
    const path = idOf(entry.key.slice(0, -1));
    const there = paths.get(path);
    if (there === undefined) paths.set(path, [entry]);
    else there.push(entry);
  }
  return paths;
}
