import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AppDevice, buildApp, readManifest, SphereApp, type BuildOptions } from '../../../src/app/index.js';
import { Catalog } from '../../../src/certificates/index.js';
import { VirtualClock } from '../../../src/clock/index.js';
import { LocalAzure } from '../../../src/emulator/index.js';
import { BUILD_TIME } from '../../support/limits.js';
import { enroll } from '../../support/sphere.js';
import { useFolder } from '../../support/folder.js';

const traps = path.join(__dirname, '../apps/traps');
const hardwareDefinitions = [path.join(__dirname, '../apps/more-boards')];

const folder = useFolder();

function write(name: string, text: string): void {
  writeFileSync(folder.file(name), text);
}

/** A small app with this main.c. */
function app(main: string): void {
  write('main.c', main);
  write(
    'CMakeLists.txt',
    'cmake_minimum_required(VERSION 3.20)\nproject(small C)\nadd_executable(small main.c)\ntarget_link_libraries(small applibs pthread gcc_s c curl)\nazsphere_target_add_image_package(small)\n',
  );
  write(
    'app_manifest.json',
    '{ "SchemaVersion": 1, "Name": "small", "ComponentId": "25025d2c-66da-4448-bae1-ac26fcdd3627", "EntryPoint": "/bin/app", "CmdArgs": [], "Capabilities": {} }',
  );
}

async function failure(options?: BuildOptions): Promise<{ code: string; message: string }> {
  return buildApp(folder.path, options).then(
    () => Promise.reject(new Error('It was built.')),
    (error: { code: string; message: string }) => error,
  );
}

test(
  'what apps include, define twice and bring along; a board of another folder; legacy provisioning blocks and Node does not',
  async () => {
    const built = await buildApp(traps, { hardwareDefinitions });
    const clock = new VirtualClock();
    const cloud = await LocalAzure.start({ clock });
    const catalog = await Catalog.create({ clock, id: '6d3c6a0e-2a0b-4f0e-8a9e-0b8a3f1d2c55' });
    await enroll(cloud, 'catalog', catalog.authority);
    const device = await AppDevice.start({ catalog, clock });
    const running = await SphereApp.launch(built, { clock, cloud, device });
    expect(await running.exitCode).toBe(0);
    expect(running.lines).toEqual([
      "the app's parson: {}",
      'IOTHUB_CLIENT_INVALID_ARG IOTHUB_CLIENT_CONNECTION_NO_NETWORK PROV_DEVICE_RESULT_TIMEOUT IOTHUB_CLIENT_CONFIRMATION_MESSAGE_TIMEOUT',
      'led 9 i2c 2 uart 4',
      'provisioned: 0 0 0',
    ]);
    expect(clock.monotonic()).toBeGreaterThan(3000); // DPS asks to come back in 3 s
    const refused = await SphereApp.launch(built, { clock, cloud });
    expect(await refused.exitCode).toBe(3);
    device.close();
    await cloud.close();
  },
  BUILD_TIME,
);

test(
  'errors of the compiler, of the linker and of cmake, and nothing else',
  async () => {
    app('int main(void) { return nothing; }\n');
    const compile = await failure();
    expect(compile.code).toBe('APP_BUILD_FAILED');
    expect(compile.message).toMatch(/main\.c:1:\d+: error: use of undeclared identifier 'nothing'/);
    expect(compile.message).not.toMatch(/FAILED|ninja|emcc/);
    // Mended, it builds: the folder is not spoilt.
    app('#include <applibs/log.h>\nint main(void) { return Log_Debug("there"); }\n');
    expect((await buildApp(folder.path)).wasm.length).toBeGreaterThan(0);
    app('int inotify_init(void);\nint main(void) { return inotify_init(); }\n');
    const link = await failure();
    expect(link.message.split('\n')[0]).toBe('error: undefined symbol: inotify_init (called in main.c)');
    // Warnings come last, and those of types that the device has otherwise not at all.
    app(
      '#include <stdio.h>\nint nowhere(void);\nint main(void) { size_t k = 3; printf("%zu", k); printf("%s\\n", 5); return nowhere(); }\n',
    );
    const { message } = await failure();
    expect(message.split('\n')[0]).toBe('error: undefined symbol: nowhere (called in main.c)');
    expect(message).toMatch(
      /main\.c:3:\d+: warning: format specifies type 'char \*'[^\n]*\n[^\n]*main\(void\)[^\n]*\n *[~^ ]+/,
    );
    expect(message).not.toMatch(/'size_t'|generated\./);
  },
  BUILD_TIME,
);

test(
  'a hardware definition that is nowhere',
  async () => {
    cpSync(traps, folder.path, { recursive: true, filter: (name) => path.basename(name) !== 'build' });
    const error = await failure();
    expect(error.code).toBe('APP_BUILD_FAILED');
    expect(error.message).toMatch(/hardware definition board\.json is in none of/);
    expect(error.message).toMatch(/--hardware-definitions/);
  },
  BUILD_TIME,
);

test('a folder without an app', async () => {
  expect(await failure()).toMatchObject({ code: 'APP_NOT_FOUND', message: expect.stringContaining('CMakeLists.txt') });
  app('');
  rmSync(folder.file('app_manifest.json'));
  expect(await failure()).toMatchObject({
    code: 'APP_NOT_FOUND',
    message: expect.stringContaining('app_manifest.json'),
  });
});

