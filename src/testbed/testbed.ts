import { AppDevice, SphereApp, type BuiltApp, type LaunchOptions } from '../app/index.js';
import { Catalog } from '../certificates/index.js';
import { VirtualClock } from '../clock/index.js';
import { Pump, SphereDevice, type Assignment, type SphereDeviceOptions } from '../device/index.js';
import { LocalAzure, type HubDevice, type LocalAzureOptions } from '../emulator/index.js';
import { defined } from '../defined.js';
import { SphereIotError } from '../errors.js';
import { checkOptions, type Rules } from '../options.js';
import { aCatalog, anything, like, text } from '../rules.js';
import { createSdk } from '../sdk/index.js';
import { closeAll, type Closeable } from '../waiting/index.js';

export interface TestbedOptions {
  /** What all of the testbed's time comes from. Default: a new one. */
  readonly clock?: VirtualClock | undefined;
  /** Full names of the hubs, all linked to DPS. Default: `contoso.azure-devices.net`. */
  readonly hubs?: readonly string[] | undefined;
  /** The catalog that owns the devices, with the clock of the testbed. Default: a new one. DPS is told to trust it. */
  readonly catalog?: Catalog | undefined;
  /** The id of the new catalog, a GUID, for runs that are to be the same. Default: a random one. */
  readonly catalogId?: string | undefined;
  /** What else `LocalAzure.start` takes. */
  readonly azure?: Omit<LocalAzureOptions, 'clock' | 'hubs'> | undefined;
}

interface OnADevice {
  /** The device below, whose owner closes it: for a SphereDevice and apps on one device, or an app launched again. Default: a new one. */
  readonly device?: AppDevice | undefined;
  /** Without `device`: the id of the new one, 128 hex digits. Default: a random one. */
  readonly deviceId?: string | undefined;
}

/** What `SphereDevice` takes, but for what the testbed knows. */
export type BedDeviceOptions = OnADevice &
  Partial<Pick<SphereDeviceOptions, 'protocol' | 'custom' | 'modelId' | 'keepAliveSeconds' | 'reconnect'>> & {
    /** Sent along with the registration, as JSON. */
    readonly provisioningPayload?: unknown;
  };

/** What `SphereApp.launch` takes, but for what the testbed knows. */
export type BedLaunchOptions = OnADevice & Omit<LaunchOptions, 'clock' | 'cloud' | 'catalog' | 'device' | 'deviceId'>;

const RULES: Rules<TestbedOptions> = {
  clock: like('a VirtualClock', 'runUntil', 'advance'),
  hubs: anything, // judged by LocalAzure
  catalog: aCatalog,
  catalogId: anything, // judged by Catalog
  azure: anything,
};

const DEVICE_RULES: Rules<BedDeviceOptions> = {
  device: like('an AppDevice', 'close'),
  deviceId: text,
  // The rest is judged by SphereDevice.
  ...{ protocol: anything, custom: anything, modelId: anything, keepAliveSeconds: anything, reconnect: anything },
  provisioningPayload: anything,
};

/**
 * All that a test of device logic needs, on one virtual clock: a cloud with DPS and hubs, a catalog that DPS trusts, devices of
 * the catalog, and one `close` for all of it.
 *
 * ```ts
 * await using bed = await Testbed.create();
 * const device = await bed.device();
 * await bed.run(device.connect());
 * await bed.run(device.sendTelemetry({ temperature: 21 }));
 * console.log((await bed.run(bed.remote(device).nextTelemetry())).body.toString());
 * ```
 */
export class Testbed implements Closeable {
  readonly clock: VirtualClock;
  /** DPS and the hubs. */
  readonly cloud: LocalAzure;
  /** The catalog that owns the devices. */
  readonly catalog: Catalog;
  /** What `close` closes, in the order in which it was opened. */
  readonly #opened: Closeable[];

  private constructor(clock: VirtualClock, cloud: LocalAzure, catalog: Catalog) {
    this.clock = clock;
    this.cloud = cloud;
    this.catalog = catalog;
    this.#opened = [cloud];
  }

