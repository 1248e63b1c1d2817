// Short recipes for a device that is called from TypeScript: docs/recipes.md shows the lines that matter.
import {
  Catalog,
  closeAll,
  CertificateStore,
  createSdk,
  DeviceAuthentication,
  PROV_DEVICE_RESULT,
  Pump,
  SECURE_DEVICE_TYPE,
  SphereDevice,
  VirtualClock,
  type Sdk,
} from '../../src/index.js';
import { deriveDeviceKey, LocalAzure } from '../../src/emulator/index.js';

const HOUR = 3_600_000;
const DEVICE_ID = 'cd'.repeat(64);

let clock: VirtualClock;
let cloud: LocalAzure;
let catalog: Catalog;
let store: CertificateStore;
let daa: DeviceAuthentication;
let sdk: Sdk;
let pump: Pump;
let device: SphereDevice;

beforeEach(async () => {
  clock = new VirtualClock();
  cloud = await LocalAzure.start({ clock });
  catalog = await Catalog.create({ clock });
  cloud.dps.trust(catalog);
  store = new CertificateStore();
  // The same id in each run: recorded wires and names of files stay the same.
  catalog.claim(DEVICE_ID);
  daa = DeviceAuthentication.start({ catalog, deviceId: DEVICE_ID, store, clock });
  await daa.renew();
  sdk = await createSdk({ clock, store, resolve: cloud.resolve, trustRoots: cloud.trustRoots });
  pump = new Pump(sdk);
  device = new SphereDevice({ sdk, pump, idScope: cloud.dps.idScope });
});

afterEach(() => closeAll(device, pump, sdk, daa, cloud));

test('a fixed device id', async () => {
  await clock.runUntil(device.connect());
  expect(device.assignment).toEqual({ hub: cloud.hub().name, deviceId: DEVICE_ID });
});

test('a cloud-to-device message, and what becomes of it', async () => {
  const received: unknown[] = [];
  device.onMessage(({ body }) => {
    received.push(Buffer.from(body).toString());
    return 'accept';
  });
  await clock.runUntil(device.connect());
  const delivery = cloud.hub().device(DEVICE_ID).sendC2D('open the door', { ttlMs: HOUR });
  expect(await clock.runUntil(delivery.finished())).toMatchObject({ status: 'completed' });
  expect(received).toEqual(['open the door']);
});

test('a batch: what is sent in one turn leaves together', async () => {
  await clock.runUntil(device.connect());
  const bodies = Array.from({ length: 20 }, (_, reading) => ({ reading }));
  await clock.runUntil(Promise.all(bodies.map((body) => device.sendTelemetry(body))));
  expect(cloud.hub().device(DEVICE_ID).receivedTelemetry()).toHaveLength(20);
});

test('attestation is refused: the certificate that is there serves until it expires, then nothing', async () => {
  catalog.refuseAttestation(DEVICE_ID, 'osTooOld');
  await clock.advance(23 * HOUR + 1);
  expect(daa.ready).toBe(true); // it could not be renewed, and is valid for another hour
  expect(daa.lastError).toMatchObject({ code: 'DEVICE_OS_TOO_OLD' });

  await clock.advance(HOUR);
  expect(daa.ready).toBe(false);
  await expect(clock.runUntil(device.connect())).rejects.toMatchObject({ code: 'PROVISIONING_FAILED' });

  catalog.acceptAttestation(DEVICE_ID);
  await clock.runUntil(daa.renew());
  await clock.runUntil(device.connect());
});

test('the DAA certificate is renewed while the device is connected, and the device goes on', async () => {
  await clock.runUntil(device.connect());
  const first = daa.reference;
  await clock.advance(25 * HOUR);
  expect(daa.reference).not.toBe(first);
  await clock.runUntil(device.sendTelemetry({ still: 'there' }));
});

/** Registers with a symmetric key, by the C functions in their order. */
async function registerWithKey(registrationId: string, key: string): Promise<string | null> {
  sdk.prov_dev_security_init(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_SYMMETRIC_KEY);
  sdk.prov_dev_set_symmetric_key_info(registrationId, key);
  const dps = 'global.azure-devices-provisioning.net';
  const prov = sdk.Prov_Device_LL_Create(dps, cloud.dps.idScope, sdk.Prov_Device_MQTT_Protocol)!;
  try {
    const registered = new Promise<string | null>((resolve, reject) => {
      const whenDone = (result: PROV_DEVICE_RESULT, hub: string | null): void =>
        result === PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_OK
          ? resolve(hub)
          : reject(new Error(PROV_DEVICE_RESULT[result]));
      sdk.Prov_Device_LL_Register_Device(prov, whenDone, null);
    });
    pump.add(prov);
    return await clock.runUntil(registered);
  } finally {
    sdk.Prov_Device_LL_Destroy(prov);
    sdk.prov_dev_security_deinit();
  }
}

test('an enrollment group with symmetric keys: each device has a key that is derived of the group’s', async () => {
  const group = cloud.dps.enrollmentGroups.create({ id: 'keys', attestation: { symmetricKey: {} } });
  const { symmetricKey } = group.attestation as { symmetricKey: { primaryKey: string } };
  const key = deriveDeviceKey(symmetricKey.primaryKey, 'sensor-5');
  expect(await registerWithKey('sensor-5', key)).toBe(cloud.hub().name);
  await expect(registerWithKey('sensor-6', key)).rejects.toThrow('PROV_DEVICE_RESULT_DEV_AUTH_ERROR');
});

test('an individual enrollment with a symmetric key, and a device id of its own', async () => {
  const enrollment = cloud.dps.enrollments.create({
    registrationId: 'sensor-5',
    deviceId: 'kitchen',
    attestation: { symmetricKey: {} },
  });
  const { symmetricKey } = enrollment.attestation as { symmetricKey: { primaryKey: string } };
  expect(await registerWithKey('sensor-5', symmetricKey.primaryKey)).toBe(cloud.hub().name);
  expect(cloud.hub().devices.get('kitchen')).toBeDefined();
});
