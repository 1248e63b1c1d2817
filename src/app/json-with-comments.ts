import { MAX_JSON_DEPTH } from '../json.js';

/** What may stand between tokens. */
const SPACE = /(?:[ \t\r\n]+|\/\/[^\r\n]*|\/\*[^]*?\*\/)*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)\b/y;
const WORD = /[\w.-]+|[^]/y;

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

/** A text, and how far it was read: always to the begin of a token. */
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

  /** The next token, if it is a certain character, or matches; undefined, and nothing is read, if not. */
  take(token: string | RegExp): string | undefined {
    const found = typeof token === 'string' ? this.#startsWith(token) : this.#match(token);
    if (found === undefined) return undefined;
    this.#at += found.length;
    this.#skipSpace();
    return found;
  }

  unexpected(wanted: string): SyntaxError {
    const { line, column } = this.#place();
    const found = this.atEnd ? 'the text ends' : `there is ${JSON.stringify(this.#match(WORD))}`;
    const comment = this.#startsWith('/*') === undefined ? '' : ' (a comment that has no end)';
    return new SyntaxError(`line ${line}, column ${column}: expected ${wanted}, but ${found}${comment}`);
  }

  tooDeep(): SyntaxError {
    const { line, column } = this.#place();
    return new SyntaxError(`line ${line}, column ${column}: more than ${MAX_JSON_DEPTH} values are in one another`);
  }

  #skipSpace(): void {
    this.#at += (this.#match(SPACE) as string).length;
  }

  #startsWith(token: string): string | undefined {
    return this.#text.startsWith(token, this.#at) ? token : undefined;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0];
  }

  #place(): { readonly line: number; readonly column: number } {
    const before = this.#text.slice(0, this.#at).split(/\r\n?|\n/);
    return { line: before.length, column: (before.at(-1) as string).length + 1 };
  }
}

function readValue(source: Source, depth: number): unknown {
  if (depth > MAX_JSON_DEPTH) throw source.tooDeep();
  if (source.take('{') !== undefined) return Object.fromEntries(readList(source, '}', () => readField(source, depth)));
  if (source.take('[') !== undefined) return readList(source, ']', () => readValue(source, depth + 1));
  const scalar = source.take(SCALAR);
  return scalar === undefined ? readString(source, 'a value') : (JSON.parse(scalar) as unknown);
}

/** What stands between brackets, with commas between it; the opening bracket was read. */
function readList<T>(source: Source, end: string, readOne: () => T): T[] {
  const list: T[] = [];
  while (source.take(end) === undefined) {
    list.push(readOne());
    if (source.take(',') !== undefined) continue;
    if (source.take(end) !== undefined) break;
    throw source.unexpected(`a comma or ${end}`);
  }
  return list;
}

function readField(source: Source, depth: number): [string, unknown] {
  const name = readString(source, 'the name of a field, in double quotes');
  if (source.take(':') === undefined) throw source.unexpected('a colon');
  return [name, readValue(source, depth + 1)];
}

function readString(source: Source, wanted: string): string {
  const string = source.take(STRING);
  if (string === undefined) throw source.unexpected(wanted);
  return JSON.parse(string) as string;
}
