import type { WifiSecurity } from '../device-settings.js';
import type { AccessPoint } from '../host/wifi/access-point.js';
import type { WifiHost } from '../host/wifi/index.js';

/** A Wi-Fi network that the device knows, without its key. */
export interface StoredWifiNetwork {
  readonly id: number;
  readonly ssid: string;
  readonly security: WifiSecurity;
  readonly enabled: boolean;
  /** The name of the configuration; empty: it has none. */
  readonly name: string;
}

/** The Wi-Fi around the device, and what the device makes of it. */
export class Wifi {
  readonly #host: WifiHost;
  readonly #checkOpen: () => void;

  /** @internal */
  constructor(host: WifiHost, checkOpen: () => void) {
    this.#host = host;
    this.#checkOpen = checkOpen;
  }

  /** The networks in the air: frozen. Set them, and the device connects to another, or to none, at once. Throws `WIFI_INVALID`, `APP_CLOSED`. */
  get accessPoints(): readonly AccessPoint[] {
    return this.#host.points;
  }

  set accessPoints(points: readonly AccessPoint[]) {
    this.#checkOpen();
    this.#host.points = points;
  }

  /** The networks that the device knows, in the order of their ids. */
  get stored(): readonly StoredWifiNetwork[] {
    return this.#host.stored.map(({ id, ssid, security, enabled, name }) => ({
      id,
      ssid: ssid.toString(),
      security,
      enabled,
      name,
    }));
  }

  /** The access point that the device is connected to. */
  get connected(): AccessPoint | undefined {
    return this.#host.connection?.point;
  }
}
