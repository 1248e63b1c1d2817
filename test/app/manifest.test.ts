import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { readBuiltApp, readManifest, type Peripherals } from '../../src/app/index.js';
import { checkManifest } from '../../src/app/build/built-app.js';

const good = {
  SchemaVersion: 1,
  Name: 'app',
  ComponentId: '25025D2C-66da-4448-bae1-ac26fcdd3627',
  EntryPoint: '/bin/app',
  CmdArgs: ['--ScopeID', '0ne'],
  Capabilities: {
    Gpio: [4, '$LAMP'],
    I2cMaster: ['$BUS'],
    SpiMaster: ['ISU1'],
    Uart: ['ISU0'],
    Adc: ['ADC-CONTROLLER-0'],
    Pwm: ['PWM-CONTROLLER-2'],
    AllowedConnections: ['Contoso.azure-devices.net'],
    AllowedTcpServerPorts: [11000],
    MutableStorage: { SizeKB: 8 },
    DeviceAuthentication: '6D3C6A0E-2a0b-4f0e-8a9e-0b8a3f1d2c55',
    PowerControls: ['ForceReboot'],
    WifiConfig: true,
    NetworkConfig: false,
    HeapMemStats: true,
  },
  ApplicationType: 'Default',
  MallocVersion: 2,
  TargetApplicationRuntimeVersion: 3,
  TargetBetaApis: 'Beta1905',
};
const peripherals: Peripherals = new Map([
  ['LAMP', { type: 'Gpio', value: 'MT3620_GPIO8' }],
  ['BUS', { type: 'I2cMaster', value: 'MT3620_ISU2_I2C' }],
  ['MT3620_ISU2_I2C', { type: 'I2cMaster', value: 'ISU2' }],
  ['MT3620_GPIO8', { type: 'Gpio', value: '8' }],
]);

test('reads a manifest', () => {
  expect(readManifest(good, peripherals)).toEqual({
    name: 'app',
    componentId: '25025d2c-66da-4448-bae1-ac26fcdd3627',
    entryPoint: '/bin/app',
    cmdArgs: ['--ScopeID', '0ne'],
    deviceAuthentication: '6d3c6a0e-2a0b-4f0e-8a9e-0b8a3f1d2c55',
    gpio: [4, 8],
    i2c: [2],
    spi: [1],
    uart: [4],
    adc: [0],
    pwm: [2],
    allowedConnections: ['contoso.azure-devices.net'],
    allowedTcpServerPorts: [11000],
    allowedUdpServerPorts: [],
    allowedApplicationConnections: [],
    mutableStorage: 8192,
    flags: new Set(['HeapMemStats', 'WifiConfig']),
    powerControls: ['ForceReboot'],
    warnings: [],
  });
});

