import { isIPv6 } from 'node:net';
import { SphereIotError } from '../errors.js';
import { NIL_GUID, readGuid } from './guid.js';

/** All fields that Microsoft documents, or did once: the last two are of no effect any more. */
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
  'HeapMemStats',
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

/** All capabilities that Microsoft documents for the one SchemaVersion that there is. */
const CAPABILITIES: readonly string[] = [
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
  /** A GUID in lower case; NIL_GUID where the manifest has a placeholder. */
  readonly componentId: string;
  readonly entryPoint: string;
  readonly cmdArgs: readonly string[];
  /**
   * The catalog id (older word: tenant id), a GUID in lower case; undefined without the capability; NIL_GUID where the manifest
   * has a placeholder: any catalog.
   */
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
  /** Component ids, in lower case, without placeholders. */
  readonly allowedApplicationConnections: readonly string[];
  /** Bytes; undefined without the capability. */
  readonly mutableStorage: number | undefined;
  /** The capabilities that are set to true. */
  readonly flags: ReadonlySet<CapabilityFlag>;
  readonly powerControls: readonly PowerControl[];
  /** What does not keep the app from running, each a sentence: fields that are ignored, placeholders. */
  readonly warnings: readonly string[];
}

/** The peripherals of a board by their names: from the hardware definition, each with its type and what the manifest has. */
export type Peripherals = ReadonlyMap<string, { readonly type: string; readonly value: string }>;

/** What was found in a manifest beside its content, each a sentence. */
interface Findings {
  /** What is wrong: the app can't run. */
  readonly faults: string[];
  readonly warnings: string[];
}

/**
 * Checks a manifest.
 * @param json The content of app_manifest.json, parsed.
 * @throws SphereIotError `MANIFEST_INVALID`, which names every field that is wrong, and then what is warned of.
 */
export function readManifest(json: unknown, peripherals: Peripherals = new Map()): AppManifest {
  const findings: Findings = { faults: [], warnings: [] };
  const fields = objectAt(json, 'The manifest', findings);
  const manifest = fields && readFields(fields, peripherals, findings);
  const { faults, warnings } = findings;
  if (manifest !== undefined && faults.length === 0) return manifest;
  const text = faults.length === 1 ? `: ${faults[0]}` : ` has ${faults.length} faults:\n  ${faults.join('\n  ')}`;
  const also = warnings.map((warning) => `\n  warning: ${warning}`).join('');
  throw new SphereIotError('MANIFEST_INVALID', `app_manifest.json${text}${also}`);
}

/** Reads what can be read; for what is wrong it has an empty value, and a fault. */
function readFields(manifest: Record<string, unknown>, peripherals: Peripherals, findings: Findings): AppManifest {
  checkHead(manifest, findings);
  const capabilities = objectAt(manifest.Capabilities ?? {}, 'Capabilities', findings) ?? {};
  checkCapabilities(capabilities, findings);
  const { DeviceAuthentication: catalog, MutableStorage: storage } = capabilities;
  const capability = (name: string): Field => ({ value: capabilities[name], where: `Capabilities.${name}`, findings });
  const numbers = (kind: PeripheralKind): number[] => numbersAt(kind, capability(KINDS[kind].capability), peripherals);
  const all = {
    name: textAt({ value: manifest.Name, where: 'Name', findings }),
    componentId: componentIdAt(manifest.ComponentId, findings),
    entryPoint: textAt({ value: manifest.EntryPoint, where: 'EntryPoint', findings }),
    cmdArgs: listAt({ value: manifest.CmdArgs, where: 'CmdArgs', findings }).map(textAt),
    deviceAuthentication: catalog === undefined ? undefined : catalogAt(capability('DeviceAuthentication')),
    gpio: numbers('gpio'),
    i2c: numbers('i2c'),
    spi: numbers('spi'),
    uart: numbers('uart'),
    adc: numbers('adc'),
    pwm: numbers('pwm'),
    allowedConnections: listAt(capability('AllowedConnections')).map(hostAt),
    allowedTcpServerPorts: listAt(capability('AllowedTcpServerPorts')).map(portAt),
    allowedUdpServerPorts: listAt(capability('AllowedUdpServerPorts')).map(portAt),
    allowedApplicationConnections: listAt(capability('AllowedApplicationConnections')).flatMap(partnerAt),
    mutableStorage: storage === undefined ? undefined : sizeAt(storage, findings),
    flags: new Set(FLAGS.filter((flag) => flagAt(capability(flag)))),
    powerControls: listAt(capability('PowerControls')).flatMap(powerControlAt),
  };
  return { ...all, warnings: findings.warnings };
}

