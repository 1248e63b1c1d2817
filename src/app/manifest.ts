import { SphereIotError } from '../errors.js';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const FIELDS = [
  'SchemaVersion',
  'Name',
  'ComponentId',
  'EntryPoint',
  'CmdArgs',
  'Capabilities',
  'ApplicationType',
  'MallocVersion',
  'TargetApplicationRuntimeVersion',
  'TargetBetaApis',
];

/** Capabilities that are true or false. */
const FLAGS = [
  'CertStore',
  'DhcpService',
  'EnterpriseWifiConfig',
  'HardwareAddressConfig',
  'NetworkConfig',
  'ReadNetworkProxyConfig',
  'SntpService',
  'SoftwareUpdateDeferral',
  'SystemEventNotifications',
  'SystemTime',
  'TimeSyncConfig',
  'WifiConfig',
] as const;

/** A capability that the manifest sets to true. */
export type CapabilityFlag = (typeof FLAGS)[number];

/** What the capability PowerControls lists. */
const POWER_CONTROLS = ['ForcePowerDown', 'ForceReboot', 'SetPowerProfile'] as const;

export type PowerControl = (typeof POWER_CONTROLS)[number];

const CAPABILITIES = [
  'Adc',
  'AllowedApplicationConnections',
  'AllowedConnections',
  'AllowedTcpServerPorts',
  'AllowedUdpServerPorts',
  'DeviceAuthentication',
  'Gpio',
  'I2cMaster',
  'MutableStorage',
  'PowerControls',
  'Pwm',
  'SpiMaster',
  'Uart',
  ...FLAGS,
];

/** What an app_manifest.json says, checked, with `$NAME` of the hardware definition as what it stands for. */
export interface AppManifest {
  readonly name: string;
  /** A GUID in lower case. */
  readonly componentId: string;
  readonly entryPoint: string;
  readonly cmdArgs: readonly string[];
  /** The catalog id (older word: tenant id), a GUID in lower case; undefined without the capability. */
  readonly deviceAuthentication: string | undefined;
  /** What may be opened, by the numbers that C has for it. */
  readonly gpio: readonly number[];
  readonly i2c: readonly number[];
  readonly spi: readonly number[];
  readonly uart: readonly number[];
  readonly adc: readonly number[];
  readonly pwm: readonly number[];
  /** Host names, in lower case, and addresses. */
  readonly allowedConnections: readonly string[];
  /** TCP ports on which the app may be connected to, and UDP ports on which it may be sent to. */
  readonly allowedTcpServerPorts: readonly number[];
  readonly allowedUdpServerPorts: readonly number[];
  /** Component ids, in lower case. */
  readonly allowedApplicationConnections: readonly string[];
  /** Bytes; undefined without the capability. */
  readonly mutableStorage: number | undefined;
  /** The capabilities that are set to true. */
  readonly flags: ReadonlySet<CapabilityFlag>;
  readonly powerControls: readonly PowerControl[];
}

/** The peripherals of a board by their names: from the hardware definition, each with its type and what the manifest has. */
export type Peripherals = ReadonlyMap<string, { readonly type: string; readonly value: string }>;

/**
 * Checks a manifest.
 * @param json The content of app_manifest.json, parsed.
 * @throws SphereIotError `MANIFEST_INVALID`, which names the field.
 */
export function readManifest(json: unknown, peripherals: Peripherals = new Map()): AppManifest {
  const manifest = objectAt(json, 'The manifest');
  checkFields(manifest, FIELDS, '');
  if (manifest.SchemaVersion !== 1) throw invalid('SchemaVersion', 'be 1', manifest.SchemaVersion);
  const { ApplicationType: type = 'Default' } = manifest;
  if (type !== 'Default')
    throw invalid('ApplicationType', 'be Default: apps of the real-time cores do not run here', type);
  const capabilities = objectAt(manifest.Capabilities ?? {}, 'Capabilities');
  checkFields(capabilities, CAPABILITIES, 'Capabilities.');
  const storage = capabilities.MutableStorage;
  return {
    name: textAt(manifest.Name, 'Name'),
    componentId: guidAt(manifest.ComponentId, 'ComponentId'),
    entryPoint: textAt(manifest.EntryPoint, 'EntryPoint'),
    cmdArgs: listAt(manifest.CmdArgs, 'CmdArgs').map((argument) => textAt(argument, 'CmdArgs')),
    deviceAuthentication:
      capabilities.DeviceAuthentication === undefined
        ? undefined
        : guidAt(capabilities.DeviceAuthentication, 'Capabilities.DeviceAuthentication'),
    gpio: numbersAt('gpio', capabilities, peripherals),
    i2c: numbersAt('i2c', capabilities, peripherals),
    spi: numbersAt('spi', capabilities, peripherals),
    uart: numbersAt('uart', capabilities, peripherals),
    adc: numbersAt('adc', capabilities, peripherals),
    pwm: numbersAt('pwm', capabilities, peripherals),
    allowedConnections: listAt(capabilities.AllowedConnections, 'Capabilities.AllowedConnections').map((name) =>
      textAt(name, 'Capabilities.AllowedConnections').toLowerCase(),
    ),
    allowedTcpServerPorts: portsAt(capabilities, 'AllowedTcpServerPorts'),
    allowedUdpServerPorts: portsAt(capabilities, 'AllowedUdpServerPorts'),
    allowedApplicationConnections: listAt(
      capabilities.AllowedApplicationConnections,
      'Capabilities.AllowedApplicationConnections',
    ).map((id) => guidAt(id, 'Capabilities.AllowedApplicationConnections')),
    mutableStorage: storage === undefined ? undefined : sizeAt(storage),
    flags: new Set(FLAGS.filter((flag) => flagAt(capabilities[flag], `Capabilities.${flag}`))),
    powerControls: listAt(capabilities.PowerControls, 'Capabilities.PowerControls').map(powerControlAt),
  };
}

