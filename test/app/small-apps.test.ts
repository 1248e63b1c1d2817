// One small app for each reason for which real apps once did not build. Each is built as it is, and runs.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildApp, SphereApp } from '../../src/app/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { BUILD_TIME } from '../support/limits.js';

const apps = path.join(__dirname, 'apps/small-apps');

interface SmallApp {
  readonly what: string;
  /** Default 0. */
  readonly exitCode?: number;
  readonly lines?: readonly unknown[];
  readonly warnings?: readonly unknown[];
}

const APPS: Readonly<Record<string, SmallApp>> = {
  'app-manifest': { what: 'a manifest by another name' },
  backslash: { what: 'an include with a back-slash' },
  'bare-return': {
    what: 'a return without a value',
    warnings: [expect.stringMatching(/^main\.c:1:\d+: .*\[-Wreturn-(type|mismatch)\]$/)],
  },
  bom: { what: 'a manifest with a byte order mark' },
  case: { what: "an include in Windows' letter case" },
  cli: { what: 'CMake code that runs azsphere' },
  clock: { what: 'clock' },
  common: { what: 'a variable that two files define', exitCode: 1 },
  dotted: { what: 'a board whose name has dots', exitCode: 8 },
  'empty-tenant': {
    what: 'an empty DeviceAuthentication',
    warnings: [expect.stringMatching(/DeviceAuthentication is a placeholder/)],
  },
  'hand-header': { what: 'a header of the board with additions by hand', exitCode: 3 },
  heapstats: { what: 'the capability HeapMemStats' },
  'inc-hw': { what: 'mt3620.h without a folder' },
  'json-comment': { what: 'a manifest with a comment' },
  map: { what: "its own map.h, with the SDK's include guard" },
  'old-settings': { what: 'a board that CMakeSettings.json names', exitCode: 8 },
  'sdk-board': { what: 'a board of the SDK', exitCode: 8 },
  ssize: { what: 'ssize_t is int, in C++' },
  'timespec-get': { what: 'timespec_get' },
  'two-spellings': { what: 'one definition under two spellings' },
  'uart-stdlib': { what: 'uart.h includes stdlib.h' },
  usleep: { what: 'its own usleep in a static library', lines: ['slept'] },
  'usleep-no-unistd': {
    what: 'its own usleep, and ours is not declared',
    lines: [expect.stringMatching(/Gpio does not list 8/), 'start -1', 'slept', 'slept', 'slept'],
  },
  'wifi-errno': { what: 'wificonfig.h includes errno.h' },
  wolfssl: { what: 'wolfSSL' },
};

test('the table has every app', () => {
  expect(Object.keys(APPS)).toEqual(readdirSync(apps).sort());
});

test.each(Object.entries(APPS))(
  '%s',
  async (name, { exitCode = 0, lines = [], warnings = [] }) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
    try {
      cpSync(path.join(apps, name), folder, { recursive: true });
      const built = await buildApp(folder);
      const app = await SphereApp.launch(built, { clock: new VirtualClock() });
      expect(await app.exitCode).toBe(exitCode);
      expect([...app.lines]).toEqual(lines);
      expect(built.warnings).toEqual(warnings);
      app.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  BUILD_TIME,
);
