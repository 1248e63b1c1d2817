// The module: where it comes from, and what is refused.
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { createSdk } from '../../src/sdk/index.js';
import { codeOf } from '../support/sphere.js';

const file = path.join(__dirname, '../../dist/sphere-iot.wasm');

test('given as bytes', async () => {
  const sdk = await createSdk({ wasm: await readFile(file) });
  expect(sdk.IoTHubClient_GetVersionString()).toBe('1.14.0');
  sdk.close();
});

test.each<[string, (bytes: Buffer) => Uint8Array]>([
  ['no bytes', () => new Uint8Array(0)],
  ['a text', () => Buffer.from('<html>404</html>')],
  ['half of it', (bytes) => bytes.subarray(0, bytes.length / 2)],
  ['its head changed', (bytes) => Buffer.concat([Buffer.from([1]), bytes.subarray(1)])],
])('%s → WASM_INVALID', async (_, damage) => {
  const wasm = damage(await readFile(file));
  expect(await codeOf(() => createSdk({ wasm }))).toBe('WASM_INVALID');
});

/** An encoded name. */
const named = (text: string): number[] => [text.length, ...Buffer.from(text)];
/** A section of a module. */
const section = (id: number, content: number[]): number[] => [id, content.length, ...content];
const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

test.each<[string, number[]]>([
  ['an empty module', MAGIC],
  [
    'one that wants another import',
    [...MAGIC, ...section(1, [1, 0x60, 0, 0]), ...section(2, [1, ...named('elsewhere'), ...named('f'), 0, 0])],
  ],
  ['one that has only a memory', [...MAGIC, ...section(5, [1, 0, 1]), ...section(7, [1, ...named('memory'), 2, 0])]],
])('another valid module, %s → WASM_MISMATCH', async (_, wasm) => {
  expect(await codeOf(() => createSdk({ wasm: Uint8Array.from(wasm) }))).toBe('WASM_MISMATCH');
});

test('the SDK of another build → WASM_MISMATCH', async () => {
  const { interfaceId } = await import('../../src/sdk/generated/interface-id.js');
  const wasm = await readFile(file);
  const at = wasm.indexOf(interfaceId);
  expect(at).toBeGreaterThan(0);
  wasm[at] = wasm[at] === 0x30 ? 0x31 : 0x30;
  expect(await codeOf(() => createSdk({ wasm }))).toBe('WASM_MISMATCH');
});
