import { SphereIotError } from '../errors.js';
import { checkOptions } from '../options.js';
import { aCatalog, aClock, required, text } from '../rules.js';
import { CertificateStore, DeviceAuthentication, type Catalog } from '../certificates/index.js';
import type { Clock } from '../clock/index.js';
import { DeviceSettings } from './device-settings.js';

export interface AppDeviceOptions {
  readonly catalog: Catalog;
  /** Of its renewals: that of the apps. Default: its catalog's. */
  readonly clock?: Clock | undefined;
  /** 128 hex digits; the catalog claims it where it has not yet. Default: a new device, with random ones. */
  readonly deviceId?: string | undefined;
}

/** The device that apps run on: its id, its DAA certificate, renewed every day. Close it when done. */
export class AppDevice {
  readonly deviceId: string;
  /** Of its catalog. */
  readonly catalogId: string;
  readonly store: CertificateStore;
  /** Whose `ready` and `renew` are those of the device. */
  readonly authentication: DeviceAuthentication;
  /** @internal What apps have set. */
  readonly settings = new DeviceSettings();
  #isClosed = false;

  private constructor(options: AppDeviceOptions, deviceId: string) {
    const { catalog, clock } = options;
    this.deviceId = deviceId;
    this.catalogId = catalog.id;
    this.store = new CertificateStore();
    this.authentication = DeviceAuthentication.start({ catalog, deviceId, store: this.store, clock });
  }

  /**
   * A device that has got its first certificate.
   * @throws SphereIotError `DEVICE_ID_INVALID`; what DeviceAuthentication's `renew` throws.
   */
  static async start(options: AppDeviceOptions): Promise<AppDevice> {
    checkOptions(options, 'AppDevice.start', '{ catalog, clock }', {
      catalog: required(aCatalog),
      clock: aClock,
      deviceId: text,
    });
    const device = new AppDevice(options, idOf(options));
    try {
      await device.authentication.renew();
    } catch (error) {
      device.close();
      throw error;
    }
    return device;
  }

  /** @internal Throws `DEVICE_CLOSED`. */
  checkOpen(): void {
    if (this.#isClosed)
      throw new SphereIotError(
        'DEVICE_CLOSED',
        'This AppDevice is closed: its certificate is renewed no more. Start a new one.',
      );
  }

  /** Ends the renewals: no app can be launched on it any more. */
  close(): void {
    this.#isClosed = true;
    this.authentication.close();
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** As its catalog writes it. */
function idOf({ catalog, deviceId }: AppDeviceOptions): string {
  const isClaimed = catalog.devices.some((known) => known.toLowerCase() === deviceId?.toLowerCase());
  return isClaimed ? catalog.device(deviceId as string).id : catalog.claim(deviceId);
}
