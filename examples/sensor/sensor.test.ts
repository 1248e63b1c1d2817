// The tests of examples/sensor, as a user would write them.
import path from 'node:path';
import { buildApp, RegisterMap, SphereApp, type BuiltApp, type RealTimeApp } from '../../src/app/index.js';
import { VirtualClock } from '../../src/clock/index.js';

const REAL_TIME_APP = 'f6768b9a-e086-4f5a-8219-5ffe9684b001';

let built: BuiltApp;
let clock: VirtualClock;
let thermometer: RegisterMap;
let app: SphereApp;

beforeAll(async () => {
  built = await buildApp(path.resolve(__dirname));
}, 300_000);

beforeEach(() => {
  clock = new VirtualClock();
  thermometer = new RegisterMap();
});

afterEach(() => app.close());

/** Degrees, as the thermometer has them in its register. */
function setTemperature(degrees: number): void {
  const raw = Math.round(degrees * 16) << 4;
  thermometer.registers[0] = (raw >> 8) & 0xff;
  thermometer.registers[1] = raw & 0xff;
}

/** A fan that runs above 25 degrees. */
const fan: RealTimeApp = (message, send) => send(Number(message.toString()) > 250 ? 'on' : 'off');

async function launch(realTimeApps: Record<string, RealTimeApp> = { [REAL_TIME_APP]: fan }): Promise<void> {
  const peripherals = { i2c: { DEMO_SENSOR_BUS: { 0x48: thermometer } } };
  app = await SphereApp.launch(built, { clock, peripherals, realTimeApps });
}

test('the fan follows the temperature', async () => {
  setTemperature(21.5);
  await launch();
  await app.log('Temperature 21.5');
  await app.log('Fan off');
  setTemperature(30);
  await app.log('Temperature 30.0');
  await app.log('Fan on');
});

test('below zero', async () => {
  setTemperature(-3.25);
  await launch();
  await app.log('Temperature -3.2');
});

test('a thermometer that does not answer is shown by the lamp, until it does again', async () => {
  await launch();
  const lamp = app.gpio('DEMO_LED');
  app.i2c('DEMO_SENSOR_BUS').detach(0x48);
  await lamp.becomes(0);
  await app.log('does not answer');
  app.i2c('DEMO_SENSOR_BUS').attach(0x48, thermometer);
  await lamp.becomes(1);
});

test('a time-out on the bus', async () => {
  await launch();
  app.i2c('DEMO_SENSOR_BUS').fault = 'ETIMEDOUT';
  await app.log(/does not answer: .*timed out/i);
});

test('without the real-time application', async () => {
  await launch({});
  expect(await app.exitCode).toBe(4);
});

test('ten minutes take a moment', async () => {
  setTemperature(21);
  await launch();
  await clock.advance(600_000);
  expect(app.lines.filter((line) => line.startsWith('Temperature'))).toHaveLength(600);
  app.signal('SIGTERM');
  expect(await app.exitCode).toBe(1);
});
