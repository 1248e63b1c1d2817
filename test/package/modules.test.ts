import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);

describe('the package', () => {
  test.each([
    ['import', 'mjs', "import { createSdk } from 'sphere-iot'; import { LocalAzure } from 'sphere-iot/emulator';"],
    [
      'require',
      'cjs',
      "const { createSdk } = require('sphere-iot'); const { LocalAzure } = require('sphere-iot/emulator');",
    ],
  ])('can be loaded by %s, and finds its WebAssembly file', async (_how, ending, load) => {
    const folder = await mkdtemp(path.join(root, 'build/package-'));
    const file = path.join(folder, `try.${ending}`);
    await writeFile(
      file,
      `${load}
createSdk().then((sdk) => { console.log(typeof LocalAzure.start, sdk.Prov_Device_LL_GetVersionString()); sdk.close(); });\n`,
    );
    try {
      expect((await run(process.execPath, [file])).stdout).toBe('function 1.14.0\n');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('has a WebAssembly file of at most 240 KB, 95 KB gzipped, with the log lines in it', async () => {
    const file = path.join(root, 'dist/sphere-iot.wasm');
    expect((await stat(file)).size).toBeLessThanOrEqual(240_000);
    const bytes = await readFile(file);
    expect(gzipSync(bytes, { level: 9 }).length).toBeLessThanOrEqual(95_000);
    expect(bytes.includes('Failure establishing connection')).toBe(true);
    expect(bytes.includes(root)).toBe(false);
  });
});
