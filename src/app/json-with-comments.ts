import { MAX_JSON_DEPTH } from '../json.js';

/** What numbers, true, false and null consist of. */
const IN_WORD = /[\w.+-]/;
/** Characters of a word that a message shows. */
const MAX_WORD = 40;
/** Strings have no control characters. */
const FIRST_PRINTABLE = 0x20;

const BYTE_ORDER_MARK = '\ufeff';

/**
 * Parses JSON as the SDK's tools read it: with a byte order mark, line and block comments, and a comma after the last element.
 * Of a field that is there twice, the last one counts, as with `JSON.parse`.
 * @throws SyntaxError with the line and the column of what is wrong, both from 1.
 */
export function parseJsonWithComments(text: string): unknown {
  const source = new Source(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  const value = readValue(source, 0);
  if (!source.atEnd) throw source.unexpected('the end');
  return value;
}

/**
 * A text, and how far it was read: always to the begin of a token. No regular expression is used where a token has any length: V8 keeps a place
 * to go back to for each character, and has no room for millions.
 */
class Source {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** Whether the next token is a certain character; if not, nothing is read. */
  take(character: string): boolean {
    const found = this.#text[this.#at] === character;
    if (found) this.#moveTo(this.#at + 1);
    return found;
  }

  /** A number, true, false or null; undefined, and nothing is read, where there is none. */
  takeScalar(): unknown {
    const end = this.#wordEnd(Infinity);
    return end === this.#at ? undefined : this.#takeJson(end);
  }

  /** Undefined, and nothing is read, where there is none. */
  takeString(): string | undefined {
    const end = this.#text[this.#at] === '"' ? this.#stringEnd() : undefined;
    return end === undefined ? undefined : (this.#takeJson(end) as string | undefined);
  }

  unexpected(wanted: string): SyntaxError {
    const found = this.atEnd ? 'the text ends' : `there is ${JSON.stringify(this.#word())}`;
    const comment = this.#text.startsWith('/*', this.#at) ? ' (a comment that has no end)' : '';
    return new SyntaxError(`${this.#place()}: expected ${wanted}, but ${found}${comment}`);
  }

  tooDeep(): SyntaxError {
    return new SyntaxError(`${this.#place()}: more than ${MAX_JSON_DEPTH} values are in one another`);
  }

  #moveTo(at: number): void {
    this.#at = at;
    this.#skipSpace();
  }

  /** And comments that have an end. */
  #skipSpace(): void {
    for (let next = this.#spaceEnd(this.#at); next > this.#at; next = this.#spaceEnd(next)) this.#at = next;
  }

  /** Behind one space, or one comment, at a place; the place itself where there is none. */
  #spaceEnd(at: number): number {
    const text = this.#text;
    if (isSpace(text[at])) return at + 1;
    if (text.startsWith('//', at)) return this.#lineEnd(at);
    const end = text.startsWith('/*', at) ? text.indexOf('*/', at + 2) : -1;
    return end < 0 ? at : end + 2;
  }

  #lineEnd(from: number): number {
    let at = from;
    while (at < this.#text.length && !isLineBreak(this.#text[at])) at++;
    return at;
  }

  /** Behind the quote that ends the string at this place; what is in it may be wrong still. */
  #stringEnd(): number | undefined {
    const text = this.#text;
    for (let at = this.#at + 1; at < text.length && text.charCodeAt(at) >= FIRST_PRINTABLE; at++) {
      if (text[at] === '"') return at + 1;
      if (text[at] === '\\') at++;
    }
    return undefined;
  }

  /** Undefined, and nothing is read, where what is there up to the end is no JSON. */
  #takeJson(end: number): unknown {
    let value: unknown;
    try {
      value = JSON.parse(this.#text.slice(this.#at, end));
    } catch {
      return undefined;
    }
    this.#moveTo(end);
    return value;
  }

  #wordEnd(longest: number): number {
    let at = this.#at;
    while (at < this.#text.length && at - this.#at < longest && IN_WORD.test(this.#text[at] as string)) at++;
    return at;
  }

  /** For messages: the word at this place, or the character. */
  #word(): string {
    return this.#text.slice(this.#at, Math.max(this.#wordEnd(MAX_WORD), this.#at + 1));
  }

  #place(): string {
    let line = 1;
    let begin = 0;
    for (let at = 0; at < this.#at; at++)
      if (isLineBreak(this.#text[at])) {
        if (this.#text.startsWith('\r\n', at)) at++;
        line++;
        begin = at + 1;
      }
    return `line ${line}, column ${this.#at - begin + 1}`;
  }
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || isLineBreak(character);
}

function isLineBreak(character: string | undefined): boolean {
  return character === '\r' || character === '\n';
}

function readValue(source: Source, depth: number): unknown {
  if (depth > MAX_JSON_DEPTH) throw source.tooDeep();
  if (source.take('{')) return Object.fromEntries(readList(source, '}', () => readField(source, depth)));
  if (source.take('[')) return readList(source, ']', () => readValue(source, depth + 1));
  const scalar = source.takeScalar();
  return scalar === undefined ? readString(source, 'a value') : scalar;
}

/** What stands between brackets, with commas between it; the opening bracket was read. */
function readList<T>(source: Source, end: string, readOne: () => T): T[] {
  const list: T[] = [];
  while (!source.take(end)) {
    list.push(readOne());
    if (source.take(',')) continue;
    if (source.take(end)) break;
    throw source.unexpected(`a comma or ${end}`);
  }
  return list;
}

function readField(source: Source, depth: number): [string, unknown] {
  const name = readString(source, 'the name of a field, in double quotes');
  if (!source.take(':')) throw source.unexpected('a colon');
  return [name, readValue(source, depth + 1)];
}

function readString(source: Source, wanted: string): string {
  const string = source.takeString();
  if (string === undefined) throw source.unexpected(wanted);
  return string;
}
