import { createCipheriv, createDecipheriv, type CipherGCM, type CipherGCMTypes, type DecipherGCM } from 'node:crypto';
import { HostCipher, HostError, readHostCipherRequest, type CiphersImports, type Memory } from '../../wasm/index.js';

/** The names that OpenSSL has for ciphers, by the bits of the key. */
const NAMES: Readonly<Record<number, (bits: number) => string>> = {
  [HostCipher.aesCbc]: (bits) => `aes-${bits}-cbc`,
  [HostCipher.aesCtr]: (bits) => `aes-${bits}-ctr`,
  [HostCipher.aesGcm]: (bits) => `aes-${bits}-gcm`,
  [HostCipher.chacha20Poly1305]: () => 'chacha20-poly1305',
};

/** Those that make and check a tag. */
const AUTHENTICATED: readonly number[] = [HostCipher.aesGcm, HostCipher.chacha20Poly1305];

/** Node has the modes with a tag under one type. */
type Authenticated = CipherGCM & DecipherGCM;

/** The ciphers of host.h: each call is a whole message. */
export function cipherImports(memory: Memory): CiphersImports {
  const bytes = (pointer: number, size: number): Buffer => Buffer.from(memory.copyAt(pointer, size));
  return {
    cipher: (request: number): number => {
      const asked = readHostCipherRequest(memory, request);
      const { cipher, out, tag, tagSize } = asked;
      const [key, iv] = [bytes(asked.key, asked.keySize), bytes(asked.iv, asked.ivSize)];
      const [data, input] = [bytes(asked.data, asked.dataSize), bytes(asked.in, asked.size)];
      const decrypts = asked.decrypts !== 0;
      const authenticated = AUTHENTICATED.includes(cipher);
      try {
        const name = (NAMES[cipher] as (bits: number) => string)(key.length * 8) as CipherGCMTypes;
        const options = { authTagLength: tagSize };
        const run = (
          decrypts ? createDecipheriv(name, key, iv, options) : createCipheriv(name, key, iv, options)
        ) as Authenticated;
        run.setAutoPadding(false);
        if (authenticated) run.setAAD(data, { plaintextLength: input.length });
        if (authenticated && decrypts) run.setAuthTag(bytes(tag, tagSize));
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
