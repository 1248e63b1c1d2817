import { asciiLowerCase } from '../../ascii.js';
import type { Clock } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { DPS_ENDPOINT } from '../names.js';
import { checkFault } from './check-fault.js';
import type { Fault, FaultKind, FaultOptions, FaultTarget, Strike } from './fault.js';
import { seededRandom } from '../../seeded-random.js';

export interface FaultsOptions {
  readonly clock: Clock;
  readonly seed: number;
  isHub(name: string): boolean;
  /** A fault was added: what is open may be struck at once. */
  added(fault: Fault): void;
  /** A fault has struck. */
  struck(kind: FaultKind, target: FaultTarget): void;
}

/** The faults that were asked for. The services ask it, at each occasion, whether one strikes. */
export class Faults {
  readonly #options: FaultsOptions;
  readonly #faults = new Set<AddedFault>();
  #count = 0;

  /** @internal Use LocalAzure. */
  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /**
   * Adds a fault; of several that fit, the one that was added first strikes.
   * @throws SphereIotError `FAULT_INVALID` for a kind, a field or a value that is not known.
   */
  add(options: FaultOptions): Fault {
    const { clock, seed } = this.#options;
    checkFault(options, this.#options.isHub);
    const seedText = `${seed}/${++this.#count}`;
    const fault = new AddedFault({ ...options }, clock, seedText, () => this.#faults.delete(fault));
    this.#faults.add(fault);
    this.#options.added(fault);
    return fault;
  }

  /** Removes every fault, and ends what lasts of them. */
  clear(): void {
    for (const fault of [...this.#faults]) fault.remove();
  }

  /** @internal Whether one of these kinds was added and may strike. */
  has(...kinds: FaultKind[]): boolean {
    for (const { options } of this.#faults) if (kinds.includes(options.kind)) return true;
    return false;
  }

  /** @internal This is an occasion for a fault of that kind: the fault, if one strikes. @param only No other one. */
  take<K extends FaultKind>(kind: K, target: FaultTarget, only?: Fault): Strike<K> | undefined {
    for (const fault of this.#faults) {
      if (fault.options.kind !== kind || (only !== undefined && only !== fault) || !fault.strikes(target)) continue;
      this.#options.struck(kind, target);
      return fault as AddedFault & Strike<K>;
    }
    return undefined;
  }

  /** @internal The faults of one device at one service. */
  at(target: FaultTarget): AimedFaults {
    return { take: (kind, more) => this.take(kind, { ...target, ...more }) };
  }
}

/** @internal The faults, seen from one device at one service. */
export interface AimedFaults {
  /** See Faults. */
  take<K extends FaultKind>(kind: K, more?: FaultTarget): Strike<K> | undefined;
}

class AddedFault implements Fault {
  readonly options: FaultOptions;
  readonly #clock: Clock;
  readonly #seed: string;
  readonly #ended: () => void;
  readonly #until: number;
  readonly #times: number;
  readonly #draws = new Map<string, () => number>();
  #passed = 0;
  #hits = 0;
  #removed = false;

  /** @param ended It will not strike again. */
  constructor(options: FaultOptions, clock: Clock, seed: string, ended: () => void) {
    this.options = options;
    this.#clock = clock;
    this.#seed = seed;
    this.#ended = ended;
    this.#until = clock.now() + (options.for ?? Infinity);
    this.#times = options.times ?? (options.for === undefined ? 1 : Infinity);
  }

  get hits(): number {
    return this.#hits;
  }

  get isOver(): boolean {
    return this.#removed || this.#clock.now() >= this.#until;
  }

  struck(): number {
    if (this.#hits === 0)
      throw new SphereIotError(
        'FAULT_NEVER_STRUCK',
        `The fault ${JSON.stringify(this.options)} struck nothing: ${this.#missed()}`,
      );
    return this.#hits;
  }

  /** Why it has struck nothing, as far as it is known, and what to do. */
  #missed(): string {
    const { after = 0 } = this.options;
    if (this.#passed === 0)
      return 'there was no occasion for it. Have the device do something meanwhile, or aim it at another device or service.';
    if (this.#passed <= after) return `it let ${this.#passed} pass, and was to let pass ${after}. Lower after.`;
    return 'its probability spared every occasion. Raise it, or take another faultSeed.';
  }

  remove(): void {
    this.#removed = true;
    this.#ended();
  }

  strikes(target: FaultTarget): boolean {
    if (this.isOver) {
      this.#ended();
      return false;
    }
    if (!this.#fits(target) || this.#passed++ < (this.options.after ?? 0) || !this.#drawn(target)) return false;
    if (++this.#hits >= this.#times) this.#ended();
    return true;
  }

  #fits({ service, device, packet, request }: FaultTarget): boolean {
    const { options } = this;
    if (options.service !== undefined && !fitsService(options.service, service)) return false;
    if (options.device !== undefined && !sameDevice(options.device, device, service)) return false;
    if ('packet' in options && options.packet !== undefined && options.packet !== packet) return false;
    return !('request' in options) || options.request === undefined || options.request === request;
  }

  /** In a sequence of its own for each device: in which order the devices come does not matter. */
  #drawn({ service = '', device = '' }: FaultTarget): boolean {
    const { probability = 1 } = this.options;
    if (probability >= 1) return true;
    const key = `${this.#seed}/${service}/${device}`;
    const draw = this.#draws.get(key) ?? seededRandom(key);
    this.#draws.set(key, draw);
    return draw() < probability;
  }
}

function fitsService(aimed: string, service: string | undefined): boolean {
  if (service === undefined) return false;
  if (aimed === 'dps') return service === DPS_ENDPOINT;
  if (aimed === 'hub') return service !== DPS_ENDPOINT;
  return service === asciiLowerCase(aimed);
}

/** Registration ids are compared without regard to case (protocol.md#dps-identity), device ids with it. */
function sameDevice(aimed: string, device: string | undefined, service: string | undefined): boolean {
  if (service === DPS_ENDPOINT)
    return asciiLowerCase(aimed) === (device === undefined ? undefined : asciiLowerCase(device));
  return aimed === device;
}
