import { createReadStream } from 'node:fs';

import { isObject, parseJson } from '../../json.js';
import { MAX_ENTRY_DEPTH, isKey, type Key } from './entry.js';
import { damaged, newer } from './state-error.js';

// How versions before 0.2 kept the state, which is read only to be converted: lines of JSON, each with its line feed. The first
// has the format, each other the key of an entry, with its value or, where it was deleted, without. The last line of a key counts.

const FORMAT = 1;
export const KIND = 'sphere-iot state';
const LINE_FEED = 10;
/** Bytes: what peers sent is far shorter, in any notation. */
const MAX_LINE = 64 * 1024 * 1024;

export const JOURNAL_HEADER = `${JSON.stringify({ kind: KIND, format: FORMAT })}\n`;

export interface JournalLine {
  readonly key: Key;
  /** Undefined where it was deleted. */
  readonly value?: unknown;
  /** The name of the file with its bytes, where it has some: their SHA-256. */
  readonly file?: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * The entries of a journal, in its order: it may be longer than any string. A last line without its line feed was being written
 * when the process was killed, so nobody was told of what it says: it is left out.
 * @throws SphereIotError `STATE_FOLDER_DAMAGED`, `STATE_FOLDER_NEWER`.
 */
export async function* readJournal(path: string): AsyncGenerator<JournalLine> {
  let line = 0;
  for await (const text of wholeLines(path)) {
    if (++line === 1) checkHeader(text, path);
    else yield lineOf(text, line, path);
  }
  if (line === 0) throw notJournal(path);
}

/** Whether it begins as one. @throws SphereIotError As `readJournal`. */
export async function checkJournal(path: string): Promise<void> {
  for await (const _ of readJournal(path)) return;
}

export function journalDamaged(file: string, line: number, why: string, cause?: unknown): Error {
  return damaged(`${file}, line ${line}`, why, 'Mend or remove that line, or begin with another folder.', cause);
}

async function* wholeLines(path: string): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  let line = 1;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, end)]).toString();
      parts = [];
      length = 0;
      line++;
      from = end + 1;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > MAX_LINE) throw journalDamaged(path, line, `it has more than ${MAX_LINE} bytes`);
  }
}

function lineOf(text: string, line: number, path: string): JournalLine {
  const record = parseJson(text, MAX_ENTRY_DEPTH);
  if (!isObject(record) || !isKey(record['key']) || !isFile(record['file']))
    throw journalDamaged(path, line, 'it is no entry');
  return { ...(record as { key: Key; value?: unknown; file?: string }), line };
}

function checkHeader(text: string, file: string): void {
  const header = parseJson(text);
  if (!isObject(header) || header['kind'] !== KIND || !isFormat(header['format'], FORMAT, file)) throw notJournal(file);
}

/** Whether a format is the known one: there was none before it. @throws SphereIotError `STATE_FOLDER_NEWER`. */
export function isFormat(format: unknown, known: number, path: string): boolean {
  if (Number.isSafeInteger(format) && (format as number) > known) throw newer(path, format as number);
  return format === known;
}

function notJournal(file: string): Error {
  return journalDamaged(file, 1, 'it does not say what the file is');
}

/** It is part of a path. */
function isFile(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value));
}
