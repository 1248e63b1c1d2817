import { createCipheriv, createDecipheriv, type CipherGCM, type CipherGCMTypes, type DecipherGCM } from 'node:crypto';
import type { Memory } from '../../wasm/index.js';
import { HostError } from './errors.js';

/** The names that OpenSSL has for HOST_CIPHER_…, by the bits of the key. */
const NAMES: readonly ((bits: number) => string)[] = [
  (bits) => `aes-${bits}-cbc`,
  (bits) => `aes-${bits}-ctr`,
  (bits) => `aes-${bits}-gcm`,
  () => 'chacha20-poly1305',
];
const AES_GCM = 2;

/** Node has the modes with a tag under one type. */
type Authenticated = CipherGCM & DecipherGCM;

/** The ciphers of host.h: each call is a whole message. */
export function cipherImports(memory: Memory) {
  return {
    cipher: (request: number): number => {
      const field = (index: number): number => memory.uint32At(request + 4 * index);
      const bytes = (index: number): Buffer => Buffer.from(memory.copyAt(field(index), field(index + 1)));
      const [cipher, decrypts, out, tag, tagSize] = [field(0), field(1) !== 0, field(10), field(11), field(12)];
      const [key, iv, data, input] = [bytes(2), bytes(4), bytes(6), bytes(8)];
      const authenticated = cipher >= AES_GCM;
      try {
        const name = (NAMES[cipher] as (bits: number) => string)(key.length * 8) as CipherGCMTypes;
        const options = { authTagLength: tagSize };
        const run = (
          decrypts ? createDecipheriv(name, key, iv, options) : createCipheriv(name, key, iv, options)
        ) as Authenticated;
        run.setAutoPadding(false);
        if (authenticated) run.setAAD(data, { plaintextLength: input.length });
        if (authenticated && decrypts) run.setAuthTag(bytes(11));
        const first = run.update(input);
        const last = finish(run);
        if (last === undefined) return authenticated && decrypts ? HostError.access : HostError.invalid;
        memory.bytes.set(Buffer.concat([first, last]), out);
        if (authenticated && !decrypts) memory.bytes.set(run.getAuthTag(), tag);
        return 0;
      } catch {
        // A key, an IV or a tag of a size that there is not.
        return HostError.invalid;
      }
    },
  };
}

/** The last bytes; undefined where the tag does not fit. */
function finish(run: Authenticated): Buffer | undefined {
  try {
    return run.final();
  } catch {
    return undefined;
  }
}
