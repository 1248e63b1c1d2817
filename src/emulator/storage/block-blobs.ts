import { createHash, randomBytes } from 'node:crypto';

import type { Clock } from '../../clock/index.js';
import type { BlobAddress } from './blob-sas.js';
import type { ListedBlock } from './block-list.js';

/** A committed blob. */
export interface BlockBlob {
  readonly body: Buffer;
  readonly contentType: string;
  /** Base64. */
  readonly md5: string;
  /** With its quotes. */
  readonly etag: string;
  /** Clock ms. */
  readonly lastModified: number;
  /** By id, parts of the body; empty where it was put whole. */
  readonly blocks: ReadonlyMap<string, Buffer>;
}

/** Why nothing was changed. */
export type BlobFault = 'full' | 'unknownBlock' | 'blockIdLength';

/** The block blobs of a storage account, in memory: committed ones, and blocks that wait for their list. */
export class BlockBlobs {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #blobs = new Map<string, BlockBlob>();
  readonly #uncommitted = new Map<string, Map<string, Buffer>>();

  /** @param limit Bytes of all blobs and blocks together. */
  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  get(address: BlobAddress): BlockBlob | undefined {
    return this.#blobs.get(keyOf(address));
  }

  /** Replaces the blob; blocks that wait are dropped. */
  put(address: BlobAddress, body: Buffer, contentType: string): BlockBlob | BlobFault {
    if (body.length > this.#room(address)) return 'full';
    return this.#commit(address, body, contentType, new Map());
  }

  /** @returns Undefined where it was taken. */
  putBlock(address: BlobAddress, id: string, bytes: Buffer): BlobFault | undefined {
    const key = keyOf(address);
    const waiting = this.#uncommitted.get(key) ?? new Map<string, Buffer>();
    const [other] = waiting.keys();
    if (other !== undefined && other.length !== id.length) return 'blockIdLength';
    if (bytes.length > this.#room() + (waiting.get(id)?.length ?? 0)) return 'full';
    this.#uncommitted.set(key, waiting.set(id, bytes));
    return undefined;
  }

  /** Makes the blob of the listed blocks, in the list's order; those that are not listed are dropped. */
  commit(address: BlobAddress, list: readonly ListedBlock[], contentType: string): BlockBlob | BlobFault {
    const waiting = this.#uncommitted.get(keyOf(address));
    const committed = this.get(address)?.blocks;
    const parts: [string, Buffer][] = [];
    for (const { source, id } of list) {
      const fresh = source === 'Committed' ? undefined : waiting?.get(id);
      const block = fresh ?? (source === 'Uncommitted' ? undefined : committed?.get(id));
      if (block === undefined) return 'unknownBlock';
      parts.push([id, block]);
    }
    const length = parts.reduce((sum, [, { length }]) => sum + length, 0);
    if (length > this.#room(address)) return 'full';
    const body = Buffer.concat(parts.map(([, bytes]) => bytes));
    return this.#commit(address, body, contentType, slices(body, parts));
  }

  /** What may still be put; in the place of everything that is at an address, if one is given. */
  #room(address?: BlobAddress): number {
    const key = address === undefined ? undefined : keyOf(address);
    let used = 0;
    for (const [at, { body }] of this.#blobs) if (at !== key) used += body.length;
    for (const [at, blocks] of this.#uncommitted)
      if (at !== key) for (const block of blocks.values()) used += block.length;
    return this.#limit - used;
  }

  #commit(address: BlobAddress, body: Buffer, contentType: string, blocks: ReadonlyMap<string, Buffer>): BlockBlob {
    const blob = {
      body,
      contentType,
      md5: md5Of(body),
      etag: `"0x8${randomBytes(7).toString('hex').toUpperCase()}"`,
      lastModified: this.#clock.now(),
      blocks,
    };
    this.#uncommitted.delete(keyOf(address));
    this.#blobs.set(keyOf(address), blob);
    return blob;
  }
}

/** Base64. */
export function md5Of(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('base64');
}

function keyOf({ container, blob }: BlobAddress): string {
  return `${container}/${blob}`;
}

/** The blocks again, as parts of the one body. */
function slices(body: Buffer, parts: readonly [string, Buffer][]): ReadonlyMap<string, Buffer> {
  let at = 0;
  return new Map(parts.map(([id, { length }]) => [id, body.subarray(at, (at += length))]));
}
