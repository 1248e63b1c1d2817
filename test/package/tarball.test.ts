import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { pack, root, run } from './packed.js';

/** Only Node itself: no compiler, no cargo, nothing of the clone. */
const bare = { PATH: path.dirname(process.execPath), HOME: tmpdir() };

describe('the packed tarball, installed in an empty folder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sphere-iot-package-'));
    const tarball = await pack(folder);
    await writeFile(path.join(folder, 'package.json'), '{ "private": true }');
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], {
      cwd: folder,
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function runFile(name: string, text: string): Promise<string> {
    await writeFile(path.join(folder, name), text);
    const { stdout, stderr } = await run(process.execPath, [name], { cwd: folder, env: bare });
    expect(stderr).toBe('');
    return stdout;
  }

  async function readmeExample(index: number): Promise<string> {
    const text = await readFile(path.join(root, 'README.md'), 'utf8');
    return [...text.matchAll(/```js\n(.*?)```/gs)][index]?.[1] as string;
  }

  describe.each([
    ['first', 0, '{"temperature":21}\n'],
    ['second', 1, 'IOTHUB_CLIENT_CONFIRMATION_OK\n{"temperature":21}\n'],
  ])("README's %s example", (_, index, output) => {
    test('runs as an ES module', async () => {
      expect(await runFile(`${index}.mjs`, await readmeExample(index))).toBe(output);
    });

    test('runs as a CommonJS module', async () => {
      const example = await readmeExample(index);
      const required = example.replace(/import (\{.*?\}) from ('[^']+');/gs, 'const $1 = require($2);');
      expect(await runFile(`${index}.cjs`, `(async () => {\n${required}\n})();`)).toBe(output);
    });
  });

  test('it has the API surface, and the reader of headers, for which emcc has to be there', async () => {
    const { sha256, folder: name } = JSON.parse(await readFile(path.join(root, 'wasm-build/crates.json'), 'utf8')).sdk;
    const sdk = path.join(root, 'build/crates', sha256.slice(0, 16), name);
    const text = `import { diffApi, snapshotApi } from 'sphere-iot/regression';
const [builtIn, read] = [await snapshotApi(), await snapshotApi({ sdk: ${JSON.stringify(sdk)} })];
console.log(builtIn.functions.length > 100, diffApi(builtIn, read));\n`;
    await writeFile(path.join(folder, 'api.mjs'), text);
    const { stdout } = await run(process.execPath, ['api.mjs'], { cwd: folder });
    expect(stdout).toBe("true { grade: 'none', changes: [], toolchain: [] }\n");
  });

  test('it builds an app, and runs what it built without any tools', async () => {
    const app = path.join(folder, 'app');
    await cp(path.join(root, 'bench/app'), app, { recursive: true, filter: (name) => path.basename(name) !== 'build' });
    const command = path.join(folder, 'node_modules/sphere-iot/dist/cjs/cli/main.js');
    const built = await run(process.execPath, [command, 'build', 'app', '--json'], { cwd: folder });
    const { folder: image } = JSON.parse(built.stdout) as { folder: string };
    // It knows no part of this name, and says so by its exit code.
    const ended = run(process.execPath, [command, 'run', image, 'none', '--json'], { cwd: folder, env: bare });
    await expect(ended).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^{"type":"exit","at":"[^"]+","code":1,"heapPeak":\d+}\n$/),
      stderr: '',
    });
  });

  test.each([
    ['nodenext', 'nodenext'],
    ['node16', 'node16'],
    ['es2022', 'bundler'],
  ])('its types compile with TypeScript alone: module %s, resolution %s', async (module, moduleResolution) => {
    const project = path.join(folder, `types-${module}`);
    await mkdir(project);
    const compilerOptions = {
      ...{ noEmit: true, strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, target: 'es2022' },
      ...{ module, moduleResolution, lib: ['es2023'], types: [] },
    };
    await writeFile(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*'] }));
    await writeFile(
      path.join(project, 'use.mts'),
      `import { createSdk, SphereIotError, VirtualClock, type Sdk, type WaitOptions } from 'sphere-iot';
import { buildApp, SphereApp } from 'sphere-iot/app';
import { LocalAzure } from 'sphere-iot/emulator';
import { toMatchWire } from 'sphere-iot/jest';
import { snapshotApi } from 'sphere-iot/regression';
import { Testbed } from 'sphere-iot/testbed';
const options: WaitOptions = { timeout: Infinity };
export const sdk: Promise<Sdk> = createSdk({ resolve: (await LocalAzure.start()).resolve });
export const exit: Promise<number> = (await SphereApp.launch(await buildApp('.'), { clock: new VirtualClock() })).exitCode;
export { options, snapshotApi, SphereIotError, Testbed, toMatchWire };
`,
    );
    await writeFile(
      path.join(project, 'use.cts'),
      "import { PROV_DEVICE_RESULT, SphereDevice } from 'sphere-iot';\nexport const ok: 0 = PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_OK;\nexport { SphereDevice };\n",
    );
    expect(await tsc(['-p', project])).toBe('');
  });

  test('its types are found by the older resolution of TypeScript, too', async () => {
    const entries = ['app', 'emulator', 'jest', 'regression', 'testbed'];
    const exports = entries.map((entry) => `export * as ${entry} from 'sphere-iot/${entry}';\n`);
    await writeFile(path.join(folder, 'older.ts'), exports.join(''));
    const options = ['--module', 'commonjs', '--moduleResolution', 'node10', '--target', 'es2022'];
    expect(await tsc(['--noEmit', '--strict', '--skipLibCheck', ...options, 'older.ts'])).toBe('');
  });

  test("its matchers are known beside jest's own types", async () => {
    await writeFile(
      path.join(folder, 'api.cts'),
      "import { toHaveSameApiAs } from 'sphere-iot/jest';\nimport { snapshotApi } from 'sphere-iot/regression';\nexpect.extend({ toHaveSameApiAs });\ntest('same', async () => expect(await snapshotApi()).toHaveSameApiAs('{}', { allow: 'compatible' }));\n",
    );
    const roots = ['--typeRoots', path.join(root, 'node_modules/@types'), '--types', 'node,jest'];
    expect(
      await tsc([
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--module',
        'nodenext',
        '--target',
        'es2022',
        ...roots,
        'api.cts',
      ]),
    ).toBe('');
  });

  /** What TypeScript says. */
  async function tsc(options: readonly string[]): Promise<string> {
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [compiler, ...options], { cwd: folder }).catch(
      (error: unknown) => error as { stdout: string },
    );
    return stdout;
  }
});
