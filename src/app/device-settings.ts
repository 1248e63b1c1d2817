import type { X509Certificate } from 'node:crypto';

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

/** @internal The settings of a network interface. */
export interface InterfaceSettings {
  readonly name: string;
  readonly medium: 'unspecified' | 'Wi-Fi' | 'Ethernet';
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

export interface NtpSettings {
  /** The operating system's server, those that DHCP names, or those of the app. */
  readonly mode: 'default' | 'automatic' | 'custom';
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

export type WifiSecurity = 'open' | 'wpa2-psk' | 'wpa2-eap-tls';

/** A network that the device knows. */
export interface StoredNetwork {
  readonly id: number;
  readonly ssid: Buffer;
  readonly security: WifiSecurity;
  readonly key: Buffer;
  readonly enabled: boolean;
  readonly targetedScan: boolean;
  readonly name: string;
  readonly identity: string;
  readonly clientCertificate: string;
  readonly rootCertificate: string;
}

/** A certificate of the device's store: its private key is checked, and not kept. */
export interface InstalledCertificate {
  readonly certificate: X509Certificate;
  readonly type: 'client' | 'rootca';
  /** Bytes that it takes of the store. */
  readonly size: number;
}

/** What a device keeps when it restarts: apps that run on it one after the other find what those before have set. */
export class DeviceSettings {
  /** The Wi-Fi networks; undefined: no app has run yet. */
  wifi: readonly StoredNetwork[] | undefined;
  readonly interfaces: readonly InterfaceSettings[] = [
    { name: 'wlan0', medium: 'Wi-Fi', enabled: true, address: '02:00:00:00:01:00', ip: 'dhcp', dns: [], sntp: false },
    { name: 'eth0', medium: 'Ethernet', enabled: true, address: '02:00:00:00:01:01', ip: 'dhcp', dns: [], sntp: false },
  ];
  /** By their identifiers. */
  readonly certificates = new Map<string, InstalledCertificate>();
  /** By how many ms the hardware clock is after the clock. */
  hardwareClock = 0;
  timeSync = true;
  ntp: NtpSettings = { mode: 'default', servers: [], fallback: false };
  proxy: ProxySettings | undefined;
  /** The mutable files, by the component ids of their apps. */
  readonly mutableFiles = new Map<string, Buffer>();
}
