// C++ apps: what ends them as std::terminate and abort do on the device is a crash that says why.
import path from 'node:path';
import { buildApp, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { VirtualClock } from '../../src/clock/index.js';

const folder = path.join(__dirname, 'apps/cxx');

async function run(built: BuiltApp, part: string): Promise<{ end: unknown; lines: readonly string[] }> {
  const app = await SphereApp.launch(built, { clock: new VirtualClock(), args: [part] });
  const end = await app.exitCode.catch((error: unknown) => error);
  app.close();
  return { end, lines: app.lines };
}

describe.each([false, true])('C++ (debug: %p)', (debug) => {
  let built: BuiltApp;

  beforeAll(async () => {
    built = await buildApp(folder, { debug });
  });

  test('constructors and destructors of global variables run', async () => {
    expect(await run(built, 'none')).toEqual({ end: 0, lines: ['constructed', 'destroyed'] });
  });

  test('a call of a pure virtual function is a crash', async () => {
    const { end } = await run(built, 'pure');
    // By its place in the class it has another type; an optimised program may call it directly.
    expect(end).toMatchObject({ code: 'APP_CRASHED', message: expect.stringMatching(/pure virtual function/i) });
  });

  test.each([
    ['throw', 'The app threw sensors::Fault, and'],
    ['standard', 'The app threw std::runtime_error: no answer, and'],
    ['number', 'The app threw int, and'],
    ['handler', 'The app threw std::logic_error: wrong, and'],
    ['terminate', 'The C++ library ends the app: terminating'],
    ['memory', 'The app threw std::bad_alloc: there is no memory for 2147483632 bytes'],
  ])('%s is a crash', async (part, message) => {
    const { end, lines } = await run(built, part);
    expect(end).toMatchObject({ code: 'APP_CRASHED', message: expect.stringContaining(`[sphere-iot] ${message}`) });
    expect(lines.at(-1)).toBe('[sphere-iot] The app called abort.');
    if (debug && part === 'throw') expect((end as Error).message).toMatch(/__cxa_throw .*Throw\(\) \(main\.cpp:\d+\)/);
    if (part === 'handler') expect(lines).toContain("the app's handler");
    if (part === 'memory') expect(lines).toContain('null');
  });
});
