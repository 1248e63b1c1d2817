import type { Timer } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import type { Network, Outage } from '../../transport/index.js';
import type { Happenings } from './happenings.js';
import type { Waits } from './waits.js';

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
  readonly #waits: Waits;
  readonly #happenings: Happenings;
  readonly #now: () => number;
  #network: Network | undefined;
  #loss: Loss | undefined;
  /** The first of those that are over, and struck nothing. */
  #vain: Loss | undefined;
  /** Changes the network back. */
  #timer: Timer | undefined;
  /** The line of a script after which the network is to go away in a while; undefined: it is not. */
  #lossToCome: string | undefined;

  /** @param now Clock ms. */
  constructor(waits: Waits, happenings: Happenings, now: () => number) {
    this.#waits = waits;
    this.#happenings = happenings;
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
   * Takes the network away or gives it back: the one place where `run` does.
   * @param line Of the script that asks for it.
   * @param forMs For how many clock ms; without it, from now on.
   * @throws SphereIotError `NETWORK_CLOSED`.
   */
  set(up: boolean, line: string, forMs?: number): void {
    if (this.isUp !== up) this.#happenings.add({ type: 'network', up });
    this.#change(up, line);
    this.#lossToCome = up && forMs !== undefined ? line : undefined;
    this.#timer?.cancel();
    this.#timer = forMs === undefined ? undefined : this.#waits.after(forMs, () => this.set(!up, line));
  }

  /** @throws SphereIotError `OUTAGE_NEVER_STRUCK` for a loss that struck nothing, the one that lasts included, or that never came. */
  checkStruck(): void {
    const vain = this.#vain ?? (this.#loss === undefined || hasStruck(this.#loss) ? undefined : this.#loss);
    if (vain !== undefined)
      throw new SphereIotError(
        'OUTAGE_NEVER_STRUCK',
        `The network was down from ${new Date(vain.since).toISOString()} on, and that struck nothing: the app looked nothing up, connected, ` +
          'sent and received nothing meanwhile. Let it last longer, or have the app do something meanwhile. ' +
          `The line that asked for it: ${vain.line}`,
      );
    if (this.#lossToCome !== undefined)
      throw new SphereIotError(
        'OUTAGE_NEVER_STRUCK',
        `The network was to go down later, and the script has ended before. The line that asked for it: ${this.#lossToCome}`,
      );
  }

  #change(up: boolean, line: string): void {
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
}

function hasStruck({ outages }: Loss): boolean {
  return outages.some(({ hits }) => hits > 0);
}
