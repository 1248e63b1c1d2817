// docs/testbed.md shows these lines.
import path from 'node:path';
import { AppDevice, buildApp, readManifest } from '../../src/app/index.js';
import { Testbed } from '../../src/testbed/index.js';

test('the first confirmed telemetry', async () => {
  await using bed = await Testbed.create();
  const device = await bed.device();
  await bed.run(device.connect());
  await bed.run(device.sendTelemetry({ temperature: 21 }));
  const message = await bed.run(bed.remote(device).nextTelemetry());
  expect(message.body.toString()).toBe('{"temperature":21}');
});

describe('an app', () => {
  const folder = path.join(__dirname, '../event-loop');

  test('is launched on a device of its catalog', async () => {
    const built = await buildApp(folder);
    const catalogId = readManifest(built.manifest, built.peripherals).deviceAuthentication;
    await using bed = await Testbed.create({ catalogId });
    const app = await bed.launch(built);
    await app.log('Authenticated');
    const message = await bed.run(bed.remote(app).nextTelemetry());
    expect(JSON.parse(message.body.toString())).toEqual({ temperature: 21 });
  });

  test('is launched again on the same device', async () => {
    const built = await buildApp(folder);
    const catalogId = readManifest(built.manifest, built.peripherals).deviceAuthentication;
    await using bed = await Testbed.create({ catalogId });
    using below = await AppDevice.start({ catalog: bed.catalog, clock: bed.clock });
    const first = await bed.launch(built, { device: below });
    await first.log('Authenticated');
    first.close();
    const second = await bed.launch(built, { device: below });
    await second.log('Authenticated');
    expect(bed.remote(second).deviceId).toBe(below.deviceId);
  });
});
