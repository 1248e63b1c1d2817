import { Catalog, CertificateStore, DeviceAuthentication, validityOf } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { codeOf, DAY, DEVICE_ID, HOUR, verify } from './support.js';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

describe('DeviceAuthentication', () => {
  let clock: VirtualClock;
  let catalog: Catalog;
  let store: CertificateStore;
  let daa: DeviceAuthentication | undefined;

  beforeEach(async () => {
    clock = new VirtualClock({ start: START });
    catalog = await Catalog.create({ clock });
    store = new CertificateStore();
  });

  afterEach(() => daa?.close());

  const start = (renewEveryMs?: number): DeviceAuthentication =>
    (daa = DeviceAuthentication.start({ catalog, deviceId: DEVICE_ID, store, clock, renewEveryMs }));

  test('attests at once', async () => {
    catalog.claim(DEVICE_ID);
    const device = start();
    expect(device.ready).toBe(false);
    expect(device.reference).toBeUndefined();
    expect(await device.renew()).toBe('daa:1');
    expect(device.ready).toBe(true);
    expect(device.reference).toBe('daa:1');
    expect(device.lastError).toBeUndefined();
    expect(store.current('daa')).toBe('daa:1');
    expect(store.resolve('daa:1').commonName).toBe(DEVICE_ID);
  });

  test('renews every 23 hours, always in time, and what is held still resolves', async () => {
    catalog.claim(DEVICE_ID);
    const device = start();
    store.hold(await device.renew());
    const renewals: [string, number][] = [];
    device.onRenewed((reference) => renewals.push([reference, clock.now() - START]));
    for (let hour = 0; hour < 5 * 24; hour++) {
      await clock.advance(HOUR);
      const { leaf } = store.resolve(store.current('daa') as string);
      expect(validityOf(leaf).from).toBeLessThan(clock.now());
      expect(validityOf(leaf).until).toBeGreaterThan(clock.now());
      expect(device.ready).toBe(true);
    }
    expect(renewals).toEqual([2, 3, 4, 5, 6].map((version) => [`daa:${version}`, (version - 1) * 23 * HOUR]));
    expect(store.size).toBe(2);
    const old = store.resolve('daa:1');
    expect(validityOf(old.leaf).until).toBe(START + DAY);
    const current = store.resolve('daa:6');
    expect(current.privateKey.equals(old.privateKey)).toBe(false);
    expect(verify(current.chain, catalog.chain[2] as string, clock.now(), 'sslclient')).toContain('OK');
  });

  test('renews at the interval that is given, even if the certificate expires before', async () => {
    catalog.claim(DEVICE_ID);
    const device = start(30 * HOUR);
    await clock.advance(DAY - 1);
    expect(device.ready).toBe(true);
    await clock.advance(1);
    expect(device.ready).toBe(false);
    await clock.advance(6 * HOUR);
    expect(device.ready).toBe(true);
    expect(device.reference).toBe('daa:2');
  });

  test('a shorter certificate is renewed sooner; an expired one does not make it spin', async () => {
    catalog = await Catalog.create({ clock, leafValidityMs: HOUR });
    catalog.claim(DEVICE_ID);
    start();
    await clock.advance(57.5 * MINUTE - 1);
    expect(store.current('daa')).toBe('daa:1');
    await clock.advance(1);
    expect(store.current('daa')).toBe('daa:2');
    daa?.close();

    catalog = await Catalog.create({ clock, leafValidityMs: -MINUTE });
    catalog.claim(DEVICE_ID);
    const device = start();
    await clock.advance(2000);
    expect(device.ready).toBe(false);
    expect(store.current('daa')).toBe('daa:5');
  });

  test('renews when asked, one at a time, and counts the day from then', async () => {
    catalog.claim(DEVICE_ID);
    const device = start();
    await clock.advance(10 * HOUR);
    expect(await Promise.all([device.renew(), device.renew()])).toEqual(['daa:2', 'daa:2']);
    await clock.advance(23 * HOUR - 1);
    expect(device.reference).toBe('daa:2');
    await clock.advance(1);
    expect(device.reference).toBe('daa:3');
  });

  test('keeps the error of a renewal and tries again after 5 minutes', async () => {
    const device = start();
    expect(await codeOf(() => device.renew())).toBe('DEVICE_NOT_CLAIMED');
    await clock.advance(12 * MINUTE);
    expect(device.ready).toBe(false);
    expect(device.lastError).toMatchObject({ code: 'DEVICE_NOT_CLAIMED' });
    catalog.claim(DEVICE_ID);
    await clock.advance(3 * MINUTE - 1);
    expect(device.ready).toBe(false);
    await clock.advance(1);
    expect(device.ready).toBe(true);
    expect(device.lastError).toBeUndefined();
    expect(validityOf(store.resolve('daa:1').leaf).until).toBe(START + 15 * MINUTE + DAY);
  });

  test('a failed renewal leaves the old certificate in use', async () => {
    catalog.claim(DEVICE_ID);
    const device = start();
    await device.renew();
    const attest = jest.spyOn(catalog, 'attest').mockRejectedValue(new Error('the service is down'));
    await clock.advance(23 * HOUR + 5 * MINUTE);
    expect(attest).toHaveBeenCalledTimes(2);
    expect(device.lastError).toMatchObject({ message: 'the service is down' });
    expect(device.ready).toBe(true);
    expect(device.reference).toBe('daa:1');
    await clock.advance(HOUR);
    expect(device.ready).toBe(false);
    attest.mockRestore();
    await clock.advance(5 * MINUTE);
    expect(device.reference).toBe('daa:2');
  });

  test('what a listener throws stops neither the renewal nor the other listeners', async () => {
    catalog.claim(DEVICE_ID);
    const device = start();
    const heard: string[] = [];
    const stop = device.onRenewed(() => {
      throw new Error('listener');
    });
    device.onRenewed((reference) => heard.push(reference));
    await device.renew();
    expect(device.lastError).toMatchObject({ message: 'listener' });
    stop();
    await device.renew();
    expect(device.lastError).toBeUndefined();
    expect(heard).toEqual(['daa:1', 'daa:2']);
  });

  test('after close nothing is renewed, and no timer is left', async () => {
    catalog.claim(DEVICE_ID);
    const device = start();
    await device.renew();
    device.close();
    device.close();
    await clock.advance(3 * DAY);
    expect(store.current('daa')).toBe('daa:1');
    expect(await codeOf(() => device.renew())).toBe('DEVICE_AUTHENTICATION_CLOSED');
    expect(await codeOf(() => clock.runUntil(new Promise(() => undefined)))).toBe('CLOCK_STALLED');
  });

  test('close during a renewal drops its result', async () => {
    catalog.claim(DEVICE_ID);
    const device = start();
    const renewal = codeOf(() => device.renew());
    device.close();
    expect(await renewal).toBe('DEVICE_AUTHENTICATION_CLOSED');
    expect(store.current('daa')).toBeUndefined();
    expect(await codeOf(() => clock.runUntil(new Promise(() => undefined)))).toBe('CLOCK_STALLED');
  });

  test('refuses an interval that would never end', async () => {
    expect(await codeOf(() => start(0))).toBe('RENEWAL_INTERVAL_INVALID');
    expect(await codeOf(() => start(NaN))).toBe('RENEWAL_INTERVAL_INVALID');
  });
});
