import type { Lifetime } from '../lifetime.js';
import { asciiLowerCase } from '../../ascii.js';
import type { Clock } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { DPS_ENDPOINT } from '../service-names.js';
import { checkFault } from './check-fault.js';
import type { Fault, FaultKind, FaultOptions, FaultTarget, Strike } from './fault.js';
import { seededRandom } from '../../seeded-random.js';

export interface FaultsOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly lifetime: Lifetime;
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
  /** Those that have struck nothing, over or not, unless they were removed. */
  readonly #unstruck = new Set<AddedFault>();
  /** Of those, the ones that `allStruck` has told of. */
  readonly #told = new Set<AddedFault>();
  #count = 0;

  /** @internal Use LocalAzure. */
  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  /**
   * Adds a fault; of several that fit, the one that was added first strikes.
   * @throws SphereIotError `FAULT_INVALID` for a kind, a field or a value that is not known; `EMULATOR_CLOSED`.
   */
  add(options: FaultOptions): Fault {
    const { clock, seed, lifetime } = this.#options;
    lifetime.check();
    checkFault(options, this.#options.isHub);
    const seedText = `${seed}/${++this.#count}`;
    const fault = new AddedFault({ ...options }, clock, seedText, {
      ended: () => this.#faults.delete(fault),
      settled: () => this.#unstruck.delete(fault),
    });
    this.#faults.add(fault);
    this.#unstruck.add(fault);
    this.#options.added(fault);
    return fault;
  }

  /** Removes every fault, and ends what lasts of them. Whether they have struck does not matter. */
  clear(): void {
    for (const fault of [...this.#faults, ...this.#unstruck]) fault.remove();
  }

  /**
   * For the end of every test, before the emulator is closed or after it: a test with a fault that struck nothing would have passed
   * without it, too. Faults that were removed do not count.
   * @throws SphereIotError `FAULT_NEVER_STRUCK`: it names each that was added, and has struck nothing.
   */
  allStruck(): void {
    const faults = [...this.#unstruck];
    for (const fault of faults) this.#told.add(fault);
    const error = neverStruck(faults);
    if (error !== undefined) throw error;
  }

  /** @internal Ends them all. */
  close(): void {
    for (const fault of [...this.#faults]) fault.end();
  }

  /** @internal All is closed: `FAULT_NEVER_STRUCK` of those that have struck nothing, but for those that `allStruck` has told of. */
  missed(): SphereIotError | undefined {
    return neverStruck([...this.#unstruck].filter((fault) => !this.#told.has(fault)));
  }

  /** @internal Whether there is none that may strike. */
  get isEmpty(): boolean {
    return this.#faults.size === 0;
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
    return { take: (kind, more) => (this.isEmpty ? undefined : this.take(kind, { ...target, ...more })) };
  }
}

/** @internal The faults, seen from one device at one service. */
export interface AimedFaults {
  /** See Faults. */
  take<K extends FaultKind>(kind: K, more?: FaultTarget): Strike<K> | undefined;
}

/** Whom a fault tells. */
interface Told {
  /** It will not strike again. */
  ended(): void;
  /** It has had an effect, or was removed: there is nothing to ask any more. */
  settled(): void;
}

function neverStruck(faults: readonly AddedFault[]): SphereIotError | undefined {
  if (faults.length === 0) return undefined;
  return new SphereIotError('FAULT_NEVER_STRUCK', faults.map((fault) => fault.missed()).join('\n'));
}

/** What takes hold of a connection, which may stay idle: it has struck once something was sent. */
const LASTING: ReadonlySet<FaultKind> = new Set(['delay', 'slowReader', 'halfOpen']);

class AddedFault implements Fault {
  readonly options: FaultOptions;
  readonly #clock: Clock;
  readonly #seed: string;
  readonly #told: Told;
  readonly #until: number;
  readonly #times: number;
  readonly #draws = new Map<string, () => number>();
  #passed = 0;
  #hits = 0;
  /** It has had an effect. */
  #isFelt = false;
  #removed = false;

  constructor(options: FaultOptions, clock: Clock, seed: string, told: Told) {
    this.options = options;
    this.#clock = clock;
    this.#seed = seed;
    this.#told = told;
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
    const error = this.#isFelt ? undefined : neverStruck([this]);
    if (error !== undefined) throw error;
    return this.#hits;
  }

  /** That it has struck nothing, why, as far as it is known, and what to do. */
  missed(): string {
    const options = JSON.stringify(this.options, (_, value: unknown) => (value === Infinity ? 'Infinity' : value));
    return `The fault ${options} struck nothing: ${this.#whyMissed()}`;
  }

  #whyMissed(): string {
    const { after = 0 } = this.options;
    if (this.#hits > 0)
      return 'nothing was sent on the connection that it took hold of. Have the device do something meanwhile.';
    if (this.#passed === 0)
      return 'there was no occasion for it. Have the device do something meanwhile, or aim it at another device or service.';
    if (this.#passed <= after) return `it let ${this.#passed} pass, and was to let pass ${after}. Lower after.`;
    return 'its probability spared every occasion. Raise it, or take another faultSeed.';
  }

  remove(): void {
    this.end();
    this.#told.settled();
  }

  end(): void {
    this.#removed = true;
    this.#told.ended();
  }

  felt(): void {
    this.#isFelt = true;
    this.#told.settled();
  }

  strikes(target: FaultTarget): boolean {
    if (this.isOver) {
      this.#told.ended();
      return false;
    }
    if (!this.#fits(target) || this.#passed++ < (this.options.after ?? 0) || !this.#drawn(target)) return false;
    if (!LASTING.has(this.options.kind)) this.felt();
    if (++this.#hits >= this.#times) this.#told.ended();
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
