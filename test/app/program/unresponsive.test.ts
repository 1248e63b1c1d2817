// An app that does not yield ends with APP_UNRESPONSIVE, wherever it is, and however it was launched.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildApp, SphereApp, type BuiltApp, type LaunchOptions } from '../../../src/app/index.js';
import { realClock, VirtualClock } from '../../../src/clock/index.js';
import { PROGRAM_TIME } from '../../support/limits.js';

const PIN = 12;
const WATCHDOG = 150;

const PLACES = [
  'main',
  'inlined',
  'constructor',
  'destructor',
  'atexit',
  'handler',
  'comparator',
  'library',
  'goto',
  'setjmp',
  'longjmp',
  'recursion',
  'recursion-by-setjmp',
  'pointer',
];

let release: BuiltApp;
let debug: BuiltApp;

beforeAll(async () => {
  const folder = path.join(__dirname, '../apps/unresponsive');
  release = await buildApp(folder);
  debug = await buildApp(folder, { debug: true });
});

async function endOf(built: BuiltApp, place: string, options: LaunchOptions): Promise<unknown> {
  const app = await SphereApp.launch(built, { args: [place], ...options });
  try {
    if (place === 'constructor') app.gpio(PIN).set(0);
    return await app.exitCode.catch((error: unknown) => error);
  } finally {
    app.close();
  }
}

test.each([
  ['without arguments', false],
  ['with arguments', true],
])('the message has the name of main as C has it, %s', async (_, withArguments) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
  try {
    cpSync(path.join(__dirname, '../apps/cases/two-packages'), folder, { recursive: true });
    const head = withArguments ? 'int main(int argc, char** argv)' : 'int main(void)';
    writeFileSync(path.join(folder, 'one.c'), `#include <unistd.h>\n${head}\n{\n  getpid();\n  while (1);\n}\n`);
    const message = (await endOf(await buildApp(folder, { target: 'one' }), 'main', { watchdogMs: WATCHDOG })) as Error;
    expect(message.message).toMatch(/\bin main\b/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe.each([
  ['release', () => release],
  ['debug', () => debug],
])('%s', (_, built) => {
  describe.each([
    ['in this thread', false],
    ['isolated', true],
  ])('%s', (__, isolate) => {
    test.each(PLACES)('it never leaves: %s', async (place) => {
      for (const clock of [realClock, new VirtualClock()])
        expect(await endOf(built(), place, { isolate, clock, watchdogMs: WATCHDOG })).toMatchObject({
          code: 'APP_UNRESPONSIVE',
          message: expect.stringContaining(`The app has run for ${WATCHDOG} ms without a wait`),
        });
    });
  });
});

test.each([false, true])('a virtual clock is ahead of the watchdog (isolated: %p)', async (isolate) => {
  const options = { isolate, clock: new VirtualClock(), watchdogMs: PROGRAM_TIME };
  expect(await endOf(debug, 'inlined', options)).toMatchObject({
    code: 'APP_UNRESPONSIVE',
    message: expect.stringMatching(
      /for half an hour of the virtual clock without a wait.*It is in main \(main\.cpp:\d+\)/s,
    ),
  });
});

test.each([false, true])(
  'a virtual clock is ahead of a watchdog that never ends it, too (isolated: %p)',
  async (isolate) => {
    expect(await endOf(release, 'inlined', { isolate, clock: new VirtualClock(), watchdogMs: Infinity })).toMatchObject(
      {
        code: 'APP_UNRESPONSIVE',
        message: expect.stringContaining('for half an hour of the virtual clock'),
      },
    );
  },
);

test('without a watchdog, on the real clock, the limit of a wait tells of it', async () => {
  const options = { clock: realClock, watchdogMs: Infinity, timeout: 20_000 };
  expect(await endOf(release, 'inlined', options)).toMatchObject({
    code: 'APP_UNRESPONSIVE',
    message: expect.stringMatching(/^Waited 20 s for the exit.*in a loop that it seems never to leave, in /s),
    cause: expect.objectContaining({ code: 'TIMED_OUT' }),
  });
});

test.each([false, true])('a jump out of a loop that can not arrive is explained (isolated: %p)', async (isolate) => {
  expect(await endOf(release, 'jump-out-of-loop', { isolate, clock: new VirtualClock() })).toMatchObject({
    code: 'APP_CRASHED',
    message: expect.stringContaining('A signal handler called longjmp while the app was in a loop'),
  });
});
