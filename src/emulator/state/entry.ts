import { crc32 } from 'node:zlib';

import { MAX_JSON_DEPTH, isObject, parseJson } from '../../json.js';

// An entry in the database: its key is the path as JSON; its content is four bytes of CRC-32 (of the key and of what follows), JSON
// with the order and the value, and, where it has bytes, a line feed and those.

/** An entry holds what a peer sent, a few levels down. */
export const MAX_ENTRY_DEPTH = MAX_JSON_DEPTH + 10;
const LINE_FEED = 10;
const CHECKSUM = 4;

/** The path of a collection, and the id of the entry on it. */
export type Key = readonly string[];

/** What an entry's content says. */
export interface EntryRecord {
  /** Entries came in this order. */
  readonly order: number;
  readonly value: unknown;
  readonly bytes?: Buffer;
}

/** An entry as it was read: its value, which may take much more memory than its content, is made of that when it is wanted. */
export interface Entry {
  readonly key: Key;
  readonly order: number;
  readonly content: Buffer;
}

/** The key as it is in the database. */
export function idOf(key: Key): string {
  return JSON.stringify(key);
}

export function encodeEntry(id: string, { order, value, bytes }: EntryRecord): Buffer {
  const json = Buffer.from(JSON.stringify({ order, value }));
  const parts = bytes === undefined ? [json] : [json, Buffer.of(LINE_FEED), bytes];
  const content = Buffer.concat([Buffer.alloc(CHECKSUM), ...parts]);
  content.writeUInt32BE(checksum(id, content));
  return content;
}

/** The checksum that an entry's content begins with. */
export function checksumOf(content: Buffer): number {
  return content.readUInt32BE();
}

/** Undefined where it is no entry, or not as it was written. */
export function decodeEntry(id: string, content: Buffer): Entry | undefined {
  const key = parseJson(id);
  if (!isKey(key) || content.length < CHECKSUM || checksumOf(content) !== checksum(id, content)) return undefined;
  const record = recordIn(content);
  return record && { key, order: record.order, content };
}

/** Undefined where it is none. @param content Of an entry. */
export function recordIn(content: Buffer): EntryRecord | undefined {
  const end = content.indexOf(LINE_FEED, CHECKSUM);
  const record = parseJson(content.subarray(CHECKSUM, end < 0 ? undefined : end), MAX_ENTRY_DEPTH);
  if (!isObject(record) || typeof record['order'] !== 'number') return undefined;
  const { order, value } = record;
  return { order, value, ...(end < 0 ? {} : { bytes: content.subarray(end + 1) }) };
}

export function isKey(value: unknown): value is Key {
  return Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string');
}

function checksum(id: string, content: Buffer): number {
  return crc32(content.subarray(CHECKSUM), crc32(id));
}
