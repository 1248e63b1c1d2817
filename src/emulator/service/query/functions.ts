import { isObject } from '../../../json.js';

/** A function of conditions (protocol.md#service-queries). A value that is undefined is missing in the document. */
export interface QueryFunction {
  readonly fewest: number;
  readonly most: number;
  /** Undefined where the values are none that it takes. */
  apply(values: readonly unknown[]): unknown;
}

/** Characters of a text that CONCAT makes; chosen. */
const MAX_TEXT = 65_536;

const of = (apply: (value: unknown) => unknown): QueryFunction => ({
  fewest: 1,
  most: 1,
  apply: ([value]) => apply(value),
});

const math = (apply: (value: number) => number): QueryFunction =>
  of((value) => (typeof value === 'number' ? finite(apply(value)) : undefined));

const ofText = (apply: (value: string) => unknown): QueryFunction =>
  of((value) => (typeof value === 'string' ? apply(value) : undefined));

const ofTexts = (apply: (value: string, other: string) => unknown): QueryFunction => ({
  fewest: 2,
  most: 2,
  apply: ([value, other]) => (typeof value === 'string' && typeof other === 'string' ? apply(value, other) : undefined),
});

export const FUNCTIONS: ReadonlyMap<string, QueryFunction> = new Map<string, QueryFunction>([
  ['IS_DEFINED', of((value) => value !== undefined)],
  ['IS_NULL', of((value) => value === null)],
  ['IS_BOOL', of((value) => typeof value === 'boolean')],
  ['IS_NUMBER', of((value) => typeof value === 'number')],
  ['IS_STRING', of((value) => typeof value === 'string')],
  ['IS_OBJECT', of(isObject)],
  ['IS_ARRAY', of(Array.isArray)],
  ['IS_PRIMITIVE', of((value) => value === null || ['boolean', 'number', 'string'].includes(typeof value))],
  ['AS_NUMBER', of(asNumber)],
  ['ABS', math(Math.abs)],
  ['EXP', math(Math.exp)],
  ['SQUARE', math((value) => value * value)],
  ['CEILING', math(Math.ceil)],
  ['FLOOR', math(Math.floor)],
  ['SIGN', math(Math.sign)],
  ['SQRT', math(Math.sqrt)],
  ['POWER', { fewest: 2, most: 2, apply: ([base, exponent]) => power(base, exponent) }],
  ['CONCAT', { fewest: 2, most: 100, apply: concatenated }],
  ['LENGTH', ofText((value) => value.length)],
  ['LOWER', ofText((value) => value.toLowerCase())],
  ['UPPER', ofText((value) => value.toUpperCase())],
  ['SUBSTRING', { fewest: 2, most: 3, apply: substring }],
  ['INDEX_OF', ofTexts((value, part) => value.indexOf(part))],
  ['STARTS_WITH', ofTexts((value, part) => value.startsWith(part))],
  ['STARTSWITH', ofTexts((value, part) => value.startsWith(part))],
  ['ENDS_WITH', ofTexts((value, part) => value.endsWith(part))],
  ['ENDSWITH', ofTexts((value, part) => value.endsWith(part))],
  ['CONTAINS', ofTexts((value, part) => value.includes(part))],
]);

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? finite(Number(value)) : undefined;
}

function power(base: unknown, exponent: unknown): number | undefined {
  return typeof base === 'number' && typeof exponent === 'number' ? finite(base ** exponent) : undefined;
}

function concatenated(values: readonly unknown[]): string | undefined {
  if (!values.every((value): value is string => typeof value === 'string')) return undefined;
  const length = values.reduce((sum, value) => sum + value.length, 0);
  return length > MAX_TEXT ? undefined : values.join('');
}

function substring([value, start, length]: readonly unknown[]): string | undefined {
  if (typeof value !== 'string' || typeof start !== 'number') return undefined;
  if (length === undefined) return value.slice(Math.max(0, start));
  return typeof length === 'number' ? value.slice(Math.max(0, start), Math.max(0, start) + length) : undefined;
}
