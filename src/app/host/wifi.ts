import { SphereIotError } from '../../errors.js';
import { isObject } from '../../json.js';
import type { Clock } from '../../clock/index.js';
import {
  HostError,
  HostWifiAttribute,
  HostWifiFailure,
  HostWifiList,
  WifiConfigSecurity,
  writeHostWifiDiagnostics,
  writeHostWifiNetwork,
  type HostWifiNetwork,
  type Memory,
  type WifiImports,
} from '../../wasm/index.js';
import type { DeviceSettings, StoredNetwork, WifiSecurity } from '../device-settings.js';
import type { Permits } from './permissions.js';

const SECURITY: Readonly<Record<WifiSecurity, WifiConfigSecurity>> = {
  open: WifiConfigSecurity.open,
  'wpa2-psk': WifiConfigSecurity.wpa2Psk,
  'wpa2-eap-tls': WifiConfigSecurity.wpa2EapTls,
};

/** A Wi-Fi network in the air. */
export interface AccessPoint {
  readonly ssid: string;
  /** Its WPA2 key. */
  readonly psk?: string;
  /** Default: wpa2-psk with a key, open without. */
  readonly security?: WifiSecurity;
  /** Default: 02:00:00:00:00:01, and so on in their order. */
  readonly bssid?: string;
  /** Default 2412. */
  readonly frequencyMHz?: number;
  /** Signal strength in dBm. The device takes the strongest that it can connect to. Default -50. */
  readonly rssi?: number;
  /** Whether it hides its name: scans do not find it, and only networks with targeted scanning connect. */
  readonly hidden?: boolean;
}

/** Networks that a device can keep. */
const MAX_KEPT = 37;

/** What the bytes of an attribute mean. */
const ATTRIBUTES: Readonly<Record<number, (value: Buffer) => Partial<StoredNetwork>>> = {
  [HostWifiAttribute.ssid]: (ssid) => ({ ssid }),
  [HostWifiAttribute.security]: ([number]) => ({ security: securityOf(number) }),
  [HostWifiAttribute.key]: (key) => ({ key }),
  [HostWifiAttribute.enabled]: (value) => ({ enabled: value[0] !== 0 }),
  [HostWifiAttribute.targetedScan]: (value) => ({ targetedScan: value[0] !== 0 }),
  [HostWifiAttribute.name]: (value) => ({ name: value.toString() }),
  [HostWifiAttribute.identity]: (value) => ({ identity: value.toString() }),
  [HostWifiAttribute.clientCertificate]: (value) => ({ clientCertificate: value.toString() }),
  [HostWifiAttribute.rootCertificate]: (value) => ({ rootCertificate: value.toString() }),
};

/** The attributes of EAP-TLS, which are texts. */
const EAP_TEXTS: Readonly<Record<number, 'identity' | 'clientCertificate' | 'rootCertificate'>> = {
  [HostWifiAttribute.identity]: 'identity',
  [HostWifiAttribute.clientCertificate]: 'clientCertificate',
  [HostWifiAttribute.rootCertificate]: 'rootCertificate',
};

export interface WifiHostOptions {
  readonly clock: Clock;
  readonly memory: Memory;
  readonly settings: DeviceSettings;
  readonly permits: Permits;
  /** Whether the interface is enabled. */
  readonly enabled: () => boolean;
  readonly networkReady: () => boolean;
}

interface Connection {
  readonly id: number;
  readonly point: AccessPoint;
}

/** The network that is in the air, stored and connected to, where a test says nothing of Wi-Fi. */
export const DEFAULT_ACCESS_POINT: AccessPoint = Object.freeze({ ssid: 'sphere-iot' });

/** Wi-Fi (host.h). Connecting takes no time: the device is connected as soon as it can be. */
export class WifiHost {
  readonly #options: WifiHostOptions;
  #points: readonly AccessPoint[] = Object.freeze([DEFAULT_ACCESS_POINT]);
  #scanned: readonly AccessPoint[] = [];
  #stored: readonly StoredNetwork[];
  #connection: Connection | undefined;
  readonly #failures = new Map<number, { readonly error: number; readonly time: number }>();

  constructor(options: WifiHostOptions) {
    this.#options = options;
    options.settings.wifi ??= storedAs([DEFAULT_ACCESS_POINT]);
    this.#stored = this.#kept();
    this.refresh();
  }

