// `sphere-iot api`: what its commands print, and their exit codes.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { apiDiff, apiSnapshot } from '../../src/cli/api.js';
import type { ApiSnapshot } from '../../src/regression/index.js';
import { root, sdkFolder, withFolder } from '../regression/support.js';

const builtIn = readFileSync(path.join(root, 'dist/api.json'), 'utf8');

test('snapshot: that of the SDK built in, or of a folder', async () => {
  expect(await apiSnapshot()).toEqual({ output: builtIn, exitCode: 0 });
  expect(await apiSnapshot({ sdk: sdkFolder })).toEqual({ output: builtIn, exitCode: 0 });
});

/** Compares the built-in API with one that is made from it. */
function diffWith(change: (api: ApiSnapshot) => Partial<ApiSnapshot>, format?: string): ReturnType<typeof apiDiff> {
  return withFolder((folder) => {
    const [before, after] = [path.join(folder, 'before.json'), path.join(folder, 'after.json')];
    const api = JSON.parse(builtIn) as ApiSnapshot;
    writeFileSync(before, builtIn);
    writeFileSync(after, JSON.stringify({ ...api, ...change(api) }));
    return apiDiff(before, after, { format });
  });
}

test.each<[string, number, (api: ApiSnapshot) => Partial<ApiSnapshot>]>([
  ['nothing', 0, () => ({})],
  ['the toolchain', 0, ({ toolchain }) => ({ toolchain: { ...toolchain, clang: '99' } })],
  ['a function more', 0, ({ functions }) => ({ functions: [...functions, { ...functions[0]!, name: 'z' }] })],
  ['a constant less', 3, ({ constants }) => ({ constants: constants.slice(1) })],
  ['a function less', 4, ({ functions }) => ({ functions: functions.slice(1) })],
])('diff: %s → exit code %i', async (_, exitCode, change) => {
  expect((await diffWith(change)).exitCode).toBe(exitCode);
});

test('diff: as text, JSON, JUnit XML', async () => {
  const none = (): Partial<ApiSnapshot> => ({});
  expect((await diffWith(none)).output).toBe('The API is the same.\n');
  expect(JSON.parse((await diffWith(none, 'json')).output)).toEqual({ grade: 'none', changes: [], toolchain: [] });
  expect((await diffWith(none, 'junit')).output).toContain('<testsuite ');
});

test('diff: what can’t be compared', async () => {
  await expect(diffWith(() => ({}), 'yaml')).rejects.toMatchObject({ code: 'API_FORMAT_UNKNOWN' });
  await withFolder(async (folder) => {
    const file = path.join(folder, 'old.json');
    await expect(apiDiff(file, file)).rejects.toMatchObject({ code: 'API_FILE_UNREADABLE' });
    writeFileSync(file, builtIn.slice(0, 100));
    await expect(apiDiff(file, file)).rejects.toMatchObject({ code: 'API_SNAPSHOT_INVALID' });
    await expect(apiDiff(file, file)).rejects.toThrow(`${file} is no API snapshot, or damaged`);
  });
});
