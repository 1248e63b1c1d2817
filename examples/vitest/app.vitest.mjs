// The tests of an app with vitest: what runs with jest runs here. Only the matchers are added by vitest's own `expect`.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Catalog, closeAll, VirtualClock } from 'sphere-iot';
import { AppDevice, buildApp, SphereApp } from 'sphere-iot/app';
import { LocalAzure } from 'sphere-iot/emulator';
import { toMatchWire } from 'sphere-iot/jest';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

expect.extend({ toMatchWire });

const DEVICE_ID = 'ef'.repeat(64);
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../messages');

let built;
let clock;
let cloud;
let device;
let app;

beforeAll(async () => {
  built = await buildApp(folder);
});

beforeEach(async () => {
  clock = new VirtualClock();
  cloud = await LocalAzure.start({ clock });
  const catalog = await Catalog.create({ clock, id: '6d3c6a0e-2a0b-4f0e-8a9e-0b8a3f1d2c55' });
  cloud.hub().certificates.upload('catalog', catalog.caCertificate, { verified: true });
  cloud.hub().devices.create({ deviceId: DEVICE_ID, authentication: { type: 'certificateAuthority' } });
  device = await AppDevice.start({ catalog, clock, deviceId: catalog.claim(DEVICE_ID) });
});

afterEach(() => closeAll(app, device, cloud));

async function launch() {
  app = await SphereApp.launch(built, { clock, cloud, device });
  await app.log('Connected');
}

test('a message from the cloud arrives', async () => {
  await launch();
  const delivery = cloud.hub().device(DEVICE_ID).sendC2D('open the door');
  await app.log("Message 'open the door'");
  expect(await clock.runUntil(delivery.finished())).toMatchObject({ status: 'completed' });
});

test('what it says on the wire is the same after each restart', async () => {
  const wires = [];
  for (let start = 0; start < 3; start++) {
    const wire = cloud.record();
    await launch();
    app.close();
    await clock.runUntil(cloud.hub().device(DEVICE_ID).disconnected());
    wire.stop();
    wires.push(String(wire));
  }
  expect(wires[2]).toMatchWire(wires[1]); // at the first start the hub had no session yet
});
