import { SphereIotError } from '../../errors.js';

const HEADER_SIZE = 8;
const MEMORY_SECTION = 5;
/** Flags of a memory's limits: it has a maximum; that, and it is shared. */
const WITH_MAXIMUM = 1;
const SHARED = 3;

/**
 * The same module, with its memory as one that several threads can have. A module's code need not know: only one of them
 * looks at it at a time.
 * @throws SphereIotError `WASM_INVALID` where there is no memory with a maximum.
 */
export function withSharedMemory(module: Uint8Array): Uint8Array {
  for (let at = HEADER_SIZE; at < module.length;) {
    const size = numberAt(module, at + 1);
    if (module[at] === MEMORY_SECTION && module[size.end + 1] === WITH_MAXIMUM) {
      const shared = Uint8Array.from(module);
      shared[size.end + 1] = SHARED; // after the number of memories, which is one
      return shared;
    }
    at = size.end + size.value;
  }
  throw new SphereIotError(
    'WASM_INVALID',
    'The app is no WebAssembly program with a memory, or damaged: build it again.',
  );
}

/** LEB128: seven bits a byte, the eighth says that there are more. */
function numberAt(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = start, shift = 0; at < bytes.length; at++, shift += 7) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return { value: 0, end: bytes.length };
}
