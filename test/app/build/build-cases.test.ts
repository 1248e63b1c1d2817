// Apps as they are, each with something that real ones have: the builds must succeed without a change, and the programs exit with 0.
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildApp, SphereApp, type BuildOptions } from '../../../src/app/index.js';
import { VirtualClock } from '../../../src/clock/index.js';
import { BUILD_TIME } from '../../support/limits.js';
import { useFolder } from '../../support/folder.js';

const cases = path.join(__dirname, '../apps/cases');
const hardwareDefinitions = [path.join(__dirname, '../apps/more-boards')];

const folder = useFolder();

function copy(name: string): void {
  cpSync(path.join(cases, name), folder.path, { recursive: true });
}

function change(file: string, from: string, to: string): void {
  const text = readFileSync(folder.file(file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(folder.file(file), text.replace(from, to));
}

async function exitCode(options?: BuildOptions): Promise<number> {
  const app = await SphereApp.launch(await buildApp(folder.path, options), { clock: new VirtualClock() });
  const code = await app.exitCode;
  app.close();
  return code;
}

const APPS: readonly { name: string; what: string; options?: BuildOptions }[] = [
  { name: 'sdk-board', what: "a board of the SDK, with the manifest's $ names" },
  { name: 'every-board', what: 'the headers of all boards, for an app that names none' },
  { name: 'header-by-hand', what: 'an imported definition has a header by hand, what imports it has none' },
  { name: 'dotted-board', what: 'a name with dots, and an import from a folder that is not there' },
  { name: 'shared-definition', what: 'one definition under several spellings, for two targets' },
  { name: 'visual-studio-settings', what: 'board and variables of CMakeSettings.json' },
  { name: 'vscode-settings', what: 'board and variables of .vscode/settings.json' },
  { name: 'cmake-presets', what: 'board and variables of CMakePresets.json' },
  { name: 'stale-settings', what: 'settings that name a board which is gone, where CMakeLists.txt names another' },
  { name: 'no-board-named', what: 'the board is named on the command line only', options: { hardwareDefinitions } },
  { name: 'package-keywords', what: 'APP_MANIFEST, DEBUG_LIB and RESOURCE_FILES in another order' },
  { name: 'approot-files', what: 'more files of the image package, as the first SDKs had them named' },
  { name: 'sdk-folders', what: "CMake code that looks for the SDK's folders and runs its command line" },
  { name: 'subdirectory-first', what: 'add_subdirectory with a project of its own before project()' },
  { name: 'two-packages', what: 'one of two image packages of a folder', options: { target: 'one' } },
  { name: 'cmake-checks', what: "sizes, symbols, headers and what compiles, as CMake's checks find them" },
  { name: 'gcc-switches', what: 'switches that only gcc has, in each way to name them' },
  { name: 'windows-paths', what: 'back-slashes and letter case of Windows, in includes and in CMakeLists.txt' },
];

test.each(APPS)(
  '$name: $what',
  async ({ name, options }) => {
    copy(name);
    expect(await exitCode(options)).toBe(0);
  },
  BUILD_TIME,
);

async function failure(options?: BuildOptions): Promise<string> {
  const outcome = await buildApp(folder.path, options).then(
    () => 'built',
    (error: { code: string; message: string }) => error,
  );
  expect(outcome).toMatchObject({ code: 'APP_BUILD_FAILED' });
  return (outcome as { message: string }).message.replace(/\s+/g, ' ');
}

test(
  'an unknown keyword, and one with nothing behind it, are named',
  async () => {
    copy('package-keywords');
    change('CMakeLists.txt', 'DEBUG_LIB', 'RESOURCE_FILES ${none} DEBUG_LIB "x" WITH_ICON');
    expect(await failure()).toContain('azsphere_target_add_image_package has no keyword WITH_ICON');
    change('CMakeLists.txt', 'WITH_ICON "libmalloc.so.0"', '');
    change('CMakeLists.txt', 'APP_MANIFEST "manifest.release.json"', 'APP_MANIFEST');
    expect(await failure()).toContain('azsphere_target_add_image_package: there is nothing behind APP_MANIFEST');
    change('CMakeLists.txt', 'APP_MANIFEST)', 'APP_MANIFEST "absent.json")');
    expect(await failure()).toContain('absent.json, a file of the image package, is not in');
  },
  BUILD_TIME,
);

test('an app of the real-time cores is named as such, whatever its CMakeLists.txt needs', async () => {
  copy('approot-files');
  change('CMakeLists.txt', 'add_executable', 'add_subdirectory(m4_drivers)\nadd_executable');
  change('app_manifest.json', '"Default"', '"RealTimeCapable"');
  await expect(buildApp(folder.path)).rejects.toMatchObject({
    code: 'MANIFEST_INVALID',
    message: expect.stringMatching(/real-time cores, which do not run here/) as string,
  });
});

test(
  'several image packages: the message has their names, and each can be chosen',
  async () => {
    copy('two-packages');
    expect(await failure()).toMatch(/makes 2 image packages, of one, two: choose one \(`--target NAME`/);
    expect(await failure({ target: 'three' })).toBe(
      'The CMakeLists.txt makes no image package of three, but of one, two.',
    );
    expect(await exitCode({ target: 'two' })).toBe(2);
    expect(await exitCode({ target: 'one' })).toBe(0);
  },
  BUILD_TIME,
);

test(
  'the warnings of a target are told, and not those that another one had when it was built',
  async () => {
    copy('two-packages');
    for (const name of ['one', 'two']) change(`${name}.c`, 'return', `int of_${name} = "text"; return`);
    const warnings = async (options: BuildOptions): Promise<string[]> =>
      (await buildApp(folder.path, options)).compilerWarnings.map(({ file }) => file);
    expect(await warnings({ target: 'one' })).toEqual(['one.c']);
    expect(await warnings({ target: 'two' })).toEqual(['two.c']);
    expect(await warnings({ target: 'one' })).toEqual(['one.c']);
  },
  BUILD_TIME,
);

test(
  'what is wrong stays an error beside switches that only gcc has, and a switch that is wrong for the linker is one',
  async () => {
    copy('gcc-switches');
    change('other.c', 'return 0;', 'return none;');
    expect(await failure()).toMatch(/^\S*other\.c:2:26: error: use of undeclared identifier 'none'/);
    change('other.c', 'none', '0');
    change('CMakeLists.txt', '-mthumb', '-include missing.h');
    expect(await failure()).toContain("'missing.h' file not found");
  },
  BUILD_TIME,
);

const WARNED = { file: 'main.c', line: 4, column: 9, switch: '-Wunused-variable', message: "unused variable 'left'" };

test(
  'what the compiler warns of is data, in each build until it is mended; formats of the device are no fault',
  async () => {
    copy('gcc-switches');
    change('CMakeLists.txt', '-fmax-errors=3', '-Wall -Wextra -Werror');
    writeFileSync(
      folder.file('main.c'),
      '#include <stddef.h>\n#include <stdio.h>\n#include <sys/types.h>\nint main(void) { printf("%zu %zd %td %u\\n", sizeof(int), (ssize_t)1, (ptrdiff_t)2, sizeof(int)); return 0; }\n',
    );
    expect((await buildApp(folder.path)).warnings).toEqual([]);
    writeFileSync(
      folder.file('main.c'),
      '#include <stdio.h>\nint other(void);\nint main(void) {\n    int left;\n    printf("%d\\n", "text");\n    return other();\n}\n',
    );
    const expected = [WARNED, expect.objectContaining({ file: 'main.c', line: 5, column: 20, switch: '-Wformat' })];
    const built = await buildApp(folder.path);
    expect(built.compilerWarnings).toEqual(expect.arrayContaining(expected));
    expect(built.compilerWarnings).toHaveLength(2);
    expect(built.warnings).toContain("main.c:4:9: unused variable 'left' [-Wunused-variable]");
    // Compiled is other.c alone.
    change('other.c', 'return 0;', 'return (0);');
    expect((await buildApp(folder.path)).compilerWarnings).toEqual(built.compilerWarnings);
    // Of a file that the app has no more, nothing is told.
    renameSync(folder.file('main.c'), folder.file('start.c'));
    change('CMakeLists.txt', 'main.c', 'start.c');
    writeFileSync(folder.file('start.c'), 'int other(void);\nint main(void) { return other(); }\n');
    expect((await buildApp(folder.path)).compilerWarnings).toEqual([]);
  },
  BUILD_TIME,
);

test(
  'a board that the settings name and that is nowhere; a definition that is wrong',
  async () => {
    copy('vscode-settings');
    renameSync(folder.file('boards/desk.json'), folder.file('boards/other.json'));
    expect(await failure()).toMatch(/hardware definition desk\.json is in none of: .*--hardware-definitions/);
    writeFileSync(folder.file('boards/desk.json'), '{ "Peripherals": [{ "Name": "DESK LED", "Type": "Gpio" }] }');
    expect(await failure()).toMatch(/desk\.json can't be read: "Name": "DESK LED" is no name in C/);
    // Of a folder that is named, only what the app includes has to be right.
    rmSync(folder.file('.vscode'), { recursive: true });
    const wrong =
      '{ "Metadata": { "Type": "Azure Sphere Hardware Definition" }, "Imports": [{ "Path": "gone.json" }] }';
    writeFileSync(folder.file('boards/desk.json'), wrong);
    const options = { hardwareDefinitions: [folder.file('boards')], cmakeOptions: { LEVEL: '4' } };
    expect(await failure(options)).toMatch(/desk\.h:1:2: error: The hardware definition gone\.json is in none of/);
    change('main.c', 'hw/desk.h', 'hw/other.h');
    expect(await exitCode(options)).toBe(0);
  },
  BUILD_TIME,
);

test(
  'variables of the command line win over those of the settings, which are read anew when they change',
  async () => {
    copy('vscode-settings');
    expect(await failure({ cmakeOptions: { LEVEL: '5' } })).toContain('cmake.configureArgs');
    change('.vscode/settings.json', 'LEVEL=4', 'LEVEL=5');
    change('main.c', 'LEVEL == 4', 'LEVEL == 5');
    expect(await exitCode()).toBe(0);
    writeFileSync(folder.file('CMakePresets.json'), '{ "version": 2, "configurePresets": [ } }');
    expect(await failure()).toMatch(/CMakePresets\.json is no JSON: line 1, column/);
  },
  BUILD_TIME,
);

test(
  'includes: what resolves as it is spelt is left alone; a header that is renamed or new is found by the next build',
  async () => {
    copy('windows-paths');
    // The C library's string.h is meant, and the exact one of two.
    writeFileSync(folder.file('Source/String.h'), '#error "not this one"\n');
    writeFileSync(folder.file('Include/HW/only_here.h'), '#define ONLY_HERE 5\n');
    writeFileSync(folder.file('Include/HW/Only_Here.h'), '#error "not this one"\n');
    expect(await exitCode()).toBe(0);
    renameSync(folder.file('Source/second.h'), folder.file('Source/SECOND.h'));
    expect(await exitCode()).toBe(0);
    rmSync(folder.file('Source/SECOND.h'));
    expect(await failure()).toContain(".\\Second.h' file not found");
    writeFileSync(folder.file('Source/sEcond.h'), '#define SECOND 2\n');
    expect(await failure()).toContain('what they define');
    writeFileSync(folder.file('Source/sEcond.h'), '#define SECOND 3\n');
    expect(await exitCode()).toBe(0);
  },
  BUILD_TIME,
);
