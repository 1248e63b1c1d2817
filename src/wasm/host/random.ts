import { randomFillSync } from 'node:crypto';
import type { Memory } from '../memory.js';

/** Bytes that are fetched from Node at once: a call takes a microsecond, and the SDK asks for four bytes at a time to mask a frame. */
const POOL_BYTES = 4096;

/** The random numbers of host.h. */
export function randomImports(memory: Memory) {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  return {
    random_bytes: (pointer: number, size: number): void => {
      const bytes = memory.bytesAt(pointer, size);
      if (size > POOL_BYTES) return void randomFillSync(bytes);
      if (used + size > POOL_BYTES) {
        randomFillSync(pool);
        used = 0;
      }
      bytes.set(pool.subarray(used, used + size));
      // No byte is there a second time.
      pool.fill(0, used, (used += size));
    },
  };
}
