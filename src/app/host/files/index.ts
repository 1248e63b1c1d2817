import path from 'node:path';
import { counted } from '../../../counted.js';
import { SphereIotError } from '../../../errors.js';
import {
  EndOfC,
  HostError,
  HostFileMode,
  HostPathKind,
  writeHostPath,
  type FilesImports,
  type Memory,
} from '../../../wasm/index.js';
import type { AppManifest } from '../../manifest.js';
import { notKept, storageInFolder, storageOfDevice, type MutableStorage } from './mutable-storage.js';
import type { FileWrite, TornWrite } from './torn-write.js';

export interface FilesOptions {
  readonly memory: Memory;
  readonly manifest: AppManifest;
  /** The image package. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** A folder that keeps the mutable file across runs; undefined: the device does. */
  readonly storage: string | undefined;
  /** The mutable files that the device keeps, by component id. */
  readonly kept: Map<string, Buffer>;
  /** What a write leaves, where the power fails during it. */
  readonly torn: (write: FileWrite) => TornWrite | undefined;
  /** PEM of the DAA leaf; undefined while there is none. */
  readonly daaCertificate: () => string | undefined;
  readonly refuse: (what: string) => void;
}

interface OpenFile {
  readonly content: Buffer;
  /** Whether it is the mutable file. */
  readonly mutable: boolean;
  readonly writable: boolean;
  /** The mutable file that was deleted while this was open; all that had it open share it. */
  deleted?: { content: Buffer };
}

/** The files that an app can open (host.h). */
export class Files {
  readonly #options: FilesOptions;
  readonly #storage: MutableStorage;
  readonly #open = new Map<number, OpenFile>();
  #next = 0;
  /** The mutable file; undefined: there is none. */
  #mutable: Buffer | undefined;

  /** @throws SphereIotError `MUTABLE_FILE_NOT_REGULAR`, `MUTABLE_FILE_TOO_LARGE`; what Node throws where the mutable file can't be read. */
  constructor(options: FilesOptions) {
    this.#options = options;
    const { storage, kept, manifest } = options;
    const { componentId } = manifest;
    this.#storage = storage === undefined ? storageOfDevice(kept, componentId) : storageInFolder(storage, componentId);
    this.#mutable = this.#storage.read(this.#limit);
  }

  /** The content of the file at a path; undefined where there is none. */
  content(name: string): Buffer | undefined {
    const { manifest, files, daaCertificate } = this.#options;
    if (name === mutableName(manifest)) return this.#mutable;
    if (name === `/run/daa/${manifest.deviceAuthentication}`) return pem(daaCertificate());
    const image = imageFolder(manifest);
    return name.startsWith(image) ? files.get(path.posix.normalize(name.slice(image.length))) : undefined;
  }

