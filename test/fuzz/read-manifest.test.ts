// What an app's folder says of it: its manifest, and the settings of the IDEs. Each is taken with the right types, or refused.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as fc from 'fast-check';

import { readIdeSettings } from '../../src/app/build/ide-settings.js';
import { readBuiltApp, readManifest, type AppManifest, type Peripherals } from '../../src/app/index.js';
import { parseJsonWithComments } from '../../src/app/json-with-comments.js';
import { edited, editedText, holds, holdsAsync, mangled, readOrRefused, readOrRefusedAsync } from './foreign.js';

const MANIFEST = {
  SchemaVersion: 1,
  Name: 'app',
  ComponentId: '25025D2C-66da-4448-bae1-ac26fcdd3627',
  EntryPoint: '/bin/app',
  CmdArgs: ['--ScopeID', '0ne'],
  Capabilities: {
    Gpio: [4, '$LAMP'],
    I2cMaster: ['$BUS'],
    Uart: ['ISU0'],
    Pwm: ['PWM-CONTROLLER-2'],
    AllowedConnections: ['Contoso.azure-devices.net'],
    AllowedTcpServerPorts: [11000],
    AllowedApplicationConnections: ['25025D2C-66da-4448-bae1-ac26fcdd3627'],
    MutableStorage: { SizeKB: 8 },
    DeviceAuthentication: '6D3C6A0E-2a0b-4f0e-8a9e-0b8a3f1d2c55',
    PowerControls: ['ForceReboot'],
    WifiConfig: true,
  },
};
const PERIPHERALS = 'LAMP Gpio MT3620_GPIO8\nMT3620_GPIO8 Gpio 8\nBUS I2cMaster ISU2\n';
const peripherals: Peripherals = new Map([
  ['LAMP', { type: 'Gpio', value: '8' }],
  ['BUS', { type: 'I2cMaster', value: 'ISU2' }],
]);

const isText = (value: unknown): boolean => typeof value === 'string';
const isIn =
  (least: number, most: number) =>
  (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

/** What is in it is of the types that its interface has. */
function expectTypes(manifest: AppManifest): void {
  const { gpio, i2c, spi, uart, adc, pwm, mutableStorage = 1024, deviceAuthentication = '' } = manifest;
  const texts = [
    ...[manifest.name, manifest.componentId, manifest.entryPoint, deviceAuthentication],
    ...[manifest.cmdArgs, manifest.allowedConnections, manifest.allowedApplicationConnections].flat(),
    ...[manifest.warnings, manifest.powerControls, [...manifest.flags]].flat(),
  ];
  expect(texts.filter((text) => !isText(text))).toEqual([]);
  // What C has for a number.
  expect([gpio, i2c, spi, uart, adc, pwm].flat().filter((id) => !isIn(0, 2 ** 31 - 1)(id))).toEqual([]);
  const ports = [...manifest.allowedTcpServerPorts, ...manifest.allowedUdpServerPorts];
  expect(ports.filter((port) => !isIn(1, 65_535)(port))).toEqual([]);
  expect([mutableStorage, isIn(1, Number.MAX_SAFE_INTEGER)(mutableStorage)]).toEqual([mutableStorage, true]);
}

test('a manifest of which values are others', () => {
  holds(edited(MANIFEST), (json) => {
    const manifest = readOrRefused(() => readManifest(json, peripherals));
    if (manifest !== undefined) expectTypes(manifest);
  });
});

describe('an image package', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-package-'));
    mkdirSync(path.join(folder, 'package'));
    writeFileSync(path.join(folder, 'app.wasm'), '');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('of which files are damaged', async () => {
    const manifest = `// First\n${JSON.stringify(MANIFEST, null, 2)}`;
    const warning = { file: 'main.c', line: 1, column: 2, switch: '-Wall', message: 'odd' };
    const bytes = fc.record({
      'package/app_manifest.json': fc.oneof(fc.constant(manifest), mangled(manifest), editedText(MANIFEST)),
      'peripherals.txt': fc.oneof(fc.constant(PERIPHERALS), mangled(PERIPHERALS)),
      'compiler-warnings.json': fc.oneof(mangled(JSON.stringify([warning])), editedText([warning])),
    });
    await holdsAsync(bytes, async (files) => {
      for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
      const built = await readOrRefusedAsync(() => readBuiltApp(folder));
      if (built === undefined) return;
      expectTypes(readManifest(built.manifest, built.peripherals));
      expect(built.warnings.filter((each) => !isText(each))).toEqual([]);
      for (const { file, line, column, message } of built.compilerWarnings)
        expect([file, line, column, message].map((each) => typeof each)).toEqual([
          'string',
          'number',
          'number',
          'string',
        ]);
    });
  });
});

