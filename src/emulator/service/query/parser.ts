import { defined } from '../../../defined.js';
import { badRequest } from '../service-error.js';
import { FUNCTIONS } from './functions.js';
import {
  AGGREGATES,
  type Aggregate,
  type BinaryOperator,
  type Expression,
  type Path,
  type Query,
  type Selected,
} from './syntax.js';
import { tokensOf, type Token } from './tokens.js';

/** How many parentheses, lists and functions may stand in one another; chosen. */
const MAX_DEPTH = 50;

/** Of the weakest binding to the strongest. */
const LEVELS: readonly (readonly string[])[] = [
  ['OR'],
  ['AND'],
  ['=', '!=', '<>', '<', '<=', '>', '>=', 'IN', 'NIN'],
  ['+', '-'],
  ['*', '/', '%'],
];
/** Where NOT stands: below AND, above comparisons. */
const NOT_LEVEL = 2;

const RESERVED = new Set([
  'SELECT',
  'TOP',
  'FROM',
  'WHERE',
  'GROUP',
  'BY',
  'AS',
  'AND',
  'OR',
  'NOT',
  'IN',
  'NIN',
  'ORDER',
  'JOIN',
  'HAVING',
  'DISTINCT',
  'VALUE',
]);

/**
 * Reads a query of the documented language (protocol.md#service-queries): SELECT, FROM, WHERE, GROUP BY.
 * @param collections Those that FROM may name.
 * @throws ServiceError 400, with the place and what is expected there.
 */
export function parseQuery(text: string, collections: readonly string[]): Query {
  return new Parser(tokensOf(text), collections).query();
}

