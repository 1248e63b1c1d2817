import type { Clock } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { checkArgument } from '../../options.js';
import { flag } from '../../rules.js';
import type { NetworkHost } from '../host/network.js';
import type { SystemTime } from '../host/system/system-time.js';
import type { DeviceSettings, DhcpServer, InterfaceSettings, NtpSettings, StaticIp } from '../device-settings.js';

/** A network interface of the device: what an app has made of it, and the cable in it. */
export class NetworkInterface {
  readonly #host: NetworkHost;
  readonly #settings: InterfaceSettings;
  readonly #checkOpen: () => void;

  /**
   * @internal
   * @throws SphereIotError `PERIPHERAL_UNKNOWN`.
   */
  constructor(host: NetworkHost, name: string, checkOpen: () => void) {
    const settings = host.settings(name);
    if (settings === undefined)
      throw new SphereIotError('PERIPHERAL_UNKNOWN', `The device has no network interface ${name}.`);
    this.#host = host;
    this.#settings = settings;
    this.#checkOpen = checkOpen;
  }

  get enabled(): boolean {
    return this.#settings.enabled;
  }

  /** Whether it leads to the internet: it is connected, has an address, and if that is static a gateway. */
  get online(): boolean {
    return this.#host.isOnline(this.#settings);
  }

  /** Puts a cable into eth0, or takes it out. In the beginning there is none. Throws `PERIPHERAL_UNKNOWN`, `ARGUMENT_INVALID`, `APP_CLOSED`. */
  set cable(plugged: boolean) {
    if (this.#settings.medium !== 'Ethernet')
      throw new SphereIotError('PERIPHERAL_UNKNOWN', `${this.#settings.name} takes no cable: set app.wifi.`);
    checkArgument('The cable of an interface', plugged, flag);
    this.#checkOpen();
    this.#host.cable = plugged;
  }

  /** Six bytes in hexadecimal, with colons. */
  get hardwareAddress(): string {
    return this.#settings.address;
  }

  /** `released`: DHCP's, and given back. */
  get ip(): 'dhcp' | 'released' | StaticIp {
    return this.#settings.ip;
  }

  /** The servers that the app named; none: those of DHCP. */
  get dnsServers(): readonly string[] {
    return [...this.#settings.dns];
  }

  /** The DHCP server that the app started on it. No one asks it anything. */
  get dhcpServer(): DhcpServer | undefined {
    return this.#settings.dhcpServer;
  }

  /** Whether the app started an SNTP server on it. */
  get sntpServer(): boolean {
    return this.#settings.sntp;
  }
}

/** How the device keeps its time. Whatever the servers, it is that of the clock, until the app sets it. */
export class TimeSync {
  readonly #clock: Clock;
  readonly #host: NetworkHost;
  readonly #time: SystemTime;
  readonly #settings: DeviceSettings;

  /** @internal */
  constructor(clock: Clock, host: NetworkHost, time: SystemTime, settings: DeviceSettings) {
    this.#clock = clock;
    this.#host = host;
    this.#time = time;
    this.#settings = settings;
  }

  get enabled(): boolean {
    return this.#settings.timeSync;
  }

  get ntp(): NtpSettings {
    return this.#settings.ntp;
  }

  /** The device's time, in ms since 1970. */
  get systemTime(): number {
    return this.#clock.now() + this.#time.offset;
  }

  /** The hardware clock's: what the device starts with when no server sets its time. */
  get hardwareClock(): number {
    return this.#clock.now() + this.#settings.hardwareClock;
  }

  /** The server that set the time last; undefined: none yet. */
  get lastServer(): string | undefined {
    return this.#host.lastSync?.server;
  }
}
