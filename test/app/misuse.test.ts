// What a test in plain JavaScript may write: refused at once, and never taken for something else.

import { AppDevice, SphereApp } from '../../src/app/index.js';
import { Catalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { useBuiltApp } from './harness.js';

const built = useBuiltApp('../../examples/event-loop');
let clock: VirtualClock;
let app: SphereApp;

beforeEach(() => {
  clock = new VirtualClock();
});

afterEach(() => app?.close());

async function launch(): Promise<void> {
  app = await SphereApp.launch(built(), { clock });
  await clock.runUntil(app.gpio('DEMO_LED').becomes(1)); // it has opened its pins once it waits
  await clock.advance(1000);
}

const refused: readonly (readonly [options: object, code: string, message: RegExp | string])[] = [
  [{ timout: 5 }, 'OPTIONS_INVALID', 'there is no timout; timeout is meant, perhaps.'],
  [{ networkready: () => false }, 'OPTIONS_INVALID', 'there is no networkready; networkReady is meant, perhaps.'],
  [{ deviceid: 'x' }, 'OPTIONS_INVALID', 'there is no deviceid; deviceId is meant, perhaps.'],
  [{ deviceId: 'f'.repeat(128) }, 'OPTIONS_INVALID', 'a deviceId without the catalog that claims it'],
  [{ internet: true }, 'OPTIONS_INVALID', /there is no internet, but clock, timeout, cloud, allowInternet, /],
  [{ constructor: 1 }, 'OPTIONS_INVALID', 'there is no constructor, but '],
  [{ wifi: { accesspoints: [] } }, 'OPTIONS_INVALID', 'there is no accesspoints; accessPoints is meant, perhaps.'],
  [{ wifi: [] }, 'OPTIONS_INVALID', 'wifi has to be an object, and is a list.'],
  [{ peripherals: { gpios: {} } }, 'OPTIONS_INVALID', 'there is no gpios; gpio is meant, perhaps.'],
  [{ args: '--x' }, 'OPTIONS_INVALID', 'args has to be a list of texts, and is a text.'],
  [{ args: [5] }, 'OPTIONS_INVALID', 'args has to be a list of texts, and is a list.'],
  [{ clock: 5 }, 'OPTIONS_INVALID', 'clock has to be a clock, as realClock or a VirtualClock, and is 5.'],
  [{ clock: VirtualClock }, 'OPTIONS_INVALID', 'clock has to be a clock, '],
  [{ storage: 5 }, 'OPTIONS_INVALID', 'storage has to be a text, and is 5.'],
  [{ networkReady: false }, 'OPTIONS_INVALID', 'networkReady has to be a function, and is false.'],
  [{ cloud: {} }, 'OPTIONS_INVALID', 'cloud has to be a LocalAzure, or { resolve, trustRoots }, and is an object.'],
  [{ catalog: {} }, 'OPTIONS_INVALID', 'catalog has to be a Catalog, '],
  [
    { realTimeApps: { x: 5 } },
    'OPTIONS_INVALID',
    'realTimeApps has to be an object with a function for each component id',
  ],
  [{ isolate: 'false' }, 'OPTIONS_INVALID', 'isolate has to be true or false, and is a text.'],
  [{ watchdogMs: 0 }, 'OPTIONS_INVALID', 'watchdogMs has to be ms, more than 0, or Infinity, and is 0.'],
  [{ heapLimit: '5' }, 'HEAP_LIMIT_INVALID', ''],
  [{ timeout: -1 }, 'TIMEOUT_INVALID', 'not -1.'],
  [{ timeout: NaN }, 'TIMEOUT_INVALID', 'not NaN.'],
  [{ timeout: '5' }, 'TIMEOUT_INVALID', 'not a text.'],
  [{ peripherals: { gpio: { FOO: 0 } } }, 'PERIPHERAL_UNKNOWN', 'The hardware definition has no gpio FOO.'],
  [{ peripherals: { gpio: { '50': 0 } } }, 'PERIPHERAL_UNKNOWN', 'The MT3620 has no gpio 50.'],
  [{ peripherals: { gpio: { DEMO_BUTTON: 5 } } }, 'PIN_VALUE_INVALID', 'A pin is 0 (low) or 1 (high), not 5.'],
  [{ peripherals: { i2c: { FOO: {} } } }, 'PERIPHERAL_UNKNOWN', 'The hardware definition has no i2c FOO.'],
  [{ peripherals: { adc: { FOO: {} } } }, 'PERIPHERAL_UNKNOWN', 'The hardware definition has no adc FOO.'],
];

test('launch refuses a catalog or an id that is not of the device beside it', async () => {
  const catalog = await Catalog.create({ clock });
  const device = await AppDevice.start({ catalog, clock });
  const others = { catalog: await Catalog.create({ clock }), deviceId: 'f'.repeat(128) };
  for (const [name, other] of Object.entries(others))
    await expect(SphereApp.launch(built(), { clock, device, [name]: other })).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringMatching(new RegExp(`a ${name}, .* and a device beside it`)),
    });
  app = await SphereApp.launch(built(), { clock, device, catalog, deviceId: device.deviceId });
  app.close();
  device.close();
});

