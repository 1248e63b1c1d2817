import type { StoredNetwork } from './host/wifi.js';

/** What a device keeps when it restarts: apps that run on it one after the other find what those before have set. */
export class DeviceSettings {
  /** The Wi-Fi networks; undefined: nobody has stored or forgotten one yet. */
  wifi: readonly StoredNetwork[] | undefined;
}
