import { NumberedLog } from '../../../src/emulator/observe/numbered-log.js';
import { sizeOf } from '../../../src/emulator/observe/size-of.js';
import type { Collection } from '../../../src/emulator/state/store.js';

/** A collection whose entries outlive the log. */
function collection(): Collection<string> & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    entries: () => [...kept],
    put: (id, value) => void kept.set(id, value),
    delete: (id) => void kept.delete(id),
  };
}

const limits = { count: 1000, bytes: 100, size: (text: string) => text.length };

describe('a numbered log', () => {
  test('keeps the newest by number, and their numbers', () => {
    const log = new NumberedLog({ ...limits, count: 3 });
    for (let i = 0; i < 10_000; i++) log.add(String(i % 10));
    expect(log.all()).toEqual(['7', '8', '9']);
    expect(log.next).toBe(10_000);
    expect(log.from(0)).toEqual({ number: 9997, entry: '7' });
    expect(log.from(9999)).toEqual({ number: 9999, entry: '9' });
    expect(log.from(10_000)).toBeUndefined();
  });

  test('keeps the newest by bytes, in its collection too, and the newest of all whatever it has', () => {
    const own = collection();
    const log = new NumberedLog(limits, own);
    for (let i = 0; i < 10; i++) log.add(String(i).repeat(40));
    expect(log.all()).toEqual(['8'.repeat(40), '9'.repeat(40)]);
    expect([...own.kept.keys()]).toEqual(['8', '9']);
    log.add('x'.repeat(1000));
    expect(log.all()).toEqual(['x'.repeat(1000)]);
    expect(log.from(0)).toEqual({ number: 10, entry: 'x'.repeat(1000) });
    const again = new NumberedLog(limits, own);
    expect([again.next, again.all()]).toEqual([11, ['x'.repeat(1000)]]);
    again.add('y');
    expect([...own.kept]).toEqual([['11', 'y']]);
  });
});

test('the size of data grows with all that is in it', () => {
  const size = sizeOf({ a: 1 });
  expect(sizeOf({ a: 'x'.repeat(1000) })).toBeGreaterThan(size + 1000);
  expect(sizeOf({ a: [{ b: 'x'.repeat(1000) }] })).toBeGreaterThan(size + 1000);
  expect(sizeOf({ a: Buffer.alloc(1000) })).toBeGreaterThanOrEqual(size + 1000);
  expect(sizeOf({ a: null, b: undefined })).toBeGreaterThan(size);
});
