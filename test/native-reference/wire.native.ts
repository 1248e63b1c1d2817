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

// docs/devices.md says so.
test.each([
  ['native', natively],
  ['wasm', (...args: Parameters<typeof natively>) => inWasm(built)(...args)],
])('%s: after a message that timed out, the SDK neither subscribes nor reads the twin', async (_name, side) => {
  const packetsOf = async (script: string): Promise<{ anew: string[]; twins: string[] }> => {
    const { wire, said } = await run(script, side);
    const entries = wire.trim().split('\n');
    const anew = entries.flatMap((line) => {
      const { connection, direction, packet } = JSON.parse(line);
      return connection === 2 && direction === 'in' && packet.cmd !== 'pingreq' ? [packet.cmd as string] : [];
    });
    return { anew, twins: said.filter((line) => /^< twin/.test(line)) };
  };
  const timedOut = await packetsOf('outage, half-open with messages under way');
  expect(timedOut.anew).toEqual(['connect', 'publish', 'disconnect']);
  expect(timedOut.twins).toEqual([expect.stringMatching(/COMPLETE/), expect.stringMatching(/PARTIAL .*later/)]);
  const silent = await packetsOf('outage, half-open');
  expect(silent.anew).toEqual(['connect', 'subscribe', 'publish', 'publish', 'disconnect']);
  expect(silent.twins[1]).toMatch(/COMPLETE .*missed/);
});

test('every scenario in C has a script', () => {
  const names = scenarioNames();
  const used = new Set(Object.keys(SCRIPTS).map((script) => scenarioOf(script, names)));
  expect([...names].filter((name) => !used.has(name))).toEqual([]);
});
