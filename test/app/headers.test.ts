// Names of the applibs that apps rely on, and what the applibs' headers include.
import path from 'node:path';
import { buildApp, SphereApp } from '../../src/app/index.js';
import { VirtualClock } from '../../src/clock/index.js';

test('each header has its names, alone', async () => {
  const built = await buildApp(path.join(__dirname, 'apps/headers'));
  const app = await SphereApp.launch(built, { clock: new VirtualClock() });
  expect(await app.exitCode).toBe(0);
  app.close();
});
