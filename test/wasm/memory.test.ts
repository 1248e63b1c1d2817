// The temporary values of calls: where they are, and that nothing of them is left.
import { Memory } from '../../src/wasm/index.js';

/** A memory whose heap is a row of blocks; `heap` has those that were not freed. */
function makeMemory() {
  const buffer = new ArrayBuffer(1024 * 1024);
  const heap = new Set<number>();
  let next = 1024;
  const memory = new Memory(() => ({
    memory: { buffer },
    malloc(size: number) {
      const pointer = next;
      next += (size + 15) & ~7;
      heap.add(pointer);
      return pointer;
    },
    free: (pointer: number) => void heap.delete(pointer),
  }));
  memory.prepare();
  heap.clear();
  return { memory, heap, isClean: () => memory.bytes.every((byte) => byte === 0) };
}

const LONG = 'ü'.repeat(20_000);
const texts = [
  '',
  'a',
  'key=value',
  'ü',
  'a'.repeat(63) + 'ü',
  'a'.repeat(64),
  'b'.repeat(65),
  'ß'.repeat(2000),
  '🫖\ud800',
  LONG,
];

test.each(texts.map((text) => [text.slice(0, 12), text]))('a text %j is there with its NUL, and wiped', (_, text) => {
  const { memory, heap, isClean } = makeMemory();
  const mark = memory.mark();
  const pointer = memory.text(text);
  const after = memory.text('after it');
  expect(memory.textAt(pointer)).toBe(Buffer.from(text).toString());
  expect(memory.textAt(after)).toBe('after it');
  expect(heap.size).toBe(text === LONG ? 2 : 0);
  memory.wipe(mark);
  expect(isClean()).toBe(true);
  expect(heap.size).toBe(0);
  expect(memory.mark()).toBe(mark);
});

test.each(['\0', 'a\0', `${'a'.repeat(100)}\0`, 'ü\0'])('a NUL in %j is refused, and leaves nothing', (text) => {
  const { memory, isClean } = makeMemory();
  const mark = memory.mark();
  expect(() => memory.text(text)).toThrow(expect.objectContaining({ code: 'TEXT_HAS_NUL' }));
  memory.wipe(mark);
  expect(isClean()).toBe(true);
});

test('a call in a call frees its own values and no other', () => {
  const { memory, heap } = makeMemory();
  const outer = memory.mark();
  const large = memory.temporary(new Uint8Array(50_000).fill(1));
  const inner = memory.mark();
  const another = memory.temporary(new Uint8Array(50_000).fill(2));
  const small = memory.text('small');
  expect(heap).toEqual(new Set([large, another, small]));
  memory.wipe(inner);
  expect(heap).toEqual(new Set([large]));
  expect(memory.bytes[large + 49_999]).toBe(1);
  memory.release(outer);
  expect(heap.size).toBe(0);
  expect(memory.mark()).toBe(outer);
});

test('space is of zeros, whatever was there before', () => {
  const { memory } = makeMemory();
  const mark = memory.mark();
  memory.temporary(new Uint8Array(64).fill(0xff));
  memory.release(mark);
  const pointer = memory.space(8);
  expect(pointer % 8).toBe(0);
  expect(memory.uint32At(pointer) | memory.uint32At(pointer + 4)).toBe(0);
});

test('bytes up to a NUL are a copy of what is there, UTF-8 or not', () => {
  const { memory } = makeMemory();
  const password = [0x73, 0xe9, 0x73, 0xff];
  memory.bytes.set([...password, 0, 0x78], 2048);
  const copy = memory.bytesToNul(2048);
  memory.bytes.fill(0, 2048, 2054);
  expect([...(copy ?? [])]).toEqual(password);
  expect(memory.bytesToNul(2048)).toHaveLength(0);
  expect(memory.bytesToNul(0)).toBeUndefined();
});
