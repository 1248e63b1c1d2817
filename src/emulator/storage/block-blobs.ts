import { createHash, randomBytes } from 'node:crypto';

import type { Clock } from '../../clock/index.js';
import { base64, bytesOf, count, headerText, json, listOf, shape, text, time } from '../state/shape.js';
import { NO_NAMESPACE, WithBytes, type Codec, type Namespace, type Collection } from '../state/store.js';
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

/** Blocks that wait for a list; Azure has this limit for each blob. */
const MAX_WAITING = 100_000;

/** Bytes that a blob takes beside its content and its texts, roughly: empty ones would take none. */
const BLOB_BYTES = 1024;
/** The same of a block. */
const BLOCK_BYTES = 256;

/** Why nothing was changed. */
export type BlobFault = 'full' | 'tooManyBlocks' | 'unknownBlock' | 'blockIdLength';

/** A block that waits for its blob's list. */
interface WaitingBlock {
  /** Of the blob. */
  readonly key: string;
  readonly id: string;
  readonly bytes: Buffer;
}

/** The block blobs of a storage account: committed ones, and blocks that wait for their list. */
export class BlockBlobs {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #blobs: Map<string, BlockBlob>;
  readonly #uncommitted = new Map<string, Map<string, Buffer>>();
  /** Bytes of all that is kept, names included: blobs, and blocks that wait. */
  #used = 0;
  #waiting = 0;

  readonly #keptBlobs: Collection<BlockBlob>;
  readonly #keptBlocks: Collection<WaitingBlock>;

