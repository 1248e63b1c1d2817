// The suite that init-tests writes takes the package: `npm run build`.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import {
  changeManifest,
  edit,
  folderForApps,
  root,
  runSuites,
  suiteOf,
  verdictsOf,
  type Written,
} from './init-tests-support.js';
import { cli, jsonOf } from './support.js';

const { copyOf } = folderForApps();

const NO_MESSAGE = "takes a message from the cloud: hubDevice().sendC2D('…'), then await clock.runUntil(….finished())";

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
    'takes a message from the cloud': 'passed',
    'does what a desired property asks for: hubDevice().updateDesired({ … }), then hubDevice().reported(…)': 'todo',
    'answers its direct methods: hubDevice().invokeMethod(…)': 'todo',
    "DEMO_LED: when does it change? app.gpio('DEMO_LED').becomes(0)": 'todo',
  });
  expect(text).toContain('toEqual({ temperature: expect.any(Number) })');
  expect(text).toContain('{ status: 404 }');
  expect(text).toMatch(
    /messages\('{"button":true}'\)\)\.toBe\(0\);[^}]*press\(\);[^}]*messages\('{"button":true}'\)\)\.toBe\(1\)/,
  );
  expect(text).toContain('expect(await app.exitCode).toBe(1)');
});

test('without DPS its hub knows the device; a button that switches a lamp, messages from the cloud, storage', async () => {
  const { text, verdicts } = await suiteOf(copyOf('examples/epoll'));
  expect(text).toContain("type: 'certificateAuthority'");
  expect(text).toMatch(/gpio\('DEMO_BUTTON'\)\.press\(\);[^}]*expect\(app\.gpio\('DEMO_LED'\)\.value\)\.toBe\(0\)/);
  expect(verdicts).toEqual({
    'authenticates with the hub': 'passed',
    'takes a message from the cloud': 'passed',
    'connects again after the network was away': 'passed',
    'connects again after the power was away': 'passed',
    'DEMO_BUTTON is pressed': 'passed',
    'finds what it has stored after a restart': 'passed',
    'ends when it is told to': 'passed',
    'sends telemetry: hubDevice().nextTelemetry()': 'todo',
  });
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
  [NO_MESSAGE]: 'todo',
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
  expect(verdicts).toMatchObject({ 'DEMO_LED is 1, and becomes 0': 'passed', 'ends when it is told to': 'passed' });
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

  // Tasks of somebody's own stay before those that are added, and are not written again.
  const own = { version: '2.0.0', inputs: [], tasks: [{ label: 'sphere-iot: test', command: 'make' }] };
  writeFileSync(path.join(app, '.vscode/tasks.json'), JSON.stringify(own));
  for (const others of [['.vscode/tasks.json'], []]) {
    rmSync(second.file);
    expect(jsonOf<Written>(await cli(['init-tests', app, '--json'])).others).toEqual(others);
    expect(JSON.parse(readFileSync(path.join(app, '.vscode/tasks.json'), 'utf8'))).toEqual({
      ...own,
      tasks: [own.tasks[0], expect.objectContaining({ label: 'sphere-iot: build' })],
    });
  }

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

test('an app that ends by itself: a warning has its last words, and the suite a todo; arguments help', async () => {
  const app = copyOf('examples/nanosleep');
  edit(path.join(app, 'main.c'), ['argc != 2', 'argc != 3'], ['argv[1]', 'argv[2]']);
  const { file, warnings } = jsonOf<Written>(await cli(['init-tests', app, '--json']));
  expect(warnings).toContainEqual(
    expect.stringMatching(
      /ended by itself, with exit code 1.*init-tests FOLDER -- ARGS[^]*The connection string is missing/,
    ),
  );
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/test\.todo\(.*ended by itself, with exit code 1/);
  expect(text).not.toMatch(/^test\(/m);

  rmSync(file);
  const second = jsonOf<Written>(await cli(['init-tests', app, '--json', '--', '-c', IN_CODE]));
  expect(second.warnings).toEqual([]);
  expect(readFileSync(file, 'utf8')).toContain("const args = ['-c', cloud.hub().devices.connectionString(DEVICE_ID)];");
  expect(readFileSync(file, 'utf8')).not.toContain(KEY);
  expect(await verdictsOf(app)).toEqual(NANOSLEEP);
});

test('arguments without a connection string', async () => {
  const app = copyOf('test/app/apps/cases/two-packages');
  const loop =
    '#include <stdlib.h>\n#include <time.h>\nint main(int c, char** v) { struct timespec t = { 1, 0 }; while (c > 1) nanosleep(&t, 0); }\n';
  writeFileSync(path.join(app, 'one.c'), loop);
  const { file } = jsonOf<Written>(await cli(['init-tests', app, '--target', 'one', '--json', '--', '--stay']));
  expect(readFileSync(file, 'utf8')).toContain("const args = ['--stay'];");
  expect(await verdictsOf(app, 'one.test.js')).toEqual({ 'ends when it is told to': 'passed' });
});

test('two apps in a folder: a suite for each, and a build that knows which', async () => {
  const app = copyOf('test/app/apps/cases/two-packages');
  for (const name of ['one', 'two'])
    writeFileSync(path.join(app, `${name}.c`), '#include <unistd.h>\nint main(void) { for (;;) sleep(1); }\n');
  for (const target of ['one', 'two'])
    expect(jsonOf<Written>(await cli(['init-tests', app, '--target', target, '--json'])).file).toBe(
      path.join(app, `${target}.test.js`),
    );
  expect(readFileSync(path.join(app, 'two.test.js'), 'utf8')).toContain("buildApp(__dirname, { target: 'two' })");
  expect(await verdictsOf(app, 'two.test.js')).toEqual({ 'ends when it is told to': 'passed' });
  expect(JSON.parse(readFileSync(path.join(app, '.vscode/tasks.json'), 'utf8'))).toMatchObject({
    tasks: [
      { label: 'sphere-iot: build one', command: 'npx', args: ['sphere-iot', 'build', '.', '--target', 'one'] },
      { label: 'sphere-iot: test' },
      { label: 'sphere-iot: build two', args: ['sphere-iot', 'build', '.', '--target', 'two'] },
    ],
  });
});

test('a build that fails: the suite says so, and nothing else', async () => {
  const app = copyOf('test/cli/echo');
  await cli(['init-tests', app]);
  writeFileSync(path.join(app, 'main.c'), 'no C');
  await expect(verdictsOf(app)).rejects.toThrow(/^(?![^]*TypeError)[^]*APP_BUILD_FAILED/);
});

test('a suite runs with vitest', async () => {
  const app = copyOf('test/cli/echo');
  await cli(['init-tests', app]);
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const { code, verdicts } = await runSuites(app, [vitest, 'run', '--globals', '--reporter=json']);
  expect(code).toBe(0);
  expect(verdicts).toMatchObject({ 'ends when it is told to': 'passed', 'MT3620_RDB_BUTTON_B is pressed': 'passed' });
});