test.each<[string, object, RegExp]>([
  ['no object', [], /manifest must be an object/i],
  ['a bad GUID', { ...good, ComponentId: '1234' }, /ComponentId must be a GUID; it is "1234"/],
  ['a bad catalog id', { ...good, Capabilities: { DeviceAuthentication: 7 } }, /DeviceAuthentication must be a GUID/],
  ['no component id', { ...good, ComponentId: undefined }, /ComponentId must be a GUID; it is missing/],
  [
    'a bad component id of a partner',
    { ...good, Capabilities: { AllowedApplicationConnections: ['25025d2c'] } },
    /AllowedApplicationConnections must be a GUID; it is "25025d2c"/,
  ],
  ['no name', { ...good, Name: undefined }, /Name must be a text; it is missing/],
  ['another malloc', { ...good, MallocVersion: 3 }, /MallocVersion must be 1 or 2; it is 3/],
  ['another schema', { ...good, SchemaVersion: 2 }, /SchemaVersion must be 1/],
  ['a real-time app', { ...good, ApplicationType: 'RealTimeCapable' }, /real-time cores do not run here/],
  ['an unknown peripheral', { ...good, Capabilities: { Gpio: ['$FAN'] } }, /Gpio must have .*"\$FAN"/],
  ['a bus of another kind', { ...good, Capabilities: { Uart: ['ISU7'] } }, /Uart must have .*"ISU7"/],
  [
    'a port of nothing',
    { ...good, Capabilities: { AllowedUdpServerPorts: [0] } },
    /AllowedUdpServerPorts must have ports.*it is 0/,
  ],
  ['a size without an end', { ...good, Capabilities: { MutableStorage: { SizeKB: 1e308 } } }, /SizeKB must be above 0/],
  ['a pin that no int is', { ...good, Capabilities: { Gpio: [2 ** 31] } }, /Gpio must have what the MT3620 has/],
  [
    'a pin of many digits',
    { ...good, Capabilities: { Gpio: ['9'.repeat(400)] } },
    /Gpio must have what the MT3620 has/,
  ],
  ['a size of nothing', { ...good, Capabilities: { MutableStorage: { SizeKB: 0 } } }, /SizeKB must be above 0/],
  ['a flag that is none', { ...good, Capabilities: { WifiConfig: 'yes' } }, /WifiConfig must be true or false/],
  [
    'an unknown power control',
    { ...good, Capabilities: { PowerControls: ['Sleep'] } },
    /PowerControls must list ForceP/,
  ],
  ['arguments that are none', { ...good, CmdArgs: [1] }, /CmdArgs must be a text/],
])('%s', (_, manifest, message) => {
  expect(() => readManifest(manifest, peripherals)).toThrow(
    expect.objectContaining({ code: 'MANIFEST_INVALID', message: expect.stringMatching(message) }),
  );
});

test('all faults at once, each once', () => {
  const wrong = {
    SchemaVersion: 2,
    Name: 'app',
    ComponentId: '25025d2c-66da-4448-bae1-ac26fcdd362',
    EntryPoint: '/bin/app',
    CmdArgs: ['fine', 5],
    Capabilities: { Gpio: ['$FAN', 4, '$PUMP'], MutableStorage: 8, WifiConfig: 1, PowerControls: ['Sleep'] },
    Colour: 'red',
  };
  const lines = (() => {
    try {
      return readManifest(wrong, peripherals).warnings;
    } catch (error) {
      return (error as Error).message.split('\n  ');
    }
  })();
  expect(lines).toEqual([
    'app_manifest.json has 8 faults:',
    'SchemaVersion must be 1; it is 2.',
    'ComponentId must be a GUID; it is "25025d2c-66da-4448-bae1-ac26fcdd362".',
    'CmdArgs must be a text; it is 5.',
    expect.stringContaining('"$FAN"'),
    expect.stringContaining('"$PUMP"'),
    'Capabilities.MutableStorage must be an object; it is 8.',
    'Capabilities.WifiConfig must be true or false; it is 1.',
    expect.stringContaining('"Sleep"'),
    'warning: app_manifest.json: Colour is ignored: there is no such field.',
  ]);
});