  /** The files of the image package in a folder, given by its path, and in the folders in it. */
  inFolder(name: string): Buffer[] {
    const { manifest, files } = this.#options;
    const image = imageFolder(manifest);
    if (!`${name}/`.startsWith(image)) return [];
    const folder = path.posix.normalize(`${name.slice(image.length)}/`).replace(/^\.?\//, '');
    return [...files].filter(([file]) => file.startsWith(folder)).map(([, content]) => content);
  }

  /** The imports of host.h. */
  imports(): FilesImports {
    const { memory } = this.#options;
    return {
      file_open: (name: number, mode: number): number => this.#openFile(memory.textAt(name) ?? '', mode),
      file_close: (number: number): void => void this.#open.delete(number),
      file_size: (number: number): number => this.#contentOf(number).length,
      file_read: (number: number, offset: number, buffer: number, size: number): number => {
        const bytes = this.#contentOf(number).subarray(offset, offset + (size >>> 0));
        memory.bytes.set(bytes, buffer);
        return bytes.length;
      },
      file_write: (number: number, offset: number, bytes: number, size: number): number =>
        this.#write(number, offset, memory.bytesAt(bytes, size)),
      file_truncate: (number: number, size: number): number => this.#truncate(number, size),
      file_delete: (name: number): number => this.#delete(memory.textAt(name) ?? ''),
      path_kind: (name: number, found: number): number => {
        const file = absolute(memory.textAt(name));
        const content = this.content(file);
        writeHostPath(memory, found, { size: content?.length ?? 0, number: hashOf(file) });
        return content === undefined && this.#entries(file) === undefined ? HostError.noEntry : this.#kind(file);
      },
      folder_entry: (folder: number, index: number, buffer: number, size: number): number => {
        const name = absolute(memory.textAt(folder));
        const entry = this.#entries(name)?.[index];
        if (entry === undefined) return HostError.noEntry;
        memory.setTextWithin(buffer, size, entry);
        return this.#kind(path.posix.join(name, entry));
      },
    };
  }

  #kind(name: string): number {
    if (name === mutableName(this.#options.manifest)) return HostPathKind.mutableFile;
    return this.content(name) === undefined ? HostPathKind.folder : HostPathKind.file;
  }

  /** The names in a folder, given by its path; undefined: there is no such folder. */
  #entries(folder: string): string[] | undefined {
    const { manifest, files } = this.#options;
    const image = imageFolder(manifest);
    const all = [
      image,
      ...[...files.keys()].map((file) => image + file),
      ...[mutableName(manifest), `/run/daa/${manifest.deviceAuthentication}`].filter((file) => this.content(file)),
    ];
    const start = folder === '/' ? '/' : `${folder}/`;
    const inside = all
      .filter((name) => name.startsWith(start))
      .map((name) => name.slice(start.length).replace(/\/.*/s, ''));
    return inside.length === 0 ? undefined : [...new Set(inside)].filter((name) => name !== '').sort();
  }

  #openFile(name: string, mode: number): number {
    if (name === mutableName(this.#options.manifest)) return this.#openMutable(mode);
    const content = this.content(name);
    if (content === undefined && mode === HostFileMode.create) {
      this.#options.refuse(`An app can create its mutable file only: opening ${name} to write fails with EACCES.`);
      return HostError.access;
    }
    if (content === undefined) {
      if (/^\/(dev|proc|sys)\//.test(name))
        this.#options.refuse(`There are no files of the system: opening ${name} fails with ENOENT.`);
      return HostError.noEntry;
    }
    return mode === HostFileMode.read ? this.#add({ content, mutable: false, writable: false }) : HostError.access;
  }

  #openMutable(mode: number): number {
    if (!this.#mayStore()) return HostError.access;
    if (this.#mutable === undefined && mode !== HostFileMode.create) return HostError.noEntry;
    if (this.#mutable === undefined && this.#keep(Buffer.alloc(0)) !== 0) return HostError.io;
    return this.#add({ content: Buffer.alloc(0), mutable: true, writable: mode !== HostFileMode.read });
  }

  #add(file: OpenFile): number {
    this.#open.set(this.#next, file);
    return this.#next++;
  }

  #contentOf(number: number): Buffer {
    const file = this.#open.get(number);
    return file?.deleted?.content ?? (file?.mutable ? this.#mutable : file?.content) ?? Buffer.alloc(0);
  }

  #write(number: number, offset: number, bytes: Uint8Array): number {
    const file = this.#open.get(number);
    if (file?.writable !== true) return HostError.access;
    if (offset < 0) return HostError.invalid;
    // Nothing, however far behind the end, makes the file no longer.
    if (bytes.length === 0) return 0;
    const old = this.#contentOf(number);
    const count = Math.min(bytes.length, Math.max(0, this.#limit - offset));
    if (count === 0) return this.#full('write');
    const content = Buffer.alloc(Math.max(old.length, offset + count));
    old.copy(content);
    content.set(bytes.subarray(0, count), offset);
    return this.#change(file, content, offset) === 0 ? count : HostError.io;
  }

  #truncate(number: number, size: number): number {
    const file = this.#open.get(number);
    if (file?.writable !== true) return HostError.access;
    if (size < 0) return HostError.invalid;
    const old = this.#contentOf(number);
    if (size > old.length && size > this.#limit) return this.#full('ftruncate');
    const content = Buffer.concat([old.subarray(0, size), Buffer.alloc(Math.max(0, size - old.length))]);
    return this.#change(file, content, Math.min(size, old.length));
  }

  /** How large the mutable file may become, in bytes. */
  get #limit(): number {
    return this.#options.manifest.mutableStorage ?? 0;
  }

  #full(call: string): number {
    this.#options.refuse(
      `The mutable file is full: the manifest's MutableStorage.SizeKB is ${this.#limit / 1024}, and ${call} fails with ENOSPC.`,
    );
    return HostError.noSpace;
  }

  #delete(name: string): number {
    if (name !== mutableName(this.#options.manifest)) return HostError.noEntry;
    if (!this.#mayStore()) return HostError.access;
    const content = this.#mutable;
    if (content === undefined) return HostError.noEntry;
    const error = this.#keep(undefined);
    if (error === 0) this.#detach(content);
    return error;
  }

  /** Descriptors of a file that is deleted keep its content, and make no new file. */
  #detach(content: Buffer): void {
    const deleted = { content };
    for (const file of this.#open.values()) if (file.mutable) file.deleted ??= deleted;
  }

  #mayStore(): boolean {
    const { manifest, refuse } = this.#options;
    if (manifest.mutableStorage !== undefined) return true;
    refuse('The manifest has no capability MutableStorage: opening the mutable file fails with EACCES.');
    return false;
  }

  /** As `#keep`, for a change from `offset` on, during which the power may fail: then C ends. */
  #change(file: OpenFile, content: Buffer, offset: number): number {
    if (file.deleted !== undefined) {
      file.deleted.content = content;
      return 0;
    }
    const torn = this.#options.torn({ old: this.#mutable ?? Buffer.alloc(0), content, offset });
    if (torn === undefined) return this.#keep(content);
    this.#keep(torn.content);
    const left = `${counted(torn.content.length, 'byte')} (${torn.outcome})`;
    const what = `The power failed during a write to the mutable file, as was asked for: it has ${left}.`;
    throw new EndOfC(new SphereIotError('POWER_FAILED', what));
  }

  /** Replaces the mutable file, or removes it; 0, or HostError.io, and then it is as it was. */
  #keep(content: Buffer | undefined): number {
    try {
      if (content === undefined) this.#storage.remove();
      else this.#storage.write(content);
    } catch (error) {
      this.#options.refuse(notKept(this.#storage, error));
      return HostError.io;
    }
    this.#mutable = content;
    return 0;
  }
}

function imageFolder({ componentId }: AppManifest): string {
  return `/mnt/apps/${componentId}/`;
}

function mutableName({ componentId }: AppManifest): string {
  return `/mnt/config/${componentId}/mutable`;
}

function pem(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text);
}

/** A path without dots and slashes that say nothing; the working folder is /. */
function absolute(name: string | null): string {
  const normal = path.posix.normalize(`/${name ?? ''}`);
  return normal.length > 1 ? normal.replace(/\/$/, '') : normal;
}

/** FNV-1a, of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
