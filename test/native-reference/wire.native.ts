// The same C on both sides: natively with OpenSSL, and in WebAssembly. What it says, what the services see, and every packet.
import path from 'node:path';
import { buildApp, type BuiltApp } from '../../src/app/index.js';
import { compareLines, compareWire } from '../../src/regression/index.js';
import { SCRIPTS } from './scenarios.js';
import { inWasm, natively, run } from './sides.js';

const NAMES = ['native', 'wasm'] as const;

let built: BuiltApp;

beforeAll(async () => {
  built = await buildApp(path.join(__dirname, 'app'));
}, 120_000);

test.each(Object.keys(SCRIPTS))(
  '%s',
  async (script) => {
    const native = await run(script, natively);
    const wasm = await run(script, inWasm(built));
    expect(native.said.at(-1)).toMatch(/^end \d+$/);
    expect(compareLines(native.said, wasm.said, NAMES)).toBeUndefined();
    expect(compareLines(native.told, wasm.told, NAMES)).toBeUndefined();
    expect(compareWire(native.wire, wasm.wire, { names: NAMES })).toBeUndefined();
  },
  60_000,
);
