import { FUNCTIONS } from './functions.js';
import type { BinaryOperator, Expression, Path } from './syntax.js';

/** Whether a document meets a condition: what is not exactly true is not (protocol.md#service-queries). */
export function meets(document: unknown, condition: Expression | undefined): boolean {
  return condition === undefined || valueOf(condition, document) === true;
}

/** What stands at the path; undefined where nothing does. */
export function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    if (Array.isArray(value) && typeof step === 'string') return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** Undefined where a value is missing, or is none that the operator takes. */
function valueOf(expression: Expression, document: unknown): unknown {
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'path':
      return valueAt(document, expression.path);
    case 'list':
      return expression.items.map((item) => valueOf(item, document));
    case 'not':
      return negated(valueOf(expression.of, document));
    case 'minus':
      return arithmetic('-', 0, valueOf(expression.of, document));
    case 'call':
      return FUNCTIONS.get(expression.name)?.apply(expression.inputs.map((input) => valueOf(input, document)));
    case 'binary':
      return combined(expression.operator, expression.left, expression.right, document);
  }
}

function combined(operator: BinaryOperator, left: Expression, right: Expression, document: unknown): unknown {
  const one = valueOf(left, document);
  if (operator === 'AND') return one === false ? false : both(one, valueOf(right, document));
  if (operator === 'OR') return one === true || either(one, valueOf(right, document));
  const other = valueOf(right, document);
  switch (operator) {
    case 'IN':
      return contains(other, one);
    case 'NIN':
      return negated(contains(other, one));
    case '=':
      return equal(one, other);
    case '!=':
      return negated(equal(one, other));
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordered(operator, one, other);
    default:
      return arithmetic(operator, one, other);
  }
}

function negated(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? !value : undefined;
}

function both(one: unknown, other: unknown): boolean | undefined {
  if (other === false) return false;
  return one === true && other === true ? true : undefined;
}

function either(one: unknown, other: unknown): boolean | undefined {
  if (other === true) return true;
  return one === false && other === false ? false : undefined;
}

/** Of primitive values only: objects and lists can't be compared. */
function equal(one: unknown, other: unknown): boolean | undefined {
  return isPrimitive(one) && isPrimitive(other) ? one === other : undefined;
}

function isPrimitive(value: unknown): boolean {
  return value !== undefined && (typeof value !== 'object' || value === null);
}

function contains(list: unknown, value: unknown): boolean | undefined {
  if (!Array.isArray(list) || !isPrimitive(value)) return undefined;
  return list.some((each) => equal(each, value) === true);
}

function ordered(operator: '<' | '<=' | '>' | '>=', one: unknown, other: unknown): boolean | undefined {
  const areNumbers = typeof one === 'number' && typeof other === 'number';
  const areTexts = typeof one === 'string' && typeof other === 'string';
  if (!areNumbers && !areTexts) return undefined;
  const [left, right] = [one as number, other as number];
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

function arithmetic(operator: '+' | '-' | '*' | '/' | '%', one: unknown, other: unknown): number | undefined {
  if (typeof one !== 'number' || typeof other !== 'number') return undefined;
  const results = { '+': one + other, '-': one - other, '*': one * other, '/': one / other, '%': one % other };
  const result = results[operator];
  return Number.isFinite(result) ? result : undefined;
}