  /** @throws SphereIotError `OPTIONS_INVALID`; what `LocalAzure.start` and `Catalog.create` throw. */
  static async create(options: TestbedOptions = {}): Promise<Testbed> {
    checkOptions(options, 'Testbed.create', "{ hubs: ['contoso.azure-devices.net'] }", RULES);
    const { clock = new VirtualClock(), hubs, azure, catalogId } = options;
    if (options.catalog !== undefined && catalogId !== undefined)
      throw new SphereIotError(
        'OPTIONS_INVALID',
        'Testbed.create takes a catalog or the catalogId of a new one, not both.',
      );
    const cloud = await LocalAzure.start({ ...azure, clock, hubs });
    try {
      const catalog = options.catalog ?? (await Catalog.create({ clock, id: catalogId }));
      cloud.dps.trust(catalog);
      return new Testbed(clock, cloud, catalog);
    } catch (error) {
      await cloud.close();
      throw error;
    }
  }

  /**
   * A device of the catalog with its DAA certificate, which `connect` brings to its hub by way of DPS. It has an SDK instance of its own.
   * @throws SphereIotError `OPTIONS_INVALID`, `DEVICE_CLOSED`; what `AppDevice.start` and `createSdk` throw.
   */
  async device(options: BedDeviceOptions = {}): Promise<SphereDevice> {
    checkOptions(options, 'Testbed.device', "{ protocol: 'mqtt-ws' }", DEVICE_RULES);
    const { device: below, deviceId, ...others } = options;
    below?.checkOpen();
    const { store } = below ?? (await this.#newDevice(deviceId));
    const { resolve, trustRoots, dps } = this.cloud;
    const sdk = this.#keep(await createSdk({ clock: this.clock, store, resolve, trustRoots }));
    const pump = this.#keep(new Pump(sdk));
    return this.#keep(new SphereDevice({ ...others, sdk, pump, idScope: dps.idScope }));
  }

  /**
   * Launches an app on a device of the catalog.
   * @throws SphereIotError What `AppDevice.start` and `SphereApp.launch` throw.
   */
  async launch(built: BuiltApp, options: BedLaunchOptions = {}): Promise<SphereApp> {
    const { device: below, deviceId, ...others } = options;
    const device = below ?? (await this.#newDevice(deviceId));
    return this.#keep(await SphereApp.launch(built, { ...others, clock: this.clock, cloud: this.cloud, device }));
  }

  async #newDevice(deviceId: string | undefined): Promise<AppDevice> {
    return this.#keep(await AppDevice.start({ catalog: this.catalog, clock: this.clock, deviceId }));
  }

  /**
   * The service's side of a device, in the hub that DPS assigned it to.
   * @throws SphereIotError `DEVICE_NOT_FOUND` for one that DPS has assigned to no hub yet.
   */
  remote(device: SphereDevice | SphereApp): HubDevice {
    const { hub, deviceId } = ('assignment' in device ? device.assignment : this.#assignment(device.deviceId)) ?? {};
    if (hub === undefined || deviceId === undefined)
      throw new SphereIotError(
        'DEVICE_NOT_FOUND',
        'DPS has assigned this device to no hub yet: it has to connect first.',
      );
    return this.cloud.hub(hub).device(deviceId);
  }

  #assignment(registrationId: string): Partial<Assignment> {
    const { assignedHub, deviceId } = this.cloud.dps.registration(registrationId) ?? {};
    return defined({ hub: assignedHub, deviceId });
  }

  /** Moves the clock until the promise settles; returns or throws what it does. `VirtualClock.runUntil` with its errors. */
  run<T>(promise: PromiseLike<T>, timeout?: number): Promise<T> {
    return this.clock.runUntil(promise, timeout);
  }

  #keep<T extends Closeable>(opened: T): T {
    this.#opened.push(opened);
    return opened;
  }

  /**
   * Closes all that the testbed opened, the last first, and what the test closed already once more, which is harmless. Twice is, too.
   * @throws SphereIotError When all is closed: what their `close` tells (docs/devices.md); of several, with all of them in `cause.errors`.
   */
  close(): Promise<void> {
    return closeAll(...this.#opened.splice(0).reverse());
  }

  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
