// What CMake refuses is told at the line of the app.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildApp } from '../../../src/app/index.js';

const ID = '00000000-0000-4000-8000-000000000000';

test.each([
  ['add_executable(app missing.c)', /^.*CMake Error at CMakeLists\.txt:4 \(add_executable\):/m],
  [
    'add_executable(app main.c)\nazsphere_target_add_image_package(app RESOURCE_FILES none.txt)',
    /CMake Error at CMakeLists\.txt:5 \(azsphere_target_add_image_package\):/,
  ],
  [
    'add_executable(app main.c)\nazsphere_target_hardware_definition(app TARGET_DEFINITION none.json)',
    /CMake Error at CMakeLists\.txt:5 \(azsphere_target_hardware_definition\):/,
  ],
])('%s', async (lines, told) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-cmake-'));
  try {
    const head = 'cmake_minimum_required(VERSION 3.10)\nproject(app C)\n\n';
    writeFileSync(path.join(folder, 'CMakeLists.txt'), `${head}${lines}\n`);
    writeFileSync(path.join(folder, 'main.c'), 'int main(void) { return 0; }\n');
    const manifest = { SchemaVersion: 1, Name: 'app', ComponentId: ID, EntryPoint: '/bin/app', CmdArgs: [] };
    const rest = { Capabilities: {}, ApplicationType: 'Default' };
    writeFileSync(path.join(folder, 'app_manifest.json'), JSON.stringify({ ...manifest, ...rest }));
    const error = (await buildApp(folder).catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toMatch(told);
    expect(error.message).not.toMatch(/\.cmake:\d+/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
