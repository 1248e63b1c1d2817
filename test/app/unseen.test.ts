// What happened to an app, and its test has not seen: `close` tells of it, as the test would pass otherwise.

import { AppDevice, SphereApp, type BuiltApp, type LaunchOptions } from '../../src/app/index.js';
import { Catalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { useBuiltApp } from './harness.js';

const built = useBuiltApp('unseen');
let clock: VirtualClock;

beforeEach(() => {
  clock = new VirtualClock();
});

function launch(part: string, options: LaunchOptions = {}): Promise<SphereApp> {
  return SphereApp.launch(built(), { clock, args: [part], ...options });
}

/** Of what is no app. */
function launchOf(given: unknown): Promise<SphereApp> {
  return SphereApp.launch(given as BuiltApp, { clock });
}

const code = (expected: string, more = {}): Error => expect.objectContaining({ code: expected, ...more }) as Error;

/** What `close` throws. The second one is harmless. */
function closing(app: SphereApp): () => void {
  return () => {
    try {
      app.close();
    } finally {
      app.close();
    }
  };
}

describe('a wait that nobody awaits', () => {
  test.each<[string, (app: SphereApp) => unknown]>([
    ['a line with never', (app) => app.log('never')],
    ['the exit', (app) => app.exitCode],
    ['pin 2 to become 0', (app) => app.gpio(2).becomes(0)],
    ['OK from a UART', (app) => app.uart('ISU0').receives('OK')],
    ['an update to become deferred', (app) => app.update().becomes('deferred')],
    ['the end of an outage', (app) => app.outage(600_000)],
    ['the end of an outage', (app) => app.network.outage(600_000)],
    ['2 to be pressed', (app) => app.gpio(2).press()],
  ])('for %s', async (what, begin) => {
    const app = await launch('idle');
    begin(app);
    expect(closing(app)).toThrow(
      code('WAIT_FORGOTTEN', {
        message: expect.stringContaining(`Nobody awaits the wait for ${what}`),
        stack: expect.stringContaining('unseen.test.ts'),
      }),
    );
  });

  test('and that has failed', async () => {
    const app = await launch('idle');
    void app.log('never', { timeout: 1000 });
    await clock.advance(2000);
    expect(closing(app)).toThrow(code('WAIT_FORGOTTEN', { cause: code('TIMED_OUT') }));
  });

  test('and that has come is none; neither is one that lost a race, that was given up, or of which somebody knows', async () => {
    const app = await launch('uart');
    void app.uart('ISU0').receives('OK');
    await Promise.race([app.uart('ISU0').receives('OK 2'), app.log('never')]);
    const enough = new AbortController();
    void app.log('never', { signal: enough.signal });
    enough.abort();
    app.log('never').catch(() => undefined);
    expect(closing(app)).not.toThrow();
  });
});

describe('an end that no test wants', () => {
  test.each([
    ['abort', 'APP_CRASHED'],
    ['raise', 'APP_ENDED'],
  ])('%s', async (part, expected) => {
    const app = await launch(part);
    await clock.advance(1000);
    expect(app.ended).toBe(true);
    expect(closing(app)).toThrow(code(expected));
  });

  test.each<[string, (app: SphereApp) => Promise<unknown>]>([
    ['exitCode', (app) => app.exitCode],
    ['another wait', (app) => app.log('idle')],
    ['what needs an app that runs', async (app) => app.uart('ISU0').send('x')],
  ])('and that %s has told of', async (_, ask) => {
    const app = await launch('abort');
    await clock.advance(1000);
    await expect(ask(app)).rejects.toMatchObject({ code: 'APP_CRASHED' });
    expect(closing(app)).not.toThrow();
  });

  test('and that onEnd has told of', async () => {
    const onEnd = jest.fn();
    const app = await launch('abort', { onEnd });
    await clock.advance(1000);
    expect(onEnd).toHaveBeenCalledWith({ error: code('APP_CRASHED') });
    expect(closing(app)).not.toThrow();
  });

  test('is none by a signal that the test sent, and none with exit code 0', async () => {
    for (const part of ['idle', 'finish']) {
      const app = await launch(part);
      await clock.advance(1000);
      if (part === 'idle') app.signal('SIGTERM');
      await clock.advance(10_000);
      expect(app.ended).toBe(true);
      expect(closing(app)).not.toThrow();
    }
  });

  test('is one with another exit code', async () => {
    const app = await launch('leave');
    await clock.advance(10_000);
    expect(closing(app)).toThrow(code('APP_ENDED', { message: expect.stringContaining('exit code 3') }));
  });

  test('and one whose exit code was asked for is none', async () => {
    const app = await launch('leave');
    expect(await app.exitCode).toBe(3);
    expect(closing(app)).not.toThrow();
  });
});

test('a walk of the clock that nobody awaits is told of', async () => {
  const app = await launch('idle');
  const release = clock.hold('tea');
  let come = (): void => undefined;
  void clock.runUntil(new Promise<void>((resolve) => (come = resolve)));
  void clock.advance(3_600_000);
  const both = /the wait for the clock to run until[^]*the wait for the clock to move on by 3600000 ms/;
  expect(closing(app)).toThrow(code('WAIT_FORGOTTEN', { message: expect.stringMatching(both) }));
  come();
  release();
});

test('a walk that is over, or that somebody awaits, is not told of', async () => {
  const app = await launch('idle');
  void clock.advance(1000);
  await clock.advance(1000);
  const walk = expect(clock.advance(3_600_000)).resolves.toBeUndefined();
  expect(closing(app)).not.toThrow();
  await walk;
});

describe('what a listener throws', () => {
  const mine = new Error('mine');
  const fail = (): never => {
    throw mine;
  };
  const failed = code('LISTENER_FAILED', { cause: mine });

  test.each<[string, LaunchOptions]>([
    ['onLog', { onLog: fail }],
    ['onLogText', { onLogText: fail }],
    ['onEnd', { onEnd: fail }],
  ])('%s', async (_, options) => {
    const app = await launch('leave', options);
    expect(await app.exitCode).toBe(3);
    expect(closing(app)).toThrow(failed);
  });

  test('a UART, and a server, which refuses nothing by it', async () => {
    const uart = await launch('uart');
    uart.uart('ISU0').watch(fail);
    await uart.uart('ISU0').receives('OK');
    expect(closing(uart)).toThrow(failed);
    const server = await launch('connect');
    server.serve('tea.example', 80, fail);
    await server.log('refused');
    expect(closing(server)).toThrow(failed);
    const refusing = await launch('connect');
    refusing.serve('tea.example', 80, () => {
      throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    });
    await refusing.log('refused');
    expect(closing(refusing)).not.toThrow();
  });

  test('several faults are told of together', async () => {
    const app = await launch('abort', { onLog: fail });
    await clock.advance(1000);
    expect(closing(app)).toThrow(
      code('APP_CRASHED', { message: expect.stringMatching(/^The app crashed[^]*\nA listener of the log threw/) }),
    );
  });
});

describe('a fault that never struck', () => {
  test('an outage that nobody ended', async () => {
    const app = await launch('idle');
    app.network.fail();
    expect(closing(app)).toThrow(code('OUTAGE_NEVER_STRUCK'));
  });

  test('an outage in which the app ends by itself', async () => {
    const app = await launch('leave');
    await expect(app.outage(60_000)).rejects.toMatchObject({ code: 'APP_ENDED' });
    expect(closing(app)).not.toThrow();
  });

  test('a bus, unless its fault was taken back', async () => {
    const app = await launch('idle');
    app.spi(1).fault = 'ETIMEDOUT';
    app.i2c(1).fault = 'EIO';
    app.i2c(1).fault = undefined;
    expect(closing(app)).toThrow(
      code('FAULT_NEVER_STRUCK', {
        message: expect.stringMatching(/^The bus spi 1 was to fail with ETIMEDOUT[^\n]*$/),
      }),
    );
  });

  test('a failure of the power, unless somebody waits for it', async () => {
    const app = await launch('idle');
    app.power.failDuringWrite();
    expect(closing(app)).toThrow(code('FAULT_NEVER_STRUCK'));
    const asked = await launch('leave');
    await expect(asked.power.failDuringWrite().struck()).rejects.toMatchObject({ code: 'APP_ENDED' });
    expect(closing(asked)).not.toThrow();
  });
});

test('a button is pressed once the app has opened its pin', async () => {
  const app = await launch('button');
  await app.gpio(2).press();
  await app.log('pressed');
  app.close();
  const idle = await launch('idle');
  await expect(idle.gpio(2).press(100, { timeout: 5000 })).rejects.toMatchObject({ code: 'TIMED_OUT' });
  idle.close();
});

test('what a UART got is found once', async () => {
  const app = await launch('uart');
  const uart = app.uart('ISU0');
  expect((await uart.receives(/OK (\d)/))[1]).toBe('1');
  expect((await app.uart('ISU0').receives(/OK (\d)/))[1]).toBe('2');
  await expect(uart.receives(/OK/, { timeout: 5000 })).rejects.toMatchObject({ code: 'TIMED_OUT' });
  expect(uart.received.toString()).toBe('OK 1\nOK 2\n');
  app.close();
});

test('wrong values are refused', async () => {
  const app = await launch('idle');
  const pin = app.gpio(2);
  for (const name of ['SIGTREM', 'toString', undefined, 999, 15])
    expect(() => app.signal(name as never)).toThrow(code('SIGNAL_INVALID'));
  for (const value of ['0', true, 2, undefined]) {
    expect(() => pin.set(value as never)).toThrow(code('PIN_VALUE_INVALID'));
    expect(() => (pin.value = value as never)).toThrow(code('PIN_VALUE_INVALID'));
    await expect(pin.becomes(value as never)).rejects.toEqual(code('PIN_VALUE_INVALID'));
  }
  const update = app.update();
  for (const none of [undefined, null, 'x', {}]) {
    expect(() => pin.watch(none as never)).toThrow(code('ARGUMENT_INVALID'));
    expect(() => app.uart('ISU0').watch(none as never)).toThrow(code('ARGUMENT_INVALID'));
    expect(() => (app.networkInterface('eth0').cable = none as never)).toThrow(code('ARGUMENT_INVALID'));
    await expect(update.becomes(none as never)).rejects.toEqual(code('ARGUMENT_INVALID'));
    await expect(launchOf(none)).rejects.toEqual(code('ARGUMENT_INVALID'));
  }
  await expect(launchOf(Promise.resolve(built()))).rejects.toEqual(
    code('ARGUMENT_INVALID', { message: expect.stringContaining('after await') }),
  );
  for (const content of [5, undefined, { text: 'x' }])
    expect(() => app.uart('ISU0').send(content as never)).toThrow(code('CONTENT_INVALID'));
  expect(() => ((app.wifi.accessPoints as unknown[]).length = 0)).toThrow(TypeError);
  app.close();
});

test('what is closed says so', async () => {
  const catalog = await Catalog.create({ clock });
  const device = await AppDevice.start({ catalog, clock });
  const app = await launch('leave', { device });
  await clock.advance(10_000);
  expect(() => app.signal('SIGTERM')).toThrow(code('APP_ENDED'));
  app.close();
  const closed = code('APP_CLOSED', { message: expect.stringContaining('exit code 3') });
  expect(() => app.signal('SIGTERM')).toThrow(closed);
  expect(() => app.serve('tea.example', 80, () => undefined)).toThrow(closed);
  expect(() => app.gpio(2).set(0)).toThrow(closed);
  expect(() => app.gpio(2).watch(() => undefined)).toThrow(closed);
  await expect(app.gpio(2).becomes(1)).rejects.toEqual(closed);
  expect(() => app.uart('ISU0').send('x')).toThrow(closed);
  expect(() => app.uart('ISU0').watch(() => undefined)).toThrow(closed);
  for (const bus of [app.i2c(1), app.spi(1)]) expect(() => (bus.fault = 'EIO')).toThrow(closed);
  expect(() => app.i2c(1).attach(1, { read: () => [] })).toThrow(closed);
  expect(() => app.i2c(1).detach(1)).toThrow(closed);
  expect(() => app.spi(1).attach({ read: () => [] })).toThrow(closed);
  expect(() => app.spi(1).detach()).toThrow(closed);
  expect(() => app.adc(0).set(0, 1)).toThrow(closed);
  expect(() => (app.wifi.accessPoints = [])).toThrow(closed);
  expect(() => (app.networkInterface('eth0').cable = true)).toThrow(closed);
  expect(await app.exitCode).toBe(3);
  device.close();
  await expect(launch('idle', { device })).rejects.toMatchObject({ code: 'DEVICE_CLOSED' });
});
