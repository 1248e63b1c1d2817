import path from 'node:path';

import { AppDevice, buildApp, readManifest, type BuiltApp } from '../../src/app/index.js';
import { Catalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { Testbed } from '../../src/testbed/index.js';
import { expectNoTimers } from '../support/sphere.js';

const HUBS = ['alpha.azure-devices.net', 'beta.azure-devices.net'];
const DEVICE_ID = 'ab'.repeat(64);

let bed: Testbed;

afterEach(async () => {
  await bed.close();
  await expectNoTimers(bed.clock);
});

describe('devices', () => {
  test('several of them, each with its own id, in the hubs that it was given', async () => {
    bed = await Testbed.create({ hubs: HUBS });
    const devices = await Promise.all([bed.device(), bed.device({ protocol: 'mqtt-ws' })]);
    for (const device of devices) await bed.run(device.connect());
    const [one, two] = devices.map((device) => bed.remote(device));
    expect(one!.deviceId).not.toBe(two!.deviceId);
    expect(HUBS).toContain(devices[0]?.assignment?.hub);
    await bed.run(Promise.all(devices.map((device, i) => device.sendTelemetry(`${i}`))));
    expect((await bed.run(one!.nextTelemetry())).body.toString()).toBe('0');
    expect((await bed.run(two!.nextTelemetry())).body.toString()).toBe('1');
  });

  test('the id and the catalog that the test wants', async () => {
    bed = await Testbed.create({ catalogId: '01234567-89ab-cdef-0123-456789abcdef' });
    const device = await bed.device({ deviceId: DEVICE_ID });
    await bed.run(device.connect());
    expect(bed.remote(device).deviceId).toBe(DEVICE_ID);
    expect(bed.catalog.id).toBe('01234567-89ab-cdef-0123-456789abcdef');
  });

  test('the catalog and the clock of the test, and what else the cloud takes', async () => {
    const clock = new VirtualClock();
    const catalog = await Catalog.create({ clock });
    bed = await Testbed.create({ clock, catalog, azure: { idScope: '0ne0000ABCD' } });
    expect([bed.clock, bed.catalog, bed.cloud.dps.idScope]).toEqual([clock, catalog, '0ne0000ABCD']);
    await bed.run((await bed.device()).connect());
    expect(catalog.devices).toHaveLength(1);
  });

  test('one that has not connected yet is in no hub', async () => {
    bed = await Testbed.create();
    const device = await bed.device();
    expect(() => bed.remote(device)).toThrow(expect.objectContaining({ code: 'DEVICE_NOT_FOUND' }));
  });
});

describe('apps', () => {
  let built: BuiltApp;
  beforeAll(async () => {
    built = await buildApp(path.join(__dirname, '../../examples/event-loop'));
  });

  test('an app and a SphereDevice on one device', async () => {
    bed = await Testbed.create({ catalogId: readManifest(built.manifest, built.peripherals).deviceAuthentication });
    const { clock, catalog } = bed;
    const below = await AppDevice.start({ catalog, clock, deviceId: DEVICE_ID });
    const app = await bed.launch(built, { device: below });
    expect(() => bed.remote(app)).toThrow(expect.objectContaining({ code: 'DEVICE_NOT_FOUND' }));
    await app.log('Authenticated');
    const { body } = await bed.run(bed.remote(app).nextTelemetry());
    expect(JSON.parse(body.toString())).toEqual({ temperature: 21 });
    app.close();
    const device = await bed.device({ device: below });
    await bed.run(device.connect());
    expect(bed.remote(device)).toBe(bed.remote(app));
    await bed.close();
    // Its owner closes it.
    expect(below.authentication.ready).toBe(true);
    below.close();
  });
});

describe('its end', () => {
  test('closes what the test left open, twice without harm, and in any order', async () => {
    bed = await Testbed.create();
    const device = await bed.device();
    await bed.run(device.connect());
    await bed.cloud.close();
    await bed.close();
    await bed.close();
    expect(device.status).toBe('closed');
  });

  test('tells what the test has not seen', async () => {
    bed = await Testbed.create();
    const device = await bed.device();
    await bed.run(device.connect());
    void device.sendTelemetry('x');
    bed.cloud.faults.add({ kind: 'lostMethod' });
    const error = (await bed.close().catch((reason: unknown) => reason)) as { code: string; message: string };
    expect(error.code).toBe('WAIT_FORGOTTEN');
    expect(error.message).toContain('"lostMethod"} struck nothing');
  });

  test('`using` closes each part, too', async () => {
    bed = await Testbed.create();
    const { clock, catalog } = bed;
    const below = await AppDevice.start({ catalog, clock });
    const device = await bed.device({ device: below });
    {
      using _below = below;
      using _device = device;
      await bed.run(device.connect());
    }
    expect(device.status).toBe('closed');
    await expect(bed.device({ device: below })).rejects.toMatchObject({ code: 'DEVICE_CLOSED' });
    await using _cloud = bed.cloud;
  });
});

test.each([
  [{ hub: 'x' }, /hubs/],
  [{ clock: 5 }, /VirtualClock/],
  [{ catalog: {} }, /catalog/i],
])('options that it does not take: %j', async (options, message) => {
  bed = await Testbed.create();
  await expect(Testbed.create(options as never)).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    message: expect.stringMatching(message),
  });
  await expect(bed.device({ protocoll: 'mqtt' } as never)).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
});

test('a catalog and an id for a new one contradict each other', async () => {
  bed = await Testbed.create();
  await expect(Testbed.create({ catalog: bed.catalog, catalogId: bed.catalog.id })).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
  });
});
