import type { Clock } from '../../clock/index.js';
import type { Memory } from '../../wasm/index.js';
import type { CapabilityFlag } from '../manifest.js';
import type { DeviceSettings } from '../settings.js';
import { HostError } from './errors.js';
import type { Permits } from './permissions.js';
import type { WifiHost } from './wifi.js';

/** Networking_InterfaceConnectionStatus. */
const UP = 1;
const CONNECTED = 2;
const HAS_ADDRESS = 4;
const INTERNET = 8;

/** Networking_InterfaceMedium. */
const MEDIA = ['unspecified', 'Wi-Fi', 'Ethernet'] as const;

/** A static address without a gateway is one of a private network. */
const NO_GATEWAY = '0.0.0.0';

/** Offsets in HOST_NETWORK_INTERFACE. */
const ENABLED = 16;
const ADDRESS_LENGTH = 6;

/** The server of the operating system. */
const DEFAULT_NTP_SERVER = 'prod.time.sphere.azure.net';

export interface StaticIp {
  readonly address: string;
  readonly subnetMask: string;
  readonly gateway: string;
}

export interface DhcpServer {
  readonly firstAddress: string;
  readonly addressCount: number;
  readonly subnetMask: string;
  readonly gateway: string;
  readonly leaseHours: number;
  readonly ntpServers: readonly string[];
}

/** @internal What is set of a network interface. */
export interface InterfaceSettings {
  readonly name: string;
  readonly medium: (typeof MEDIA)[number];
  enabled: boolean;
  /** Six bytes in hexadecimal, with colons. */
  address: string;
  /** `released`: DHCP's, and given back. */
  ip: 'dhcp' | 'released' | StaticIp;
  /** Empty: those of DHCP. */
  dns: readonly string[];
  dhcpServer?: DhcpServer;
  sntp: boolean;
}

const NTP_MODES = ['default', 'automatic', 'custom'] as const;

export interface NtpSettings {
  /** The operating system's server, those that DHCP names, or those of the app. */
  readonly mode: (typeof NTP_MODES)[number];
  readonly servers: readonly string[];
  /** Whether the operating system's server is asked where the others fail. */
  readonly fallback: boolean;
}

export interface ProxySettings {
  readonly enabled: boolean;
  readonly address: string;
  readonly port: number;
  /** Undefined: no authentication. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Host names, with commas between them. */
  readonly noProxy: string;
}

/** HOST_PROXY: its fields after three numbers, and its size. */
const PROXY = { address: 12, noProxy: 268, username: 524, password: 588, size: 652 };
/** Networking_ProxyOptions_Enabled, and …_None. */
const PROXY_ENABLED = 2;
const PROXY_NONE = 1;
/** Networking_ProxyStatus: enabled and ready. */
const PROXY_READY = 1 | 4;

export interface NetworkHostOptions {
  readonly clock: Clock;
  readonly memory: Memory;
  readonly settings: DeviceSettings;
  readonly permits: Permits;
  readonly networkReady: () => boolean;
  /** The app asks whether there is a network. */
  readonly asked: () => void;
}

/** The network interfaces, time synchronisation and the proxy (host.h). */
export class NetworkHost {
  readonly #options: NetworkHostOptions;
  #wifi: WifiHost | undefined;
  /** Whether a cable is in eth0. */
  cable = false;
  #lastSync: { readonly server: string; readonly time: number } | undefined;

  constructor(options: NetworkHostOptions) {
    this.#options = options;
  }

  /** What wlan0 is connected by. */
  set wifi(wifi: WifiHost) {
    this.#wifi = wifi;
    this.#synchronise();
  }

  settings(name: string): InterfaceSettings | undefined {
    return this.#options.settings.interfaces.find((settings) => settings.name === name);
  }

  /** Networking_InterfaceConnectionStatus. */
  status({ medium, enabled, ip }: InterfaceSettings): number {
    if (!enabled) return 0;
    const connected =
      medium === 'Wi-Fi' ? this.#wifi?.connection !== undefined : this.cable && this.#options.networkReady();
    if (!connected) return UP;
    if (ip === 'released') return UP | CONNECTED;
    const isPrivate = typeof ip !== 'string' && ip.gateway === NO_GATEWAY;
    return UP | CONNECTED | HAS_ADDRESS | (isPrivate ? 0 : INTERNET);
  }

