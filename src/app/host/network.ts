import { known } from '../../known.js';
import type { Clock } from '../../clock/index.js';
import {
  HostError,
  HostNtpMode,
  NetworkingInterfaceConnectionStatus,
  NetworkingInterfaceMedium,
  NetworkingProxyAuthType,
  NetworkingProxyOptions,
  NetworkingProxyStatus,
  readHostDhcpServer,
  readHostIpConfig,
  readHostProxy,
  writeHostInterfaceAddress,
  writeHostNetworkInterface,
  writeHostProxy,
  writeHostTimeSync,
  type HostProxy,
  type Memory,
  type NetworkImports,
} from '../../wasm/index.js';
import type { CapabilityFlag } from '../manifest.js';
import type { DeviceSettings, StaticIp, InterfaceSettings, NtpSettings, ProxySettings } from '../device-settings.js';
import { DEVICE, inAddrOf, inAddrText, ipText } from './inet/address.js';
import type { Permits } from './permissions.js';
import type { WifiHost } from './wifi/index.js';

const MEDIA: Readonly<Record<InterfaceSettings['medium'], NetworkingInterfaceMedium>> = {
  unspecified: NetworkingInterfaceMedium.unspecified,
  'Wi-Fi': NetworkingInterfaceMedium.wifi,
  Ethernet: NetworkingInterfaceMedium.ethernet,
};

/** A static address without a gateway is one of a private network. */
const NO_GATEWAY = '0.0.0.0';

/** Bytes of a hardware address. */
const ADDRESS_LENGTH = 6;

/** The server of the operating system. */
const DEFAULT_NTP_SERVER = 'prod.time.sphere.azure.net';

const NTP_MODES: Readonly<Record<number, NtpSettings['mode']>> = {
  [HostNtpMode.default]: 'default',
  [HostNtpMode.automatic]: 'automatic',
  [HostNtpMode.custom]: 'custom',
};

