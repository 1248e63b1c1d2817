import type { Clock } from '../../../clock/index.js';
import {
  HostError,
  HostWifiAttribute,
  HostWifiList,
  writeHostWifiDiagnostics,
  writeHostWifiNetwork,
  type HostWifiNetwork,
  type Memory,
  type WifiImports,
} from '../../../wasm/index.js';
import type { DeviceSettings, StoredNetwork, WifiSecurity } from '../../device-settings.js';
import type { Permits } from '../permissions.js';
import { attributesOf, checkAccessPoints, rssiOf, SECURITY, type AccessPoint } from './access-point.js';
import { Radio, type Connection } from './radio.js';
import { StoredNetworks } from './stored-networks.js';

/** What the bytes of an attribute mean; undefined: nothing. */
const ATTRIBUTES: Readonly<Record<number, (value: Buffer) => Partial<StoredNetwork> | undefined>> = {
  [HostWifiAttribute.ssid]: (ssid) => ({ ssid }),
  [HostWifiAttribute.security]: ([number]) => securityOf(number),
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

/** Wi-Fi (host.h). Connecting takes no time: the device is connected as soon as it can be. */
export class WifiHost {
  readonly #options: WifiHostOptions;
  readonly #radio: Radio;
  readonly #networks: StoredNetworks;

  constructor(options: WifiHostOptions) {
    this.#options = options;
    this.#radio = new Radio(options);
    this.#networks = new StoredNetworks(options.settings);
    this.refresh();
  }

  /** The access points in reach: frozen. */
  get points(): readonly AccessPoint[] {
    return this.#radio.points;
  }

  /** Throws `WIFI_INVALID`. */
  set points(points: readonly AccessPoint[]) {
    this.#radio.points = points;
    this.refresh();
  }

  get stored(): readonly StoredNetwork[] {
    return this.#networks.list;
  }

  /** Stores networks in the place of all others, as `az sphere device wifi add` does. Throws `WIFI_INVALID`. */
  store(networks: readonly AccessPoint[]): void {
    checkAccessPoints(networks);
    this.#networks.store(networks);
    this.refresh();
  }

  /** The stored network that is connected, and the access point. */
  get connection(): Connection | undefined {
    return this.#options.networkReady() ? this.#radio.connection : undefined;
  }

  /** Connects to the strongest access point that a stored network fits. */
  refresh(): void {
    this.#radio.connect(this.#options.enabled() ? this.stored.filter(({ enabled }) => enabled) : []);
  }

  /** The imports of host.h. */
  imports(): WifiImports {
    const { memory } = this.#options;
    return {
      wifi_add: (): number => this.#refused() ?? this.#add(),
      wifi_duplicate: (id: number, name: number): number => this.#duplicate(id, memory.textAt(name) ?? ''),
      wifi_forget: (id: number): number => {
        const network = this.#network(id);
        return typeof network === 'number' ? network : this.#changed(() => this.#networks.remove(id));
      },
      wifi_forget_all: (): number => this.#refused() ?? this.#changed(() => this.#networks.clear()),
      wifi_find: (name: number): number =>
        this.#refused() ?? this.#networks.named(memory.textAt(name) ?? '')?.id ?? HostError.noDevice,
      wifi_set: (id: number, attribute: number, value: number, size: number): number =>
        this.#set(id, attribute, Buffer.from(memory.copyAt(value, size))),
      wifi_get: (id: number, attribute: number, text: number, size: number): number => {
        const network = this.#network(id, true);
        if (typeof network === 'number') return network;
        const value = network[EAP_TEXTS[attribute] ?? 'identity'];
        memory.setTextWithin(text, size, value);
        return 0;
      },
      wifi_persist: (): number => this.#refused() ?? this.#networks.persist(),
      wifi_reload: (): number => this.#refused() ?? this.#reload(),
      wifi_scan: (): number => {
        const refused = this.#refused();
        if (refused !== undefined) return refused;
        this.#radio.scan();
        return this.#radio.scanned.length;
      },
      wifi_count: (list: number): number =>
        this.#refused() ?? (list === HostWifiList.stored ? this.stored : this.#radio.scanned).length,
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
    return this.#networks.get(id) ?? HostError.noDevice;
  }

  /** Changes the stored networks, and connects to what fits them then. */
  #changed(change: () => void): 0 {
    change();
    this.refresh();
    return 0;
  }

  #add(network?: Omit<StoredNetwork, 'id'>): number {
    const id = this.#networks.add(network);
    if (id < 0) return id;
    this.#radio.forgetFailures(id);
    this.refresh();
    return id;
  }

  #duplicate(id: number, name: string): number {
    const network = this.#network(id);
    if (typeof network === 'number') return network;
    return this.#networks.named(name) === undefined
      ? this.#add({ ...network, name, enabled: false })
      : HostError.exists;
  }

  #set(id: number, attribute: number, value: Buffer): number {
    const network = this.#network(id, attribute in EAP_TEXTS);
    if (typeof network === 'number') return network;
    const changes = ATTRIBUTES[attribute]?.(value);
    if (changes === undefined) return HostError.invalid;
    if (changes.security === 'wpa2-eap-tls') {
      const refused = this.#refused(true);
      if (refused !== undefined) return refused;
    }
    return this.#changed(() => this.#networks.change({ ...network, ...changes }));
  }

  #reload(): 0 {
    this.#radio.forgetFailures();
    return this.#changed(() => this.#networks.reload());
  }

  /** Writes a network of a list: HOST_WIFI_NETWORK. */
  #describe(list: number, index: number, pointer: number): number {
    const network = list === HostWifiList.stored ? this.#describeStored(index) : this.#describeSeen(list, index);
    if (network === undefined) return HostError.noData;
    writeHostWifiNetwork(this.#options.memory, pointer, network);
    return 0;
  }

  #describeStored(index: number): HostWifiNetwork | undefined {
    const network = this.stored[index];
    if (network === undefined) return undefined;
    const { id, ssid, security, enabled } = network;
    const connected = Number(id === this.connection?.id);
    return { ...UNSEEN, id, ...described(ssid, security), enabled: Number(enabled), connected };
  }

  /** One that is in the air. */
  #describeSeen(list: number, index: number): HostWifiNetwork | undefined {
    const { connection } = this;
    const scanned = list === HostWifiList.scanned;
    const point = scanned ? this.#radio.scanned[index] : connection?.point;
    if (point === undefined) return undefined;
    return {
      ...UNSEEN,
      id: scanned ? 0 : (connection?.id ?? 0),
      ...described(Buffer.from(point.ssid), attributesOf(point).security),
      bssid: this.#radio.bssidOf(point),
      frequency: point.frequencyMHz ?? 2412,
      rssi: rssiOf(point),
    };
  }

  /** Writes why a stored network is not connected: HOST_WIFI_DIAGNOSTICS. */
  #diagnose(id: number, pointer: number): number {
    const network = this.#network(id);
    if (typeof network === 'number') return network;
    const failure = this.#radio.failure(id);
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

/** The security that has this number in C; undefined: none has. */
function securityOf(number: number | undefined): Pick<StoredNetwork, 'security'> | undefined {
  const security = (Object.keys(SECURITY) as WifiSecurity[]).find((each) => SECURITY[each] === number);
  return security === undefined ? undefined : { security };
}

function described(ssid: Buffer, security: WifiSecurity): Pick<HostWifiNetwork, 'ssid' | 'ssidLength' | 'security'> {
  return { ssid, ssidLength: ssid.length, security: SECURITY[security] };
}
