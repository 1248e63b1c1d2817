import type { Clock, Timer } from '../clock/index.js';

/** Milliseconds until TCP sends something again for the first time; they double up to the longest (Linux). */
const FIRST_RETRY = 200;
const MAX_RETRY = 120_000;
/** How often TCP sends something again before the connection breaks (tcp_retries2): 924.6 s after the first time. */
const MAX_RETRIES = 15;
/** Bytes under way that a sender need not wait for. */
const SEND_BUFFER = 65_536;

/** What one write sends, or the end of what is sent. */
export interface Segment {
  /** Bytes; 0: the end. */
  readonly size: number;
  /** The sender may go on. Called once. */
  accepted?(): void;
  /** Hands it to the receiver, and calls `then` once he takes more. */
  deliver(then: () => void): void;
}

interface Queued extends Segment {
  /** Whether `accepted` was called. */
  isAccepted: boolean;
  /** When it arrives, in ms of the clock; undefined: it was lost, or not sent yet. */
  arrival: number | undefined;
}

export interface LaneOptions {
  readonly clock: Clock;
  /** Whether nothing is between the ends. */
  readonly isClear: () => boolean;
  /** How many ms later something arrives that is sent now; undefined: it is lost. */
  readonly send: (size: number) => number | undefined;
  /** Something waits in it for the clock, or nothing any more. */
  readonly waits: (lane: Lane, waiting: boolean) => void;
}

/**
 * One direction of a TCP connection through a network that may fail: in order, and what is lost is sent again as Linux does it,
 * until the sender gives up. A sender that finds it clear need not use it.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #queue: Queued[] = [];
  #bytes = 0;
  #retries = 0;
  #retry: Timer | undefined;
  #arrival: Timer | undefined;
  #delivering = false;
  #isBroken = false;
  /** Called when the sender gives up. */
  onBroken: (error: Error) => void = () => undefined;

  /** @internal Network.connection makes it. */
  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Whether what is sent arrives at once: nothing waits, and no outage is in the way. */
  get isClear(): boolean {
    return this.#queue.length === 0 && this.#options.isClear();
  }

  /** Whether the sender has given up: nothing is delivered any more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  send(segment: Segment): void {
    if (this.#isBroken) return;
    const queued: Queued = {
      size: segment.size,
      deliver: (then) => segment.deliver(then),
      accepted: () => segment.accepted?.(),
      isAccepted: false,
      arrival: undefined,
    };
    this.#queue.push(queued);
    this.#bytes += queued.size;
    if (this.#queue.length === 1) this.#options.waits(this, true);
    if (this.#bytes <= SEND_BUFFER) accept(queued);
    if (this.#retry === undefined) this.#sendAll();
  }

  /** Delivers everything now. */
  flush(): void {
    this.#cancelTimers();
    for (const queued of this.#queue) queued.arrival = this.#options.clock.monotonic();
    this.#deliverFirst();
  }

  /** Sends what was not sent yet, up to the first that gets lost. */
  #sendAll(): boolean {
    let any = false;
    let arrival = this.#options.clock.monotonic();
    for (const queued of this.#queue) {
      if (queued.arrival === undefined) {
        const delay = this.#options.send(queued.size);
        if (delay === undefined) {
          this.#retryLater();
          break;
        }
        queued.arrival = Math.max(arrival, this.#options.clock.monotonic() + delay);
        this.#retries = 0;
        any = true;
      }
      arrival = queued.arrival;
    }
    this.#awaitArrival();
    return any;
  }

  #retryLater(): void {
    const delay = Math.min(FIRST_RETRY * 2 ** this.#retries, MAX_RETRY);
    this.#retry = this.#options.clock.setTimer(delay, () => {
      this.#retry = undefined;
      if (++this.#retries <= MAX_RETRIES) return this.#sendAll();
      this.#break();
      return true;
    });
  }

  #awaitArrival(): void {
    const first = this.#queue[0]?.arrival;
    if (first === undefined || this.#delivering || this.#arrival !== undefined) return;
    const delay = first - this.#options.clock.monotonic();
    if (delay <= 0) return this.#deliverFirst();
    this.#arrival = this.#options.clock.setTimer(delay, () => {
      this.#arrival = undefined;
      this.#deliverFirst();
    });
  }

  #deliverFirst(): void {
    const [first] = this.#queue;
    if (first?.arrival === undefined || this.#delivering) return;
    this.#delivering = true;
    first.deliver(() => {
      if (!this.#delivering || this.#queue[0] !== first) return;
      this.#delivering = false;
      this.#queue.shift();
      this.#bytes -= first.size;
      accept(first);
      if (this.#queue.length === 0) this.#options.waits(this, false);
      else this.#awaitArrival();
    });
  }

  /** The sender's TCP gives up: an outage longer than it tries. */
  #break(): void {
    this.#isBroken = true;
    this.#cancelTimers();
    this.#queue.length = 0;
    this.#options.waits(this, false);
    this.onBroken(
      Object.assign(new Error('Nothing has arrived for 924.6 s, and TCP gives up (ETIMEDOUT)'), { code: 'ETIMEDOUT' }),
    );
  }

  #cancelTimers(): void {
    this.#retry?.cancel();
    this.#arrival?.cancel();
    this.#retry = this.#arrival = undefined;
  }
}

function accept(queued: Queued): void {
  if (queued.isAccepted) return;
  queued.isAccepted = true;
  queued.accepted?.();
}