  get points(): readonly AccessPoint[] {
    return this.#points;
  }

  set points(points: readonly AccessPoint[]) {
    checkAll(points);
    this.#points = Object.freeze(points.map((point) => Object.freeze({ ...point })));
    this.refresh();
  }

  get stored(): readonly StoredNetwork[] {
    return this.#stored;
  }

  /** Stores networks in the place of all others, as `az sphere device wifi add` does. */
  store(networks: readonly AccessPoint[]): void {
    checkAll(networks);
    this.#stored = storedAs(networks);
    this.#options.settings.wifi = this.#stored;
    this.refresh();
  }

  /** The stored network that is connected, and the access point. */
  get connection(): Connection | undefined {
    return this.#options.networkReady() ? this.#connection : undefined;
  }

  /** Connects to the strongest access point that a stored network fits. */
  refresh(): void {
    const usable = this.#options.enabled() ? this.#stored.filter(({ enabled }) => enabled) : [];
    const found = usable.flatMap((network) => this.#find(network));
    this.#connection = found.sort((a, b) => rssiOf(b.point) - rssiOf(a.point))[0];
  }

  /** The imports of host.h. */
  imports(): WifiImports {
    const { memory } = this.#options;
    return {
      wifi_add: (): number => this.#refused() ?? this.#add(NEW),
      wifi_duplicate: (id: number, name: number): number => this.#duplicate(id, memory.textAt(name) ?? ''),
      wifi_forget: (id: number): number => {
        const network = this.#network(id);
        return typeof network === 'number' ? network : this.#change(this.#stored.filter((other) => other !== network));
      },
      wifi_forget_all: (): number => {
        const refused = this.#refused();
        if (refused !== undefined) return refused;
        this.#change([]);
        return this.#persist();
      },
      wifi_find: (name: number): number =>
        this.#refused() ?? this.#named(memory.textAt(name) ?? '')?.id ?? HostError.noDevice,
      wifi_set: (id: number, attribute: number, value: number, size: number): number =>
        this.#set(id, attribute, Buffer.from(memory.copyAt(value, size))),
      wifi_get: (id: number, attribute: number, text: number, size: number): number => {
        const network = this.#network(id, true);
        if (typeof network === 'number') return network;
        const value = network[EAP_TEXTS[attribute] ?? 'identity'];
        memory.bytes.set(Buffer.from(`${value}\0`).subarray(0, size), text);
        return 0;
      },
      wifi_persist: (): number => this.#refused() ?? this.#persist(),
      wifi_reload: (): number => this.#refused() ?? this.#reload(),
      wifi_scan: (): number => {
        const refused = this.#refused();
        if (refused !== undefined) return refused;
        this.#scanned = this.#points.filter(({ hidden }) => hidden !== true);
        return this.#scanned.length;
      },
      wifi_count: (list: number): number =>
        this.#refused() ?? (list === HostWifiList.stored ? this.#stored : this.#scanned).length,
      wifi_network: (list: number, index: number, pointer: number): number =>
        this.#refused() ?? this.#describe(list, index, pointer),
      wifi_diagnostics: (id: number, pointer: number): number => this.#diagnose(id, pointer),
    };
  }

  /** Why nothing works: the manifest, or the interface. */
  #refused(eap = false): number | undefined {
    const { permits, enabled } = this.#options;
    if (!permits(eap ? 'EnterpriseWifiConfig' : 'WifiConfig')) return HostError.access;
    return enabled() ? undefined : HostError.networkDown;
  }

