import { randomUUID } from 'node:crypto';

import type { Clock } from '../../clock/index.js';
import { NumberedLog } from '../observe/numbered-log.js';
import { sizeOf } from '../observe/size-of.js';
import type { Collection } from '../state/store.js';

/** Of one device at a time (protocol.md#file-upload). */
const MAX_ACTIVE = 10;
/** Those that are over and are kept of a device, with their files. */
const KEPT = { count: 100, bytes: 256 * 1024 * 1024, size: sizeOf };
/** Clock ms for which an expired correlation id is told from an unknown one; chosen. */
const REMEMBERED = 86_400_000;

/** A file upload that the device said is over. */
export interface FileUpload {
  /** As in the storage account: `{deviceId}/{name}`. */
  readonly blobName: string;
  readonly correlationId: string;
  readonly isSuccess: boolean;
  /** As the device said them. */
  readonly statusCode?: number;
  readonly statusDescription?: string;
  /** The file, as it was then; none where there is none, which may be where it failed. */
  readonly body?: Buffer;
  /** Clock ms. */
  readonly at: number;
}

/** One that is under way. */
export interface ActiveUpload {
  readonly blobName: string;
  readonly expiresAt: number;
}

/** The file uploads of one device. */
export class FileUploads {
  readonly #clock: Clock;
  readonly #active: Map<string, ActiveUpload>;
  readonly #kept: Collection<ActiveUpload>;
  readonly #finished: NumberedLog<FileUpload>;

  constructor(
    clock: Clock,
    kept: { readonly activeUploads: Collection<ActiveUpload>; readonly uploads: Collection<FileUpload> },
  ) {
    this.#clock = clock;
    this.#kept = kept.activeUploads;
    this.#active = new Map(this.#kept.entries());
    this.#finished = new NumberedLog(KEPT, kept.uploads);
  }

  /** @returns Its correlation id; undefined where there are ten already (403006). */
  begin(blobName: string, expiresAt: number): string | undefined {
    const now = this.#clock.now();
    for (const [id, active] of this.#active) if (active.expiresAt + REMEMBERED <= now) this.#end(id);
    const count = [...this.#active.values()].filter((active) => active.expiresAt > now).length;
    if (count >= MAX_ACTIVE) return undefined;
    // Opaque, and with what has to be encoded in a path.
    const correlationId = Buffer.from(`${now}_${randomUUID()}+`).toString('base64');
    const active = { blobName, expiresAt };
    this.#active.set(correlationId, active);
    this.#kept.put(correlationId, active);
    return correlationId;
  }

  /** The blob's name; or why the id is of no use. */
  find(correlationId: string): { readonly blobName: string } | 'unknown' | 'expired' {
    const active = this.#active.get(correlationId);
    if (active === undefined) return 'unknown';
    return active.expiresAt > this.#clock.now() ? active : 'expired';
  }

  finish(upload: FileUpload): void {
    this.#end(upload.correlationId);
    this.#finished.add(upload);
  }

  /** The upload with that number, or the oldest that is left of those after it, with its number. */
  from(number: number): { readonly number: number; readonly entry: FileUpload } | undefined {
    return this.#finished.from(number);
  }

  all(): readonly FileUpload[] {
    return this.#finished.all();
  }

  /** The device is gone; what it uploaded stays readable. */
  forget(): void {
    for (const id of [...this.#active.keys()]) this.#end(id);
  }

  #end(correlationId: string): void {
    this.#active.delete(correlationId);
    this.#kept.delete(correlationId);
  }
}
