import type { FitsId } from './store.js';

// Which ids the entries of a collection may have.

/** Where the id says more than the entry does. */
export const anyId: FitsId<unknown> = () => true;

/** Where there is one entry at most. */
export function only(name: string): FitsId<unknown> {
  return (id) => id === name;
}

/** Numbers of which some may be gone. */
export const ascending: FitsId<unknown> = (id, _value, before) =>
  isNumber(id) && (before === undefined || Number(id) > Number(before));

/** Numbers of which only the first may be gone. */
export const consecutive: FitsId<unknown> = (id, _value, before) =>
  isNumber(id) && (before === undefined || Number(id) === Number(before) + 1);

function isNumber(id: string): boolean {
  return /^(0|[1-9]\d*)$/.test(id) && Number.isSafeInteger(Number(id));
}
