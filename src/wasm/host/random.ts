import { randomFillSync } from 'node:crypto';
import type { Memory } from '../memory.js';

/** The random numbers of host.h. */
export function randomImports(memory: Memory) {
  return {
    random_bytes: (pointer: number, size: number): void => {
      randomFillSync(memory.bytesAt(pointer, size));
    },
  };
}