/** Reads a condition alone, as that of a job or a configuration. */
export function parseCondition(text: string, collections: readonly string[]): Expression {
  return new Parser(tokensOf(text), collections).condition();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #collections: readonly string[];
  #at = 0;
  #depth = 0;
  #from = '';

  constructor(tokens: readonly Token[], collections: readonly string[]) {
    this.#tokens = tokens;
    this.#collections = collections;
  }

  query(): Query {
    this.#from = this.#collectionAhead();
    this.#expect('SELECT');
    this.#refuse('DISTINCT', 'VALUE');
    const top = this.#takes('TOP') ? this.#top() : Infinity;
    const select = this.#takes('*') ? '*' : this.#selected();
    this.#expect('FROM');
    this.#collection();
    this.#refuse('JOIN');
    const where = this.#takes('WHERE') ? this.#expression() : undefined;
    const groupBy = this.#takes('GROUP') ? this.#groupBy() : [];
    this.#refuse('ORDER', 'HAVING');
    this.#end();
    const query = { select, top, from: this.#from, groupBy, ...defined({ where }) } as const;
    checkGroups(query);
    return query;
  }

  condition(): Expression {
    this.#from = this.#collections[0] as string;
    const condition = this.#expression();
    this.#end();
    return condition;
  }

  get #token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** Names in SELECT may begin with the collection's, which comes after them. */
  #collectionAhead(): string {
    const from = this.#tokens.findIndex((token) => isWord(token, 'FROM'));
    if (from < 0) throw badRequest(`The query has no FROM: write SELECT * FROM ${this.#collections[0]}.`);
    let name = this.#tokens[from + 1]?.text ?? '';
    for (let at = from + 2; this.#tokens[at]?.text === '.'; at += 2) name += `.${this.#tokens[at + 1]?.text}`;
    const found = this.#collections.find((each) => each.toLowerCase() === name.toLowerCase());
    if (found === undefined)
      throw badRequest(`The query is FROM ${name || 'nothing'}: there is ${this.#collections.join(', ')}.`);
    return found;
  }

  /** It was looked at before. */
  #collection(): void {
    this.#at += 2 * this.#from.split('.').length - 1;
  }

  #top(): number {
    const { kind, text } = this.#next();
    if (kind !== 'number' || !/^[1-9]\d{0,8}$/.test(text))
      throw badRequest('TOP has to be followed by a whole number from 1.');
    return Number(text);
  }

  #selected(): readonly Selected[] {
    const items = [this.#item(1)];
    while (this.#takes(',')) items.push(this.#item(items.length + 1));
    const names = items.map(({ as }) => as);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw badRequest(`SELECT has two values of the name ${twice}: give them names with AS.`);
    return items;
  }

  /** @param number Counted from 1: the name of an aggregate that is given none. */
  #item(number: number): Selected {
    const aggregate = this.#aggregate();
    const path = aggregate === undefined ? this.#path() : this.#aggregated(aggregate);
    const as = this.#takes('AS') ? this.#name() : undefined;
    const given = as ?? (aggregate === undefined ? String(path?.at(-1)) : `$${number}`);
    return { as: given, ...defined({ aggregate, path }) };
  }

  #aggregate(): Aggregate | undefined {
    const name = this.#token.text.toUpperCase() as Aggregate;
    if (this.#token.kind !== 'word' || this.#tokens[this.#at + 1]?.text !== '(') return undefined;
    if (!AGGREGATES.includes(name))
      throw badRequest(
        `SELECT can't have the function ${this.#token.text}: it takes names, and ${AGGREGATES.join(', ')}.`,
      );
    this.#at += 2;
    return name;
  }

  #aggregated(aggregate: Aggregate): Path | undefined {
    const isAll = aggregate === 'COUNT' && (this.#takes('*') || this.#takes('1') || this.#token.text === ')');
    const path = isAll ? undefined : this.#path();
    this.#expect(')');
    return path;
  }

  #groupBy(): readonly Path[] {
    this.#expect('BY');
    const paths = [this.#path()];
    while (this.#takes(',')) paths.push(this.#path());
    return paths;
  }

  #expression(level = 0): Expression {
    if (level === NOT_LEVEL && this.#takes('NOT'))
      return { kind: 'not', of: this.#deeper(() => this.#expression(NOT_LEVEL)) };
    if (level === LEVELS.length) return this.#primary();
    let left = this.#expression(level + 1);
    for (;;) {
      const operator = LEVELS[level]?.find((each) => this.#takes(each));
      if (operator === undefined) return left;
      const right = this.#expression(level + 1);
      left = { kind: 'binary', operator: (operator === '<>' ? '!=' : operator) as BinaryOperator, left, right };
    }
  }

  #primary(): Expression {
    const { kind, text } = this.#token;
    if (this.#takes('(')) return this.#closed(')', () => this.#expression());
    if (this.#takes('[')) return this.#closed(']', () => ({ kind: 'list', items: this.#list(']') }));
    if (this.#takes('-')) return { kind: 'minus', of: this.#deeper(() => this.#primary()) };
    if (kind === 'text') return { kind: 'constant', value: this.#next().text };
    if (kind === 'number') return { kind: 'constant', value: Number(this.#next().text) };
    if (kind !== 'word') throw this.#unexpected('a value');
    if (this.#takes('TRUE')) return { kind: 'constant', value: true };
    if (this.#takes('FALSE')) return { kind: 'constant', value: false };
    if (this.#takes('NULL')) return { kind: 'constant', value: null };
    if (this.#takes('UNDEFINED')) return { kind: 'constant', value: undefined };
    if (this.#tokens[this.#at + 1]?.text === '(') return this.#call(text.toUpperCase());
    return { kind: 'path', path: this.#path() };
  }

  #call(name: string): Expression {
    const known = FUNCTIONS.get(name);
    if (known === undefined)
      throw badRequest(`There is no function ${name} in a condition. There is ${[...FUNCTIONS.keys()].join(', ')}.`);
    this.#at += 2;
    const inputs = this.#closed(')', () => this.#list(')'));
    if (inputs.length < known.fewest || inputs.length > known.most)
      throw badRequest(`The function ${name} was given ${inputs.length} values, and takes ${countOf(known)}.`);
    return { kind: 'call', name, inputs };
  }

  #list(end: string): readonly Expression[] {
    const items: Expression[] = [];
    if (this.#token.text === end && this.#token.kind === 'sign') return items;
    do items.push(this.#expression());
    while (this.#takes(','));
    return items;
  }

  /** A name, and what is below it: `a.b`, `a['b']`, `a.[[b-c]]`, `a[0]`; the name of the collection may stand before it. */
  #path(): Path {
    const path: (string | number)[] = [this.#name()];
    for (;;) {
      if (this.#takes('.')) path.push(this.#name());
      else if (this.#token.text === '[' && this.#token.kind === 'sign') path.push(this.#index());
      else break;
    }
    const own = this.#from.split('.');
    const isNamed = path.length > own.length && own.every((word, index) => word === path[index]);
    return isNamed ? path.slice(own.length) : path;
  }

  #index(): string | number {
    this.#expect('[');
    const { kind, text } = this.#next();
    const isIndex = kind === 'number' && /^\d{1,9}$/.test(text);
    if (kind !== 'text' && !isIndex)
      throw badRequest(`[…] behind a name has to hold a text or a whole number, and has ${text}.`);
    this.#expect(']');
    return kind === 'text' ? text : Number(text);
  }

  #name(): string {
    if (this.#takes('[[')) return this.#bracketed();
    const { kind, text } = this.#token;
    if (kind !== 'word') throw this.#unexpected('a name');
    if (RESERVED.has(text.toUpperCase()) && this.#tokens[this.#at - 1]?.text !== '.') throw this.#unexpected('a name');
    return this.#next().text;
  }

  /** A name with signs in it. */
  #bracketed(): string {
    let name = '';
    while (this.#token.kind !== 'end' && this.#token.text !== ']]') name += this.#next().text;
    this.#expect(']]');
    return name;
  }

  #closed<T>(end: string, read: () => T): T {
    const inner = this.#deeper(read);
    this.#expect(end);
    return inner;
  }

  #deeper<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw badRequest(`The query is nested deeper than ${MAX_DEPTH}.`);
    const inner = read();
    this.#depth--;
    return inner;
  }

  #next(): Token {
    const token = this.#token;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** A word, in any case, or a sign. */
  #takes(text: string): boolean {
    const token = this.#token;
    const fits = token.kind === 'text' || token.kind === 'end' ? false : token.text.toUpperCase() === text;
    if (fits) this.#at++;
    return fits;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#unexpected(text);
  }

  #refuse(...words: readonly string[]): void {
    const word = words.find((each) => isWord(this.#token, each));
    if (word !== undefined) throw badRequest(`The query language of the service has no ${word}.`);
  }

  #end(): void {
    if (this.#token.kind !== 'end') throw this.#unexpected('the end of the query');
  }

  #unexpected(wanted: string): Error {
    const { kind, text, at } = this.#token;
    const there = kind === 'end' ? 'the query ends' : `there is ${JSON.stringify(text)}`;
    return badRequest(`The query can't be read: at character ${at} ${there}, where ${wanted} is expected.`);
  }
}

function isWord(token: Token, word: string): boolean {
  return token.kind === 'word' && token.text.toUpperCase() === word;
}

function countOf({ fewest, most }: { readonly fewest: number; readonly most: number }): string {
  return fewest === most ? String(fewest) : `${fewest} to ${most}`;
}

/** What stands beside aggregates has to be the same for all documents of a group. */
function checkGroups({ select, groupBy, from }: Query): void {
  if (from === 'devices.jobs' && (select !== '*' || groupBy.length > 0))
    throw badRequest('A query FROM devices.jobs takes SELECT * only, and no GROUP BY.');
  if (select === '*') {
    if (groupBy.length > 0) throw badRequest("SELECT * can't be grouped: name what GROUP BY has, and aggregates.");
    return;
  }
  if (groupBy.length === 0 && select.every(({ aggregate }) => aggregate === undefined)) return;
  const groups = groupBy.map((path) => JSON.stringify(path));
  const other = select.find(({ aggregate, path }) => aggregate === undefined && !groups.includes(JSON.stringify(path)));
  if (other !== undefined)
    throw badRequest(`SELECT has ${other.path?.join('.')} beside aggregates, and GROUP BY has it not.`);
}
