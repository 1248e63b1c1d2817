// A month of a fleet: DAA certificates that are renewed daily, and devices that follow them through DPS to the hub.
//
// Every device has an instance of the SDK and a store of its own, and renews for the whole month. The first few go through
// DPS to the hub on each of the days, all of them on the first and on the last: a session is two TLS handshakes with chains
// of certificates, some 20 ms, so that all on all days would take more than a minute. `npm run bench:renewals` renews for
// a year.
import { Catalog, CertificateStore, DAA_ID, DeviceAuthentication } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { Pump, SphereDevice } from '../../src/device/index.js';
import { LocalAzure } from '../../src/emulator/index.js';
import { createSdk, type Sdk } from '../../src/sdk/index.js';
import { DAY, enroll, expectNoTimers, HOUR } from '../support/sphere.js';

const DEVICES = 100;
/** How many of them connect on every day. */
const DAILY = 10;
const DAYS = 30;
/** From one renewal to the next. */
const INTERVAL = 23 * HOUR;

interface Member {
  readonly deviceId: string;
  readonly store: CertificateStore;
  readonly daa: DeviceAuthentication;
  readonly sdk: Sdk;
  readonly pump: Pump;
  /** Of C, before the first session. */
  readonly heap: number;
}

describe(`${DEVICES} devices, ${DAYS} days`, () => {
  let clock: VirtualClock;
  let cloud: LocalAzure;
  let catalog: Catalog;
  let fleet: Member[];

  beforeAll(async () => {
    clock = new VirtualClock();
    catalog = await Catalog.create({ clock });
    cloud = await LocalAzure.start({ clock });
    await enroll(cloud, 'catalog', catalog.authority);
    fleet = await Promise.all(Array.from({ length: DEVICES }, () => startMember()));
  });

  afterAll(async () => {
    for (const { sdk, daa, pump } of fleet) {
      pump.close();
      sdk.close();
      daa.close();
    }
    await cloud.close();
    await expectNoTimers(clock);
  });

  async function startMember(): Promise<Member> {
    const store = new CertificateStore();
    const deviceId = catalog.claim();
    const daa = DeviceAuthentication.start({ catalog, deviceId, store, clock });
    await daa.renew();
    const sdk = await createSdk({ clock, store, resolve: cloud.resolve, trustRoots: cloud.trustRoots });
    return { deviceId, store, daa, sdk, pump: new Pump(sdk), heap: sdk.heapInUse };
  }

  /** What a device does once a day: it registers, connects, says which day it is, and goes. */
  async function session({ sdk, pump }: Member, day: number): Promise<void> {
    const device = new SphereDevice({ sdk, pump, idScope: cloud.dps.idScope });
    try {
      await device.connect();
      await device.sendTelemetry(String(day));
    } finally {
      device.close();
    }
  }

  test('each gets in each day with the certificate of that day, no message is lost, and nothing is left over', async () => {
    const start = clock.now();
    const thumbprints = new Map(fleet.map(({ deviceId }) => [deviceId, new Set<string>()]));
    for (let day = 1; day <= DAYS; day++) {
      const all = day === 1 || day === DAYS;
      const awake = all ? fleet : fleet.slice(0, DAILY);
      await clock.runUntil(Promise.all(awake.map((member) => session(member, day))));
      for (const { deviceId } of awake) thumbprints.get(deviceId)?.add(assignedThumbprint(deviceId));
      await clock.advance(start + day * DAY - clock.now());
    }
    for (const [index, { deviceId, store, daa, sdk, heap }] of fleet.entries()) {
      const days = index < DAILY ? range(DAYS) : [1, DAYS];
      const telemetry = cloud.hub().device(deviceId).receivedTelemetry();
      expect(telemetry.map(({ body }) => body.toString())).toEqual(days.map(String));
      // A certificate of its own for each day.
      expect(thumbprints.get(deviceId)?.size).toBe(days.length);
      expect(daa.reference).toBe(`${DAA_ID}:${1 + Math.floor((DAYS * DAY) / INTERVAL)}`);
      expect(daa.ready).toBe(true);
      expect(store.size).toBe(1);
      expect(sdk.inUse).toEqual({ handles: [], callbacks: 0, sockets: 0 });
      expect(sdk.heapInUse).toBe(heap);
      expect(sdk.diagnostics).toEqual([]);
    }
    const assigned = cloud.dps.events().filter(({ type }) => type === 'registered');
    expect(assigned).toHaveLength(DAILY * DAYS + (DEVICES - DAILY) * 2);
    const wentWrong = [...cloud.dps.events(), ...cloud.hub().events()].filter(({ type }) => /Fail|Refuse/.test(type));
    expect(wentWrong).toEqual([]);
  });

  /** SHA-1, of the certificate with which DPS last let the device in; the hub knows the same one. */
  function assignedThumbprint(deviceId: string): string {
    return cloud.dps.registration(deviceId)?.thumbprint as string;
  }
});

function range(days: number): number[] {
  return Array.from({ length: days }, (_, index) => index + 1);
}