/** Of a proxy that is enabled: its name needs no time here. */
const PROXY_READY = NetworkingProxyStatus.enabled | NetworkingProxyStatus.ready;

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
    const { interfaceUp, connectedToNetwork, ipAvailable, connectedToInternet } = NetworkingInterfaceConnectionStatus;
    if (!enabled) return 0;
    const connected =
      medium === 'Wi-Fi' ? this.#wifi?.connection !== undefined : this.cable && this.#options.networkReady();
    if (!connected) return interfaceUp;
    if (ip === 'released') return interfaceUp | connectedToNetwork;
    const isPrivate = typeof ip !== 'string' && ip.gateway === NO_GATEWAY;
    return interfaceUp | connectedToNetwork | ipAvailable | (isPrivate ? 0 : connectedToInternet);
  }

  /** Whether it leads to the internet. */
  isOnline(settings: InterfaceSettings): boolean {
    return (this.status(settings) & NetworkingInterfaceConnectionStatus.connectedToInternet) !== 0;
  }

  get ready(): boolean {
    return this.#options.settings.interfaces.some((settings) => this.isOnline(settings));
  }

  /** When a server has set the time last, and which. */
  get lastSync(): { readonly server: string; readonly time: number } | undefined {
    if (this.#lastSync === undefined) this.#synchronise();
    return this.#lastSync;
  }

  /** The imports of host.h. */
  imports(): NetworkImports {
    return {
      ...this.#stateImports(),
      ...this.#configurationImports(),
      ...this.#serviceImports(),
      ...this.#proxyImports(),
      ...this.#timeSyncImports(),
    };
  }

  /** What interfaces are there, and how they are connected. */
  #stateImports() {
    const { memory, settings } = this.#options;
    const { interfaces } = settings;
    const interfaceAt = (index: number): InterfaceSettings => known(interfaces[index], 'network interface', index);
    return {
      app_interface_status: (name: number): number => {
        const found = this.#named(name);
        this.#options.asked();
        return found === undefined ? HostError.noEntry : this.status(found);
      },
      network_count: (): number => interfaces.length,
      network_interface: (index: number, pointer: number): void => {
        const { name, enabled, ip, medium } = interfaceAt(index);
        writeHostNetworkInterface(memory, pointer, {
          name,
          enabled: Number(enabled),
          dynamic: Number(typeof ip === 'string'),
          medium: MEDIA[medium],
        });
      },
      network_ip: (index: number, pointer: number): number => {
        const asked = interfaceAt(index);
        if ((this.status(asked) & NetworkingInterfaceConnectionStatus.ipAvailable) === 0) return HostError.noData;
        const { address, subnetMask } = typeof asked.ip === 'string' ? leased(index) : asked.ip;
        writeHostInterfaceAddress(memory, pointer, { address: inAddrOf(address), mask: inAddrOf(subnetMask) });
        return 0;
      },
    };
  }

  /** The interfaces, as the app sets them up. */
  #configurationImports() {
    const { memory } = this.#options;
    return {
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
          if (bytes.every((byte) => byte === 0) || (bytes.readUInt8(0) & 1) === 1) return HostError.invalid;
          found.address = bytes.toString('hex').replace(/(..)(?!$)/g, '$1:');
          return 0;
        }),
      network_configure: (name: number, config: number): number =>
        this.#configure('NetworkConfig', name, (found) => {
          const { isStatic, address, mask, gateway, dns, dnsCount } = readHostIpConfig(memory, config);
          const ip = { address: inAddrText(address), subnetMask: inAddrText(mask), gateway: inAddrText(gateway) };
          found.ip = isStatic === 0 ? 'dhcp' : ip;
          found.dns = dns.slice(0, dnsCount).map(inAddrText);
        }),
      network_release: (name: number, released: number): number =>
        this.#configure('NetworkConfig', name, (found) => {
          if (typeof found.ip !== 'string') return HostError.permission;
          found.ip = released === 0 ? 'dhcp' : 'released';
          return 0;
        }),
    };
  }

  /** The services for a private network. */
  #serviceImports() {
    return {
      network_start_dhcp: (name: number, server: number): number =>
        this.#configure('DhcpService', name, (found) => this.#startDhcp(found, server)),
      network_start_sntp: (name: number): number =>
        this.#configure('SntpService', name, (found) => {
          found.sntp = true;
        }),
    };
  }

  #proxyImports() {
    const { memory, settings } = this.#options;
    return {
      network_set_proxy: (pointer: number): number => {
        if (!this.#options.permits('NetworkConfig')) return HostError.access;
        settings.proxy = proxyOf(readHostProxy(memory, pointer));
        return 0;
      },
      network_get_proxy: (pointer: number): number => this.#getProxy(pointer),
      network_proxy_status: (): number => (settings.proxy?.enabled === true ? PROXY_READY : 0),
    };
  }

  #timeSyncImports() {
    const { memory, settings } = this.#options;
    return {
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
      time_sync_last: (server: number, size: number, sync: number): number => {
        const last = this.lastSync;
        if (last === undefined) return HostError.noEntry;
        memory.setTextWithin(server, size, last.server);
        writeHostTimeSync(memory, sync, { before: last.time, after: last.time });
        return Buffer.byteLength(last.server) + 1;
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

  #startDhcp(found: InterfaceSettings, pointer: number): number {
    if (typeof found.ip === 'string') return HostError.permission;
    const server = readHostDhcpServer(this.#options.memory, pointer);
    if (server.count === 0) return HostError.invalid;
    found.dhcpServer = {
      firstAddress: inAddrText(server.start),
      addressCount: server.count,
      subnetMask: inAddrText(server.mask),
      gateway: inAddrText(server.gateway),
      leaseHours: server.hours,
      ntpServers: server.ntp.slice(0, server.ntpCount).map(inAddrText),
    };
    return 0;
  }

  #getProxy(pointer: number): number {
    const { memory, permits, settings } = this.#options;
    const { proxy } = settings;
    if (!permits('NetworkConfig', 'ReadNetworkProxyConfig')) return HostError.access;
    if (proxy === undefined) return HostError.noEntry;
    writeHostProxy(memory, pointer, {
      options: proxy.enabled ? NetworkingProxyOptions.enabled : NetworkingProxyOptions.none,
      port: proxy.port,
      authentication: proxy.username === undefined ? NetworkingProxyAuthType.anonymous : NetworkingProxyAuthType.basic,
      address: proxy.address,
      noProxy: proxy.noProxy,
      username: proxy.username ?? '',
      password: proxy.password ?? '',
    });
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

function proxyOf({ options, port, authentication, ...texts }: HostProxy): ProxySettings {
  const { address, noProxy, username, password } = texts;
  const basic = authentication !== NetworkingProxyAuthType.anonymous;
  return {
    enabled: (options & NetworkingProxyOptions.enabled) !== 0,
    port,
    address,
    noProxy,
    username: basic ? username : undefined,
    password: basic ? password : undefined,
  };
}

/** What DHCP gives to an interface: the address that sockets have to the first one. Every second address is the tester's. */
function leased(index: number): Pick<StaticIp, 'address' | 'subnetMask'> {
  return { address: ipText(DEVICE + 2 * index), subnetMask: '255.255.255.0' };
}