/** What is not of the app itself. */
function checkHead(manifest: Record<string, unknown>, findings: Findings): void {
  const { SchemaVersion: schema, ApplicationType: type = 'Default', MallocVersion: malloc = 1 } = manifest;
  if (schema !== 1) fault({ value: schema, where: 'SchemaVersion', findings }, 'be 1');
  const realTime = type === 'RealTimeCapable' ? ': apps of the real-time cores do not run here' : '';
  if (type !== 'Default') fault({ value: type, where: 'ApplicationType', findings }, `be Default${realTime}`);
  if (malloc !== 1 && malloc !== 2) fault({ value: malloc, where: 'MallocVersion', findings }, 'be 1 or 2');
  for (const name of Object.keys(manifest).filter((each) => !FIELDS.includes(each)))
    findings.warnings.push(
      CAPABILITIES.includes(name)
        ? `app_manifest.json: ${name} is ignored: it is a capability, and belongs into Capabilities.`
        : `app_manifest.json: ${name} is ignored: there is no such field.${alike(name, FIELDS)}`,
    );
}

function checkCapabilities(capabilities: Record<string, unknown>, { warnings }: Findings): void {
  for (const name of Object.keys(capabilities).filter((each) => !CAPABILITIES.includes(each)))
    warnings.push(
      FIELDS.includes(name)
        ? `app_manifest.json: Capabilities.${name} is ignored: ${name} belongs beside Capabilities, not into it.`
        : `app_manifest.json: Capabilities.${name} is ignored: there is no such capability.${alike(name, CAPABILITIES)}`,
    );
}

/** Names are told apart by their case, too. */
function alike(name: string, names: readonly string[]): string {
  const other = names.find((each) => each.toLowerCase() === name.toLowerCase());
  return other === undefined ? '' : ` Write ${other}.`;
}

/**
 * Follows the names of a hardware definition to what the manifest or the C code has in the end.
 * @returns Undefined for what is no such name, or for one whose names go round in circles.
 */
export function resolvePeripheral(name: string, peripherals: Peripherals): string | undefined {
  let value = name;
  // The compiler refuses circles, but the file may have been written by hand.
  for (let steps = 0; steps <= peripherals.size; steps++) {
    const peripheral = peripherals.get(value);
    if (peripheral === undefined) return value === name ? undefined : value;
    value = peripheral.value;
  }
  return undefined;
}

/** The capability of each kind, and how the manifest writes one of them: its number in C is that in the text plus `first`. */
const KINDS = {
  gpio: { capability: 'Gpio', pattern: /^(\d+)$/, first: 0, last: 80 },
  i2c: { capability: 'I2cMaster', pattern: /^ISU([0-4])$/, first: 0, last: 4 },
  spi: { capability: 'SpiMaster', pattern: /^ISU([0-4])$/, first: 0, last: 4 },
  uart: { capability: 'Uart', pattern: /^ISU([0-4])$/, first: 4, last: 8 },
  adc: { capability: 'Adc', pattern: /^ADC-CONTROLLER-([0])$/, first: 0, last: 0 },
  pwm: { capability: 'Pwm', pattern: /^PWM-CONTROLLER-([0-2])$/, first: 0, last: 2 },
} as const;

export type PeripheralKind = keyof typeof KINDS;

/** Whether the MT3620 has it. It has no pins 49 to 55. */
export function hasPeripheral(kind: PeripheralKind, id: number): boolean {
  const { first, last } = KINDS[kind];
  return id >= first && id <= last && !(kind === 'gpio' && id > 48 && id < 56);
}

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
  if (typeof name === 'number') return isInt(name) ? name : undefined;
  const { pattern, first } = KINDS[kind];
  const number = pattern.exec(resolvePeripheral(name, peripherals) ?? name)?.[1];
  return number !== undefined && isInt(Number(number)) ? Number(number) + first : undefined;
}

/** Whether C has an int for it, which is not negative. */
function isInt(number: number): boolean {
  return number >= 0 && number === (number | 0);
}

/** A value of the manifest, or of one of its lists, and what it is called. */
interface Field {
  readonly value: unknown;
  readonly where: string;
  readonly findings: Findings;
}

function numbersAt(kind: PeripheralKind, capability: Field, peripherals: Peripherals): number[] {
  return listAt(capability).flatMap((field) => {
    const { value } = field;
    const plain = typeof value === 'number' ? kind === 'gpio' : typeof value === 'string';
    const name = typeof value === 'string' ? value.replace(/^\$/, '') : (value as number);
    const id = plain ? peripheralId(kind, name, peripherals) : undefined;
    if (kind === 'gpio' && id !== undefined && id > KINDS.gpio.last)
      field.findings.warnings.push(
        `app_manifest.json: ${field.where} has ${id}: the GPIOs of the MT3620 are 0 to ${KINDS.gpio.last}.`,
      );
    if (id !== undefined) return [id];
    fault(field, `have what the MT3620 has, or $ names of the hardware definition${unknownName(value, peripherals)}`);
    return [];
  });
}

