import { meets, valueAt } from './evaluate.js';
import type { Path, Query, Selected } from './syntax.js';

/** The rows of a query over the documents of its collection, in their order. */
export function rowsOf(query: Query, documents: Iterable<object>): readonly unknown[] {
  const found: object[] = [];
  for (const document of documents) if (meets(document, query.where)) found.push(document);
  return projected(query, found).slice(0, query.top);
}

function projected({ select, groupBy }: Query, found: readonly object[]): readonly unknown[] {
  if (select === '*') return found;
  if (groupBy.length === 0 && select.every(({ aggregate }) => aggregate === undefined))
    return found.map((document) => rowOf(select, [document]));
  return groupsOf(found, groupBy).map((group) => rowOf(select, group));
}

/** Documents with the same values; all of them where nothing is to be the same. */
function groupsOf(documents: readonly object[], groupBy: readonly Path[]): readonly (readonly object[])[] {
  if (groupBy.length === 0) return [documents];
  const groups = new Map<string, object[]>();
  for (const document of documents) {
    const key = JSON.stringify(groupBy.map((path) => present(valueAt(document, path))));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [document]);
    else group.push(document);
  }
  return [...groups.values()];
}

/** So that what is missing differs from null. */
function present(value: unknown): readonly unknown[] {
  return value === undefined ? [] : [value];
}

/** What is missing is left out. */
function rowOf(select: readonly Selected[], group: readonly object[]): object {
  const values = select.map((item) => [item.as, selectedValue(item, group)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function selectedValue({ aggregate, path }: Selected, group: readonly object[]): unknown {
  const values = path === undefined ? group : group.map((document) => valueAt(document, path));
  const numbers = values.filter((value): value is number => typeof value === 'number');
  const sum = (): number => numbers.reduce((total, value) => total + value, 0);
  switch (aggregate) {
    case undefined:
      return values[0];
    case 'COUNT':
      return values.filter((value) => value !== undefined).length;
    case 'SUM':
      return sum();
    case 'AVG':
      return numbers.length === 0 ? undefined : sum() / numbers.length;
    case 'MIN':
      return extreme(values, (one, other) => one < other);
    case 'MAX':
      return extreme(values, (one, other) => one > other);
  }
}

/** Of numbers, or of texts where there is no number. */
function extreme(values: readonly unknown[], isBefore: (one: never, other: never) => boolean): unknown {
  const kind = values.some((value) => typeof value === 'number') ? 'number' : 'string';
  const comparable = values.filter((value) => typeof value === kind) as never[];
  return comparable.length === 0
    ? undefined
    : comparable.reduce((best, value) => (isBefore(value, best) ? value : best));
}
