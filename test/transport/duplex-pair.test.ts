// The connection inside the process: order, back-pressure, both ways of ending.
import { once } from 'node:events';
import type { Duplex } from 'node:stream';

import fc from 'fast-check';

import { VirtualClock } from '../../src/clock/index.js';
import { createDuplexPair } from '../../src/transport/index.js';
import { expectNoTimers } from '../support/sphere.js';

/** Everything up to the end. (Iterating over the stream would destroy it then.) */
async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks);
}

/** Bytes that differ from their neighbours far and near. */
const pattern = (length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff));

test('bytes in random chunks arrive whole and in order, both ways at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 12 }),
      async (there, back) => {
        const [a, b] = createDuplexPair(new VirtualClock());
        const send = (stream: Duplex, sizes: number[]): Buffer => {
          const bytes = pattern(sizes.reduce((sum, size) => sum + size, 0));
          let at = 0;
          for (const size of sizes) stream.write(bytes.subarray(at, (at += size)));
          stream.end();
          return bytes;
        };
        const sent = [send(a, there), send(b, back)];
        const [atB, atA] = await Promise.all([readAll(b), readAll(a)]);
        expect(atB.equals(sent[0] as Buffer)).toBe(true);
        expect(atA.equals(sent[1] as Buffer)).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
});

test('one write is one chunk', async () => {
  const clock = new VirtualClock();
  const [a, b] = createDuplexPair(clock);
  const chunks: string[] = [];
  b.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  a.write('one');
  a.write('two');
  expect(chunks).toEqual([]);
  await clock.advance(0);
  expect(chunks).toEqual(['one', 'two']);
  a.destroy();
  b.destroy();
});

test('a writer whose reader does not read has to wait, and goes on when it does', async () => {
  const clock = new VirtualClock();
  const [a, b] = createDuplexPair(clock);
  const chunk = pattern(16_384);
  let accepted = 0;
  for (let i = 0; i < 20; i++) a.write(chunk, () => accepted++);
  await clock.advance(0);
  expect(accepted).toBeLessThan(10);
  expect(a.writableNeedDrain).toBe(true);
  expect(b.readableLength).toBeLessThan(10 * chunk.length);
  // Nothing is in flight: who waits does not hold the clock.
  await expectNoTimers(clock);
  a.end();
  expect((await readAll(b)).equals(Buffer.concat(Array.from({ length: 20 }, () => chunk)))).toBe(true);
  expect(accepted).toBe(20);
});

test('ending one end ends the other’s reading, and it can still write', async () => {
  const [a, b] = createDuplexPair(new VirtualClock());
  a.end('bye');
  expect((await readAll(b)).toString()).toBe('bye');
  b.end('still here');
  expect((await readAll(a)).toString()).toBe('still here');
});

test('destroying one end closes the other', async () => {
  const [a, b] = createDuplexPair(new VirtualClock());
  b.resume();
  b.on('end', () => b.end());
  a.destroy();
  await once(b, 'close');
  expect(b.destroyed).toBe(true);
});

test('what was written before a destroy arrives', async () => {
  const [a, b] = createDuplexPair(new VirtualClock());
  a.write('last words');
  a.destroy();
  expect((await readAll(b)).toString()).toBe('last words');
});

test('writing to a destroyed end fails with EPIPE', async () => {
  const clock = new VirtualClock();
  const [a, b] = createDuplexPair(clock);
  b.destroy();
  const error = once(a, 'error');
  a.write('into the void');
  expect((await error)[0]).toMatchObject({ code: 'EPIPE' });
});

test('a writer that waits for its reader is told when that is destroyed', async () => {
  const clock = new VirtualClock();
  const [a, b] = createDuplexPair(clock);
  const written: unknown[] = [];
  a.on('error', () => undefined);
  a.write(pattern(1_000_000));
  a.write('more', (error) => written.push((error as { code?: string } | null)?.code));
  await clock.advance(0);
  expect(written).toEqual([]);
  b.destroy();
  await clock.advance(0);
  expect(written).toEqual(['EPIPE']);
});

test('bytes in flight hold the clock', async () => {
  const clock = new VirtualClock({ start: 0 });
  const [a, b] = createDuplexPair(clock);
  let arrivedAt = -1;
  b.on('data', () => (arrivedAt = clock.now()));
  clock.setTimer(1, () => void a.write('x'));
  clock.setTimer(2, () => undefined);
  await clock.advance(10);
  expect(arrivedAt).toBe(1);
  a.destroy();
  b.destroy();
  await clock.advance(0);
});
