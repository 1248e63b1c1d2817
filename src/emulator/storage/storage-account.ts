import { checkOptions, type Rules } from '../../options.js';
import { count, text } from '../../rules.js';
import { randomBytes, randomUUID } from 'node:crypto';

import { asciiLowerCase } from '../../ascii.js';
import type { Clock } from '../../clock/index.js';
import type { HttpAnswer, HttpHead, HttpRequest, HttpService } from '../contract/http-service.js';
import { decoded, queryValue } from '../codec/query.js';
import { base64, checked } from '../state/shape.js';
import { only } from '../state/ids.js';
import { NO_NAMESPACE, type Namespace } from '../state/store.js';
import { blobNameFault, isContainerName } from './blob-name.js';
import { blobSas, sasFault, type BlobAddress, type SasFault, type StorageKey } from './blob-sas.js';
import { MAX_BLOCK_LIST_BYTES, MAX_BLOCKS, parseBlockList } from './block-list.js';
import { BlockBlobs, md5Of, type BlobFault, type BlockBlob } from './block-blobs.js';
import { storageError, type StorageErrorCode } from './storage-error.js';

/** The host of the storage account that the hubs upload to. */
export const DEFAULT_STORAGE_HOST = 'sphereiotlocal.blob.core.windows.net';
const DEFAULT_LIMIT = 256 * 1024 * 1024;
/** Bytes, before they are base64. */
const MAX_BLOCK_ID = 64;

export interface StorageOptions {
  /**
   * What devices are told as the host of their uploads. Default `sphereiotlocal.blob.core.windows.net`; `localhost`, or
   * `localhost:8443`, where a client of another make can resolve no other name.
   */
  readonly hostName?: string | undefined;
  /** Bytes of all blobs together, and of the blocks that are not committed yet, their names and 1 KiB a blob, 256 bytes a block included. Default 256 MiB. */
  readonly limit?: number | undefined;
}

const RULES: Rules<StorageOptions> = { hostName: text, limit: count };

const FAULTS: Readonly<Record<BlobFault, readonly [StorageErrorCode, string]>> = {
  full: ['RequestBodyTooLarge', "the emulator's storage is full: raise storage.limit"],
  unknownBlock: ['InvalidBlockList', 'a listed block was never put'],
  tooManyBlocks: ['BlockCountExceedsLimit', 'so many blocks wait already for their lists'],
  blockIdLength: ['InvalidBlobOrBlock', 'the block id is not as long as those before it'],
};

/** A storage account with one service, Blob, and of that the block blobs: what file upload needs (protocol.md#file-upload). */
export class StorageAccount implements HttpService {
  readonly hostName: string;
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #key: StorageKey;
  readonly #blobs: BlockBlobs;

  constructor(clock: Clock, options: StorageOptions = {}, namespace: Namespace = NO_NAMESPACE) {
    checkOptions(options, 'storage', '{ limit: 1_000_000 }', RULES);
    const { hostName = DEFAULT_STORAGE_HOST, limit = DEFAULT_LIMIT } = options;
    this.hostName = asciiLowerCase(hostName);
    this.#limit = limit;
    this.#clock = clock;
    this.#key = { account: this.hostName.split(/[.:]/)[0] as string, key: accountKey(namespace) };
    this.#blobs = new BlockBlobs(clock, limit, namespace);
  }

  /** Without a port. */
  get serverName(): string {
    return this.hostName.replace(/:\d*$/, '');
  }

