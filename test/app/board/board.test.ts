import { RegisterMap } from '../../../src/app/index.js';
import { useApp, useBuiltApp } from '../harness.js';

const built = useBuiltApp('apps/board');

const suite = useApp(built);
const { launch, expectNoFailures } = suite;

test('I2C: a register map at an address, no answer elsewhere, a fault', async () => {
  const sensor = new RegisterMap({ 0x0f: 0x6a, 0x10: 0x11 });
  await launch('i2c', { peripherals: { i2c: { SAMPLE_I2C: { 0x38: sensor } } } });
  await suite.app.log('break it');
  suite.app.i2c('SAMPLE_I2C').fault = 'ETIMEDOUT';
  await expectNoFailures();
  expect([...sensor.registers.subarray(0x20, 0x22)]).toEqual([1, 2]);
  expect(suite.app.lines[0]).toMatch(/capability I2cMaster does not list/);
});

test('SPI: reads are marked by the highest bit; a sequence is one transaction', async () => {
  const sensor = new RegisterMap({ 0x0f: 0x33 }, { addressMask: 0x7f });
  await launch('spi', { peripherals: { spi: { 1: sensor } } });
  await expectNoFailures();
});

test('UART: what is sent wakes the app, and its answer can be waited for', async () => {
  await launch('uart');
  const uart = suite.app.uart('ISU0');
  await uart.receives(/ready\n/);
  uart.send('one ');
  await uart.receives('one ');
  uart.send('two!');
  await uart.receives(/two!/);
  await expectNoFailures();
  expect(uart.received.toString()).toBe('ready\none two!');
});

test('ADC and PWM', async () => {
  await launch('converters', { peripherals: { adc: { 0: { 1: 1.25, 2: () => 9 } } } });
  await expectNoFailures();
  expect(suite.app.pwm(1).channel(2)).toEqual({ periodNs: 20_000, dutyCycleNs: 5000, inverted: true, enabled: true });
  expect(suite.app.pwm(1).channel(0)).toBeUndefined();
});

test('a real-time application, played by a function; messages stay whole', async () => {
  await launch('real-time', {
    realTimeApps: {
      '005180BC-402F-4CB3-A662-72937DBCDE47': (message, send) => send(message.toString() === 'ping' ? 'pong' : message),
    },
  });
  await expectNoFailures();
});

test('unknown names', async () => {
  await launch('uart');
  const code = expect.objectContaining({ code: 'PERIPHERAL_UNKNOWN' });
  expect(() => suite.app.i2c('ISU9')).toThrow(code);
  expect(() => suite.app.uart('SAMPLE_I2C_2')).toThrow(code);
  expect(() => suite.app.pwm(-1)).toThrow(code);
});
