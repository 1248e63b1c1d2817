// The random bytes of host.h: all that are asked for, and none twice.
import { randomImports } from '../../../src/wasm/host/random.js';
import { Memory } from '../../../src/wasm/memory.js';

const BYTES = 64 * 1024;

function start(): { readonly take: (size: number) => Buffer; readonly bytes: Uint8Array } {
  const buffer = new ArrayBuffer(BYTES);
  const memory = new Memory(() => ({ memory: { buffer } }) as never);
  const { random_bytes: fill } = randomImports(memory);
  const bytes = new Uint8Array(buffer);
  const take = (size: number): Buffer => {
    fill(100, size);
    return Buffer.from(bytes.subarray(100, 100 + size));
  };
  return { take, bytes };
}

test('no eight bytes come twice, wherever a call ends', () => {
  const { take } = start();
  const seen = new Set<string>();
  for (let i = 0; i < 3000; i++) {
    const taken = take(8 + (i % 5));
    for (let at = 0; at + 8 <= taken.length; at += 8) seen.add(taken.toString('hex', at, at + 8));
  }
  expect(seen.size).toBe(3000);
});

test.each([0, 1, 4, 4095, 4096, 4097, 60_000])('%i bytes are written, and no byte beyond them', (size) => {
  const { take, bytes } = start();
  for (const _ of [1, 2]) {
    const taken = take(size);
    expect([...bytes.subarray(0, 100), ...bytes.subarray(100 + size)].every((byte) => byte === 0)).toBe(true);
    // That the last 32 are all zero happens once in 2 to the 256.
    if (size >= 4095) expect(taken.subarray(-32).some((byte) => byte !== 0)).toBe(true);
  }
});

test('one instance does not get what another got', () => {
  const [one, other] = [start(), start()];
  expect(one.take(32)).not.toEqual(other.take(32));
});