test('JSON with comments, damaged: it is read, or its place is told', () => {
  const rightly = '\ufeff{ // one\n "a": [1, -2.5e3, /* two */ true, null,], "b\\u00e9": { "c": "\\n", }, }';
  holds(mangled(rightly), (bytes) => {
    let value: unknown;
    try {
      value = parseJsonWithComments(bytes.toString());
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError);
      expect((error as Error).message).toMatch(/^line \d+, column \d+: /);
      return;
    }
    const text = JSON.stringify(value);
    expect(JSON.stringify(parseJsonWithComments(text))).toBe(text);
  });
});

test('JSON comes back as it was, with comments and commas put between', () => {
  const filler = fc.constantFrom('', ' ', '\n', '\r\n\t', '// c "\n', '/* c, ] " */', '/**/');
  holds(fc.tuple(fc.jsonValue({ maxDepth: 5 }), filler), ([value, between]) => {
    const text = JSON.stringify(value, null, 1).replace(/\n */g, between);
    const last = JSON.stringify([value], null, 1).replace(/\n]$/, `,${between}]`);
    expect(parseJsonWithComments(`${between}${text}${between}`)).toEqual(JSON.parse(JSON.stringify(value)));
    expect(parseJsonWithComments(last)).toEqual(JSON.parse(JSON.stringify([value])));
  });
});

describe('settings of the IDEs', () => {
  const VISUAL_STUDIO = {
    environments: [{ environment: 'mine', BOARD: 'rev1', AzureSphereTargetApiSet: '21' }],
    configurations: [
      {
        name: 'ARM-Debug',
        configurationType: 'Debug',
        inheritEnvironments: ['mine'],
        cmakeCommandArgs: '-DA=1 "-DB:STRING=two words" -D C=${env.BOARD}',
        variables: [{ name: 'D', value: '${projectDir}/x', type: 'PATH' }],
      },
    ],
  };
  const CODE = {
    'cmake.environment': { BOARD: 'rev1' },
    'cmake.configureArgs': ['-DA=${env:BOARD}'],
    'cmake.configureSettings': { B: true, C: 1, D: '${workspaceFolder}' },
  };
  const PRESETS = {
    version: 3,
    configurePresets: [
      {
        name: 'base',
        hidden: true,
        environment: { BOARD: 'rev1' },
        cacheVariables: { A: { type: 'BOOL', value: 'ON' } },
      },
      { name: 'arm', inherits: ['base'], cacheVariables: { B: '$env{BOARD}${presetName}' } },
      { name: 'arm-Debug', inherits: ['arm', 'base'], cacheVariables: { CMAKE_BUILD_TYPE: 'Debug' } },
    ],
  };
  const FILES: Readonly<Record<string, object>> = {
    'CMakeSettings.json': VISUAL_STUDIO,
    '.vscode/settings.json': CODE,
    'CMakePresets.json': PRESETS,
  };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-ide-'));
    mkdirSync(path.join(folder, '.vscode'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const settingsOf = async (
    name: string,
    text: string | Buffer,
  ): Promise<Readonly<Record<string, string>> | undefined> => {
    writeFileSync(path.join(folder, name), text);
    return readOrRefusedAsync(() => readIdeSettings(folder, 'Debug'));
  };

  test('are read as they are', async () => {
    const all = await Promise.all([settingsOf('CMakeSettings.json', JSON.stringify(VISUAL_STUDIO))]);
    expect(all).toEqual([{ A: '1', B: 'two words', C: 'rev1', D: `${folder}/x`, AZURE_SPHERE_TARGET_API_SET: '21' }]);
  });

  test.each(Object.entries(FILES))('%s of which values are others, or bytes', async (name, content) => {
    const changed = fc.oneof(editedText(content), mangled(JSON.stringify(content)));
    await holdsAsync(changed, async (text) => {
      const variables = await settingsOf(name, text);
      for (const [variable, value] of Object.entries(variables ?? {})) {
        expect(typeof value).toBe('string');
        expect(variable).not.toContain('[native code]');
      }
    });
  });

  test('presets that inherit one another many times, and macros that hold one another, take no time', async () => {
    const count = 60;
    const configurePresets = Array.from({ length: count }, (_, i) => ({
      name: `p${i}`,
      inherits: i === 0 ? [] : [`p${i - 1}`, `p${i - 1}`, `p${Math.max(0, i - 2)}`],
      cacheVariables: { [`V${i}`]: String(i) },
    }));
    const presets = { configurePresets: configurePresets.reverse() };
    const variables = (await settingsOf('CMakePresets.json', JSON.stringify(presets))) ?? {};
    expect(Object.keys(variables)).toHaveLength(count);
    const environment = { A: '${env:A}'.repeat(10) };
    const code = { 'cmake.environment': environment, 'cmake.configureSettings': { X: '${env:A}' } };
    await settingsOf('.vscode/settings.json', JSON.stringify(code));
  });
});