  /** The query, `?` included, with which a device may read and write one blob. A secret. */
  sas(address: BlobAddress, expiresAt: number): string {
    return blobSas(this.#key, address, expiresAt);
  }

  uri({ container, blob }: BlobAddress): string {
    return `https://${this.hostName}/${container}/${blob.split('/').map(encodeURIComponent).join('/')}`;
  }

  blob(address: BlobAddress): BlockBlob | undefined {
    return this.#blobs.get(address);
  }

  /** None of a request that is not allowed to write, as storage takes the largest bodies. */
  maxBodyBytes({ method, path, query }: HttpHead): number {
    const address = addressOf(path);
    if (method !== 'PUT' || address === undefined) return 0;
    if (sasFault(this.#key, address, query, 'w', this.#clock.now()) !== undefined) return 0;
    return queryValue(query, 'comp') === 'blocklist' ? MAX_BLOCK_LIST_BYTES : this.#limit;
  }

  http(request: HttpRequest): HttpAnswer {
    const address = addressOf(request.path);
    if (address === undefined) return this.#error('InvalidUri', 'the path is not /{container}/{blob}');
    if (!isContainerName(address.container))
      return this.#error('InvalidResourceName', 'the path does not begin with the name of a container');
    const nameFault = blobNameFault(address.blob);
    if (nameFault !== undefined)
      return this.#error('InvalidResourceName', `the blob's name can't be one: ${nameFault}`);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead && request.method !== 'PUT')
      return this.#error('UnsupportedHttpVerb', `${request.method} is not supported here`);
    const fault = sasFault(this.#key, address, request.query, isRead ? 'r' : 'w', this.#clock.now());
    if (fault !== undefined) return this.#unauthorized(fault);
    return isRead ? this.#get(address, request) : this.#put(address, request);
  }

  #get(address: BlobAddress, { query }: HttpRequest): HttpAnswer {
    if (queryValue(query, 'comp') !== undefined)
      return this.#error('InvalidQueryParameterValue', 'of reads, only Get Blob and Get Blob Properties are here');
    const blob = this.#blobs.get(address);
    if (blob === undefined) return this.#error('BlobNotFound', `there is no blob ${address.blob}`);
    return {
      status: 200,
      headers: {
        ...this.#headers(blob),
        'content-type': blob.contentType,
        'content-md5': blob.md5,
        'x-ms-blob-type': 'BlockBlob',
      },
      body: blob.body,
    };
  }

  #put(address: BlobAddress, request: HttpRequest): HttpAnswer {
    const { body, headers, query } = request;
    const comp = queryValue(query, 'comp');
    if (body === undefined && comp === 'blocklist')
      return this.#error('RequestBodyTooLarge', `a block list has more than ${MAX_BLOCK_LIST_BYTES} bytes`);
    if (body === undefined) return this.#fault('full');
    const md5 = headers['content-md5'];
    if (md5 !== undefined && md5 !== md5Of(body))
      return this.#error('Md5Mismatch', 'the Content-MD5 header is not that of the body');
    if (comp === 'block') return this.#putBlock(address, query, body);
    if (comp === 'blocklist') return this.#putBlockList(address, headers, body);
    if (comp !== undefined) return this.#error('InvalidQueryParameterValue', `comp=${comp} is not supported here`);
    return this.#putBlob(address, headers, body);
  }

  #putBlob(address: BlobAddress, headers: HttpRequest['headers'], body: Buffer): HttpAnswer {
    const type = headers['x-ms-blob-type'];
    if (type === undefined) return this.#error('MissingRequiredHeader', 'x-ms-blob-type is missing');
    if (type !== 'BlockBlob') return this.#error('InvalidHeaderValue', 'x-ms-blob-type is not BlockBlob');
    return this.#committed(this.#blobs.put(address, body, contentTypeOf(headers, headers['content-type'])));
  }

  #putBlock(address: BlobAddress, query: string, body: Buffer): HttpAnswer {
    const id = decoded(queryValue(query, 'blockid') ?? '');
    const bytes = Buffer.from(id, 'base64');
    if (bytes.length === 0 || bytes.length > MAX_BLOCK_ID || bytes.toString('base64') !== id)
      return this.#error('InvalidQueryParameterValue', `blockid is not base64 of 1 to ${MAX_BLOCK_ID} bytes`);
    const fault = this.#blobs.putBlock(address, id, body);
    if (fault !== undefined) return this.#fault(fault);
    return { status: 201, headers: { ...this.#headers(), 'content-md5': md5Of(body) } };
  }

  #putBlockList(address: BlobAddress, headers: HttpRequest['headers'], body: Buffer): HttpAnswer {
    const list = parseBlockList(body.toString());
    if (list === undefined) return this.#error('InvalidXmlDocument', 'the body is no <BlockList>');
    if (list.length > MAX_BLOCKS) return this.#error('BlockListTooLong', `more than ${MAX_BLOCKS} blocks are listed`);
    return this.#committed(this.#blobs.commit(address, list, contentTypeOf(headers)));
  }

  #committed(blob: BlockBlob | BlobFault): HttpAnswer {
    if (typeof blob === 'string') return this.#fault(blob);
    return { status: 201, headers: { ...this.#headers(blob), 'content-md5': blob.md5 } };
  }

  #headers(blob?: BlockBlob): Record<string, string> {
    return {
      'x-ms-request-id': randomUUID(),
      'x-ms-version': '2018-03-28',
      'x-ms-request-server-encrypted': 'true',
      ...(blob === undefined ? {} : { etag: blob.etag, 'last-modified': new Date(blob.lastModified).toUTCString() }),
    };
  }

  #unauthorized({ kind, reason }: SasFault): HttpAnswer {
    if (kind === 'missing') return this.#error('NoAuthenticationInformation', reason);
    return this.#error(kind === 'permission' ? 'AuthorizationPermissionMismatch' : 'AuthenticationFailed', reason);
  }

  #fault(fault: BlobFault): HttpAnswer {
    return this.#error(...FAULTS[fault]);
  }

  #error(code: StorageErrorCode, reason: string): HttpAnswer {
    return storageError(code, reason, this.#clock.now());
  }
}

/** The same after a start, as tokens are signed with it. */
function accountKey(namespace: Namespace): Buffer {
  const collection = namespace.collection<string>('key', checked(base64, only('key')));
  const kept = collection.entries()[0]?.[1] ?? randomBytes(64).toString('base64');
  collection.put('key', kept);
  return Buffer.from(kept, 'base64');
}

/** The C SDK encodes the blob's slashes, others don't (protocol.md#file-upload). */
function addressOf(path: string): BlobAddress | undefined {
  const [, container, blob] = /^\/([^/]+)\/(.+)$/.exec(path) ?? [];
  if (container === undefined || blob === undefined) return undefined;
  try {
    return { container: decodeURIComponent(container), blob: decodeURIComponent(blob) };
  } catch {
    return undefined;
  }
}

function contentTypeOf(headers: HttpRequest['headers'], otherwise?: string): string {
  const given = headers['x-ms-blob-content-type'];
  return (typeof given === 'string' ? given : otherwise) ?? 'application/octet-stream';
}
