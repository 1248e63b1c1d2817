import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { ApiSnapshot } from '../../src/regression/index.js';
import { root, sdkFolder } from '../regression/support.js';
import { useFolder } from '../support/folder.js';
import { cli, type Outcome } from './support.js';

const builtIn = readFileSync(path.join(root, 'dist/api.json'), 'utf8');
const folder = useFolder();

test('snapshot: that of the SDK built in, or of a folder', async () => {
  expect(await cli(['api', 'snapshot'])).toEqual({ code: 0, stdout: builtIn, stderr: '' });
  expect(await cli(['api', 'snapshot', '--sdk', sdkFolder])).toEqual({ code: 0, stdout: builtIn, stderr: '' });
});

/** Compares the built-in API with one that is made from it. */
function diffWith(change: (api: ApiSnapshot) => Partial<ApiSnapshot>, ...options: string[]): Promise<Outcome> {
  const [before, after] = [folder.file('before.json'), folder.file('after.json')];
  const api = JSON.parse(builtIn) as ApiSnapshot;
  writeFileSync(before, builtIn);
  writeFileSync(after, JSON.stringify({ ...api, ...change(api) }));
  return cli(['api', 'diff', before, after, ...options]);
}

test.each<[string, number, (api: ApiSnapshot) => Partial<ApiSnapshot>]>([
  ['nothing', 0, () => ({})],
  ['the toolchain', 0, ({ toolchain }) => ({ toolchain: { ...toolchain, clang: '99' } })],
  ['a function more', 0, ({ functions }) => ({ functions: [...functions, { ...functions[0]!, name: 'z' }] })],
  ['a constant less', 3, ({ constants }) => ({ constants: constants.slice(1) })],
  ['a function less', 4, ({ functions }) => ({ functions: functions.slice(1) })],
])('diff: %s → exit code %i', async (_, code, change) => {
  expect(await diffWith(change)).toMatchObject({ code, stderr: '' });
});

test('diff: as text, JSON, JUnit XML', async () => {
  const none = (): Partial<ApiSnapshot> => ({});
  const same = { grade: 'none', changes: [], toolchain: [] };
  expect((await diffWith(none)).stdout).toBe('The API is the same.\n');
  expect(JSON.parse((await diffWith(none, '--format', 'json')).stdout)).toEqual(same);
  expect(JSON.parse((await diffWith(none, '--json')).stdout)).toEqual(same);
  expect((await diffWith(none, '--format', 'junit')).stdout).toContain('<testsuite ');
});

test('diff: what can’t be compared', async () => {
  expect(await diffWith(() => ({}), '--format', 'yaml')).toMatchObject({ code: 2, stdout: '' });
  const file = folder.file('old.json');
  const unreadable = await cli(['api', 'diff', file, file]);
  expect(unreadable).toMatchObject({ code: 1, stderr: expect.stringContaining('(FILE_NOT_FOUND)') });
  writeFileSync(file, builtIn.slice(0, 100));
  const damaged = await cli(['api', 'diff', file, file, '--json']);
  expect(damaged.code).toBe(1);
  expect(JSON.parse(damaged.stderr)).toEqual({
    error: {
      code: 'API_SNAPSHOT_INVALID',
      message: expect.stringContaining(`${file} is no API snapshot, or damaged`),
    },
  });
});