/** Follows the names of a hardware definition to what the manifest or the C code has in the end. */
export function resolvePeripheral(name: string, peripherals: Peripherals): string | undefined {
  let value = name;
  // Mappings do not go round in circles, or the compiler would have said so.
  for (let peripheral = peripherals.get(value); peripheral !== undefined; peripheral = peripherals.get(value))
    value = peripheral.value;
  return value === name ? undefined : value;
}

/** The capability of each kind, and how the manifest writes one of them: its number in C is that in the text plus `first`. */
const KINDS = {
  gpio: { capability: 'Gpio', pattern: /^(\d+)$/, first: 0 },
  i2c: { capability: 'I2cMaster', pattern: /^ISU([0-4])$/, first: 0 },
  spi: { capability: 'SpiMaster', pattern: /^ISU([0-4])$/, first: 0 },
  uart: { capability: 'Uart', pattern: /^ISU([0-4])$/, first: 4 },
  adc: { capability: 'Adc', pattern: /^ADC-CONTROLLER-([0])$/, first: 0 },
  pwm: { capability: 'Pwm', pattern: /^PWM-CONTROLLER-([0-2])$/, first: 0 },
} as const;

export type PeripheralKind = keyof typeof KINDS;

/** The capability of the manifest that lists peripherals of a kind. */
export function capabilityOf(kind: PeripheralKind): string {
  return KINDS[kind].capability;
}

/** The number that C has for a peripheral, from its number or from its name in the hardware definition or the manifest. */
export function peripheralId(
  kind: PeripheralKind,
  name: number | string,
  peripherals: Peripherals,
): number | undefined {
  if (typeof name === 'number') return Number.isInteger(name) && name >= 0 ? name : undefined;
  const { pattern, first } = KINDS[kind];
  const number = pattern.exec(resolvePeripheral(name, peripherals) ?? name)?.[1];
  return number === undefined ? undefined : Number(number) + first;
}

function numbersAt(kind: PeripheralKind, capabilities: Record<string, unknown>, peripherals: Peripherals): number[] {
  const where = `Capabilities.${KINDS[kind].capability}`;
  return listAt(capabilities[KINDS[kind].capability], where).map((entry) => {
    const plain = typeof entry === 'number' ? kind === 'gpio' : typeof entry === 'string';
    const name = typeof entry === 'string' ? entry.replace(/^\$/, '') : (entry as number);
    const id = plain ? peripheralId(kind, name, peripherals) : undefined;
    if (id === undefined)
      throw invalid(where, 'have what the MT3620 has, or $ names of the hardware definition', entry);
    return id;
  });
}

function portsAt(capabilities: Record<string, unknown>, capability: string): number[] {
  return listAt(capabilities[capability], `Capabilities.${capability}`).map((port) => {
    if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535)
      throw invalid(`Capabilities.${capability}`, 'have ports, 1 to 65535', port);
    return port;
  });
}

function sizeAt(storage: unknown): number {
  const { SizeKB: size } = objectAt(storage, 'Capabilities.MutableStorage');
  if (typeof size !== 'number' || !(size > 0)) throw invalid('Capabilities.MutableStorage.SizeKB', 'be above 0', size);
  return size * 1024;
}

function objectAt(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(where, 'be an object', value);
  return value as Record<string, unknown>;
}

function listAt(value: unknown, where: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalid(where, 'be a list', value);
  return value;
}

function flagAt(value: unknown, where: string): boolean {
  if (value !== undefined && typeof value !== 'boolean') throw invalid(where, 'be true or false', value);
  return value === true;
}

function powerControlAt(value: unknown): PowerControl {
  const control = POWER_CONTROLS.find((name) => name === value);
  if (control === undefined) throw invalid('Capabilities.PowerControls', `list ${POWER_CONTROLS.join(', ')}`, value);
  return control;
}

function textAt(value: unknown, where: string): string {
  if (typeof value !== 'string') throw invalid(where, 'be a text', value);
  return value;
}

function guidAt(value: unknown, where: string): string {
  if (typeof value !== 'string' || !GUID.test(value)) throw invalid(where, 'be a GUID', value);
  return value.toLowerCase();
}

function checkFields(object: object, known: readonly string[], prefix: string): void {
  const unknown = Object.keys(object).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new SphereIotError('MANIFEST_INVALID', `app_manifest.json: there is no field ${prefix}${unknown}.`);
}

function invalid(field: string, must: string, value: unknown): SphereIotError {
  const is = value === undefined ? 'it is missing' : `it is ${JSON.stringify(value)}`;
  return new SphereIotError('MANIFEST_INVALID', `app_manifest.json: ${field} must ${must}; ${is}.`);
}
