// UART, I2C, SPI and ADC from a test.
import path from 'node:path';
import { buildApp, RegisterMap, SphereApp, type BoardOptions, type BuiltApp, type Uart } from '../../src/app/index.js';
import { VirtualClock } from '../../src/clock/index.js';

let built: BuiltApp;
let app: SphereApp;

beforeAll(async () => {
  built = await buildApp(path.resolve(__dirname));
});

afterEach(() => app.close());

async function launch(peripherals: BoardOptions = {}): Promise<Uart> {
  app = await SphereApp.launch(built, { clock: new VirtualClock(), peripherals });
  return app.uart('MT3620_RDB_HEADER2_ISU0_UART');
}

test('UART: text goes to the app, and what it answers is read', async () => {
  const uart = await launch();
  uart.send('what');
  uart.send('?\n');
  await uart.receives(/^\?\n$/);
  expect(uart.received.toString()).toBe('?\n');
});

test('I2C: a device with registers, one that is missing, a bus that fails', async () => {
  const sensor = new RegisterMap({ 0: 21 });
  const uart = await launch({ i2c: { MT3620_RDB_HEADER4_ISU2_I2C: { 0x48: sensor } } });
  uart.send('i2c\n');
  await uart.receives(/i2c 21\n/);

  const bus = app.i2c('MT3620_RDB_HEADER4_ISU2_I2C');
  bus.detach(0x48);
  uart.send('i2c\n');
  await uart.receives(/i2c error 6\n/); // ENXIO: no acknowledgement

  bus.attach(0x48, sensor);
  bus.fault = 'ETIMEDOUT';
  uart.send('i2c\n');
  await uart.receives(/i2c error 110\n/);
});

test('SPI: a device is what it reads and writes', async () => {
  const written: number[] = [];
  const flash = {
    write: (bytes: Uint8Array) => void written.push(...bytes),
    read: () => Uint8Array.of(0xef, 0x40, 0x18),
  };
  const uart = await launch({ spi: { MT3620_RDB_HEADER4_ISU1_SPI: flash } });
  uart.send('spi\n');
  await uart.receives(/spi ef4018\n/);
  expect(written).toEqual([0x9f]);
});

test('ADC: volts at a channel, fixed or asked for at each sample', async () => {
  const uart = await launch({ adc: { MT3620_RDB_ADC_CONTROLLER0: { 1: 1.25 } } });
  uart.send('adc\n');
  await uart.receives(/adc 1\.25 V\n/);

  let volts = 0;
  app.adc('MT3620_RDB_ADC_CONTROLLER0').set(1, () => (volts += 0.5));
  uart.send('adc\nadc\n');
  await uart.receives(/adc 0\.50 V\nadc 1\.00 V\n/);
});
