import type { AppWait } from '../app-wait.js';
import type { PowerHost, PowerProfile } from '../host/system/power.js';
import type { PowerFailureOptions } from '../host/files/torn-write.js';
import { PowerFailure } from './power-failure.js';

/** The device's power: what the app has made of it, and its failure. */
export class Power {
  readonly #host: PowerHost;
  readonly #wait: AppWait;
  readonly #checkRuns: () => void;

  /** @internal */
  constructor(host: PowerHost, wait: AppWait, checkRuns: () => void) {
    this.#host = host;
    this.#wait = wait;
    this.#checkRuns = checkRuns;
  }

  /**
   * What the app made the device do: then it gets SIGTERM, and two seconds later SIGKILL; launch it again to have it run on. `failed`
   * is after `failDuringWrite`.
   */
  get state(): 'on' | 'rebooting' | 'down' | 'failed' {
    return this.#host.state;
  }

  /** For how long the device stays down at most; undefined: it is not down. */
  get downForSeconds(): number | undefined {
    return this.#host.downForSeconds;
  }

  /**
   * Has the power fail during a write to the mutable file, or a change of its size. The app is gone at that instant: no signal, no
   * line of its log, and `exitCode` rejects with `POWER_FAILED`. The file is left as it was, as it was to be, or cut somewhere in what was
   * written. Launch the app again on the same device, or with the same folder, to see what it makes of that.
   * @throws SphereIotError `POWER_FAILURE_INVALID` for a field or a value that is not known; `POWER_FAILURE_EXISTS`; `APP_ENDED`, or
   * what else `SphereApp.exitCode` throws, where the app has ended.
   */
  failDuringWrite(options: PowerFailureOptions = {}): PowerFailure {
    this.#checkRuns();
    return new PowerFailure(this.#host.failDuringWrite(options), this.#wait);
  }

  /** In the beginning HighPerformance. */
  get profile(): PowerProfile {
    return this.#host.profile;
  }
}