test.each(['utf16le', 'with a byte order mark'])('a manifest in UTF-16 (%s) is told of as that', async (kind) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sphere-iot-'));
  try {
    const text = `${kind === 'utf16le' ? '' : '\ufeff'}${JSON.stringify(good, null, 2)}`;
    const manifest = path.join(folder, 'app_manifest.json');
    await writeFile(manifest, text, 'utf16le');
    await writeFile(path.join(folder, 'manifest.txt'), `${manifest}\n`);
    await writeFile(path.join(folder, 'peripherals.txt'), '');
    await expect(checkManifest(folder)).rejects.toMatchObject({
      code: 'MANIFEST_INVALID',
      message: 'app_manifest.json is in UTF-16: save it in UTF-8.',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each<[string, object, string]>([
  ['an unknown field', { Colour: 'red' }, 'Colour is ignored: there is no such field.'],
  [
    'a field in another case',
    { entrypoint: '/bin/app' },
    'entrypoint is ignored: there is no such field. Write EntryPoint.',
  ],
  [
    'a capability at the top level',
    { Uart: ['ISU0'] },
    'Uart is ignored: it is a capability, and belongs into Capabilities.',
  ],
  [
    'an unknown capability',
    { Capabilities: { Gpoi: [4] } },
    'Capabilities.Gpoi is ignored: there is no such capability.',
  ],
  [
    'a capability in another case',
    { Capabilities: { GPIO: [4] } },
    'Capabilities.GPIO is ignored: there is no such capability. Write Gpio.',
  ],
  [
    'a field among the capabilities',
    { Capabilities: { ApplicationType: 'Default' } },
    'Capabilities.ApplicationType is ignored: ApplicationType belongs beside Capabilities, not into it.',
  ],
  [
    'an unknown field of a capability',
    { Capabilities: { MutableStorage: { SizeKB: 8, Path: '/mnt' } } },
    'Capabilities.MutableStorage.Path is ignored: there is no such field.',
  ],
  [
    'a host that is none',
    { Capabilities: { AllowedConnections: ['<your hub>.azure-devices.net'] } },
    'Capabilities.AllowedConnections has "<your hub>.azure-devices.net", which is no host name and no address: it allows no connection.',
  ],
  [
    'a host with a port',
    { Capabilities: { AllowedConnections: ['contoso.azure-devices.net:443', 'fd00::1', '10.0.0.1'] } },
    'Capabilities.AllowedConnections has "contoso.azure-devices.net:443", which is no host name and no address: it allows no connection.',
  ],
  [
    'a GPIO that the MT3620 has not',
    { Capabilities: { Gpio: [80, 99] } },
    'Capabilities.Gpio has 99: the GPIOs of the MT3620 are 0 to 80.',
  ],
])('a warning of %s', (_, fields, warning) => {
  expect(readManifest({ ...good, ...fields }, peripherals).warnings).toEqual([`app_manifest.json: ${warning}`]);
});

const NIL = '00000000-0000-0000-0000-000000000000';

test.each([
  '',
  ' ',
  NIL,
  '<REPLACE WITH YOUR TENANT ID>',
  '<ADD>',
  '{{tenant}}',
  '${TENANT_ID}',
  '%tenant%',
  '{id of your Azure Sphere tenant}',
  '--- YOUR AZURE SPHERE TENANT ID---',
  'Replace with your Azure Sphere Catalog ID',
  'TODO',
  'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx',
  '9d7e79eb-XXXX-XXXX-XXXX-XXXXXXXXXXXX',
  'テナント ID',
])('%j is a placeholder for an id', (text) => {
  const capabilities = { DeviceAuthentication: text, AllowedApplicationConnections: [text] };
  const manifest = readManifest({ ...good, ComponentId: text, Capabilities: capabilities });
  expect(manifest).toMatchObject({
    componentId: NIL,
    deviceAuthentication: NIL,
    allowedApplicationConnections: [],
    warnings: [
      expect.stringContaining('ComponentId is a placeholder'),
      expect.stringContaining('DeviceAuthentication is a placeholder'),
      expect.stringContaining('AllowedApplicationConnections is a placeholder'),
    ],
  });
});

test.each([
  '25025d2c-66da-4448-bae1-ac26fcdd362',
  '25025d2c-66da-4448-bae1-ac26fcdd36277',
  '25025d2g-66da-4448-bae1-ac26fcdd3627',
  '25025d2c66da4448bae1ac26fcdd3627',
  '25025d2c-66da-4448-bae1_ac26fcdd3627',
  '{25025d2c-66da-4448-bae1-ac26fcdd3627}',
  ' 25025d2c-66da-4448-bae1-ac26fcdd3627',
  '1234',
])('%j is a malformed GUID', (text) => {
  expect(() => readManifest({ ...good, Capabilities: { DeviceAuthentication: text } })).toThrow(
    expect.objectContaining({ code: 'MANIFEST_INVALID', message: expect.stringContaining(JSON.stringify(text)) }),
  );
});

test('a name of a board says what to do, with no board, with one that lacks it, and with one of another kind', () => {
  const messageOf = (gpio: string, names: Peripherals): string => {
    try {
      readManifest({ ...good, Capabilities: { Gpio: [gpio] } }, names);
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  const none = messageOf('$MT3620_GPIO9', new Map());
  expect(none).toContain('the app names no board');
  expect(none).toContain('azsphere_target_hardware_definition');
  expect(none).toContain('--hardware-definitions');
  expect(messageOf('$HORN', peripherals)).toContain("the app's hardware definition has no HORN");
  expect(messageOf('$BUS', peripherals)).toContain('of the right kind');
});

test.each([
  ['to itself', { A: 'A' }],
  ['by another', { A: 'B', B: 'A' }],
  ['behind another', { A: 'B', B: 'C', C: 'B' }],
])('names of the hardware definition that go round in circles, %s, are told', (_, names) => {
  const circle: Peripherals = new Map(Object.entries(names).map(([name, value]) => [name, { type: 'Gpio', value }]));
  const manifest = { ...good, Capabilities: { Gpio: ['$A'] } };
  const error = expect.objectContaining({
    code: 'MANIFEST_INVALID',
    message: expect.stringContaining('the names from A on go round in circles'),
  });
  expect(() => readManifest(manifest, circle)).toThrow(error);
  expect(readManifest({ ...good, Capabilities: { Gpio: [4] } }, circle).gpio).toEqual([4]);
});

const large = [
  ['a list of itself', ((itself) => itself.push(itself) && itself)([] as unknown[]), 'a list of 1'],
  ['a deep one', Array.from({ length: 100_000 }).reduce((inner) => ({ inner }), 1), 'an object'],
  ['a large number', 10n ** 5000n, '1000'],
  ['a long text', 'x'.repeat(2 ** 25), '"xxx'],
] as const;

test.each(large)('a value in the wrong place is told of shortly: %s', (_, value, shown) => {
  for (const manifest of [
    { ...good, MallocVersion: value },
    { ...good, Capabilities: { Gpio: [value] } },
  ]) {
    const error = (() => {
      try {
        return readManifest(manifest, peripherals);
      } catch (thrown) {
        return thrown as Error & { code: string };
      }
    })();
    expect(error).toMatchObject({ code: 'MANIFEST_INVALID' });
    expect((error as Error).message).toContain(`it is ${shown}`);
    expect((error as Error).message.length).toBeLessThan(2000);
  }
});

test('the first 20 faults, and how many more', () => {
  const faultsOf = (count: number): string[] => {
    try {
      readManifest({ ...good, CmdArgs: Array(count).fill(1) }, peripherals);
    } catch (error) {
      return (error as Error).message.split('\n');
    }
    return [];
  };
  expect(faultsOf(20)).toHaveLength(21);
  expect(faultsOf(20)[20]).toBe('  CmdArgs must be a text; it is 1.');
  expect(faultsOf(21)).toHaveLength(22);
  expect(faultsOf(21)[0]).toBe('app_manifest.json has 21 faults:');
  expect(faultsOf(21)[21]).toBe('  and 1 more.');
});

test('a manifest of more than 1 MiB is refused, in an image package and before it is built', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sphere-iot-'));
  try {
    await mkdir(path.join(folder, 'package'));
    const file = path.join(folder, 'package/app_manifest.json');
    await writeFile(path.join(folder, 'manifest.txt'), file);
    await writeFile(path.join(folder, 'app.wasm'), '');
    await writeFile(path.join(folder, 'peripherals.txt'), 'LAMP Gpio 8\nBUS I2cMaster ISU2\n');
    const text = JSON.stringify(good);
    await writeFile(file, `${' '.repeat(2 ** 20 - text.length)}${text}`);
    await checkManifest(folder);
    expect((await readBuiltApp(folder)).manifest).toEqual(good);
    await writeFile(file, `${' '.repeat(2 ** 20 - text.length + 1)}${text}`);
    const message = 'app_manifest.json has 1048577 bytes, of 1048576 at most. Is it the right file?';
    const refused = { code: 'MANIFEST_INVALID', message };
    await expect(checkManifest(folder)).rejects.toMatchObject(refused);
    await expect(readBuiltApp(folder)).rejects.toMatchObject(refused);
  } finally {
    await rm(folder, { recursive: true });
  }
});
