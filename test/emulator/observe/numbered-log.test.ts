import { NumberedLog, SharedLimit } from '../../../src/emulator/observe/numbered-log.js';
import { sizeOf } from '../../../src/emulator/observe/size-of.js';
import { seededRandom } from '../../../src/seeded-random.js';
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

describe('numbered logs with a limit together', () => {
  /** Logs of texts that have 100 characters together, and 5 entries each. */
  function logs(count: number): NumberedLog<string>[] {
    const shared = new SharedLimit(100);
    return Array.from({ length: count }, () => new NumberedLog({ ...limits, count: 5, shared }));
  }

  test('drop the oldest of all', () => {
    const [one, other] = logs(2) as [NumberedLog<string>, NumberedLog<string>];
    one.add('1'.repeat(40));
    other.add('2'.repeat(40));
    one.add('3'.repeat(40));
    expect([one.all(), other.all()]).toEqual([['3'.repeat(40)], ['2'.repeat(40)]]);
    expect(one.from(0)).toEqual({ number: 1, entry: '3'.repeat(40) });
    one.add('4'.repeat(40));
    expect([one.all(), other.all()]).toEqual([['3'.repeat(40), '4'.repeat(40)], []]);
  });

  test('keep the newest of all, whatever it has', () => {
    const [one, other] = logs(2) as [NumberedLog<string>, NumberedLog<string>];
    one.add('1');
    other.add('x'.repeat(1000));
    expect([one.all(), other.all()]).toEqual([[], ['x'.repeat(1000)]]);
  });

  test('that had entries from the start drop in the order that they are told', () => {
    const shared = new SharedLimit(100);
    const kept = [collection(), collection()];
    for (const own of kept) for (const id of ['0', '1']) own.put(id, 'x'.repeat(20));
    const [one, other] = kept.map((own) => new NumberedLog({ ...limits, shared }, own)) as [
      NumberedLog<string>,
      NumberedLog<string>,
    ];
    shared.arrange([other, one, one, other]);
    other.add('y'.repeat(30));
    expect([one.all().length, other.all().length]).toEqual([2, 2]);
    one.add('y'.repeat(30));
    expect([one.from(0)?.number, other.from(0)?.number]).toEqual([1, 1]);
    one.add('y'.repeat(20));
    expect([one.from(0)?.number, other.from(0)?.number]).toEqual([2, 1]);
  });

  test.each([1, 7, 30, 101])('hold what a model of them holds, with texts of up to %i characters', (longest) => {
    const random = seededRandom('shared');
    const all = logs(4);
    let model: { log: number; text: string }[] = [];
    for (let i = 0; i < 10_000; i++) {
      // The first log is seldom used: its entries are old.
      const log = random() < 0.001 ? 0 : 1 + Math.floor(random() * 3);
      const text = 'x'.repeat(1 + Math.floor(random() * longest));
      all[log]?.add(text);
      model.push({ log, text });
      const own = model.filter((entry) => entry.log === log);
      let ownBytes = own.reduce((sum, entry) => sum + entry.text.length, 0);
      for (let left = own.length; left > 1 && (left > 5 || ownBytes > 100); left--) {
        const oldest = own.shift();
        ownBytes -= oldest?.text.length ?? 0;
        model = model.filter((entry) => entry !== oldest);
      }
      while (model.length > 1 && model.reduce((sum, entry) => sum + entry.text.length, 0) > 100) model.shift();
    }
    expect(all.map((log) => log.all())).toEqual(
      all.map((_, log) => model.filter((entry) => entry.log === log).map(({ text }) => text)),
    );
  });
});
