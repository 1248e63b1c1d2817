import type { Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import { seededRandom } from '../seeded-random.js';

/** How a network fails. Default: `down`. */
export type OutageOptions =
  | {
      /** There is no network: no name resolves, nothing connects, open connections go silent. */
      readonly kind?: 'down';
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
      /** Milliseconds of the way, in each direction. Default 0. */
      readonly latencyMs?: number;
      /** What all connections together carry in each direction. Default: without a limit. */
      readonly bytesPerSecond?: number;
    }
  | {
      /** What is sent gets lost. TCP sends it again, so that it comes late; datagrams never come. */
      readonly kind: 'lossy';
      /** The probability of each datagram, and of what one write of a connection sends: more than 0, at most 1. */
      readonly loss: number;
      /** The same seed loses the same. Default 1. */
      readonly seed?: number;
    };

export type OutageKind = NonNullable<OutageOptions['kind']>;

/** `out` is from the device. */
export type Direction = 'out' | 'in';

type Fields = Readonly<Record<string, { readonly words: string; fits(value: number): boolean }>>;

const FIELDS: Readonly<Record<OutageKind, Fields>> = {
  down: {},
  halfOpen: {},
  dns: {},
  slow: {
    latencyMs: { words: 'milliseconds, 0 or more', fits: (value) => value >= 0 },
    bytesPerSecond: { words: 'bytes, more than 0', fits: (value) => value > 0 },
  },
  lossy: {
    loss: { words: 'a number of more than 0, and at most 1', fits: (value) => value > 0 && value <= 1 },
    seed: { words: 'a number', fits: () => true },
  },
};

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
  #isOver = false;

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
    this.verify();
  }

  /** @internal Throws what `end` does. */
  verify(): void {
    if (this.#hits === 0)
      throw new SphereIotError(
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

  /** @internal Whether it is of one of these kinds, and so has struck. */
  strikes(...kinds: OutageKind[]): boolean {
    if (!kinds.includes(this.kind)) return false;
    this.#hits++;
    return true;
  }

  /**
   * @internal How many ms later something arrives for it; undefined: it is lost.
   * @param connection The connection's number; undefined for a datagram.
   */
  delay(connection: number | undefined, direction: Direction, size: number): number | undefined {
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
    this.#hits++;
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
  if (typeof options !== 'object' || (options as unknown) === null)
    throw invalid(`The options of an outage are an object, not ${String(options)}`);
  const { kind = 'down', ...values } = options as { kind?: string } & Record<string, unknown>;
  if (!Object.hasOwn(FIELDS, kind))
    throw invalid(`There is no outage of the kind ${String(kind)}, but ${Object.keys(FIELDS).join(', ')}`);
  const fields = FIELDS[kind as OutageKind];
  for (const [name, value] of Object.entries(values)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) throw invalid(`The outage ${kind} has no field ${name}`);
    const fits = typeof value === 'number' && !Number.isNaN(value) && field.fits(value);
    if (value !== undefined && !fits)
      throw invalid(`${name} of the outage ${kind} is ${String(value)}, not ${field.words}`);
  }
  const { loss, latencyMs, bytesPerSecond } = values;
  if (kind === 'lossy' && loss === undefined) throw invalid('The outage lossy needs loss, a probability');
  if (kind === 'slow' && !latencyMs && bytesPerSecond === undefined)
    throw invalid('The outage slow needs latencyMs, of more than 0, or bytesPerSecond');
}

function invalid(message: string): SphereIotError {
  return new SphereIotError('OUTAGE_INVALID', `${message}.`);
}
