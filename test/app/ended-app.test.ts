// Whoever wants something of an app that has ended is told so, and why it ended.
import path from 'node:path';
import { buildApp, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { expectNoTimers } from '../support/sphere.js';

let posix: BuiltApp;
let board: BuiltApp;
let clock: VirtualClock;
let app: SphereApp;

beforeAll(async () => {
  posix = await buildApp(path.join(__dirname, 'apps/posix'));
  board = await buildApp(path.join(__dirname, 'apps/board'));
});

beforeEach(() => void (clock = new VirtualClock()));

afterEach(async () => {
  app.close();
  await expectNoTimers(clock);
});

async function launch(part: string, built = posix): Promise<void> {
  app = await SphereApp.launch(built, { clock, args: [part] });
}

const PIN = 12;

const WANTED: Readonly<Record<string, () => unknown>> = {
  log: () => app.log('never'),
  outage: () => app.outage(1000),
  'outage of a kind': () => app.outage(1000, { kind: 'dns' }),
  becomes: () => app.gpio(PIN).becomes(0),
  press: () => app.gpio(PIN).press(),
  connect: () => app.connect(80),
  sendDatagram: () => app.sendDatagram(80, 'x'),
  update: () => app.update(),
  noUpdate: () => app.noUpdate(),
  failDuringWrite: () => app.power.failDuringWrite(),
};

describe.each(Object.entries(WANTED))('%s', (_, want) => {
  test.each([
    ['exit', 'APP_ENDED', /has ended with exit code 42/],
    ['crash', 'APP_CRASHED', /The app crashed, in /],
  ])('after %s', async (part, code, message) => {
    await launch(part);
    await app.exitCode.catch(() => undefined);
    const before = clock.now();
    await expect((async () => want())()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(clock.now()).toBe(before);
  });

  test('after close', async () => {
    await launch('gpio');
    app.close();
    await expect((async () => want())()).rejects.toMatchObject({ code: 'APP_CLOSED' });
  });
});

test('a UART', async () => {
  await launch('uart', board);
  await app.uart('ISU0').receives(/ready/);
  app.signal('SIGKILL');
  expect(await app.exitCode).toBe(137);
  const { received } = app.uart('ISU0');
  expect(() => app.uart('ISU0').send('more')).toThrow(expect.objectContaining({ code: 'APP_ENDED' }));
  // What it wrote before is there.
  expect(received.toString()).toContain('ready');
  await expect(app.uart('ISU0').receives(/never/)).rejects.toMatchObject({ code: 'APP_ENDED' });
});

test('a wait that has begun ends with the app, and says what was awaited', async () => {
  await launch('exit');
  await expect(app.gpio(PIN).becomes(0)).rejects.toMatchObject({
    code: 'APP_ENDED',
    message: expect.stringMatching(
      /^Waited for pin 12 to become 0, in vain\. It is 1\. The app has ended with exit code 42/,
    ),
  });
});

test('an outage that strikes nothing, as the app ends in it, tells of the end', async () => {
  await launch('exit');
  await expect(app.outage(60_000)).rejects.toMatchObject({ code: 'APP_ENDED' });
});

test.each([
  [null],
  [{ outcome: 'half' }],
  [{ after: -1 }],
  [{ after: 1.5 }],
  [{ after: '1' }],
  [{ seed: NaN }],
  [{ times: 1 }],
  ['cut'],
])('failDuringWrite(%j) is refused', async (options) => {
  await launch('gpio');
  expect(() => app.power.failDuringWrite(options as never)).toThrow(
    expect.objectContaining({ code: 'POWER_FAILURE_INVALID' }),
  );
});

test.each([[null], ['down'], [1]])('outage(1000, %j) is refused', async (options) => {
  await launch('gpio');
  await expect(app.outage(1000, options as never)).rejects.toMatchObject({ code: 'OUTAGE_INVALID' });
});
