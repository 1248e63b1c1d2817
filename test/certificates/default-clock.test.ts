// Without a clock everything runs on the machine's; what a catalog attests runs on the clock of its catalog.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { AppDevice } from '../../src/app/index.js';
import { Catalog, CertificateAuthority, loadCatalog, saveCatalog, validityOf } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';

const DAY = 86_400_000;

/** Whether a time is that of the machine, give or take a day. */
function isNow(ms: number): boolean {
  return Math.abs(ms - Date.now()) < DAY;
}

test('a catalog, a device, and the catalog from its folder', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
  const catalog = await Catalog.create();
  const device = await AppDevice.start({ catalog });
  try {
    expect(isNow(validityOf(catalog.caCertificate).from)).toBe(true);
    expect(device.authentication.ready).toBe(true);
    await saveCatalog(catalog, path.join(folder, 'catalog'));
    const again = await loadCatalog(path.join(folder, 'catalog'));
    expect(again.claimedDevices).toHaveLength(1);
    expect(isNow(validityOf((await again.rollAuthority()).certificate).from)).toBe(true);
  } finally {
    device.close();
    rmSync(folder, { recursive: true });
  }
});

test('an authority', async () => {
  const { certificate } = await CertificateAuthority.create({ subject: { commonName: 'Root' } });
  expect(isNow(validityOf(certificate).from)).toBe(true);
});

test('a device of a catalog with a virtual clock renews its certificate by that', async () => {
  const clock = new VirtualClock({ start: Date.UTC(2030, 0, 1) });
  const device = await AppDevice.start({ catalog: await Catalog.create({ clock }) });
  const first = device.authentication.reference;
  await clock.advance(2 * DAY);
  expect(device.authentication.reference).not.toBe(first);
  expect(device.authentication.ready).toBe(true);
  device.close();
});
