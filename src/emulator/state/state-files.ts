import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileAtomic } from '../../atomic-file.js';
import { FILES, isRegular, isTemporary } from './own-folder.js';

/** What devices uploaded is nobody else's business. */
const MODE = 0o600;
/** A SHA-256. */
const CONTENT = /^[0-9a-f]{64}$/;

/** Bytes that are too many for a line of the journal, each content once, in a file named by its SHA-256. */
export class StateFiles {
  readonly #folder: string;
  /** How many entries of the journal have the content. */
  readonly #users = new Map<string, number>();
  readonly #waiting = new Map<string, Buffer>();
  readonly #written: Set<string>;
  /** What may be removed, if nobody has it by then. */
  readonly #released = new Set<string>();
  /** So that entries with the same content share it. */
  readonly #read = new Map<string, Buffer>();

  private constructor(folder: string, written: Set<string>) {
    this.#folder = folder;
    this.#written = written;
  }

  /**
   * @param folder Of the state.
   * @param used The files that the journal's entries name, each as often as it is named. Others that we wrote are removed, and nothing
   * else: a file whose name is not the hash of what it holds is somebody else's.
   */
  static async open(folder: string, used: readonly string[]): Promise<StateFiles> {
    const own = join(folder, FILES);
    await mkdir(own, { recursive: true, mode: 0o700 });
    const names = await readdir(own);
    const files = new StateFiles(own, new Set(names.filter((name) => CONTENT.test(name))));
    for (const name of used) files.#use(name, 1);
    for (const name of files.#written) files.#released.add(name);
    await files.clean();
    await removeLeftovers(own, names);
    return files;
  }

  /** For an entry: its file's name. It is there after the next `write`. */
  add(bytes: Buffer): string {
    const name = createHash('sha256').update(bytes).digest('hex');
    this.#use(name, 1);
    if (!this.#written.has(name)) this.#waiting.set(name, bytes);
    return name;
  }

  /** An entry has it no longer. */
  release(name: string): void {
    this.#use(name, -1);
    this.#released.add(name);
  }

  /** @throws What Node throws, where it is not there. */
  bytes(name: string): Buffer {
    const bytes = this.#read.get(name) ?? readFileSync(join(this.#folder, name));
    this.#read.set(name, bytes);
    return bytes;
  }

  /** To the disk, before the lines that name them. */
  async write(): Promise<void> {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [name, bytes] of waiting) {
      if (this.#written.has(name) || !this.#users.has(name)) continue;
      await writeFileAtomic(join(this.#folder, name), bytes, { mode: MODE });
      this.#written.add(name);
    }
    if (waiting.length > 0) await syncFolder(this.#folder);
  }

  /** What no entry has, after the lines that say so are on the disk. */
  async clean(): Promise<void> {
    const released = [...this.#released];
    this.#released.clear();
    for (const name of released) if (!this.#users.has(name)) await this.#remove(name);
  }

  #use(name: string, change: 1 | -1): void {
    const users = (this.#users.get(name) ?? 0) + change;
    if (users > 0) this.#users.set(name, users);
    else this.#users.delete(name);
  }

  async #remove(name: string): Promise<void> {
    this.#written.delete(name);
    this.#read.delete(name);
    const path = join(this.#folder, name);
    // What can't be removed now is at the next start.
    if (await holds(path, name).catch(() => false)) await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Whether a file has the content that its name says. */
async function holds(path: string, name: string): Promise<boolean> {
  if (!(await isRegular(path))) return false;
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest('hex') === name;
}

/** What a process left that was killed while it wrote a file: a part of some content, which only its random name can tell. */
async function removeLeftovers(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const path = join(folder, name);
    if (isTemporary(name) && (await isRegular(path))) await rm(path, { force: true });
  }
}

/** That a new name outlives a loss of power too. Where a folder can't be opened, as on Windows, the system sees to it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder).catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
