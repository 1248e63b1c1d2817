import path from 'node:path';

import { AppDevice, buildApp, RegisterMap, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { Catalog, DeviceAuthentication, saveCatalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { Pump, SphereDevice } from '../../src/device/index.js';
import { Central, LocalAzure } from '../../src/emulator/index.js';
import { createSdk } from '../../src/sdk/index.js';
import { startSphere } from '../support/sphere.js';

const WRONG = [5000, true, 'text', null, [], () => undefined] as const;

type Given = never;
const starters: Readonly<Record<string, (options: Given) => unknown>> = {
  launch: (options) => SphereApp.launch({} as BuiltApp, options),
  buildApp: (options) => buildApp(path.join(__dirname, 'app'), options),
  createSdk: (options) => createSdk(options),
  'LocalAzure.start': (options) => LocalAzure.start(options),
  'Central.start': (options) => Central.start(options),
  'Catalog.create': (options) => Catalog.create(options),
  'AppDevice.start': (options) => AppDevice.start(options),
  'DeviceAuthentication.start': (options) => DeviceAuthentication.start(options),
  saveCatalog: async (options) => saveCatalog(await Catalog.create({ clock: new VirtualClock() }), '', options),
  'a VirtualClock': (options) => new VirtualClock(options),
  'a RegisterMap': (options) => new RegisterMap({}, options),
  'a SphereDevice': (options) => new SphereDevice(options),
};

test.each(Object.entries(starters))(
  '%s refuses options that are no object, and does not show a text',
  async (of, start) => {
    for (const options of WRONG) {
      const message = expect.stringMatching(
        `^The options of ${of} are an object, and not (5000|true|a text|null|a list|a function)\\. Write them as in \\{ `,
      );
      await expect((async () => start(options as never))()).rejects.toMatchObject({ code: 'OPTIONS_INVALID', message });
    }
  },
);

test('the services and a pump refuse them, too', async () => {
  const { sdk, cloud, deviceId } = await startSphere();
  const hub = cloud.hub();
  hub.devices.create({ deviceId, authentication: { type: 'certificateAuthority' } });
  const device = hub.device(deviceId);
  const wrong = 5000 as never;
  const invalid = { code: 'OPTIONS_INVALID', message: expect.stringContaining('and not 5000.') };
  await expect(device.invokeMethod('heat', null, wrong)).rejects.toMatchObject(invalid);
  await expect(cloud.listen(wrong)).rejects.toMatchObject(invalid);
  for (const call of [
    () => device.sendC2D('on', wrong),
    () => cloud.record(wrong),
    () => cloud.trace(() => undefined, wrong),
    () => new Pump(sdk, wrong),
  ])
    expect(call).toThrow(expect.objectContaining(invalid));
});

test.each<[object, string]>([
  [{ timout: 5 }, 'launch has no option "timout", but clock, timeout, cloud,'],
  [{ networkready: () => false }, 'launch has no option "networkready"'],
  [{ wifi: { accesspoints: [] } }, 'wifi of launch has no option "accesspoints", but accessPoints, stored.'],
  [{ peripherals: { gpios: {} } }, 'peripherals of launch has no option "gpios", but gpio, i2c, spi, adc.'],
  [{ args: '--x' }, 'args of launch is a list of texts, and not a text.'],
  [{ clock: 5 }, 'clock of launch is a clock, such as new VirtualClock(), and not 5.'],
  [{ wifi: [] }, 'The options of wifi of launch are an object, and not a list.'],
])('launch(built, %j) is refused', async (options, message) => {
  await expect(SphereApp.launch({} as BuiltApp, options as never)).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    message: expect.stringContaining(message),
  });
});
