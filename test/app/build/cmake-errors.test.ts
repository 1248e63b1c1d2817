// What CMake refuses is told at the line of the app.
import { buildApp } from '../../../src/app/index.js';
import { useFolder } from '../../support/folder.js';
import { writeApp } from '../harness.js';

const folder = useFolder();

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
  writeApp(folder.path, { 'main.c': 'int main(void) { return 0; }\n' }, lines);
  const error = (await buildApp(folder.path).catch((thrown: unknown) => thrown)) as Error;
  expect(error.message).toMatch(told);
  expect(error.message).not.toMatch(/\.cmake:\d+/);
});