/** What to do about a `$NAME` that no hardware definition has. */
function unknownName(value: unknown, peripherals: Peripherals): string {
  const [, name] = (typeof value === 'string' && /^\$(.*)$/.exec(value)) || [];
  if (name === undefined) return '';
  if (peripherals.size > 0)
    return peripherals.has(name) ? ofOtherKind(name, peripherals) : ` (the app's hardware definition has no ${name})`;
  return (
    ' (the app names no board, so nothing says what $ names stand for: name one in its CMakeLists.txt by azsphere_target_hardware_definition, ' +
    'or give the build the folder of its NAME.json by --hardware-definitions, hardwareDefinitions in TypeScript)'
  );
}

function ofOtherKind(name: string, peripherals: Peripherals): string {
  const isCircle = resolvePeripheral(name, peripherals) === undefined;
  return isCircle
    ? ` (in the app's hardware definition, the names from ${name} on go round in circles)`
    : ', of the right kind';
}

function portAt(field: Field): number {
  const { value: port } = field;
  if (typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  fault(field, 'have ports, 1 to 65535');
  return 0;
}

function hostAt(field: Field): string {
  const host = textAt(field).toLowerCase();
  if (typeof field.value === 'string' && !/^[\w.-]+$/.test(host) && !isIPv6(host))
    field.findings.warnings.push(
      `app_manifest.json: ${field.where} has ${JSON.stringify(field.value)}, which is no host name and no address: it allows no connection.`,
    );
  return host;
}

/** KiB: what an offset of 32 bits reaches. A device has less. */
const MAX_STORAGE_BYTES = 2 * 1024 * 1024 - 1;

function sizeAt(storage: unknown, findings: Findings): number {
  const where = 'Capabilities.MutableStorage';
  const fields = objectAt(storage, where, findings);
  if (fields === undefined) return 0;
  const { SizeKB: size, ...others } = fields;
  for (const name of Object.keys(others))
    findings.warnings.push(`app_manifest.json: ${where}.${name} is ignored: there is no such field.`);
  if (typeof size === 'number' && size > 0 && size <= MAX_STORAGE_BYTES && Number.isInteger(size * 1024))
    return size * 1024;
  fault({ value: size, where: `${where}.SizeKB`, findings }, `be above 0, and ${MAX_STORAGE_BYTES} at most`);
  return 0;
}

function componentIdAt(value: unknown, findings: Findings): string {
  const field = { value, where: 'ComponentId', findings };
  return guidAt(field) ?? placeholder(field, `the app's component id is ${NIL_GUID}`);
}

function catalogAt(field: Field): string {
  return guidAt(field) ?? placeholder(field, 'its device may be of any catalog');
}

function partnerAt(field: Field): string[] {
  const id = guidAt(field);
  if (id === undefined) placeholder(field, 'it allows no connection');
  return id === undefined ? [] : [id];
}

/** A GUID in lower case; undefined where there is a placeholder. */
function guidAt(field: Field): string | undefined {
  const id = typeof field.value === 'string' ? readGuid(field.value) : undefined;
  if (id === undefined) fault(field, 'be a GUID');
  return id === 'placeholder' ? undefined : (id ?? NIL_GUID);
}

function placeholder({ value, where, findings }: Field, consequence: string): string {
  findings.warnings.push(
    `app_manifest.json: ${where} is a placeholder (${JSON.stringify(value)}): ${consequence}. Replace it before the app goes to a device.`,
  );
  return NIL_GUID;
}

function objectAt(value: unknown, where: string, findings: Findings): Record<string, unknown> | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  fault({ value, where, findings }, 'be an object');
  return undefined;
}

/** The elements of a list; none where there is no list. */
function listAt(field: Field): Field[] {
  const { value } = field;
  if (Array.isArray(value)) return value.map((each: unknown) => ({ ...field, value: each }));
  if (value !== undefined) fault(field, 'be a list');
  return [];
}

function flagAt(field: Field): boolean {
  const { value } = field;
  if (value !== undefined && typeof value !== 'boolean') fault(field, 'be true or false');
  return value === true;
}

function powerControlAt(field: Field): PowerControl[] {
  const control = POWER_CONTROLS.find((name) => name === field.value);
  if (control === undefined) fault(field, `list ${POWER_CONTROLS.join(', ')}`);
  return control === undefined ? [] : [control];
}

function textAt(field: Field): string {
  if (typeof field.value === 'string') return field.value;
  fault(field, 'be a text');
  return '';
}

function fault({ value, where, findings }: Field, must: string): void {
  const is = value === undefined ? 'it is missing' : `it is ${JSON.stringify(value)}`;
  findings.faults.push(`${where} must ${must}; ${is}.`);
}
