// Whoever wants something of an app that has ended is told so, and why it ended.
import path from 'node:path';
import { buildApp, type BuiltApp } from '../../src/app/index.js';
import { useApp } from './harness.js';

let posix: BuiltApp;
let board: BuiltApp;

beforeAll(async () => {
  posix = await buildApp(path.join(__dirname, 'apps/posix'));
  board = await buildApp(path.join(__dirname, 'apps/board'));
});

const suite = useApp(() => posix);

const PIN = 12;

const WANTED: Readonly<Record<string, () => unknown>> = {
  log: () => suite.app.log('never'),
  outage: () => suite.app.outage(1000),
  'outage of a kind': () => suite.app.outage(1000, { kind: 'dns' }),
  becomes: () => suite.app.gpio(PIN).becomes(0),
  press: () => suite.app.gpio(PIN).press(),
  connect: () => suite.app.connect(80),
  sendDatagram: () => suite.app.sendDatagram(80, 'x'),
  update: () => suite.app.update(),
  noUpdate: () => suite.app.noUpdate(),
  failDuringWrite: () => suite.app.power.failDuringWrite(),
};

describe.each(Object.entries(WANTED))('%s', (_, want) => {
  test.each([
    ['exit', 'APP_ENDED', /has ended with exit code 42/],
    ['crash', 'APP_CRASHED', /The app crashed, in /],
  ])('after %s', async (part, code, message) => {
    await suite.launch(part);
    await suite.app.exitCode.catch(() => undefined);
    const before = suite.clock.now();
    await expect((async () => want())()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(suite.clock.now()).toBe(before);
  });

  test('after close', async () => {
    await suite.launch('gpio');
    suite.app.close();
    await expect((async () => want())()).rejects.toMatchObject({ code: 'APP_CLOSED' });
  });
});

test('a UART', async () => {
  await suite.launch('uart', {}, board);
  await suite.app.uart('ISU0').receives(/ready/);
  suite.app.signal('SIGKILL');
  expect(await suite.app.exitCode).toBe(137);
  const { received } = suite.app.uart('ISU0');
  expect(() => suite.app.uart('ISU0').send('more')).toThrow(expect.objectContaining({ code: 'APP_ENDED' }));
  // What it wrote before is there.
  expect(received.toString()).toContain('ready');
  await expect(suite.app.uart('ISU0').receives(/never/)).rejects.toMatchObject({ code: 'APP_ENDED' });
});

test('a wait that has begun ends with the app, and says what was awaited', async () => {
  await suite.launch('exit');
  await expect(suite.app.gpio(PIN).becomes(0)).rejects.toMatchObject({
    code: 'APP_ENDED',
    message: expect.stringMatching(
      /^Waited for pin 12 to become 0, in vain\. It is 1\. The app has ended with exit code 42/,
    ),
  });
});

test('an outage that strikes nothing, as the app ends in it, tells of the end', async () => {
  await suite.launch('exit');
  await expect(suite.app.outage(60_000)).rejects.toMatchObject({ code: 'APP_ENDED' });
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
  await suite.launch('gpio');
  expect(() => suite.app.power.failDuringWrite(options as never)).toThrow(
    expect.objectContaining({ code: 'POWER_FAILURE_INVALID' }),
  );
});

test.each([[null], ['down'], [1]])('outage(1000, %j) is refused', async (options) => {
  await suite.launch('gpio');
  await expect(suite.app.outage(1000, options as never)).rejects.toMatchObject({ code: 'OUTAGE_INVALID' });
});