test.each(refused)('launch refuses %o', async (options, code, message) => {
  await expect(SphereApp.launch(built(), { clock, ...options })).rejects.toMatchObject({
    code,
    message: expect.stringMatching(typeof message === 'string' ? new RegExp(escaped(message)) : message),
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

test.each([0, -1, NaN, Infinity, 1e12, 'x', { duration: 5 }, null])('a button is not pressed for %p', async (ms) => {
  await launch();
  const button = app.gpio('DEMO_BUTTON');
  const before = clock.monotonic();
  await expect(button.press(ms as never)).rejects.toMatchObject({ code: 'DURATION_INVALID' });
  expect([button.value, clock.monotonic()]).toEqual([1, before]);
});

test.each([5, -1, true, '0', null, undefined])('%p is no level of a pin', async (value) => {
  await launch();
  const button = app.gpio('DEMO_BUTTON');
  const invalid = { code: 'PIN_VALUE_INVALID' };
  expect(() => button.set(value as never)).toThrow(expect.objectContaining(invalid));
  expect(() => (button.value = value as never)).toThrow(expect.objectContaining(invalid));
  await expect(button.becomes(value as never)).rejects.toMatchObject(invalid);
  expect(button.value).toBe(1);
});

test('only the app sets an output', async () => {
  await launch();
  const led = app.gpio('DEMO_LED');
  expect(led.direction).toBe('output');
  const before = led.value;
  const isOutput = {
    code: 'PIN_IS_OUTPUT',
    message: 'The app has opened DEMO_LED as an output: only the app sets it.',
  };
  await expect(led.press()).rejects.toMatchObject(isOutput);
  expect(() => led.set(0)).toThrow(expect.objectContaining(isOutput));
  expect(() => (led.value = 0)).toThrow(expect.objectContaining(isOutput));
  expect(led.value).toBe(before);
});

test('what a bus can not have, or be, is refused', async () => {
  await launch();
  const invalid = expect.objectContaining({ code: 'BUS_INVALID' });
  const i2c = app.i2c(1);
  const spi = app.spi(1);
  const device = { read: () => [7] };
  for (const address of [-1, 1.5, 0x400, NaN, '72', undefined]) {
    expect(() => i2c.attach(address as never, device)).toThrow(invalid);
    expect(() => i2c.detach(address as never)).toThrow(invalid);
  }
  for (const none of [undefined, null, {}, { read: 5 }, { read: () => [], write: 'x' }, () => [7]]) {
    expect(() => i2c.attach(0x48, none as never)).toThrow(invalid);
    expect(() => spi.attach(none as never)).toThrow(invalid);
  }
  for (const fault of ['EBUSY', 5, null, '']) {
    expect(() => (i2c.fault = fault as never)).toThrow(invalid);
    expect(() => (spi.fault = fault as never)).toThrow(invalid);
  }
});

test.each([NaN, Infinity, '1.5', null, undefined, {}])('%p is no voltage', async (volts) => {
  await launch();
  const adc = app.adc(0);
  expect(() => adc.set(0, volts as never)).toThrow(expect.objectContaining({ code: 'VOLTAGE_INVALID' }));
  expect(() => adc.set(volts as never, 1)).toThrow(expect.objectContaining({ code: 'VOLTAGE_INVALID' }));
});

test('to assign a level is to set it', async () => {
  await launch();
  app.gpio('DEMO_BUTTON').value = 0;
  expect(app.gpio('DEMO_BUTTON').value).toBe(0);
});

test.each([
  ['gpio', [-1, 1.5, 49, 55, 81, 999, NaN]],
  ['i2c', [-1, 5, 999]],
  ['spi', [-1, 5, 999]],
  ['uart', [-1, 3, 9]],
  ['adc', [-1, 1]],
  ['pwm', [-1, 3]],
] as const)('the MT3620 does not have each %s', async (kind, numbers) => {
  await launch();
  for (const number of numbers)
    expect(() => app[kind](number)).toThrow(
      expect.objectContaining({ code: 'PERIPHERAL_UNKNOWN', message: `The MT3620 has no ${kind} ${number}.` }),
    );
  for (const number of { gpio: [0, 48, 56, 80], i2c: [0, 4], spi: [0, 4], uart: [4, 8], adc: [0], pwm: [0, 2] }[kind])
    expect(() => app[kind](number)).not.toThrow();
});
