// What run starts is of dist/ (a thread): `npm run build`.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { cli, jsonOf } from './support.js';
import { BUILD_TIME } from '../support/limits.js';

const root = path.join(__dirname, '../..');
const posix = path.join(root, 'test/app/apps/posix');
const eventLoop = path.join(root, 'examples/event-loop');
let folder: string;

/** Copies of two examples, which a test may write to. */
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
  for (const name of ['hardware', 'epoll', 'event-loop', 'sensor'])
    cpSync(path.join(root, 'examples', name), path.join(folder, name), {
      recursive: true,
      filter: (file) => !/[\\/](build|[^\\/]*\.test\.ts)$/.test(file),
    });
});

afterAll(() => rmSync(folder, { recursive: true }));

const copyOf = (name: string): string => path.join(folder, name);

/** A new one, without what was built. */
function copyOfPosix(): string {
  const app = mkdtempSync(path.join(folder, 'posix-'));
  cpSync(posix, app, { recursive: true, filter: (file) => !/[\\/]build$/.test(file) });
  return app;
}

describe('build', () => {
  test(
    'builds, and says where the image package is, which run takes',
    async () => {
      const report = jsonOf<{ folder: string; bytes: number }>(await cli(['build', posix, '--json']));
      expect(report).toMatchObject({ name: 'Posix', componentId: '25025d2c-66da-4448-bae1-ac26fcdd3627' });
      expect(report.bytes).toBe(readFileSync(path.join(report.folder, 'app.wasm')).length);
      const text = await cli(['build', posix]);
      expect(text).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining(report.folder) });
      expect(await cli(['run', report.folder, 'eventfd'])).toEqual({ code: 0, stderr: '', stdout: 'eventfd done\n' });
    },
    BUILD_TIME,
  );

  test(
    'variables for CMakeLists.txt; what is no variable is refused',
    async () => {
      const app = path.join(folder, 'variables');
      cpSync(path.join(root, 'test/app/apps/cases/vscode-settings'), app, { recursive: true });
      const other = await cli(['build', app, '--cmake-option', 'LEVEL=3', '--cmake-option', 'LEVEL=5']);
      expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('cmake.configureArgs') });
      expect(await cli(['build', app, '--cmake-option', 'LEVEL=4'])).toMatchObject({ code: 0, stderr: '' });
      const refused = await cli(['build', app, '--cmake-option', 'LEVEL']);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('Give NAME=VALUE') });
    },
    BUILD_TIME,
  );

  describe('bad manifests', () => {
    const manifest = JSON.parse(readFileSync(path.join(posix, 'app_manifest.json'), 'utf8')) as object;
    let app: string;

    // One copy, which is compiled once.
    beforeAll(() => (app = copyOfPosix()));

    test.each([
      ['no manifest', undefined, 'APP_NOT_FOUND', 'has no app_manifest.json'],
      ['a bad GUID', { ComponentId: '1234' }, 'MANIFEST_INVALID', 'ComponentId must be a GUID; it is "1234"'],
      ['an unknown peripheral', { Capabilities: { Gpio: ['$FAN'] } }, 'MANIFEST_INVALID', '"$FAN"'],
    ])(
      '%s',
      async (_, change, code, message) => {
        const file = path.join(app, 'app_manifest.json');
        if (change === undefined) rmSync(file);
        else writeFileSync(file, JSON.stringify({ ...manifest, ...change }));
        const outcome = await cli(['build', app, '--json']);
        expect(outcome).toMatchObject({ code: 1, stdout: '' });
        expect(JSON.parse(outcome.stderr)).toEqual({ error: { code, message: expect.stringContaining(message) } });
      },
      BUILD_TIME,
    );
  });

  test('what the compiler says, with the file', async () => {
    const app = copyOfPosix();
    writeFileSync(path.join(app, 'main.c'), 'int main(void) { return nothing; }\n');
    const { code, stderr } = await cli(['build', app]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/main\.c:1:\d+: error: use of undeclared identifier 'nothing'/);
  });
});

test(
  "the compiler's warnings after a build that went well, and the next one; progress on a terminal, and nowhere else",
  async () => {
    const app = copyOfPosix();
    writeFileSync(path.join(app, 'main.c'), 'int main(void) {\n    int none = "text";\n    return none == 0;\n}\n');
    const text = 'main.c:2:9: incompatible pointer to integer conversion';
    const first = await cli(['build', app]);
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(`^warning: ${text}.*\\[-Wint-conversion\\]\n$`),
    });
    expect(jsonOf(await cli(['build', app, '--json']))).toMatchObject({
      warnings: [expect.stringContaining(text)],
      compilerWarnings: [
        { file: 'main.c', line: 2, column: 9, switch: '-Wint-conversion', message: expect.stringContaining('int') },
      ],
    });
    writeFileSync(path.join(app, 'main.c'), 'int main(void) { return 0; }\n');
    const shown = await cli(['build', app], { tty: true });
    expect(shown).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^\rConfiguring.*\r\[\d\/\d\] Building C.*\r\x1b\[K$/s),
    });
    expect(await cli(['build', app])).toMatchObject({ code: 0, stderr: '' });
  },
  BUILD_TIME,
);

