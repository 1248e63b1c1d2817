// The same C on both sides: natively with OpenSSL, and in WebAssembly. What it says, what the services see, and every packet.
import path from 'node:path';
import { buildApp, type BuiltApp } from '../../src/app/index.js';
import { SCRIPTS, scenarioOf } from './scenarios.js';
import { differenceOf, inWasm, natively, run, scenarioNames } from './sides.js';

let built: BuiltApp;

beforeAll(async () => {
  built = await buildApp(path.join(__dirname, 'app'));
});

test.each(Object.keys(SCRIPTS))('%s', async (script) => {
  const native = await run(script, natively);
  const wasm = await run(script, inWasm(built));
  expect(native.said.at(-1)).toMatch(/^end \d+$/);
  expect(differenceOf(native, wasm)).toBeUndefined();
});

test('every scenario in C has a script', () => {
  const names = scenarioNames();
  const used = new Set(Object.keys(SCRIPTS).map((script) => scenarioOf(script, names)));
  expect([...names].filter((name) => !used.has(name))).toEqual([]);
});
