import type { Clock } from '../../../clock/index.js';
import { HostWifiFailure } from '../../../wasm/index.js';
import type { DeviceSettings, StoredNetwork } from '../../device-settings.js';
import { attributesOf, checkAccessPoints, DEFAULT_ACCESS_POINT, rssiOf, type AccessPoint } from './access-point.js';

export interface Connection {
  /** The id of the stored network. */
  readonly id: number;
  readonly point: AccessPoint;
}

/** Why a stored network was not connected to. */
export interface ConnectionFailure {
  readonly error: HostWifiFailure;
  /** Clock ms. */
  readonly time: number;
}

export interface RadioOptions {
  readonly clock: Clock;
  readonly settings: DeviceSettings;
}

/** What is in the air, and what the device is connected to of it. Connecting takes no time. */
export class Radio {
  readonly #options: RadioOptions;
  #points: readonly AccessPoint[] = Object.freeze([DEFAULT_ACCESS_POINT]);
  #scanned: readonly AccessPoint[] = [];
  #connection: Connection | undefined;
  /** By the ids of stored networks. */
  readonly #failures = new Map<number, ConnectionFailure>();

  constructor(options: RadioOptions) {
    this.#options = options;
  }

  /** The access points in reach: frozen. */
  get points(): readonly AccessPoint[] {
    return this.#points;
  }

  /** Throws `WIFI_INVALID`. The caller then calls `connect`. */
  set points(points: readonly AccessPoint[]) {
    checkAccessPoints(points);
    this.#points = Object.freeze(points.map((point) => Object.freeze({ ...point })));
  }

  /** What the last scan found. */
  get scanned(): readonly AccessPoint[] {
    return this.#scanned;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Connects to the strongest access point that one of the networks fits, and to none where there is none. */
  connect(networks: readonly StoredNetwork[]): void {
    const found = networks.flatMap((network) => this.#find(network));
    this.#connection = found.sort((a, b) => rssiOf(b.point) - rssiOf(a.point))[0];
  }

  scan(): void {
    this.#scanned = this.#points.filter(({ hidden }) => hidden !== true);
  }

  bssidOf(point: AccessPoint): Buffer {
    const number = this.#points.indexOf(point) + 1;
    return point.bssid === undefined
      ? Buffer.from([2, 0, 0, 0, 0, number])
      : Buffer.from(point.bssid.replaceAll(':', ''), 'hex');
  }

  /** Why the network of this id was not connected to when that was last tried in vain. */
  failure(id: number): ConnectionFailure | undefined {
    return this.#failures.get(id);
  }

  /** Forgets the failures of this id, or all. */
  forgetFailures(id?: number): void {
    if (id === undefined) this.#failures.clear();
    else this.#failures.delete(id);
  }

  #find(network: StoredNetwork): Connection[] {
    const inReach = this.#points.filter(
      (point) => network.ssid.equals(Buffer.from(point.ssid)) && (point.hidden !== true || network.targetedScan),
    );
    const found = inReach.filter((point) => this.#failureOf(network, point) === undefined);
    if (found.length > 0) return found.map((point) => ({ id: network.id, point }));
    const error = inReach[0] === undefined ? HostWifiFailure.notFound : this.#failureOf(network, inReach[0]);
    this.#failures.set(network.id, { error: error ?? HostWifiFailure.notFound, time: this.#options.clock.now() });
    return [];
  }

  #failureOf(network: StoredNetwork, point: AccessPoint): HostWifiFailure | undefined {
    const { key, security } = attributesOf(point);
    if (security !== network.security) return HostWifiFailure.otherSecurity;
    if (security === 'wpa2-psk') {
      if (network.key.length === 0) return HostWifiFailure.noKey;
      return network.key.equals(key) ? undefined : HostWifiFailure.wrongKey;
    }
    return security === 'open' || this.#isKnown(network) ? undefined : HostWifiFailure.authentication;
  }

  /** Whether it has what EAP-TLS takes: the certificates that it names are there. What they say is not looked at. */
  #isKnown({ identity, clientCertificate, rootCertificate }: StoredNetwork): boolean {
    const { certificates } = this.#options.settings;
    const root = rootCertificate === '' || certificates.get(rootCertificate)?.type === 'rootca';
    return identity !== '' && certificates.get(clientCertificate)?.type === 'client' && root;
  }
}
