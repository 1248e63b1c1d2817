// What a test or a project gives as a value, changed: the networks of a device, models, a package.json. It is taken, or refused.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as fc from 'fast-check';

import type { AccessPoint } from '../../src/app/host/wifi/access-point.js';
import { WifiHost } from '../../src/app/host/wifi/index.js';
import { DeviceSettings } from '../../src/app/device-settings.js';
import { writeSideFiles } from '../../src/cli/init-tests/side-files.js';
import { VirtualClock } from '../../src/clock/index.js';
import { unmodelledProperties } from '../../src/emulator/central/unmodelled.js';
import { Models, type Model } from '../../src/emulator/central/model.js';
import {
  edited,
  editedText,
  holds,
  holdsAsync,
  mangled,
  ODD_NAMES,
  readOrRefused,
  readOrRefusedAsync,
} from './foreign.js';

const ACCESS_POINTS = [
  { ssid: 'Home', psk: 'secret', bssid: '02:00:00:00:00:07', frequencyMHz: 5180, rssi: -40, hidden: true },
  { ssid: 'Office', security: 'wpa2-eap-tls' },
  { ssid: 'Café' },
];

/** All a host has where no app runs. Nothing here reads the memory of one. */
function wifiHost(): WifiHost {
  const always = (): boolean => true;
  return new WifiHost({
    clock: new VirtualClock(),
    memory: undefined as never,
    settings: new DeviceSettings(),
    permits: always,
    enabled: always,
    networkReady: always,
  });
}

test('networks, changed: the device knows them, and connects to what it can', () => {
  holds(fc.tuple(edited(ACCESS_POINTS), edited(ACCESS_POINTS)), ([inTheAir, known]) => {
    const host = wifiHost();
    readOrRefused(() => host.store(known as readonly AccessPoint[]));
    readOrRefused(() => (host.points = inTheAir as readonly AccessPoint[]));
    const { connection } = host;
    if (connection !== undefined) expect(host.points).toContain(connection.point);
    for (const { ssid, rssi = -50, security = 'open' } of host.points) {
      expect([Buffer.byteLength(ssid) <= 32, rssi >= -128 && rssi <= 127]).toEqual([true, true]);
      expect(['open', 'wpa2-psk', 'wpa2-eap-tls']).toContain(security);
    }
    for (const { ssid, key } of host.stored) expect([ssid.length > 0, key.length <= 64]).toEqual([true, true]);
  });
});

test.each([
  ['no list', 5, 'WIFI_INVALID'],
  ['no object', [null], 'WIFI_INVALID'],
  ['a strength that is none', [{ ssid: 'a', rssi: NaN }], 'WIFI_INVALID'],
  ['a security that is none', [{ ssid: 'a', security: 'unknown' }], 'WIFI_INVALID'],
])('networks that are %s', (_, points, code) => {
  const host = wifiHost();
  const before = host.points;
  expect(() => (host.points = points as never)).toThrow(expect.objectContaining({ code }));
  expect(host.points).toBe(before);
});

const INTERFACES = [
  {
    '@id': 'dtmi:a;1',
    '@type': 'Interface',
    extends: ['dtmi:b;1'],
    contents: [
      { '@type': ['Telemetry', 'Temperature'], name: 't', schema: 'double' },
      { '@type': 'Component', name: 'c', schema: 'dtmi:b;1' },
    ],
  },
  { '@id': 'dtmi:b;1', '@type': 'Interface', contents: [{ '@type': 'Property', name: 'p', writable: true }] },
];

test('models, changed: they are read, or refused', () => {
  holds(edited(INTERFACES), (documents) => {
    const models = readOrRefused(() => new Models([documents]));
    const model = readOrRefused(() => models?.find('dtmi:a;1'));
    for (const { kind, writable } of model?.contents.values() ?? [])
      expect([typeof kind, typeof writable]).toEqual(['string', 'boolean']);
  });
});

test('models that extend one another many times take no time, and too many are refused', () => {
  const chain = (count: number, times: number): object[] =>
    Array.from({ length: count }, (_, i) => ({
      '@id': `dtmi:i${i};1`,
      '@type': 'Interface',
      extends: i === count - 1 ? [] : Array<string>(times).fill(`dtmi:i${i + 1};1`),
    }));
  expect(new Models(chain(60, 2)).find('dtmi:i0;1')).toMatchObject({ id: 'dtmi:i0;1' });
  expect(() => new Models(chain(20_000, 1))).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }));
});

test('properties against a model whose schemas have odd names', () => {
  for (const schema of [...ODD_NAMES, 'valueOf', 'hasOwnProperty']) {
    const contents = new Map([['a', { kind: 'Property' as const, writable: false, schema }]]);
    const model = { id: 'dtmi:a;1', contents, components: new Map() } as unknown as Model;
    expect(unmodelledProperties({ a: 'text' }, model)).toEqual([]);
    expect(unmodelledProperties({ a: 1 }, model)).toMatchObject([{ kind: 'property', name: 'a', value: 1 }]);
  }
});

describe('package.json', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-package-json-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  test('changed: it is added to, and keeps what it had, or is refused and stays', async () => {
    const rightly = {
      name: 'mine',
      scripts: { build: 'tsc' },
      dependencies: { a: '1' },
      devDependencies: { jest: '29' },
    };
    const file = path.join(folder, 'package.json');
    await holdsAsync(fc.oneof(editedText(rightly), mangled(JSON.stringify(rightly))), async (content) => {
      writeFileSync(file, content);
      const packages = [{ name: 'sphere-iot', range: '1' }];
      const written = await readOrRefusedAsync(() => writeSideFiles(folder, packages));
      const after = readFileSync(file);
      if (written === undefined) return expect(after).toEqual(Buffer.from(content as string));
      const { scripts, devDependencies, dependencies = {} } = JSON.parse(after.toString()) as Record<string, object>;
      const before = JSON.parse(content.toString()) as Record<string, object>;
      expect(scripts).toMatchObject({ ...before['scripts'] });
      expect({ ...dependencies, ...devDependencies }).toHaveProperty('sphere-iot');
    });
  });
});
