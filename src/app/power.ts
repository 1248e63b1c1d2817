import type { PowerHost, PowerProfile } from './host/power.js';

/** The device's power, as the app has set it. */
export class Power {
  readonly #host: PowerHost;

  /** @internal */
  constructor(host: PowerHost) {
    this.#host = host;
  }

  /** What the app made the device do. Then it gets SIGTERM, and two seconds later SIGKILL; launch it again to have it run on. */
  get state(): 'on' | 'rebooting' | 'down' {
    return this.#host.state;
  }

  /** For how long the device stays down at most; undefined: it is not down. */
  get downForSeconds(): number | undefined {
    return this.#host.downForSeconds;
  }

  /** In the beginning HighPerformance. */
  get profile(): PowerProfile {
    return this.#host.profile;
  }
}
