import type { Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import { instead } from '../nearest.js';
import { kindOf, optionFault } from '../options.js';
import { anything, isPlain, number, required, type Rule } from '../rules.js';
import { seededRandom } from '../seeded-random.js';

/** How a network fails. Default: `down`. */
export type OutageOptions =
  | {
      /** There is no network: no name resolves, nothing connects, open connections go silent. */
      readonly kind?: 'down' | undefined;
    }
  | {
      /** Connections that are open when it begins go silent. New ones work. */
      readonly kind: 'halfOpen';
    }
  | {
      /** No name resolves. Open connections, and new ones to addresses, work. */
      readonly kind: 'dns';
    }
  | {
      /** Everything arrives late. */
      readonly kind: 'slow';
      /** Milliseconds of the way, in each direction: 1 at least, a day at most. Default: none. */
      readonly latencyMs?: number | undefined;
      /** What all connections together carry in each direction. Default: without a limit. */
      readonly bytesPerSecond?: number | undefined;
    }
  | {
      /** What is sent gets lost. TCP sends it again, so that it comes late; datagrams never come. */
      readonly kind: 'lossy';
      /** The probability of each datagram, and of what one write of a connection sends: more than 0, at most 1. */
      readonly loss: number;
      /** The same seed loses the same. Default 1. */
      readonly seed?: number | undefined;
    };

export type OutageKind = NonNullable<OutageOptions['kind']>;

/** `out` is from the device. */
export type Direction = 'out' | 'in';

const FIELDS: Readonly<Record<OutageKind, Readonly<Record<string, Rule>>>> = {
  down: {},
  halfOpen: {},
  dns: {},
  slow: {
    // Less than 1 is no delay that anything could notice, and would count as struck all the same.
    latencyMs: {
      words: 'milliseconds, from 1 to a day (86400000)',
      fits: (value) => isIn(value, 86_400_000) && value >= 1,
    },
    bytesPerSecond: { words: 'a number of bytes, more than 0', fits: (value) => isIn(value, Number.MAX_VALUE) },
  },
  lossy: {
    loss: required({ words: 'a number of more than 0, and at most 1', fits: (value) => isIn(value, 1) }),
    seed: number,
  },
};

function isIn(value: unknown, most: number): value is number {
  return typeof value === 'number' && value > 0 && value <= most;
}

/** An outage that was begun. */
export class Outage {
  readonly kind: OutageKind;
  readonly #options: OutageOptions;
  readonly #clock: Clock;
  readonly #firstConnection: number;
  readonly #draw: () => number;
  readonly #ended: () => void;
  /** When the link has sent all that it got, in each direction: clock ms. */
  readonly #free: Record<Direction, number> = { out: 0, in: 0 };
  #hits = 0;
  /** Of those, what connections said while they were being closed. */
  #closingHits = 0;
  #isOver = false;
  #isFrozen = false;

  /**
   * @internal Network.fail makes it.
   * @param firstConnection The number of the first connection that is not open yet.
   */
  constructor(options: OutageOptions, clock: Clock, firstConnection: number, ended: () => void) {
    checkOutage(options);
    this.kind = options.kind ?? 'down';
    this.#options = options;
    this.#clock = clock;
    this.#firstConnection = firstConnection;
    this.#ended = ended;
    this.#draw = seededRandom(`outage/${(options as { seed?: number }).seed ?? 1}`);
  }

  /**
   * How often it has struck: a question for the network, a look-up or a connection that failed; what one write of a
   * connection sent, or a datagram, that was lost or came late.
   */
  get hits(): number {
    return this.#hits;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Ends it. Twice is harmless.
   * @throws SphereIotError `OUTAGE_NEVER_STRUCK`: a test that asked for it, and passes, would say nothing.
   */
  end(): void {
    if (this.#isOver) return;
    this.stop();
    const error = this.missed();
    if (error !== undefined) throw error;
  }

  /** @internal What `end` throws. */
  missed(): SphereIotError | undefined {
    return this.#hits === 0 ? this.#neverStruck() : undefined;
  }

  /** @internal The same, at the end of a test that has not ended the outage: what is closed then is the test's end. */
  missedAtEnd(): SphereIotError | undefined {
    return this.#hits === this.#closingHits ? this.#neverStruck() : undefined;
  }

  #neverStruck(): SphereIotError {
    return new SphereIotError(
      'OUTAGE_NEVER_STRUCK',
      `The outage (${this.kind}) struck nothing: nothing was looked up, connected, sent or received that it could have ` +
        'hit. Let it last longer, or have the device do something meanwhile.',
    );
  }

  /** @internal Ends it, whether it has struck or not. */
  stop(): void {
    this.#isOver = true;
    this.#ended();
  }

  /** @internal The device is about to end: what it sends in its end is not what the outage is for, and counts as no hit. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** @internal Whether it is of one of these kinds, and so has struck. */
  strikes(...kinds: OutageKind[]): boolean {
    if (!kinds.includes(this.kind)) return false;
    return this.#struck(true);
  }

  /**
   * @internal How many ms later something arrives for it; undefined: it is lost.
   * @param connection The connection's number; undefined for a datagram.
   * @param isLeaving The connection is being closed.
   */
  delay(connection: number | undefined, direction: Direction, size: number, isLeaving: boolean): number | undefined {
    const before = this.#hits;
    const delay = this.#delay(connection, direction, size);
    if (isLeaving) this.#closingHits += this.#hits - before;
    return delay;
  }

  #delay(connection: number | undefined, direction: Direction, size: number): number | undefined {
    const options = this.#options;
    switch (options.kind) {
      case 'dns':
        return 0;
      case 'halfOpen':
        return connection === undefined || connection >= this.#firstConnection ? 0 : this.#struck(undefined);
      case 'lossy':
        return this.#draw() < options.loss ? this.#struck(undefined) : 0;
      case 'slow':
        return this.#struck(this.#slowness(options, direction, size));
      default:
        return this.#struck(undefined);
    }
  }

  #struck<T>(result: T): T {
    if (!this.#isFrozen) this.#hits++;
    return result;
  }

  #slowness(options: OutageOptions & { kind: 'slow' }, direction: Direction, size: number): number {
    const { latencyMs = 0, bytesPerSecond = Infinity } = options;
    const now = this.#clock.monotonic();
    this.#free[direction] = Math.max(now, this.#free[direction]) + Math.ceil((size * 1000) / bytesPerSecond);
    return this.#free[direction] - now + latencyMs;
  }
}

/** @throws SphereIotError `OUTAGE_INVALID`. */
function checkOutage(options: OutageOptions): void {
  if (!isPlain(options)) throw invalid(`The options of an outage are an object, not ${kindOf(options)}`);
  const { kind = 'down', ...values } = options;
  if (!Object.hasOwn(FIELDS, kind))
    throw invalid(`There is no outage of the kind ${String(kind)}${instead(String(kind), Object.keys(FIELDS))}`);
  // With `kind` among the names, so that a misspelled one is told.
  const fault = optionFault(options, { kind: anything, ...FIELDS[kind] });
  if (fault !== undefined) throw invalid(`The options of the outage ${kind} are wrong: ${fault}`);
  const { latencyMs, bytesPerSecond } = values as Readonly<Record<string, unknown>>;
  if (kind === 'slow' && latencyMs === undefined && bytesPerSecond === undefined)
    throw invalid('The outage slow needs latencyMs or bytesPerSecond');
}

function invalid(message: string): SphereIotError {
  return new SphereIotError('OUTAGE_INVALID', `${message}.`);
}
