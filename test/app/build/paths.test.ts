// Folders whose names a shell, CMake or ninja would take apart: those of the app, of its board, of the build, and of sphere-iot itself.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildApp, SphereApp, type BuildOptions } from '../../../src/app/index.js';
import { VirtualClock } from '../../../src/clock/index.js';
import { BUILD_TIME } from '../../support/limits.js';
import { useFolder } from '../../support/folder.js';

const GERMAN = 'mein Gerät ünï (1)';
const NAMES = [GERMAN, "it's $HOME & `more`"];
const root = path.resolve(__dirname, '../../..');

const base = useFolder();

/** An app in C and C++ with a board of a folder beside it; it exits with 0 if it finds all of its parts. */
function writeApp(name: string, partName = name): { folder: string; options: BuildOptions } {
  const folder = base.file(name);
  const boards = path.join(folder, 'boards', name);
  cpSync(path.join(__dirname, '../apps/cases/no-board-named'), folder, { recursive: true });
  cpSync(path.join(__dirname, '../apps/more-boards'), boards, { recursive: true });
  const parts = path.join(folder, 'parts', partName);
  mkdirSync(parts, { recursive: true });
  writeFileSync(path.join(parts, 'Part.h'), '#ifdef __cplusplus\nextern "C"\n#endif\nint part(int value);\n');
  // The operator is one for which compile-again.cjs compiles a second time; the letter case of the header is Windows'.
  writeFileSync(
    path.join(parts, 'part.cc'),
    `#include "part.h"
void* operator new[](unsigned int size) { static char place[8]; return size <= 8 ? place : nullptr; }
int part(int value) { int* cell = new int[1]; *cell = value; return *cell; }
`,
  );
  writeFileSync(
    path.join(folder, 'main.c'),
    `#include <applibs/gpio.h>
#include <hw/board.h>
#include "part.h"
int main(int argc, char** argv)
{
    if (argc > 1) *(volatile int*)0 = part(argc);
    return GPIO_OpenAsInput(BOARD_LED) >= 0 && part(7) == 7 ? 0 : 1;
}
`,
  );
  writeFileSync(
    path.join(folder, 'CMakeLists.txt'),
    `cmake_minimum_required(VERSION 3.10)
project(paths C CXX)
file(GLOB sources "parts/*/part.cc")
add_executable(paths main.c \${sources})
get_filename_component(parts "\${sources}" DIRECTORY)
target_include_directories(paths PRIVATE "\${parts}")
target_link_directories(paths PRIVATE "\${parts}")
target_link_libraries(paths applibs pthread gcc_s c)
azsphere_target_add_image_package(paths)
`,
  );
  return { folder, options: { hardwareDefinitions: [boards], buildFolder: path.join(base.path, 'out', name) } };
}

describe.each(NAMES)('%s', (name) => {
  test(
    'an app, its board and its build',
    async () => {
      const { folder, options } = writeApp(name);
      const app = await SphereApp.launch(await buildApp(folder, options), { clock: new VirtualClock() });
      expect(await app.exitCode).toBe(0);
      // What has not changed is not built again, and what ninja knows of the headers is still true.
      writeFileSync(path.join(folder, 'parts', name, 'Part.h'), '#error "it is read again"\n');
      await expect(buildApp(folder, options)).rejects.toMatchObject({
        code: 'APP_BUILD_FAILED',
        message: expect.stringMatching(/Part\.h:1:2: error: "it is read again"/i),
      });
    },
    BUILD_TIME,
  );

  test(
    'a debug build, linked by a response file: a crash is told with file and line',
    async () => {
      // As long command lines are. CMake itself does not quote the names of those of sources, and quotes $ as emcc does not read it.
      const cmakeOptions: BuildOptions['cmakeOptions'] =
        name === GERMAN ? { CMAKE_NINJA_FORCE_RESPONSE_FILE: 'ON' } : {};
      const { folder, options } = writeApp(name, 'part');
      const built = await buildApp(folder, { ...options, buildFolder: undefined, cmakeOptions, debug: true });
      const app = await SphereApp.launch(built, { clock: new VirtualClock(), args: ['crash'] });
      const error = (await app.exitCode.catch((thrown: unknown) => thrown)) as Error;
      expect(error.message).toContain('main (main.c:6)');
    },
    BUILD_TIME,
  );

  test(
    'an error is told without the command lines',
    async () => {
      const { folder, options } = writeApp(name);
      writeFileSync(path.join(folder, 'parts', name, 'part.cc'), 'int part(int value) { return nothing; }\n');
      const error = (await buildApp(folder, options).catch((thrown: unknown) => thrown)) as Error;
      expect(error.message).toContain("error: use of undeclared identifier 'nothing'");
      expect(error.message).not.toMatch(/compile-again|device-types|emcc|em\+\+/);
    },
    BUILD_TIME,
  );

  test(
    'sphere-iot itself',
    () => {
      const { folder, options } = writeApp('app');
      const installed = path.join(base.path, 'installed', name);
      cpSync(path.join(root, 'dist'), path.join(installed, 'dist'), { recursive: true });
      cpSync(path.join(root, 'package.json'), path.join(installed, 'package.json'));
      symlinkSync(path.join(root, 'node_modules'), path.join(installed, 'node_modules'), 'dir');
      const main = path.join(installed, 'dist/cjs/cli/main.js');
      const boards = (options.hardwareDefinitions ?? []).flatMap((each) => ['--hardware-definitions', each]);
      const { status, stderr } = spawnSync(process.execPath, [main, 'build', folder, ...boards], { encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
    },
    BUILD_TIME,
  );
});
