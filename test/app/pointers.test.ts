// An app gives the device's functions pointers to where no memory is: it crashes, as where it uses them itself.
import path from 'node:path';

import { buildApp, type BuiltApp } from '../../src/app/index.js';
import { BUILD_TIME } from '../support/limits.js';
import { useApp } from './harness.js';

let built: BuiltApp;
beforeAll(async () => {
  built = await buildApp(path.join(__dirname, 'apps/pointers'));
}, BUILD_TIME);

const suite = useApp(() => built);

describe.each([
  ['in this thread', false],
  ['isolated', true],
])('%s', (_, isolate) => {
  test.each(
    ['read', 'write', 'send'].flatMap((call) => ['fffffff0', '7ffffff0', '80000000'].map((place) => [call, place])),
  )('%s with %s', async (call, place) => {
    const app = await suite.launch(`${call} ${place}`, { isolate });
    await expect(app.exitCode).rejects.toMatchObject({
      code: 'APP_CRASHED',
      message: expect.stringContaining('memory access out of bounds'),
    });
    expect(app.lines).not.toContain('still there');
  });
});
