import { SphereDevice } from '../../src/device/index.js';
import { enroll, issuePem, rootAuthority, startSphere } from '../support/sphere.js';

/** Devices in one SDK instance, on one pump. */
const COUNT = 500;

test(`${COUNT} devices in one instance: each connects, is heard, and is called`, async () => {
  const sphere = await startSphere({ pump: { idleMs: 1000 } });
  const { sdk, pump, clock, cloud } = sphere;
  const authority = await rootAuthority(clock);
  await enroll(cloud, 'contoso', authority);
  const hub = cloud.hub();
  const ids = Array.from({ length: COUNT }, (_, index) => `device-${index}`);
  const devices: SphereDevice[] = [];
  for (const deviceId of ids) {
    const custom = await issuePem(authority, deviceId);
    const primary = custom.credential.leaf.fingerprint;
    hub.devices.create({ deviceId, authentication: { type: 'selfSigned', thumbprints: { primary } } });
    const device = new SphereDevice({ sdk, pump, hub: hub.name, deviceId, custom });
    device.onMethod('who', () => ({ status: 200, payload: deviceId }));
    devices.push(device);
  }
  await clock.runUntil(Promise.all(devices.map((device) => device.connect())));
  await clock.runUntil(Promise.all(devices.map((device, index) => device.sendTelemetry({ index }))));
  await clock.advance(2000);
  const answers = await clock.runUntil(Promise.all(ids.map((id) => hub.device(id).invokeMethod('who'))));
  expect(answers.map(({ payload }) => payload)).toEqual(ids);
  for (const [index, id] of ids.entries()) {
    const received = await hub.device(id).nextTelemetry();
    expect(JSON.parse(received.body.toString())).toEqual({ index });
  }
  for (const device of devices) device.close();
});
