import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);

/** Only Node itself: no compiler, no cargo, nothing of the clone. */
const bare = { PATH: path.dirname(process.execPath), HOME: tmpdir() };

describe('the packed tarball, installed in an empty folder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sphere-iot-package-'));
    const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: root,
    });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    await writeFile(path.join(folder, 'package.json'), '{ "private": true }');
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', path.join(folder, filename)], {
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

  async function readmeExample(): Promise<string> {
    const text = await readFile(path.join(root, 'README.md'), 'utf8');
    return /```js\n(.*?)```/s.exec(text)?.[1] as string;
  }

  test("README's example runs as an ES module", async () => {
    expect(await runFile('example.mjs', await readmeExample())).toBe(
      'IOTHUB_CLIENT_CONFIRMATION_OK\n{"temperature":21}\n',
    );
  });

  test('and as a CommonJS one', async () => {
    const example = (await readmeExample()).replace(/import (\{.*?\}) from ('[^']+');/gs, 'const $1 = require($2);');
    expect(await runFile('example.cjs', `(async () => {\n${example}\n})();`)).toContain(
      'IOTHUB_CLIENT_CONFIRMATION_OK',
    );
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
      stdout: expect.stringMatching(/^{"type":"exit","code":1,"heapPeak":\d+}\n$/),
      stderr: '',
    });
  });

  test('its types are found both ways', async () => {
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    const types = path.join(root, 'node_modules/@types');
    await writeFile(
      path.join(folder, 'use.mts'),
      "import { createSdk, type Sdk } from 'sphere-iot';\nimport { LocalAzure } from 'sphere-iot/emulator';\nexport const sdk: Promise<Sdk> = createSdk({ resolve: (await LocalAzure.start()).resolve });\n",
    );
    await writeFile(
      path.join(folder, 'use.cts'),
      "import { PROV_DEVICE_RESULT, SphereDevice } from 'sphere-iot';\nexport const ok: 0 = PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_OK;\nexport { SphereDevice };\n",
    );
    await writeFile(
      path.join(folder, 'api.cts'),
      "import { toHaveSameApiAs } from 'sphere-iot/jest';\nimport { snapshotApi } from 'sphere-iot/regression';\nexpect.extend({ toHaveSameApiAs });\ntest('same', async () => expect(await snapshotApi()).toHaveSameApiAs('{}', { allow: 'compatible' }));\n",
    );
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--typeRoots',
      types,
      '--types',
      'node,jest',
    ];
    const { stdout } = await run(process.execPath, [tsc, ...options, 'use.mts', 'use.cts', 'api.cts'], {
      cwd: folder,
    }).catch((error: unknown) => error as { stdout: string });
    expect(stdout).toBe('');
  });
});
