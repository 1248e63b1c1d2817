import { CertificateStore, DeviceAuthentication, type Catalog } from '../certificates/index.js';
import type { Clock } from '../clock/index.js';
import { DeviceSettings } from './settings.js';

export interface AppDeviceOptions {
  readonly catalog: Catalog;
  /** Default: the machine's. */
  readonly clock: Clock;
  /** A device that the catalog has claimed. Default: a new one. */
  readonly deviceId?: string;
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

  private constructor(options: AppDeviceOptions, deviceId: string) {
    const { catalog, clock } = options;
    this.deviceId = deviceId;
    this.catalogId = catalog.id;
    this.store = new CertificateStore();
    this.authentication = DeviceAuthentication.start({ catalog, deviceId, store: this.store, clock });
  }

  /** A device that has got its first certificate. Throws what DeviceAuthentication's `renew` does. */
  static async start(options: AppDeviceOptions): Promise<AppDevice> {
    const device = new AppDevice(options, options.deviceId ?? options.catalog.claim());
    try {
      await device.authentication.renew();
    } catch (error) {
      device.close();
      throw error;
    }
    return device;
  }

  /** Ends the renewals. */
  close(): void {
    this.authentication.close();
  }
}
