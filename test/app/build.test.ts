import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppDevice, buildApp, SphereApp, type BuildOptions } from '../../src/app/index.js';
import { locked } from '../../src/app/build/lock.js';
import { Catalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure } from '../../src/emulator/index.js';
import { enroll } from '../support/sphere.js';

const BUILD_TIME = 120_000;
const traps = path.join(__dirname, 'traps');
const hardwareDefinitions = [path.join(__dirname, 'more-boards')];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  writeFileSync(path.join(folder, name), text);
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
  return buildApp(folder, options).then(
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
    expect((await buildApp(folder)).wasm.length).toBeGreaterThan(0);
    app('#include <curl/curl.h>\nint main(void) { return curl_multi_init() == NULL; }\n');
    const link = await failure();
    expect(link.message.split('\n')[0]).toBe('error: undefined symbol: curl_multi_init (called in main.c)');
  },
  BUILD_TIME,
);

test(
  'a hardware definition that is nowhere',
  async () => {
    cpSync(traps, folder, { recursive: true, filter: (name) => !name.includes('build') });
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
  rmSync(path.join(folder, 'app_manifest.json'));
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
    expect(await failure({ buildFolder: path.join(folder, 'other') })).toMatchObject({
      code: 'APP_BUILD_FAILED',
      message: expect.stringContaining('azsphere_target_add_image_package'),
    });
  },
  BUILD_TIME,
);

test(
  'one builds at a time, in one process or several; the lock of a process that is gone is taken over',
  async () => {
    app('int main(void) { return 7; }\n');
    mkdirSync(path.join(folder, 'build'));
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    write('build/sphere-iot.lock', String(gone));
    const [first, second] = await Promise.all([buildApp(folder), buildApp(folder)]);
    expect(second.wasm).toEqual(first.wasm);
    expect(readdirSync(path.join(folder, 'build'))).toEqual(['sphere-iot']);
    let order = '';
    const lock = path.join(folder, 'lock');
    const step = (name: string) => async () => {
      order += name;
      await new Promise((resolve) => setTimeout(resolve, 5));
      order += name;
    };
    await Promise.all([locked(lock, step('a')), locked(lock, step('b'))]);
    expect(['aabb', 'bbaa']).toContain(order);
    await expect(locked(lock, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    await locked(lock, step('c'));
  },
  BUILD_TIME,
);
