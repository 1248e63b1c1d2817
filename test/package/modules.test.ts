import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
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

  test.each([
    ['is missing', undefined, 'WASM_NOT_FOUND', 'npm run setup.*createSdk\\({ wasm }\\)'],
    ['is damaged', (file: Buffer) => file.subarray(0, 1000), 'WASM_INVALID', 'damaged'],
    ['is another one', () => Buffer.from('0061736d01000000', 'hex'), 'WASM_MISMATCH', 'another build'],
  ])('says so when the WebAssembly file %s', async (_what, change, code, says) => {
    // Inside the project, so that the packages it needs are found.
    const folder = await mkdtemp(path.join(root, 'build/package-'));
    try {
      await cp(path.join(root, 'dist/cjs'), path.join(folder, 'dist/cjs'), { recursive: true });
      await rm(path.join(folder, 'dist/cjs/wasm/embedded.js'));
      const wasm = await readFile(path.join(root, 'dist/sphere-iot.wasm'));
      if (change) await writeFile(path.join(folder, 'dist/sphere-iot.wasm'), change(wasm));
      const script = "require('./dist/cjs/index.js').createSdk().catch((e) => console.log(e.code, e.message))";
      const { stdout } = await run(process.execPath, ['-e', script], { cwd: folder });
      expect(stdout).toMatch(new RegExp(`^${code} .*${says}`));
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
