// A year of daily DAA renewals for a fleet, in virtual time: what certificates, store and clock cost. No SDK, no emulator.
//
//   npm run bench:renewals -- [--devices 1000] [--days 365] [--json]
//
// Needs dist/ (`npm run build`). Progress goes to stderr, the figures to stdout. It fails where a device is without a valid
// certificate, or a store keeps more than the newest.
import { parseArgs } from 'node:util';

import { Catalog, CertificateStore, DeviceAuthentication, VirtualClock } from '../dist/esm/index.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** From one renewal of a device to the next: 23 of the 24 hours for which a DAA certificate is valid. */
const INTERVAL = 23 * HOUR;
/** Devices that start, and from then on renew, at the same moment; the groups are spread evenly over an interval. */
const GROUP = 100;

/** A count of at least 1; ends the process where the option is none. */
function count(name, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`--${name} takes a number of at least 1, not ${text}.`);
  process.exit(2);
}

/** Starts all devices in the course of the first interval; the clock stands at its end. */
async function startFleet(devices, clock, catalog, onRenewed) {
  const start = clock.now();
  const fleet = [];
  for (let first = 0; first < devices; first += GROUP) {
    await clock.advance(Math.floor((INTERVAL * first) / devices) - (clock.now() - start));
    const group = Array.from({ length: Math.min(GROUP, devices - first) }, () => {
      const store = new CertificateStore();
      const daa = DeviceAuthentication.start({ catalog, deviceId: catalog.claim(), store, clock });
      daa.onRenewed(onRenewed);
      return { store, daa };
    });
    fleet.push(...group);
    await Promise.all(group.map(({ daa }) => daa.renew()));
  }
  await clock.advance(INTERVAL - (clock.now() - start));
  return fleet;
}

function check(fleet, day) {
  for (const { store, daa } of fleet)
    if (!daa.ready || store.size !== 1)
      throw new Error(`Day ${day}: a device has no valid certificate (${daa.lastError}), or ${store.size} of them.`);
}

async function run(devices, days) {
  const clock = new VirtualClock();
  const catalog = await Catalog.create({ clock, caValidityMs: (days + 10) * DAY });
  let renewals = 0;
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const fleet = await startFleet(devices, clock, catalog, () => renewals++);
  for (let day = 1; day <= days; day++) {
    await clock.advance(DAY);
    check(fleet, day);
    const left = (seconds() / day) * (days - day);
    process.stderr.write(
      `\rday ${day} of ${days}: ${renewals} renewals in ${seconds().toFixed(0)} s, ${left.toFixed(0)} s left  `,
    );
  }
  process.stderr.write('\n');
  const wallSeconds = seconds();
  for (const { daa } of fleet) daa.close();
  return {
    devices,
    days,
    renewals,
    wallSeconds: round(wallSeconds),
    renewalsPerSecond: round(renewals / wallSeconds),
    // Node gives it in KiB.
    peakRssMiB: round(process.resourceUsage().maxRSS / 1024),
    node: process.version,
  };
}

function round(value) {
  return Math.round(value * 10) / 10;
}

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '1000' },
    days: { type: 'string', default: '365' },
    json: { type: 'boolean', default: false },
  },
});
const result = await run(count('devices', values.devices), count('days', values.days));
if (values.json) console.log(JSON.stringify(result));
else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(18)} ${value}`);
