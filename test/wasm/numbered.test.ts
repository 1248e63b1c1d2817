// Records by number: handles and callbacks are kept in them.
import fc from 'fast-check';
import { NumberedRecords, type Numbered } from '../../src/wasm/index.js';

const records = (most?: number) => new NumberedRecords<Numbered>(() => ({ number: 0 }), most);

test('a number is not used again, and its record is', () => {
  const table = records();
  const first = table.take();
  const { number } = first;
  table.free(first);
  const seen = new Set([first]);
  for (let i = 0; i < 1000; i++) {
    const record = table.take();
    expect(record.number).toBeGreaterThan(number + i);
    expect(table.get(number)).toBeUndefined();
    seen.add(record);
    table.free(record);
  }
  expect(seen.size).toBeLessThanOrEqual(16);
  expect(table.wasUsed(number)).toBe(true);
});

test('what is no number of a record finds none', () => {
  const table = records();
  table.take();
  for (const number of [0, -1, 0.5, 2, 17, NaN, Infinity, 2 ** 32 + 1, 2 ** 53])
    expect(table.get(number)).toBeUndefined();
  for (const number of [0, -1, 0.5, 2, NaN]) expect(table.wasUsed(number)).toBe(false);
});

test('after the largest number they begin at 1 again, and leave out what is in use', () => {
  const table = records(15);
  const kept = table.take();
  for (let i = 2; i <= 15; i++) {
    const record = table.take();
    expect(record.number).toBe(i);
    table.free(record);
  }
  expect(table.take().number).toBe(2);
  expect(table.get(1)).toBe(kept);
});

test('any order of taking and freeing: what is in use is found, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 400 }), (steps) => {
      const table = records();
      const used = new Map<number, Numbered>();
      let last = 0;
      for (const step of steps)
        if (step % 3 === 0 && used.size > 0) {
          const [number, record] = [...used][step % used.size] as [number, Numbered];
          table.free(record);
          used.delete(number);
          expect(table.get(number)).toBeUndefined();
        } else {
          const record = table.take();
          expect(record.number).toBeGreaterThan(last);
          last = record.number;
          used.set(last, record);
        }
      expect(table.count).toBe(used.size);
      expect(table.all()).toEqual([...used.values()]);
      for (const [number, record] of used) expect(table.get(number)).toBe(record);
    }),
  );
});
