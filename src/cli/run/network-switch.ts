import type { Network, Outage } from '../../transport/index.js';

/** A loss of the network that somebody asked for; it goes on where the app is launched again. */
interface Loss {
  /** Clock ms. */
  readonly since: number;
  /** The line of a script that asked for it. */
  readonly line: string;
  readonly outages: Outage[];
}

/** Takes the network of an app away, and gives it back; and knows whether that has struck anything. */
export class NetworkSwitch {
  readonly #now: () => number;
  #network: Network | undefined;
  #loss: Loss | undefined;
  /** The first of those that are over, and struck nothing. */
  #vain: Loss | undefined;

  /** @param now Clock ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  get isUp(): boolean {
    return this.#loss === undefined;
  }

  /** An app was launched; its network is as it was. */
  use(network: Network): void {
    this.#network = network;
    this.#loss?.outages.push(network.fail());
  }

  /**
   * @param line Of the script that asks for it.
   * @throws SphereIotError `NETWORK_CLOSED`.
   */
  set(up: boolean, line: string): void {
    if (up === this.isUp) return;
    const loss = this.#loss;
    if (loss === undefined) {
      this.#loss = { since: this.#now(), line, outages: this.#network === undefined ? [] : [this.#network.fail()] };
      return;
    }
    this.#loss = undefined;
    for (const outage of loss.outages) outage.stop();
    if (!hasStruck(loss)) this.#vain ??= loss;
  }

  /** A loss that struck nothing, the one that lasts included; undefined: each has struck. */
  get vain(): Pick<Loss, 'since' | 'line'> | undefined {
    return this.#vain ?? (this.#loss === undefined || hasStruck(this.#loss) ? undefined : this.#loss);
  }
}

function hasStruck({ outages }: Loss): boolean {
  return outages.some(({ hits }) => hits > 0);
}