  #network(id: number, eap = false): StoredNetwork | number {
    const refused = this.#refused(eap);
    if (refused !== undefined) return refused;
    if (id < 0) return HostError.invalid;
    return this.#stored.find((network) => network.id === id) ?? HostError.noDevice;
  }

  #named(name: string): StoredNetwork | undefined {
    return this.#stored.find((network) => network.name === name);
  }

  #change(stored: readonly StoredNetwork[]): 0 {
    this.#stored = stored;
    this.refresh();
    return 0;
  }

  #add(network: Omit<StoredNetwork, 'id'>): number {
    const id = Math.max(-1, ...this.#stored.map((other) => other.id)) + 1;
    this.#failures.delete(id);
    this.#change([...this.#stored, { ...network, id }]);
    return id;
  }

  #duplicate(id: number, name: string): number {
    const network = this.#network(id);
    if (typeof network === 'number') return network;
    return this.#named(name) === undefined ? this.#add({ ...network, name, enabled: false }) : HostError.exists;
  }

  #set(id: number, attribute: number, value: Buffer): number {
    const network = this.#network(id, attribute in EAP_TEXTS);
    if (typeof network === 'number') return network;
    const changed = { ...network, ...ATTRIBUTES[attribute]?.(value) };
    if (attribute === HostWifiAttribute.security && changed.security === 'wpa2-eap-tls') {
      const refused = this.#refused(true);
      if (refused !== undefined) return refused;
    }
    return this.#change(this.#stored.map((other) => (other === network ? changed : other)));
  }

  /** What the device keeps; ids are counted anew. */
  #kept(): StoredNetwork[] {
    return (this.#options.settings.wifi ?? []).map((network, id) => ({ ...network, id }));
  }

  #reload(): 0 {
    this.#failures.clear();
    return this.#change(this.#kept());
  }

  #persist(): number {
    if (this.#stored.some(({ ssid }) => ssid.length === 0)) return HostError.invalid;
    if (this.#stored.length > MAX_KEPT) return HostError.noSpace;
    this.#options.settings.wifi = this.#stored;
    return 0;
  }

  #find(network: StoredNetwork): Connection[] {
    const inReach = this.#points.filter(
      (point) => network.ssid.equals(Buffer.from(point.ssid)) && (point.hidden !== true || network.targetedScan),
    );
    const found = inReach.filter((point) => this.#failure(network, point) === undefined);
    if (found.length > 0) return found.map((point) => ({ id: network.id, point }));
    const error = inReach[0] === undefined ? HostWifiFailure.notFound : this.#failure(network, inReach[0]);
    this.#failures.set(network.id, { error: error ?? HostWifiFailure.notFound, time: this.#options.clock.now() });
    return [];
  }

  #failure(network: StoredNetwork, point: AccessPoint): number | undefined {
    const { psk, security } = attributesOf(point);
    if (security !== network.security) return HostWifiFailure.otherSecurity;
    if (security === 'wpa2-psk')
      return network.key.length === 0
        ? HostWifiFailure.noKey
        : network.key.equals(psk)
          ? undefined
          : HostWifiFailure.wrongKey;
    return security === 'open' || this.#isKnown(network) ? undefined : HostWifiFailure.authentication;
  }

  /** Whether it has what EAP-TLS takes: the certificates that it names are there. What they say is not looked at. */
  #isKnown({ identity, clientCertificate, rootCertificate }: StoredNetwork): boolean {
    const { certificates } = this.#options.settings;
    const root = rootCertificate === '' || certificates.get(rootCertificate)?.type === 'rootca';
    return identity !== '' && certificates.get(clientCertificate)?.type === 'client' && root;
  }

  /** Writes a network of a list: HOST_WIFI_NETWORK. */
  #describe(list: number, index: number, pointer: number): number {
    const network = list === HostWifiList.stored ? this.#describeStored(index) : this.#describeSeen(list, index);
    if (network === undefined) return HostError.noData;
    writeHostWifiNetwork(this.#options.memory, pointer, network);
    return 0;
  }

  #describeStored(index: number): HostWifiNetwork | undefined {
    const network = this.#stored[index];
    if (network === undefined) return undefined;
    const { id, ssid, security, enabled } = network;
    const connected = Number(id === this.connection?.id);
    return { ...UNSEEN, id, ...described(ssid, security), enabled: Number(enabled), connected };
  }

  /** One that is in the air. */
  #describeSeen(list: number, index: number): HostWifiNetwork | undefined {
    const { connection } = this;
    const scanned = list === HostWifiList.scanned;
    const point = scanned ? this.#scanned[index] : connection?.point;
    if (point === undefined) return undefined;
    return {
      ...UNSEEN,
      id: scanned ? 0 : (connection?.id ?? 0),
      ...described(Buffer.from(point.ssid), attributesOf(point).security),
      bssid: this.#bssidOf(point),
      frequency: point.frequencyMHz ?? 2412,
      rssi: rssiOf(point),
    };
  }

  #bssidOf(point: AccessPoint): Buffer {
    const number = this.#points.indexOf(point) + 1;
    return point.bssid === undefined
      ? Buffer.from([2, 0, 0, 0, 0, number])
      : Buffer.from(point.bssid.replaceAll(':', ''), 'hex');
  }

  /** Writes why a stored network is not connected: HOST_WIFI_DIAGNOSTICS. */
  #diagnose(id: number, pointer: number): number {
    const network = this.#network(id);
    if (typeof network === 'number') return network;
    const failure = this.#failures.get(id);
    if (failure === undefined) return HostError.noDevice;
    const { enabled } = network;
    const connected = this.connection?.id === id;
    const flags = { enabled: Number(enabled), connected: Number(connected) };
    writeHostWifiDiagnostics(this.#options.memory, pointer, { ...failure, ...flags });
    return 0;
  }
}

