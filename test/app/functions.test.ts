// Every function that three public repositories of apps or more call is there, and in a test.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildApp } from '../../src/app/index.js';
import { FUNCTIONS } from './apps/functions/list.js';
import { BUILD_TIME } from '../support/limits.js';
import { useFolder } from '../support/folder.js';
import { useApp, useBuiltApp, writeApp } from './harness.js';

const root = path.join(__dirname, '../..');

const CMAKE = `azsphere_configure_tools(TOOLS_REVISION "23.05")
azsphere_configure_api(TARGET_API_SET "16")
add_executable(app main.c)
target_compile_options(app PRIVATE -Wall -Werror)
target_link_libraries(app m azureiot applibs curl tlsutils pthread gcc_s c)
azsphere_target_add_image_package(app)`;

const suite = useApp(useBuiltApp('apps/functions'));

const folder = useFolder();

/** Builds an app that has the addresses of all, as their headers declare them, and of one that it declares itself. */
function buildWith(functions: Readonly<Record<string, readonly string[]>>, own?: string): Promise<unknown> {
  const names = [...Object.values(functions).flat(), ...(own === undefined ? [] : [own])];
  const lines = [
    '#define _GNU_SOURCE',
    ...Object.keys(functions).map((header) => `#include <${header}>`),
    own === undefined ? '' : `void ${own}(void);`,
    'void (*volatile functions[])(void) = {',
    ...names.map((name) => `  (void (*)(void))${name},`),
    '};',
    'int main(void) { return functions[0] == 0; }',
    '',
  ];
  writeApp(folder.path, { 'main.c': lines.join('\n') }, CMAKE);
  return buildApp(folder.path);
}

test(
  'all are declared, and linked',
  async () => {
    await buildWith(FUNCTIONS);
  },
  BUILD_TIME,
);

test(
  'one that is not there is an error of the build, by its name',
  async () => {
    const built = buildWith(FUNCTIONS, 'no_such_function');
    await expect(built).rejects.toMatchObject({
      code: 'APP_BUILD_FAILED',
      message: expect.stringMatching(/no_such_function/),
    });
  },
  BUILD_TIME,
);

test.each(['library', 'messages', 'timers'])('%s', async (part) => {
  await suite.launch(part);
  await suite.expectNoFailures();
});

test('each is called by an app that a test runs', () => {
  const sources = ['test/app', 'examples'].flatMap((name) => sourcesIn(path.join(root, name)));
  const text = sources.map((file) => readFileSync(file, 'utf8')).join('\n');
  const called = new Set(text.match(/\b\w+(?=\()/g));
  expect(
    Object.values(FUNCTIONS)
      .flat()
      .filter((name) => !called.has(name)),
  ).toEqual([]);
});

function sourcesIn(from: string): string[] {
  return readdirSync(from, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.c') && !name.split(path.sep).includes('build'))
    .map((name) => path.join(from, name));
}