test(
  'a manifest that is no JSON; no image package',
  async () => {
    app('int main(void) { return 0; }\n');
    write('app_manifest.json', '{');
    expect(await failure()).toMatchObject({ code: 'MANIFEST_INVALID' });
    write('CMakeLists.txt', 'cmake_minimum_required(VERSION 3.20)\nproject(small C)\nadd_executable(small main.c)\n');
    expect(await failure({ buildFolder: folder.file('other') })).toMatchObject({
      code: 'APP_BUILD_FAILED',
      message: expect.stringContaining('azsphere_target_add_image_package'),
    });
  },
  BUILD_TIME,
);

test(
  'a manifest with a byte order mark, comments and trailing commas; what it warns of, and does not',
  async () => {
    app('int main(void) { return 0; }\n');
    const manifest = `\ufeff// of the app
{ "SchemaVersion": 1, "Name": "small", "ComponentId": "<NEW GUID>", "EntryPoint": "/bin/app", "CmdArgs": [], /* none */
  "HeapMemStats": true,
  "Capabilities": { "HeapMemStats": true, "DeviceAuthentication": "", }, }`;
    write('app_manifest.json', manifest);
    const built = await buildApp(folder.path);
    expect(built.warnings).toEqual([
      expect.stringContaining('HeapMemStats is ignored: it is a capability, and belongs into Capabilities'),
      expect.stringContaining('ComponentId is a placeholder ("<NEW GUID>")'),
      expect.stringContaining('Capabilities.DeviceAuthentication is a placeholder ("")'),
    ]);
    expect(built.manifest).toMatchObject({ Name: 'small', Capabilities: { HeapMemStats: true } });
  },
  BUILD_TIME,
);

test(
  'all that is wrong in a manifest is told before the compile, by the peripherals that there are now',
  async () => {
    app('this is no C\n');
    const manifest = (capabilities: object): void =>
      write(
        'app_manifest.json',
        JSON.stringify({ SchemaVersion: 1, Name: 'small', EntryPoint: '/bin/app', Capabilities: capabilities }),
      );
    manifest({ DeviceAuthentication: '25025d2c-66da-4448', Gpio: ['$LAMP'] });
    const error = await failure();
    expect(error.code).toBe('MANIFEST_INVALID');
    expect(error.message.split('\n  ')).toEqual([
      'app_manifest.json has 3 faults:',
      'ComponentId must be a GUID; it is missing.',
      'Capabilities.DeviceAuthentication must be a GUID; it is "25025d2c-66da-4448".',
      expect.stringContaining('Capabilities.Gpio must have'),
    ]);
    // The board is named later: the build that failed before does not get in its way.
    app('int main(void) { return 0; }\n');
    write('board.json', '{ "Peripherals": [{ "Name": "LAMP", "Type": "Gpio", "MainCoreHeaderValue": "4" }] }');
    const lists = readFileSync(folder.file('CMakeLists.txt'), 'utf8');
    write(
      'CMakeLists.txt',
      lists.replace(
        'azsphere_target_add',
        'azsphere_target_hardware_definition(small TARGET_DIRECTORY ${CMAKE_SOURCE_DIR} TARGET_DEFINITION board.json)\nazsphere_target_add',
      ),
    );
    const json = JSON.parse(readFileSync(folder.file('app_manifest.json'), 'utf8')) as object;
    write('app_manifest.json', JSON.stringify({ ...json, Capabilities: { Gpio: ['$LAMP'] } }));
    const built = await buildApp(folder.path);
    expect(readManifest(built.manifest, built.peripherals).gpio).toEqual([4]);
  },
  BUILD_TIME,
);

test(
  'after a build by a Node that is gone',
  async () => {
    app('int main(void) { return 0; }\n');
    const node = folder.file('node');
    copyFileSync(process.execPath, node);
    const script = `require(${JSON.stringify(path.join(__dirname, '../../../dist/cjs/app'))}).buildApp(${JSON.stringify(folder.path)})`;
    expect(spawnSync(node, ['-e', script], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    rmSync(node);
    expect((await buildApp(folder.path)).wasm.length).toBeGreaterThan(0);
  },
  BUILD_TIME,
);

test(
  'one builds at a time, in one process or several; the lock of a process that is gone is taken over',
  async () => {
    app('int main(void) { return 7; }\n');
    mkdirSync(folder.file('build'));
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    write(`build/sphere-iot.lock.${gone}.one`, '');
    const [first, second] = await Promise.all([buildApp(folder.path), buildApp(folder.path)]);
    expect(second.wasm).toEqual(first.wasm);
    expect(readdirSync(folder.file('build'))).toEqual(['sphere-iot']);
  },
  BUILD_TIME,
);

test('a source that a pattern found and that is gone, and a damaged build folder, are no fault of the app', async () => {
  app('int main(void) { return 0; }\n');
  const lists = folder.file('CMakeLists.txt');
  const globbed = readFileSync(lists, 'utf8').replace(
    'add_executable(small main.c)',
    'file(GLOB sources *.c)\nadd_executable(small ${sources})',
  );
  writeFileSync(lists, globbed);
  write('other.c', 'int other(void) { return 1; }\n');
  await buildApp(folder.path);
  rmSync(folder.file('other.c'));
  await buildApp(folder.path);
  rmSync(folder.file('build/sphere-iot/CMakeFiles'), { recursive: true });
  await buildApp(folder.path);
  writeFileSync(folder.file('build/sphere-iot/build.ninja'), 'rule\n');
  await buildApp(folder.path);
  write('main.c', 'int main(void) { return nothing; }\n');
  expect(await failure()).toMatchObject({ message: expect.stringContaining("identifier 'nothing'") });
});