test(
  'warnings of the manifest: on stderr, and in JSON; a placeholder for the catalog, and a device of any',
  async () => {
    const app = mkdtempSync(path.join(folder, 'placeholder-'));
    cpSync(copyOf('epoll'), app, { recursive: true });
    const manifest = path.join(app, 'app_manifest.json');
    const text = readFileSync(manifest, 'utf8');
    writeFileSync(
      manifest,
      `// Mine\n${text.replace(/("DeviceAuthentication": )"[^"]*"/, '$1"<TENANT>", "Gpoi": [4]')}`,
    );
    const warnings = [
      expect.stringContaining('Capabilities.Gpoi is ignored'),
      expect.stringContaining('Capabilities.DeviceAuthentication is a placeholder ("<TENANT>")'),
    ];
    expect(jsonOf(await cli(['build', app, '--json']))).toMatchObject({ warnings });
    const built = await cli(['build', app]);
    expect(built).toMatchObject({ code: 0 });
    expect(built.stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^warning: app_manifest\.json: Capabilities\.Gpoi/),
      expect.stringMatching(/^warning: app_manifest\.json: Capabilities\.DeviceAuthentication/),
    ]);
    for (const json of [[], ['--json']]) {
      const interrupted = new AbortController();
      const run = await cli(['run', app, ...json], {
        interrupted: interrupted.signal,
        onOutput: (output) => {
          if (output.includes('Connected ')) interrupted.abort();
        },
      });
      expect(run.code).toBe(0);
      expect(run.stdout).toContain("[sphere-iot] The manifest's DeviceAuthentication is a placeholder: the device is");
      expect(run.stdout).toMatch(/Connected /);
      expect(json.length > 0 ? run.stdout : run.stderr).toContain('Capabilities.Gpoi is ignored');
      if (json.length > 0) expect(run.stderr).toBe('');
    }
    const tests = await cli(['init-tests', app]);
    expect(tests.stderr).toContain('warning: app_manifest.json: Capabilities.Gpoi is ignored');
    expect(readFileSync(path.join(app, 'app.test.js'), 'utf8')).toContain('Catalog.create({ clock })');
  },
  BUILD_TIME,
);

describe('run', () => {
  test(
    'the app provisions and connects; Ctrl-C sends SIGTERM, and its exit code is the command’s',
    async () => {
      const interrupted = new AbortController();
      const { code, stdout, stderr } = await cli(['run', eventLoop], {
        interrupted: interrupted.signal,
        onOutput: (text) => {
          if (text.includes('Authenticated')) interrupted.abort();
        },
      });
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
      expect(stdout).toContain('Provisioned for contoso.azure-devices.net');
      expect(stdout).toMatch(/Exit with 1\n$/);
    },
    BUILD_TIME,
  );

  test(
    'an app that connects without DPS: the hub knows its device',
    async () => {
      const interrupted = new AbortController();
      const { code, stdout } = await cli(['run', path.join(root, 'examples/epoll')], {
        interrupted: interrupted.signal,
        onOutput: (text) => {
          if (text.includes('Connected ')) interrupted.abort();
        },
      });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Connected /m);
    },
    BUILD_TIME,
  );

  test('lines of JSON', async () => {
    const { code, stdout } = await cli(['run', posix, 'exit', '--json']);
    expect(code).toBe(42);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toEqual([
      { type: 'log', at: expect.stringMatching(/^\d{4}-.*Z$/), line: 'no end of line' },
      { type: 'exit', at: expect.any(String), code: 42, heapPeak: expect.any(Number) },
    ]);
  });

  test('a heap that is limited', async () => {
    const device = path.join(root, 'test/app/apps/device');
    const enough = await cli(['run', device, 'memory', '--heap-limit', '256']);
    expect(enough).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^The heap took \d+ of 256 KiB at most\.\n$/),
    });
    const tooLittle = await cli(['run', device, 'memory', '--heap-limit', '100']);
    expect(tooLittle).toMatchObject({ code: 137, stdout: expect.stringContaining('may be 102400: ') });
    expect(await cli(['run', device, 'memory', '--heap-limit', 'much'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Give a number above 0'),
    });
  });

  test('an app that never waits, and one that crashes', async () => {
    const stuck = await cli(['run', posix, '--debug', '--watchdog', '300ms', 'stuck']);
    expect(stuck).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Stuck \(main\.c:\d+\).*\(APP_UNRESPONSIVE\)/s),
    });
    const crashed = await cli(['run', posix, '--debug', 'crash']);
    expect(crashed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Crash \(main\.c:\d+\).*\(APP_CRASHED\)/s),
    });
  });

  test('the mutable file is kept', async () => {
    const storage = copyOf('storage');
    mkdirSync(storage);
    const run = () => cli(['run', posix, '--storage', storage, '--', 'storage']);
    expect((await run()).stdout).not.toContain('found kept');
    expect((await run()).stdout).toContain('found kept');
  });

  test('arguments that begin with - come after --', async () => {
    expect((await cli(['run', eventLoop, '--', '--ScopeID'])).code).toBe(2);
    expect(await cli(['run', eventLoop, '--ScopeID'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("unknown option '--ScopeID'"),
    });
  });

  test('a folder without an app', async () => {
    expect(await cli(['run', copyOf('nowhere')])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('APP_NOT_FOUND'),
    });
  });
});
