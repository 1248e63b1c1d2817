import { counted } from '../../../counted.js';
import type { Clock, Timer } from '../../../clock/index.js';
import { SphereIotError } from '../../../errors.js';
import { HostError, PowerManagementSystemPowerProfile } from '../../../wasm/index.js';
import type { Permits } from '../permissions.js';
import {
  checkPowerFailure,
  tear,
  type FileWrite,
  type PowerFailureOptions,
  type TornWrite,
} from '../files/torn-write.js';

export type PowerProfile = 'PowerSaver' | 'Balanced' | 'HighPerformance';

const PROFILES: Readonly<Record<number, PowerProfile>> = {
  [PowerManagementSystemPowerProfile.powerSaver]: 'PowerSaver',
  [PowerManagementSystemPowerProfile.balanced]: 'Balanced',
  [PowerManagementSystemPowerProfile.highPerformance]: 'HighPerformance',
};

/** Milliseconds that an app has between SIGTERM and SIGKILL. */
const TIME_TO_EXIT = 2000;

export interface PowerHostOptions {
  readonly clock: Clock;
  readonly permits: Permits;
  readonly signal: (name: 'SIGTERM' | 'SIGKILL') => void;
}

/** @internal A failure of the power that was asked for. */
export interface ArmedFailure {
  /** Resolves when it strikes. */
  readonly struck: Promise<TornWrite>;
  /** Once it has struck. */
  torn: TornWrite | undefined;
  /** Writes since it was asked for. */
  writes: number;
  /** Somebody waits for it. */
  isAsked: boolean;
}

/** The device's power, and how the device ends an app (host.h). */
export class PowerHost {
  readonly #options: PowerHostOptions;
  #killer: Timer | undefined;
  #fails: ((write: FileWrite) => TornWrite | undefined) | undefined;
  #armed: ArmedFailure | undefined;
  state: 'on' | 'rebooting' | 'down' | 'failed' = 'on';
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

  /**
   * Has the power fail during a write to the mutable file.
   * @throws SphereIotError `POWER_FAILURE_INVALID`, `POWER_FAILURE_EXISTS`.
   */
  failDuringWrite(options: PowerFailureOptions): ArmedFailure {
    checkPowerFailure(options);
    if (this.#fails !== undefined)
      throw new SphereIotError('POWER_FAILURE_EXISTS', 'The power fails during a write already: once for each run.');
    const { after = 0 } = options;
    let strike!: (torn: TornWrite) => void;
    const armed: ArmedFailure = {
      struck: new Promise((resolve) => (strike = resolve)),
      torn: undefined,
      writes: 0,
      isAsked: false,
    };
    this.#armed = armed;
    this.#fails = (write) => {
      if (++armed.writes <= after) return undefined;
      this.state = 'failed';
      armed.torn = tear(write, options);
      strike(armed.torn);
      return armed.torn;
    };
    return armed;
  }

  /** What a write leaves, where the power fails during it. */
  torn(write: FileWrite): TornWrite | undefined {
    return this.state === 'failed' ? undefined : this.#fails?.(write);
  }

  /** `FAULT_NEVER_STRUCK`, where a failure was asked for, has not come, and nobody has waited for it. */
  neverStruck(): SphereIotError | undefined {
    const armed = this.#armed;
    if (armed === undefined || armed.torn !== undefined || armed.isAsked) return undefined;
    return new SphereIotError(
      'FAULT_NEVER_STRUCK',
      `The power was to fail during a write, and has not: the app has written ${counted(armed.writes, 'time')} since. Wait for it (struck).`,
    );
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
