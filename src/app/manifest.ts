import { isIPv6 } from 'node:net';
import { counted } from '../counted.js';
import { SphereIotError } from '../errors.js';
import { printableLine } from '../printable.js';
import { NIL_GUID, readGuid } from './guid.js';
import { capabilityOf, LAST_GPIO, PeripheralNames, type PeripheralKind, type Peripherals } from './peripherals.js';

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

/** The content of an app_manifest.json, checked. In the place of `$NAME` of the hardware definition is what it stands for. */
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

/** Faults and warnings that have a sentence each; all others have one together. */
const MAX_SENTENCES = 20;
/** Characters of a foreign text or name in a sentence. */
const MAX_SHOWN = 200;

/** Sentences about a manifest: the first ones, and how many there are. */
class Sentences {
  readonly #first: string[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param sentence Called for the first ones only. */
  add(sentence: () => string): void {
    if (this.#count++ < MAX_SENTENCES) this.#first.push(sentence());
  }

  /** The first ones, and a last one for all others. */
  list(others: (count: number) => string): string[] {
    const more = this.#count - this.#first.length;
    return more === 0 ? [...this.#first] : [...this.#first, others(more)];
  }
}

/** The faults of a manifest, and its warnings. */
class Findings {
  /** With one of these the app can't run. */
  readonly faults = new Sentences();
  readonly #warnings = new Sentences();

  get warnings(): string[] {
    return this.#warnings.list((count) => `app_manifest.json: and ${counted(count, 'warning')} more.`);
  }

  /** @param where The field. @param what What of it, and what to do. */
  warn(where: string, what: () => string): void {
    this.#warnings.add(() => `app_manifest.json: ${shownText(where)} ${what()}`);
  }
}

/**
 * Checks a manifest.
 * @param json The content of app_manifest.json, parsed.
 * @throws SphereIotError `MANIFEST_INVALID`, which names the first 20 fields that are wrong, and then what is warned of.
 */
export function readManifest(json: unknown, peripherals: Peripherals = new Map()): AppManifest {
  const findings = new Findings();
  const fields = objectAt(json, 'The manifest', findings);
  const manifest = fields && readFields(fields, new PeripheralNames(peripherals), findings);
  const { faults, warnings } = findings;
  if (manifest !== undefined && faults.count === 0) return manifest;
  const sentences = faults.list((count) => `and ${count} more.`);
  const text = faults.count === 1 ? `: ${sentences[0]}` : ` has ${faults.count} faults:\n  ${sentences.join('\n  ')}`;
  const also = warnings.map((warning) => `\n  warning: ${warning}`).join('');
  throw new SphereIotError('MANIFEST_INVALID', `app_manifest.json${text}${also}`);
}

/** Reads all fields; one that is wrong has an empty value, and a fault. */
function readFields(manifest: Record<string, unknown>, names: PeripheralNames, findings: Findings): AppManifest {
  checkHead(manifest, findings);
  const capabilities = objectAt(manifest.Capabilities ?? {}, 'Capabilities', findings) ?? {};
  checkCapabilities(capabilities, findings);
  const { DeviceAuthentication: catalog, MutableStorage: storage } = capabilities;
  const capability = (name: string): Field => ({ value: capabilities[name], where: `Capabilities.${name}`, findings });
  const numbers = (kind: PeripheralKind): number[] => numbersAt(kind, capability(capabilityOf(kind)), names);
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

/** Checks the fields beside Capabilities that do not describe the app itself. */
function checkHead(manifest: Record<string, unknown>, findings: Findings): void {
  const { SchemaVersion: schema, ApplicationType: type = 'Default', MallocVersion: malloc = 1 } = manifest;
  if (schema !== 1) fault({ value: schema, where: 'SchemaVersion', findings }, 'be 1');
  const realTime = type === 'RealTimeCapable' ? ': apps of the real-time cores do not run here' : '';
  if (type !== 'Default') fault({ value: type, where: 'ApplicationType', findings }, `be Default${realTime}`);
  if (malloc !== 1 && malloc !== 2) fault({ value: malloc, where: 'MallocVersion', findings }, 'be 1 or 2');
  for (const name of Object.keys(manifest).filter((each) => !FIELDS.includes(each)))
    findings.warn(name, () =>
      CAPABILITIES.includes(name)
        ? 'is ignored: it is a capability, and belongs into Capabilities.'
        : `is ignored: there is no such field.${alike(name, FIELDS)}`,
    );
}

function checkCapabilities(capabilities: Record<string, unknown>, findings: Findings): void {
  for (const name of Object.keys(capabilities).filter((each) => !CAPABILITIES.includes(each)))
    findings.warn(`Capabilities.${name}`, () =>
      FIELDS.includes(name)
        ? `is ignored: ${name} belongs beside Capabilities, not into it.`
        : `is ignored: there is no such capability.${alike(name, CAPABILITIES)}`,
    );
}

/** The name that was meant, where only its case is another. */
function alike(name: string, names: readonly string[]): string {
  const other = names.find((each) => each.toLowerCase() === name.toLowerCase());
  return other === undefined ? '' : ` Write ${other}.`;
}

/** A value of the manifest, or of one of its lists, and what it is called. */
interface Field {
  readonly value: unknown;
  readonly where: string;
  readonly findings: Findings;
}

function numbersAt(kind: PeripheralKind, capability: Field, names: PeripheralNames): number[] {
  return listAt(capability).flatMap((field) => {
    const { value } = field;
    const plain = typeof value === 'number' ? kind === 'gpio' : typeof value === 'string';
    const name = typeof value === 'string' ? value.replace(/^\$/, '') : (value as number);
    const id = plain ? names.idOf(kind, name) : undefined;
    if (kind === 'gpio' && id !== undefined && id > LAST_GPIO)
      field.findings.warn(field.where, () => `has ${id}: the GPIOs of the MT3620 are 0 to ${LAST_GPIO}.`);
    if (id !== undefined) return [id];
    fault(field, () => `have what the MT3620 has, or $ names of the hardware definition${unknownName(value, names)}`);
    return [];
  });
}

/** What to do about a `$NAME` that no hardware definition has. */
function unknownName(value: unknown, names: PeripheralNames): string {
  if (typeof value !== 'string' || !value.startsWith('$')) return '';
  const name = value.slice(1);
  if (names.count > 0)
    return names.has(name) ? ofOtherKind(name, names) : ` (the app's hardware definition has no ${shownText(name)})`;
  return (
    ' (the app names no board, so nothing says what $ names stand for: name one in its CMakeLists.txt by azsphere_target_hardware_definition, ' +
    'or give the build the folder of its NAME.json by --hardware-definitions, hardwareDefinitions in TypeScript)'
  );
}

function ofOtherKind(name: string, names: PeripheralNames): string {
  const isCircle = names.resolve(name) === undefined;
  return isCircle
    ? ` (in the app's hardware definition, the names from ${shownText(name)} on go round in circles)`
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
  if (typeof field.value === 'string' && !isHost(host))
    field.findings.warn(
      field.where,
      () => `has ${shown(field.value)}, which is no host name and no address: it allows no connection.`,
    );
  return host;
}

/** Characters of a name in the DNS. */
const MAX_HOST = 255;

function isHost(text: string): boolean {
  return text.length <= MAX_HOST && (/^[\w.-]+$/.test(text) || isIPv6(text));
}

/** The largest SizeKB: what an offset of 32 bits reaches. A device has less. */
const MAX_STORAGE_KB = 2 * 1024 * 1024 - 1;

function sizeAt(storage: unknown, findings: Findings): number {
  const where = 'Capabilities.MutableStorage';
  const fields = objectAt(storage, where, findings);
  if (fields === undefined) return 0;
  const { SizeKB: size, ...others } = fields;
  for (const name of Object.keys(others))
    findings.warn(`${where}.${name}`, () => 'is ignored: there is no such field.');
  if (typeof size === 'number' && size > 0 && size <= MAX_STORAGE_KB && Number.isInteger(size * 1024))
    return size * 1024;
  fault({ value: size, where: `${where}.SizeKB`, findings }, `be above 0, and ${MAX_STORAGE_KB} at most`);
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
  findings.warn(
    where,
    () => `is a placeholder (${shown(value)}): ${consequence}. Replace it before the app goes to a device.`,
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

function fault({ value, where, findings }: Field, must: string | (() => string)): void {
  const is = (): string => (value === undefined ? 'it is missing' : `it is ${shown(value)}`);
  findings.faults.add(() => `${where} must ${typeof must === 'string' ? must : must()}; ${is()}.`);
}

/** A value as JSON has it. Objects are not written out: they may be large, deep, or have themselves in them. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? `"${shownText(JSON.stringify(value).slice(1, -1))}"` : shownText(String(value));
}

function shownText(text: string): string {
  return printableLine(text, MAX_SHOWN);
}
