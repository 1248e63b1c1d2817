import { HostError } from '../../../wasm/index.js';
import type { DeviceSettings, StoredNetwork } from '../../device-settings.js';
import { attributesOf, DEFAULT_ACCESS_POINT, type AccessPoint } from './access-point.js';

/** Networks that a device can keep. */
const MAX_KEPT = 37;
/** Networks that an app can add; chosen, as a device's depends on its memory. */
const MAX_ADDED = 1000;

/** The attributes of a network that the app has not set. */
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

/** The networks that an app has stored, and those of them that the device keeps when it restarts. */
export class StoredNetworks {
  readonly #settings: DeviceSettings;
  #list: readonly StoredNetwork[];

  constructor(settings: DeviceSettings) {
    this.#settings = settings;
    settings.wifi ??= storedAs([DEFAULT_ACCESS_POINT]);
    this.#list = this.#kept();
  }

  /** In the order of their ids. */
  get list(): readonly StoredNetwork[] {
    return this.#list;
  }

  get(id: number): StoredNetwork | undefined {
    return this.#list.find((network) => network.id === id);
  }

  /** The one whose configuration has this name. */
  named(name: string): StoredNetwork | undefined {
    return this.#list.find((network) => network.name === name);
  }

  /** Adds one. @returns its id, or the error of host.h for why it can't. */
  add(network: Omit<StoredNetwork, 'id'> = NEW): number {
    if (this.#list.length >= MAX_ADDED) return HostError.noSpace;
    const id = Math.max(-1, ...this.#list.map((other) => other.id)) + 1;
    this.#list = [...this.#list, { ...network, id }];
    return id;
  }

  /** Puts one in the place of the one that has its id. */
  change(network: StoredNetwork): void {
    this.#list = this.#list.map((other) => (other.id === network.id ? network : other));
  }

  remove(id: number): void {
    this.#list = this.#list.filter((network) => network.id !== id);
  }

  /** Has the device keep them. @returns 0, or the error of host.h for why it can't. */
  persist(): number {
    if (this.#list.some(({ ssid }) => ssid.length === 0)) return HostError.invalid;
    if (this.#list.length > MAX_KEPT) return HostError.noSpace;
    this.#settings.wifi = this.#list;
    return 0;
  }

  /** Takes back what the device did not keep. */
  reload(): void {
    this.#list = this.#kept();
  }

  /** Forgets all, and has the device keep that. */
  clear(): void {
    this.#keep([]);
  }

  /** Stores these in the place of all others, and has the device keep them. */
  store(networks: readonly AccessPoint[]): void {
    this.#keep(storedAs(networks));
  }

  #keep(list: readonly StoredNetwork[]): void {
    this.#list = list;
    this.#settings.wifi = list;
  }

  /** What the device keeps; ids are counted anew. */
  #kept(): StoredNetwork[] {
    return (this.#settings.wifi ?? []).map((network, id) => ({ ...network, id }));
  }
}

function storedAs(networks: readonly AccessPoint[]): StoredNetwork[] {
  return networks.map((network, id) => ({ ...NEW, id, ...attributesOf(network), enabled: true }));
}