  /** @param limit Bytes of all blobs and blocks together, names and bookkeeping included. */
  constructor(clock: Clock, limit: number, namespace: Namespace = NO_NAMESPACE) {
    this.#clock = clock;
    this.#limit = limit;
    this.#keptBlobs = namespace.collection('blobs', blobCodec);
    this.#keptBlocks = namespace.collection('blocks', blockCodec);
    this.#blobs = new Map(this.#keptBlobs.entries());
    for (const [key, blob] of this.#blobs) this.#used += sizeOfBlob(key, blob);
    for (const [, block] of this.#keptBlocks.entries()) this.#wait(block);
  }

  get(address: BlobAddress): BlockBlob | undefined {
    return this.#blobs.get(keyOf(address));
  }

  /** Replaces the blob; blocks that wait are dropped. */
  put(address: BlobAddress, body: Buffer, contentType: string): BlockBlob | BlobFault {
    return this.#commit(address, body, contentType, new Map());
  }

  /** @returns Undefined where it was taken. */
  putBlock(address: BlobAddress, id: string, bytes: Buffer): BlobFault | undefined {
    const key = keyOf(address);
    const waiting = this.#uncommitted.get(key) ?? new Map<string, Buffer>();
    const [other] = waiting.keys();
    if (other !== undefined && other.length !== id.length) return 'blockIdLength';
    const before = waiting.get(id);
    if (before === undefined && this.#waiting >= MAX_WAITING) return 'tooManyBlocks';
    const block = { key, id, bytes };
    const replaced = before === undefined ? 0 : sizeOfBlock({ ...block, bytes: before });
    if (sizeOfBlock(block) > this.#limit - this.#used + replaced) return 'full';
    this.#wait(block);
    this.#keptBlocks.put(blockKey(block), block);
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

  /** What may still be put in the place of everything that is at an address. */
  #room(address: BlobAddress): number {
    const key = keyOf(address);
    const blob = this.#blobs.get(key);
    let used = this.#used - (blob === undefined ? 0 : sizeOfBlob(key, blob));
    for (const [id, bytes] of this.#uncommitted.get(key) ?? []) used -= sizeOfBlock({ key, id, bytes });
    return this.#limit - used;
  }

  #commit(
    address: BlobAddress,
    body: Buffer,
    contentType: string,
    blocks: ReadonlyMap<string, Buffer>,
  ): BlockBlob | BlobFault {
    const blob = {
      body,
      contentType,
      md5: md5Of(body),
      etag: `"0x8${randomBytes(7).toString('hex').toUpperCase()}"`,
      lastModified: this.#clock.now(),
      blocks,
    };
    const key = keyOf(address);
    const [size, room] = [sizeOfBlob(key, blob), this.#room(address)];
    if (size > room) return 'full';
    for (const id of this.#uncommitted.get(key)?.keys() ?? []) this.#keptBlocks.delete(blockKey({ key, id }));
    this.#used = this.#limit - room + size;
    this.#waiting -= this.#uncommitted.get(key)?.size ?? 0;
    this.#uncommitted.delete(key);
    this.#blobs.set(key, blob);
    this.#keptBlobs.put(key, blob);
    return blob;
  }

  #wait({ key, id, bytes }: WaitingBlock): void {
    const waiting = this.#uncommitted.get(key) ?? new Map<string, Buffer>();
    const before = waiting.get(id);
    this.#used +=
      sizeOfBlock({ key, id, bytes }) - (before === undefined ? 0 : sizeOfBlock({ key, id, bytes: before }));
    if (before === undefined) this.#waiting++;
    this.#uncommitted.set(key, waiting.set(id, bytes));
  }
}

/** Base64. */
export function md5Of(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('base64');
}

function keyOf({ container, blob }: BlobAddress): string {
  return `${container}/${blob}`;
}

/** Bytes, roughly: texts count two a character. */
function sizeOfBlob(key: string, { body, contentType, blocks }: BlockBlob): number {
  let size = BLOB_BYTES + body.length + 2 * (key.length + contentType.length);
  for (const id of blocks.keys()) size += BLOCK_BYTES + 2 * id.length;
  return size;
}

function sizeOfBlock({ key, id, bytes }: WaitingBlock): number {
  return BLOCK_BYTES + bytes.length + 2 * (key.length + id.length);
}

function blockKey({ key, id }: Pick<WaitingBlock, 'key' | 'id'>): string {
  return JSON.stringify([key, id]);
}

const keptBlob = shape({
  contentType: headerText,
  md5: base64,
  etag: headerText,
  lastModified: time,
  blocks: listOf(listOf(json)),
});
const keptSlice = shape({ 0: text, 1: count });
const keptBlock = shape({ key: text, id: text });

const blobCodec: Codec<BlockBlob> = {
  encode: ({ body, blocks, ...blob }) =>
    new WithBytes({ ...blob, blocks: [...blocks].map(([id, { length }]) => [id, length]) }, body),
  decode: (kept) => {
    const { value, bytes } = bytesOf(kept);
    const blob = keptBlob(value) as unknown as Omit<BlockBlob, 'body' | 'blocks'> & {
      readonly blocks: readonly [string, number][];
    };
    for (const slice of blob.blocks) keptSlice(Object.fromEntries(slice.entries()));
    const lengths = blob.blocks.map(([id, length]) => [id, { length }] as const);
    return { ...blob, body: bytes, blocks: slices(bytes, lengths) };
  },
  // A container and the blob in it.
  fits: (id) => /^[^/]+\/./s.test(id),
};

const blockCodec: Codec<WaitingBlock> = {
  encode: ({ key, id, bytes }) => new WithBytes({ key, id }, bytes),
  decode: (kept) => {
    const { value, bytes } = bytesOf(kept);
    return { ...(keptBlock(value) as unknown as Omit<WaitingBlock, 'bytes'>), bytes };
  },
  fits: (id, block) => id === blockKey(block),
};

/** The blocks again, as parts of the one body. */
function slices(
  body: Buffer,
  parts: readonly (readonly [string, { readonly length: number }])[],
): ReadonlyMap<string, Buffer> {
  let at = 0;
  return new Map(parts.map(([id, { length }]) => [id, body.subarray(at, (at += length))]));
}
