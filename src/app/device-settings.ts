import type { InstalledCertificate } from './host/system/certificates.js';
import type { InterfaceSettings, NtpSettings, ProxySettings } from './host/network.js';
import type { StoredNetwork } from './host/wifi.js';

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
  /** What the hardware clock is after the clock, in ms. */
  hardwareClock = 0;
  timeSync = true;
  ntp: NtpSettings = { mode: 'default', servers: [], fallback: false };
  proxy: ProxySettings | undefined;
  /** The mutable files, by the component ids of their apps. */
  readonly mutableFiles = new Map<string, Buffer>();
}
