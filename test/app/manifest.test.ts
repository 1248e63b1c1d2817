import { readManifest, type Peripherals } from '../../src/app/index.js';

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
  },
  ApplicationType: 'Default',
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
    flags: new Set(['WifiConfig']),
    powerControls: ['ForceReboot'],
  });
});

test.each<[string, object, RegExp]>([
  ['no object', [], /manifest must be an object/i],
  ['an unknown field', { ...good, Colour: 'red' }, /no field Colour/],
  ['an unknown capability', { ...good, Capabilities: { Gpoi: [] } }, /no field Capabilities\.Gpoi/],
  ['a bad GUID', { ...good, ComponentId: '1234' }, /ComponentId must be a GUID; it is "1234"/],
  ['a bad catalog id', { ...good, Capabilities: { DeviceAuthentication: 'x' } }, /DeviceAuthentication must be a GUID/],
  ['no name', { ...good, Name: undefined }, /Name must be a text; it is missing/],
  ['another schema', { ...good, SchemaVersion: 2 }, /SchemaVersion must be 1/],
  ['a real-time app', { ...good, ApplicationType: 'RealTimeCapable' }, /real-time cores do not run here/],
  ['an unknown peripheral', { ...good, Capabilities: { Gpio: ['$FAN'] } }, /Gpio must have .*"\$FAN"/],
  ['a bus of another kind', { ...good, Capabilities: { Uart: ['ISU7'] } }, /Uart must have .*"ISU7"/],
  [
    'a port of nothing',
    { ...good, Capabilities: { AllowedUdpServerPorts: [0] } },
    /AllowedUdpServerPorts must have ports.*it is 0/,
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
