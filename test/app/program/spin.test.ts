// Apps that never wait, and apps that write where nothing is. What isolated ones run is of dist/: `npm run build`.
import path from 'node:path';
import { buildApp, type BuiltApp } from '../../../src/app/index.js';
import { realClock, VirtualClock } from '../../../src/clock/index.js';
import { codeOf } from '../../support/sphere.js';
import { useApp } from '../harness.js';

const PIN = 12;

let release: BuiltApp;
let debug: BuiltApp;

beforeAll(async () => {
  const folder = path.join(__dirname, '../apps/spin');
  release = await buildApp(folder);
  debug = await buildApp(folder, { debug: true });
});

const suite = useApp(() => release);
const { launch } = suite;

const inTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe.each([
  ['in this thread', false],
  ['isolated', true],
])('%s', (_, isolate) => {
  test.each([
    ['release', () => release],
    ['debug', () => debug],
  ])('while (true): the log, time, signals; %s', async (__, built) => {
    const app = await launch('forever', { isolate }, built());
    await app.log('for ever');
    await suite.clock.advance(2000);
    expect(suite.clock.monotonic()).toBeGreaterThanOrEqual(2000);
    expect(app.ended).toBe(false);
    app.signal('SIGTERM');
    expect(await app.exitCode).toBe(128 + 15);
  });

  test.each([
    ['virtual', () => suite.clock],
    ['real', () => realClock],
  ])('a loop that only writes a log is one that does not answer: the %s clock', async (__, clockOf) => {
    const app = await launch('chatter', { isolate, clock: clockOf(), watchdogMs: 500 });
    await app.log('again');
    await expect(app.exitCode).rejects.toMatchObject({ code: 'APP_UNRESPONSIVE' });
  });

  test('while (true): it can be closed', async () => {
    const app = await launch('forever', { isolate });
    await app.log('for ever');
    app.close();
    expect(await codeOf(() => app.exitCode)).toBe('APP_CLOSED');
  });

  test.each(['signal', 'nested'])('%s: a handler runs in the loop, and ends it', async (part) => {
    const app = await launch(part, { isolate });
    await app.log(/until a signal|nested/);
    app.signal('SIGTERM');
    expect(await app.exitCode).toBe(0);
    expect(app.lines).toHaveLength(2);
  });

  test('a timer ends a loop in its time', async () => {
    const app = await launch('timer', { isolate });
    expect(await app.exitCode).toBe(0);
    expect(app.lines).toEqual(['signal 14 after 2000 ms']);
  });

  test('a loop that reads a UART: bytes that come later are read', async () => {
    const app = await launch('uart', { isolate });
    await app.log('reads');
    await suite.clock.advance(100);
    app.uart(4).send('x');
    const [, ms] = await app.log(/x after (\d+) ms/);
    expect(Number(ms)).toBeGreaterThanOrEqual(100);
    expect(Number(ms)).toBeLessThanOrEqual(102);
  });

  test('a loop that looks at a pin', async () => {
    const app = await launch('pin', { isolate });
    await app.log('polls');
    await suite.clock.advance(50);
    app.gpio(PIN).set(0);
    expect(await app.exitCode).toBe(0);
  });

  test('a loop that asks a bus on which nobody answers', async () => {
    const app = await launch('i2c', { isolate });
    await app.log('reads');
    await suite.clock.advance(50);
    app.i2c(1).attach(0x48, { read: () => Uint8Array.of(7), write: () => undefined });
    await app.log('read 7');
  });

  test.each(['unread', 'unread-one', 'unread-at-once'])(
    '%s: an event loop with a handler that never reads its timer serves the others in their time',
    async (part) => {
      const app = await launch(part, { isolate });
      await suite.clock.advance(1005);
      expect(app.lines).toEqual(Array.from({ length: 10 }, (__, i) => String(100 * (i + 1))));
    },
  );

  test.each(['poll', 'select', 'epoll', 'timerfd'])('%s: looking moves time on', async (part) => {
    const app = await launch(part, { isolate });
    expect(await app.exitCode).toBe(0);
    expect(app.lines).toEqual(['many looks after 1000 ms']);
  });

  test('a thousand readings of the clock take a millisecond', async () => {
    const app = await launch('clock', { isolate });
    expect(await app.exitCode).toBe(0);
    const [, ms] = await app.log(/(\d+) ms/);
    expect(Number(ms)).toBeGreaterThanOrEqual(99);
    expect(Number(ms)).toBeLessThanOrEqual(102); // the loop's rounds beside
  });

  test('the real clock: Node goes on, and the watchdog names the loop', async () => {
    const app = await launch('forever', { isolate, clock: realClock, watchdogMs: 300 }, debug);
    await app.log('for ever');
    let turns = 0;
    const counted = setInterval(() => turns++, 5);
    await expect(app.exitCode).rejects.toMatchObject({
      code: 'APP_UNRESPONSIVE',
      message: expect.stringMatching(
        /for 300 ms without a wait.* It is in Forever \(main\.c:\d+\) ← .*Its last call was /,
      ),
    });
    clearInterval(counted);
    expect(turns).toBeGreaterThan(5);
  });

  test('the real clock: a loop that polls is no crash, and is answered', async () => {
    const app = await launch('pin', { isolate, clock: realClock, watchdogMs: 100 });
    await app.log('polls');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(app.ended).toBe(false);
    app.gpio(PIN).set(0);
    expect(await app.exitCode).toBe(0);
  });

  test.each([
    ['null', 'WriteThroughNull', /: it wrote through NULL \(address 0x0\)/],
    ['null-constant', 'WriteConstant', /: it wrote through NULL \(address 0x0\)/],
    ['null-member', 'WriteMember', /: it wrote through NULL, or near it \(address 0x14: a member/],
    ['null-last-member', 'WriteLastMember', /: it wrote through NULL, or near it \(address 0x400: a member/],
    ['null-read', 'Read', /: it read through NULL, or near it \(address 0x14: a member/],
  ])('%s is APP_CRASHED, and a debug build names the line', async (part, name, what) => {
    for (const [built, place] of [
      [release, /crashed, in \S/],
      [debug, new RegExp(`crashed, in ${name} \\(main\\.c:\\d+\\) ←`)],
    ] as const) {
      const app = await launch(part, { isolate }, built);
      await expect(app.exitCode).rejects.toMatchObject({ code: 'APP_CRASHED', message: expect.stringMatching(what) });
      await expect(app.exitCode).rejects.toMatchObject({ message: expect.stringMatching(place) });
      expect(app.lines).toEqual([part === 'null-read' ? 'reads' : 'writes']);
    }
  });

  test.each(['null-copy', 'null-copy-at-end'])(
    '%s, which a library does, is APP_CRASHED where it is called',
    async (part) => {
      for (const [built, place] of [
        [release, /crashed, in \S/],
        [debug, /crashed, in Copy \(main\.c:\d+\) ←/],
      ] as const) {
        const app = await launch(part, { isolate }, built);
        await expect(app.exitCode).rejects.toMatchObject({
          code: 'APP_CRASHED',
          message: expect.stringContaining('it wrote through NULL (address 0x0)'),
        });
        await expect(app.exitCode).rejects.toMatchObject({ message: expect.stringMatching(place) });
        expect(app.lines).toEqual(['writes']);
      }
    },
  );

  test('null-copy-to-member, which a library does, is APP_CRASHED where it is called, or at the next call', async () => {
    for (const built of [release, debug]) {
      const app = await launch('null-copy-to-member', { isolate }, built);
      await expect(app.exitCode).rejects.toMatchObject({
        code: 'APP_CRASHED',
        message: expect.stringMatching(/wrote through NULL, or near it \(address 0x18: a member/),
      });
      expect(app.lines).toEqual(['writes']);
    }
  });

  test.each([
    ['strlen', 'read', '0x0'],
    ['strcmp', 'read', '0x0'],
    ['strtol', 'read', '0x0'],
    ['memcpy-from', 'read', '0x0'],
    ['memcpy-to', 'wrote', '0x0'],
    ['memset', 'wrote', '0x0'],
    ['strcpy', 'wrote', '0x0'],
    ['snprintf', 'wrote', '0x0'],
    ['free', 'wrote', '0x10'],
  ])('%s with NULL is APP_CRASHED at the call', async (name, what, address) => {
    for (const built of [release, debug]) {
      const app = await launch(`null-call ${name}`, { isolate }, built);
      await expect(app.exitCode).rejects.toMatchObject({
        code: 'APP_CRASHED',
        message: expect.stringMatching(new RegExp(`it ${what} through NULL.*\\(address ${address}`)),
      });
      if (built === debug)
        await expect(app.exitCode).rejects.toMatchObject({
          message: expect.stringContaining('in CallWithNull (main.c:'),
        });
      expect(app.lines).toEqual(['calls']);
    }
  });

  test('calls with NULL that do nothing are none', async () => {
    for (const built of [release, debug]) {
      const app = await launch('null-call nothing', { isolate }, built);
      expect(await app.exitCode).toBe(0);
      expect(app.lines).toEqual(['calls', 'ends with 6']);
    }
  });

  test('accesses of every width that are none through NULL', async () => {
    for (const built of [release, debug]) {
      const app = await launch('all', { isolate }, built);
      expect(await app.exitCode).toBe(0);
      expect(app.lines).toEqual(['-2 -3 65782 -14 1.50 0.75']);
    }
  });
});

test('the log is the same each time, and in a thread', async () => {
  const runs = [];
  for (const isolate of [false, false, true]) {
    const own = new VirtualClock();
    const app = await launch('unread-one', { isolate, clock: own });
    await own.advance(500);
    runs.push(app.lines);
    app.close();
  }
  expect(runs[0]!.length).toBeGreaterThan(3);
  expect(runs[1]).toEqual(runs[0]);
  expect(runs[2]).toEqual(runs[0]);
});

test('who waits in vain for an app that spins is told where it is', async () => {
  const app = await launch('forever', {}, debug);
  await expect(app.log('never written', { timeout: 60_000 })).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: expect.stringMatching(/The app is in a loop that it seems never to leave, in Forever \(main\.c:\d+\)/),
  });
});

test('Node has turns while a virtual clock walks through an app that spins', async () => {
  const app = await launch('pin');
  await app.log('polls');
  let turns = 0;
  let walking = true;
  const count = async (): Promise<void> => {
    for (; walking; turns++) await inTurn();
  };
  const counting = count();
  await suite.clock.advance(60_000);
  walking = false;
  await counting;
  expect(turns).toBeGreaterThan(5);
});

test('sleeps of 10 microseconds take no longer than they say, and little processor time', async () => {
  const app = await launch('sleep 6');
  const began = process.cpuUsage();
  expect(await app.exitCode).toBe(0);
  expect(process.cpuUsage(began).user).toBeLessThan(3_000_000);
  expect(app.lines).toEqual(['600000 sleeps in 6000 ms']);
});
