// examples/vitest with the package as it is installed.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';

import { root, run, unpack } from './packed.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(root, 'build/vitest-'));
  await unpack(folder);
  const filter = (file: string): boolean => path.basename(file) !== 'build';
  for (const name of ['vitest', 'messages'])
    await cp(path.join(root, 'examples', name), path.join(folder, name), { recursive: true, filter });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('its tests pass', async () => {
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const { stdout } = await run(process.execPath, [vitest, 'run', '--reporter=json'], {
    cwd: path.join(folder, 'vitest'),
  });
  expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 2, numTotalTests: 2 });
});