  /** Whether it leads to the internet. */
  isOnline(settings: InterfaceSettings): boolean {
    return (this.status(settings) & INTERNET) !== 0;
  }

  get ready(): boolean {
    return this.#options.settings.interfaces.some((settings) => this.isOnline(settings));
  }

  /** The last time that the time was set by a server. */
  get lastSync(): { readonly server: string; readonly time: number } | undefined {
    if (this.#lastSync === undefined) this.#synchronise();
    return this.#lastSync;
  }

  /** The imports of host.h. */
  imports() {
    const { memory, settings } = this.#options;
    const { interfaces } = settings;
    return {
      app_interface_status: (name: number): number => {
        const found = this.#named(name);
        this.#options.asked();
        return found === undefined ? HostError.noEntry : this.status(found);
      },
      network_count: (): number => interfaces.length,
      network_interface: (index: number, pointer: number): void => {
        const { name, enabled, ip, medium } = interfaces[index] as InterfaceSettings;
        memory.bytes.fill(0, pointer, pointer + ENABLED);
        memory.bytes.set(Buffer.from(name), pointer);
        const flags = [Number(enabled), Number(typeof ip === 'string'), MEDIA.indexOf(medium)];
        memory.bytes.set(flags, pointer + ENABLED);
      },
      network_ip: (index: number, pointer: number): number => {
        const found = interfaces[index] as InterfaceSettings;
        if ((this.status(found) & HAS_ADDRESS) === 0) return HostError.noData;
        const { address, subnetMask } = typeof found.ip === 'string' ? leased(index) : found.ip;
        memory.bytes.set(
          [address, subnetMask].flatMap((text) => text.split('.').map(Number)),
          pointer,
        );
        return 0;
      },
      network_enable: (name: number, enabled: number): number =>
        this.#configure('NetworkConfig', name, (found) => {
          found.enabled = enabled !== 0;
          this.#wifi?.refresh();
        }),
      network_get_address: (name: number, address: number): number => {
        const found = this.#named(name);
        if (found === undefined) return HostError.noEntry;
        memory.bytes.set(Buffer.from(found.address.replaceAll(':', ''), 'hex'), address);
        return 0;
      },
      network_set_address: (name: number, address: number): number =>
        this.#configure('HardwareAddressConfig', name, (found) => {
          if (found.medium !== 'Ethernet') return HostError.permission;
          const bytes = Buffer.from(memory.copyAt(address, ADDRESS_LENGTH));
          if (bytes.every((byte) => byte === 0) || ((bytes[0] as number) & 1) === 1) return HostError.invalid;
          found.address = bytes.toString('hex').replace(/(..)(?!$)/g, '$1:');
          return 0;
        }),
      network_configure: (name: number, config: number): number =>
        this.#configure('NetworkConfig', name, (found) => {
          const [address, subnetMask, gateway] = this.#addressesAt(config + 4, 3) as [string, string, string];
          found.ip = memory.uint32At(config) === 0 ? 'dhcp' : { address, subnetMask, gateway };
          found.dns = this.#addressesAt(config + 20, memory.uint32At(config + 16));
        }),
      network_release: (name: number, released: number): number =>
        this.#configure('NetworkConfig', name, (found) => {
          if (typeof found.ip !== 'string') return HostError.permission;
          found.ip = released === 0 ? 'dhcp' : 'released';
          return 0;
        }),
      network_start_dhcp: (name: number, server: number): number =>
        this.#configure('DhcpService', name, (found) => this.#startDhcp(found, server)),
      network_start_sntp: (name: number): number =>
        this.#configure('SntpService', name, (found) => {
          found.sntp = true;
        }),
      network_set_proxy: (pointer: number): number => {
        if (!this.#options.permits('NetworkConfig')) return HostError.access;
        settings.proxy = this.#proxyAt(pointer);
        return 0;
      },
      network_get_proxy: (pointer: number): number => this.#getProxy(pointer),
      network_proxy_status: (): number => (settings.proxy?.enabled === true ? PROXY_READY : 0),
      time_sync_enable: (enabled: number): number =>
        this.#configureTime(() => {
          settings.timeSync = enabled !== 0;
        }),
      time_sync_enabled: (): number => Number(settings.timeSync),
      time_sync_servers: (mode: number, primary: number, secondary: number, fallback: number): number =>
        this.#configureTime(() => {
          const servers = [memory.textAt(primary), memory.textAt(secondary)].filter((server) => server !== null);
          settings.ntp = { mode: NTP_MODES[mode] ?? 'default', servers, fallback: fallback !== 0 };
        }),
      time_sync_last: (server: number, size: number, times: number): number => {
        const last = this.lastSync;
        if (last === undefined) return HostError.noEntry;
        const text = Buffer.from(`${last.server}\0`);
        memory.bytes.set(text.subarray(0, size), server);
        memory.view.setFloat64(times, last.time, true);
        memory.view.setFloat64(times + 8, last.time, true);
        return text.length;
      },
    };
  }

  #named(name: number): InterfaceSettings | undefined {
    return this.settings(this.#options.memory.textAt(name) ?? '');
  }

  /** Changes an interface, where the manifest lets it and there is one. */
  #configure(capability: CapabilityFlag, name: number, change: (settings: InterfaceSettings) => number | void): number {
    if (!this.#options.permits(capability)) return HostError.access;
    const found = this.#named(name);
    return found === undefined ? HostError.noEntry : (change(found) ?? 0);
  }

  #configureTime(change: () => void): number {
    if (!this.#options.permits('TimeSyncConfig')) return HostError.access;
    change();
    this.#synchronise();
    return 0;
  }

  #startDhcp(found: InterfaceSettings, server: number): number {
    const { memory } = this.#options;
    if (typeof found.ip === 'string') return HostError.permission;
    const [addressCount, leaseHours, ntpCount] = [4, 16, 20].map((offset) => memory.uint32At(server + offset)) as [
      number,
      number,
      number,
    ];
    if (addressCount === 0) return HostError.invalid;
    const [firstAddress] = this.#addressesAt(server, 1) as [string];
    const [subnetMask, gateway] = this.#addressesAt(server + 8, 2) as [string, string];
    const ntpServers = this.#addressesAt(server + 24, ntpCount);
    found.dhcpServer = { firstAddress, addressCount, subnetMask, gateway, leaseHours, ntpServers };
    return 0;
  }

  #addressesAt(pointer: number, count: number): string[] {
    return Array.from({ length: count }, (_, i) => this.#options.memory.copyAt(pointer + 4 * i, 4).join('.'));
  }

  #proxyAt(pointer: number): ProxySettings {
    const { memory } = this.#options;
    const text = (offset: number): string => memory.textAt(pointer + offset) ?? '';
    const basic = memory.uint32At(pointer + 8) !== 0;
    return {
      enabled: (memory.uint32At(pointer) & PROXY_ENABLED) !== 0,
      port: memory.uint32At(pointer + 4),
      address: text(PROXY.address),
      noProxy: text(PROXY.noProxy),
      username: basic ? text(PROXY.username) : undefined,
      password: basic ? text(PROXY.password) : undefined,
    };
  }

  #getProxy(pointer: number): number {
    const { memory, permits, settings } = this.#options;
    const { proxy } = settings;
    if (!permits('NetworkConfig', 'ReadNetworkProxyConfig')) return HostError.access;
    if (proxy === undefined) return HostError.noEntry;
    memory.bytes.fill(0, pointer, pointer + PROXY.size);
    memory.view.setUint32(pointer, proxy.enabled ? PROXY_ENABLED : PROXY_NONE, true);
    memory.view.setUint32(pointer + 4, proxy.port, true);
    memory.view.setUint32(pointer + 8, proxy.username === undefined ? 0 : 1, true);
    for (const field of ['address', 'noProxy', 'username', 'password'] as const)
      memory.bytes.set(Buffer.from(proxy[field] ?? ''), pointer + PROXY[field]);
    return 0;
  }

  /** Sets the time by the first server; each answers. */
  #synchronise(): void {
    const { clock, settings } = this.#options;
    const { mode, servers, fallback } = settings.ntp;
    const server = servers[0] ?? (mode === 'default' || fallback ? DEFAULT_NTP_SERVER : undefined);
    if (settings.timeSync && this.ready && server !== undefined) this.#lastSync = { server, time: clock.now() };
  }
}

/** What DHCP gives to an interface: 192.168.1.2 to the first one, which sockets have, too. */
function leased(index: number): Pick<StaticIp, 'address' | 'subnetMask'> {
  return { address: `192.168.1.${2 + 2 * index}`, subnetMask: '255.255.255.0' };
}
