// The suite that init-tests writes takes the package: `npm run build`.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { cli, jsonOf } from './support.js';

const root = path.join(__dirname, '../..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
  cpSync(path.join(root, 'examples/hardware'), path.join(folder, 'hardware'), { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A copy of an app, in which sphere-iot is installed. */
function copyOf(app: string): string {
  const copy = path.join(folder, path.basename(app));
  const filter = (file: string): boolean => !/[\\/](build|[^\\/]*\.test\.ts)$/.test(file);
  cpSync(path.join(root, app), copy, { recursive: true, filter });
  mkdirSync(path.join(copy, 'node_modules'));
  symlinkSync(root, path.join(copy, 'node_modules/sphere-iot'), 'dir');
  return copy;
}

/** Changes the manifest of an app. */
function changeManifest(app: string, capabilities: object, CmdArgs: readonly string[] = []): { ComponentId: string } {
  const file = path.join(app, 'app_manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { ComponentId: string; Capabilities: object };
  const changed = { ...manifest, CmdArgs, Capabilities: { ...manifest.Capabilities, ...capabilities } };
  writeFileSync(file, JSON.stringify(changed));
  return manifest;
}

interface Written {
  readonly file: string;
  readonly others: readonly string[];
}

/** The names of tests, with what jest said of each. */
type Verdicts = Readonly<Record<string, string>>;

/** Runs a suite with jest, in a process of its own. */
function verdictsOf(app: string): Promise<Verdicts> {
  return new Promise((resolve, reject) => {
    const jest = path.join(root, 'node_modules/jest/bin/jest.js');
    const child = spawn(process.execPath, [jest, '--ci', '--json', 'app.test.js'], {
      cwd: app,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
    child.on('error', reject).on('close', (code) => {
      if (code !== 0) return reject(new Error(`jest ended with ${code}:\n${output.stderr}`));
      const report = JSON.parse(output.stdout) as {
        testResults: { assertionResults: { title: string; status: string }[] }[];
      };
      const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
      resolve(Object.fromEntries(tests.map(({ title, status }) => [title, status])));
    });
  });
}

async function suiteOf(app: string): Promise<{ text: string; verdicts: Verdicts }> {
  const { file } = jsonOf<Written>(await cli(['init-tests', app, '--json']));
  return { text: readFileSync(file, 'utf8'), verdicts: await verdictsOf(app) };
}

test('an app in the cloud: telemetry, twin, methods, a button, an outage, power loss, and its end', async () => {
  const { text, verdicts } = await suiteOf(copyOf('examples/event-loop'));
  expect(verdicts).toEqual({
    'authenticates with the hub': 'passed',
    'sends telemetry': 'passed',
    'is told of desired properties': 'passed',
    'answers a direct method that it does not know': 'passed',
    'connects again after the network was away': 'passed',
    'connects again after the power was away': 'passed',
    'DEMO_BUTTON is pressed': 'passed',
    'ends when it is told to': 'passed',
    'does what a desired property asks for: hubDevice().updateDesired({ … }), then hubDevice().reported(…)': 'todo',
    'answers its direct methods: hubDevice().invokeMethod(…)': 'todo',
    "DEMO_LED: when does it change? app.gpio('DEMO_LED').becomes(0)": 'todo',
  });
  expect(text).toContain('toEqual({ temperature: expect.any(Number) })');
  expect(text).toContain('{ status: 404 }');
  expect(text).toContain(`toContain('{"button":true}')`);
  expect(text).toContain('expect(await app.exitCode).toBe(1)');
});

test('without DPS its hub knows the device; a button that switches a lamp', async () => {
  const { text, verdicts } = await suiteOf(copyOf('examples/epoll'));
  expect(text).toContain("type: 'certificateAuthority'");
  expect(text).toMatch(/gpio\('DEMO_BUTTON'\)\.press\(\);[^}]*expect\(app\.gpio\('DEMO_LED'\)\.value\)\.toBe\(0\)/);
  expect(verdicts).toMatchObject({ 'authenticates with the hub': 'passed', 'DEMO_BUTTON is pressed': 'passed' });
});

test('a device without a cloud: a UART that answers, a button that ends the app, a pin that is not opened', async () => {
  const { text, verdicts } = await suiteOf(copyOf('test/cli/echo'));
  expect(verdicts).toEqual({
    "MT3620_RDB_BUTTON_A is pressed: the app ended then: app.gpio('MT3620_RDB_BUTTON_A').press()": 'todo',
    'MT3620_RDB_BUTTON_B is pressed': 'passed',
    "MT3620_RDB_LED1_RED: the app did not open it within a minute: app.gpio('MT3620_RDB_LED1_RED').direction": 'todo',
    'MT3620_RDB_HEADER2_ISU0_UART gets something': 'passed',
    'ends when it is told to': 'passed',
  });
  expect(text).toContain(String.raw`received.toString()).toBe('HELLO\r\n')`);
  expect(text).toContain('toBe(143)');
  expect(text).not.toContain('cloud.dps');
});

test('an app that stores something, without device authentication: the suite has a device that keeps it', async () => {
  const app = copyOf('test/cli/echo');
  const manifest = changeManifest(app, { MutableStorage: { SizeKB: 8 } });
  const { text, verdicts } = await suiteOf(app);
  expect(text).toContain('device = await AppDevice.start({ catalog, clock, deviceId: DEVICE_ID })');
  expect(text).toContain(createHash('sha512').update(manifest.ComponentId).digest('hex'));
  expect(verdicts).toMatchObject({
    'ends when it is told to': 'passed',
    'finds what it has stored after a restart: app.close(), launch() again': 'todo',
  });
});

/** What the suite of examples/nanosleep has, which has a connection string. */
const NANOSLEEP = {
  'authenticates with the hub': 'passed',
  'sends telemetry': 'passed',
  'connects again after the network was away': 'passed',
  'connects again after the power was away': 'passed',
  'ends when it is told to': 'passed',
};
const KEY = Buffer.from('a key of the test').toString('base64');
const IN_CODE = `HostName=contoso.azure-devices.net;DeviceId=kettle-1;SharedAccessKey=${KEY}`;

test('an app that is given a connection string: telemetry, an outage, power loss', async () => {
  const { text, verdicts } = await suiteOf(copyOf('examples/nanosleep'));
  expect(verdicts).toEqual(NANOSLEEP);
  expect(text).toContain('const args = [cloud.hub().devices.connectionString(DEVICE_ID)];');
  expect(text).toContain('toEqual({ count: expect.any(Number) })');
});

test('one among the arguments of the manifest is replaced, and comes into no file', async () => {
  const app = copyOf('examples/nanosleep');
  const file = path.join(app, 'main.c');
  writeFileSync(file, readFileSync(file, 'utf8').replace('argc != 2', 'argc != 3').replace('argv[1]', 'argv[2]'));
  changeManifest(app, {}, ['-c', IN_CODE]);
  const { text, verdicts } = await suiteOf(app);
  expect(verdicts).toEqual(NANOSLEEP);
  expect(text).toContain("const args = ['-c', cloud.hub().devices.connectionString(DEVICE_ID)];");
  expect(text).not.toContain(KEY);
});

test('one in the code of the app: the hub knows its device by its key, which comes into no file', async () => {
  const app = copyOf('examples/nanosleep');
  const file = path.join(app, 'main.c');
  const code = readFileSync(file, 'utf8').replace('argc != 2', 'argc != 1');
  writeFileSync(file, code.replace('FromConnectionString(argv[1]', `FromConnectionString("${IN_CODE}"`));
  const { text, verdicts } = await suiteOf(app);
  expect(verdicts).toEqual(NANOSLEEP);
  expect(text).toContain('symmetricKey: { primaryKey: connection.key }');
  expect(text).not.toContain(KEY);
});

test('an app with a hub, and no connection string that is found: a todo says how it gets one', async () => {
  const app = copyOf('test/cli/echo');
  changeManifest(app, { AllowedConnections: ['contoso.azure-devices.net'] });
  const { file } = jsonOf<Written>(await cli(['init-tests', app, '--json']));
  expect(readFileSync(file, 'utf8')).toMatch(
    /test\.todo\(.*no connection string was found.*devices\.create\(.*connectionString\(deviceId\)/,
  );
});

test('a fault that a test of the suite adds, and that strikes nothing, fails it', async () => {
  const app = copyOf('examples/nanosleep');
  const { file } = jsonOf<Written>(await cli(['init-tests', app, '--json']));
  const vain =
    "\ntest('in vain', async () => {\n  await launchConnected();\n  cloud.faults.add({ kind: 'lostMethod' });\n});\n";
  writeFileSync(file, readFileSync(file, 'utf8') + vain);
  await expect(verdictsOf(app)).rejects.toThrow(/in vain[^]*struck nothing: there was no occasion/);
});

test('apps of the real-time cores are played', async () => {
  const { text, verdicts } = await suiteOf(copyOf('examples/sensor'));
  expect(text).toContain('realTimeApps');
  expect(verdicts).toMatchObject({ 'DEMO_LED becomes 0': 'passed', 'ends when it is told to': 'passed' });
});

test('files beside the suite: new ones are written, those that are there are kept', async () => {
  const app = copyOf('test/cli/echo');
  const first = jsonOf<Written>(await cli(['init-tests', app, '--json']));
  expect(first.others).toEqual(['package.json', '.vscode/tasks.json', '.vscode/launch.json']);
  const written = JSON.parse(readFileSync(path.join(app, 'package.json'), 'utf8')) as Record<string, unknown>;
  expect(written).toMatchObject({
    scripts: { test: 'jest' },
    devDependencies: { 'sphere-iot': `file:${path.relative(app, root)}` },
  });

  const suite = readFileSync(first.file, 'utf8');
  expect(await cli(['init-tests', app])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('FILE_EXISTS'),
  });
  expect(readFileSync(first.file, 'utf8')).toBe(suite);

  rmSync(first.file);
  rmSync(path.join(app, '.vscode/launch.json'));
  writeFileSync(path.join(app, '.vscode/tasks.json'), '// mine\n');
  writeFileSync(path.join(app, 'package.json'), '{ "name": "mine", "scripts": { "test": "node --test" } }');
  const second = jsonOf<Written>(await cli(['init-tests', app, '--json']));
  expect(second.others).toEqual(['package.json', '.vscode/launch.json']);
  expect(readFileSync(path.join(app, '.vscode/tasks.json'), 'utf8')).toBe('// mine\n');
  expect(JSON.parse(readFileSync(path.join(app, 'package.json'), 'utf8'))).toMatchObject({
    name: 'mine',
    scripts: { test: 'node --test' },
  });

  rmSync(second.file);
  writeFileSync(path.join(app, 'package.json'), '{ "name": ');
  expect(await cli(['init-tests', app])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('PACKAGE_JSON_INVALID'),
  });
  expect(existsSync(second.file)).toBe(false);
  expect(readFileSync(path.join(app, 'package.json'), 'utf8')).toBe('{ "name": ');
});

test('an app that connects to the second hub of its manifest', async () => {
  const app = copyOf('examples/epoll');
  const file = path.join(app, 'app_manifest.json');
  const manifest = readFileSync(file, 'utf8').replace('["contoso.azure-devices.net"]', '["two.azure-devices.net"]');
  const hubs = '"AllowedConnections": ["one.azure-devices.net", "two.azure-devices.net"]';
  writeFileSync(file, manifest.replace(/"AllowedConnections": \[[^\]]*\]/, hubs));
  const { text, verdicts } = await suiteOf(app);
  expect(text).toContain("cloud.hub('two.azure-devices.net')");
  expect(verdicts).toMatchObject({ 'authenticates with the hub': 'passed', 'ends when it is told to': 'passed' });
});

test('an app that crashes: a warning says where, and so does the suite', async () => {
  const app = copyOf('test/cli/echo');
  writeFileSync(path.join(app, 'main.c'), 'int main(void)\n{\n    *(volatile int*)0 = 1;\n    return 0;\n}\n');
  const { code, stderr, stdout } = await cli(['init-tests', app]);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^warning: .*wrote through NULL/m);
  expect(stdout).toContain('npx jest --runTestsByPath ');
  const titles = Object.keys(await verdictsOf(app));
  expect(titles).toContainEqual(expect.stringMatching(/^comes to its end: The app crashed/));
});