/** Of a network that is not in the air, not enabled and not connected. */
const UNSEEN = { bssid: Buffer.alloc(0), frequency: 0, rssi: 0, enabled: 0, connected: 0 };

function securityOf(number: number | undefined): WifiSecurity {
  return (Object.keys(SECURITY) as WifiSecurity[]).find((each) => SECURITY[each] === number) as WifiSecurity;
}

function described(ssid: Buffer, security: WifiSecurity): Pick<HostWifiNetwork, 'ssid' | 'ssidLength' | 'security'> {
  return { ssid, ssidLength: ssid.length, security: SECURITY[security] };
}

/** What a network is stored with that nothing was said of. */
const NEW: Omit<StoredNetwork, 'id'> = {
  ssid: Buffer.alloc(0),
  security: 'open',
  key: Buffer.alloc(0),
  enabled: false,
  targetedScan: false,
  name: '',
  identity: '',
  clientCertificate: '',
  rootCertificate: '',
};

function storedAs(networks: readonly AccessPoint[]): StoredNetwork[] {
  return networks.map((network, id) => ({ ...NEW, id, ...attributesOf(network), enabled: true }));
}

/** What each field of a network may be, where it is there. Programs in JavaScript give what they like. */
const RULES: Readonly<Record<keyof AccessPoint, { words: string; fits: (value: unknown) => boolean }>> = {
  ssid: { words: 'an SSID has 1 to 32 bytes', fits: (value) => hasBytes(value, 32) },
  psk: { words: 'a key has 1 to 64 bytes', fits: (value) => hasBytes(value, 64) },
  security: {
    words: 'its security is open, wpa2-psk or wpa2-eap-tls',
    fits: (value) => typeof value === 'string' && Object.hasOwn(SECURITY, value),
  },
  bssid: {
    words: 'a BSSID is like 02:00:00:00:00:01',
    fits: (value) => typeof value === 'string' && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value),
  },
  frequencyMHz: { words: 'a frequency is from 0 to 4294967295 MHz', fits: (value) => isIn(value, 0, 0xffffffff) },
  rssi: { words: 'an RSSI is from -128 to 127', fits: (value) => isIn(value, -128, 127) },
  hidden: { words: 'it is hidden or not, true or false', fits: (value) => typeof value === 'boolean' },
};

function hasBytes(value: unknown, most: number): boolean {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= most;
}

function isIn(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}

function checkAll(networks: readonly AccessPoint[]): void {
  if (!Array.isArray(networks))
    throw new SphereIotError('WIFI_INVALID', 'Networks are a list of objects with an ssid.');
  for (const network of networks as readonly AccessPoint[]) check(network);
}

/** Throws `WIFI_INVALID` for what no network can be. */
function check(network: AccessPoint): void {
  if (!isObject(network)) throw new SphereIotError('WIFI_INVALID', 'A network can only be an object with an ssid.');
  const { ssid } = network;
  const rules = Object.entries(RULES) as [keyof AccessPoint, (typeof RULES)['ssid']][];
  const wrong = rules.find(
    ([name, { fits }]) => (name === 'ssid' || network[name] !== undefined) && !fits(network[name]),
  );
  if (wrong !== undefined)
    throw new SphereIotError('WIFI_INVALID', `The network ${JSON.stringify(ssid)} can't be: ${wrong[1].words}.`);
}

function attributesOf({ ssid, psk, security, hidden }: AccessPoint) {
  const key = Buffer.from(psk ?? '');
  const targetedScan = hidden === true;
  return {
    ssid: Buffer.from(ssid),
    key,
    psk: key,
    security: security ?? (psk === undefined ? 'open' : 'wpa2-psk'),
    targetedScan,
  };
}

function rssiOf({ rssi = -50 }: AccessPoint): number {
  return rssi;
}
