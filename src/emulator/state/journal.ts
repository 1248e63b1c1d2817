import { SphereIotError } from '../../errors.js';
import { DEEPEST_JSON, isObject, parseJson } from '../../json.js';

// A journal is lines of JSON, each with its line feed: the first has the format, each other the key of an entry, with its
// value or, where it was deleted, without. The last line of a key counts.

const FORMAT = 1;
const KIND = 'sphere-iot state';
/** An entry holds what a peer sent, a few levels down. */
const DEEPEST = DEEPEST_JSON + 10;

export const HEADER = `${JSON.stringify({ kind: KIND, format: FORMAT })}\n`;

export type Key = readonly string[];

/** An entry as it stands in the journal. */
export interface JournalEntry {
  readonly key: Key;
  readonly value: unknown;
  /** The name of the file with its bytes, where it has some. */
  readonly file?: string;
  /** Its line, with the line feed. */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

/** One line. @param value JSON; undefined deletes. */
export function journalLine(key: Key, value?: unknown, file?: string): string {
  return `${JSON.stringify({ key, value, file })}\n`;
}

/**
 * The entries that count, by their keys as JSON, in the order in which they first came. A last line without its line feed was
 * being written when the process was killed, so nobody was told of what it says: it is left out.
 * @param file For errors.
 * @throws SphereIotError `STATE_FOLDER_DAMAGED`, `STATE_FOLDER_NEWER`.
 */
export function readJournal(content: string, file: string): Map<string, JournalEntry> {
  const lines = content.split('\n').slice(0, -1);
  if (lines.length === 0 && !HEADER.startsWith(content)) throw notJournal(file);
  const entries = new Map<string, JournalEntry>();
  lines.forEach((text, index) => {
    if (index === 0) return checkHeader(text, file);
    const line = index + 1;
    const record = parseJson(text, DEEPEST);
    if (!isObject(record) || !isKey(record['key']) || !isFile(record['file']))
      throw damaged(file, line, 'it is no entry');
    const { key, value, file: own } = record as { key: Key; value?: unknown; file?: string };
    const id = JSON.stringify(key);
    if (value === undefined) entries.delete(id);
    else entries.set(id, { key, value, ...(own === undefined ? {} : { file: own }), text: `${text}\n`, line });
  });
  return entries;
}

/** @throws Never; to be thrown. */
export function damaged(file: string, line: number, why: string, cause?: unknown): SphereIotError {
  return new SphereIotError(
    'STATE_FOLDER_DAMAGED',
    `The emulator's state is damaged: ${file}, line ${line}: ${why}. Mend or remove that line, or begin with another folder.`,
    { cause },
  );
}

function checkHeader(text: string, file: string): void {
  const header = parseJson(text);
  if (!isObject(header) || header['kind'] !== KIND || typeof header['format'] !== 'number') throw notJournal(file);
  if (header['format'] > FORMAT)
    throw new SphereIotError(
      'STATE_FOLDER_NEWER',
      `${file} was written by a newer version of sphere-iot (format ${header['format']}). Update it.`,
    );
}

function notJournal(file: string): SphereIotError {
  return damaged(file, 1, 'it does not say what the file is');
}

function isKey(value: unknown): value is Key {
  return Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string');
}

/** It is part of a path. */
function isFile(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value));
}
