import { HostError } from '../../../wasm/index.js';
import type { DeviceSettings } from '../../device-settings.js';
import type { Permits } from '../permissions.js';

export interface SystemTimeOptions {
  readonly settings: DeviceSettings;
  readonly permits: Permits;
  /** Whether a server has set the time when the app starts. */
  readonly synchronised: () => boolean;
}

/** The time as apps have set it (host.h): so many milliseconds before or after the clock. */
export class SystemTime {
  readonly #options: SystemTimeOptions;
  #offset: number | undefined;

  constructor(options: SystemTimeOptions) {
    this.#options = options;
  }

  /** As the device starts: that of the hardware clock, unless a server sets it. */
  get offset(): number {
    const { settings, synchronised } = this.#options;
    return (this.#offset ??= synchronised() ? 0 : settings.hardwareClock);
  }

  /** The imports of host.h. */
  imports() {
    const { settings, permits } = this.#options;
    return {
      time_offset: (): number => this.offset,
      time_set: (offset: number): number => {
        if (!permits('SystemTime')) return HostError.permission;
        this.#offset = offset;
        return 0;
      },
      time_keep: (): number => {
        if (!permits('SystemTime')) return HostError.access;
        settings.hardwareClock = this.offset;
        return 0;
      },
    };
  }
}
