import type { Clock, Timer } from '../../clock/index.js';
import { HostError } from './errors.js';
import type { Permits } from './permissions.js';

/** At their numbers in PowerManagement_System_PowerProfile. */
const PROFILES = ['PowerSaver', 'Balanced', 'HighPerformance'] as const;

export type PowerProfile = (typeof PROFILES)[number];

/** Milliseconds that an app has between SIGTERM and SIGKILL. */
const TIME_TO_EXIT = 2000;

export interface PowerHostOptions {
  readonly clock: Clock;
  readonly permits: Permits;
  readonly signal: (name: 'SIGTERM' | 'SIGKILL') => void;
}

/** The device's power, and how the device ends an app (host.h). */
export class PowerHost {
  readonly #options: PowerHostOptions;
  #killer: Timer | undefined;
  state: 'on' | 'rebooting' | 'down' = 'on';
  /** Of `down`. */
  downForSeconds: number | undefined;
  profile: PowerProfile = 'HighPerformance';

  constructor(options: PowerHostOptions) {
    this.#options = options;
  }

  /** The imports of host.h. */
  imports() {
    const { permits } = this.#options;
    return {
      power_reboot: (): number => (permits('ForceReboot') ? this.#leave('rebooting', undefined) : HostError.access),
      power_down: (seconds: number): number =>
        permits('ForcePowerDown') ? this.#leave('down', seconds >>> 0) : HostError.access,
      power_profile: (number: number): number => {
        if (!permits('SetPowerProfile')) return HostError.access;
        const profile = PROFILES[number];
        if (profile === undefined) return HostError.invalid;
        this.profile = profile;
        return 0;
      },
    };
  }

  /** Ends the app as the operating system does: it is asked to, and made to. */
  endApp(): void {
    const { clock, signal } = this.#options;
    if (this.#killer !== undefined) return;
    this.#killer = clock.setTimer(TIME_TO_EXIT, () => signal('SIGKILL'));
    signal('SIGTERM');
  }

  /** The app has ended. */
  close(): void {
    this.#killer?.cancel();
  }

  #leave(state: 'rebooting' | 'down', seconds: number | undefined): 0 {
    this.state = state;
    this.downForSeconds = seconds;
    this.endApp();
    return 0;
  }
}
