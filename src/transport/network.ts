import { types } from 'node:util';
import type { Clock, Timer } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import { kindOf } from '../options.js';
import { duration } from '../rules.js';
import { Unseen } from '../waiting/unseen.js';
import { Lane } from './lane.js';
import { Outage, type Direction, type OutageOptions } from './outage.js';

export interface NetworkOptions {
  readonly clock: Clock;
  /** Whether the device has a network, beside what `fail` and `outage` say. Asked each time. Default: always. */
  readonly ready?: (() => boolean) | undefined;
}

/** The two directions of a connection. */
export interface Line {
  readonly out: Lane;
  readonly in: Lane;
  /** The device is closing it: what is lost now are its last bytes, as a DISCONNECT. */
  isLeaving: boolean;
  /** Called when something begins to wait in it for the clock, and when nothing does any more. */
  onWaits: (waiting: boolean) => void;
}

/**
 * The network that a device is connected to. All that leaves the device goes through it: the SDK, and an app's sockets, curl and
 * wolfSSL. There it fails, for all of them, when `ready` says so or a test asks for it.
 */
export class Network {
  readonly #clock: Clock;
  readonly #ready: () => boolean;
  readonly #outages = new Set<Outage>();
  /** What ends with an outage: the timer of its end, and the waits for it. */
  readonly #ends = new Map<Timer, () => void>();
  readonly #unseen = new Unseen();
  readonly #waiting = new Set<Lane>();
  readonly #datagrams = new Set<Timer>();
  #connections = 0;
  #closed = false;

  /** @internal */
  constructor({ clock, ready = () => true }: NetworkOptions) {
    this.#clock = clock;
    this.#ready = () => checkedReady(ready());
  }

  /** Whether the device has a network. */
  get online(): boolean {
    return this.isLinked && this.#ready();
  }

  /** @internal Whether no outage takes the network away. */
  get isLinked(): boolean {
    return ![...this.#outages].some(({ kind }) => kind === 'down');
  }

  /**
   * Begins an outage, which lasts until its `end`, or until the SDK or the app is closed: that throws `OUTAGE_NEVER_STRUCK` if it has struck
   * nothing, or no more than the last bytes of connections that were being closed. Several may last at once.
   * @throws SphereIotError `OUTAGE_INVALID`, `NETWORK_CLOSED`.
   */
  fail(options: OutageOptions = {}): Outage {
    if (this.#closed)
      throw new SphereIotError('NETWORK_CLOSED', 'The network can fail no more: the SDK or the app is closed.');
    const outage = new Outage(options, this.#clock, this.#connections, () => this.#outages.delete(outage));
    this.#outages.add(outage);
    return outage;
  }

  /**
   * An outage that lasts for `ms` milliseconds of the clock from now on, ten years at most, or until the SDK or the app is closed. It resolves when the
   * outage is over; it does not move a virtual clock.
   * @throws SphereIotError `OUTAGE_NEVER_STRUCK`, `OUTAGE_INVALID`, `NETWORK_CLOSED`.
   */
  outage(ms: number, options: OutageOptions = {}): Promise<Outage> {
    return this.#unseen.wait('the end of an outage', this.#outage(ms, options));
  }

  async #outage(ms: number, options: OutageOptions): Promise<Outage> {
    if (!duration.fits(ms))
      throw new SphereIotError('OUTAGE_INVALID', `An outage lasts for ${duration.words}; not for ${kindOf(ms)}.`);
    const outage = this.fail(options);
    await new Promise<void>((resolve) => {
      const over = (): void => {
        this.#ends.delete(timer);
        outage.stop();
        resolve();
      };
      const timer = this.#clock.setTimer(ms, over);
      this.#ends.set(timer, over);
    });
    // What was closed then is the test's end.
    const error = this.#closed ? outage.missedAtEnd() : outage.missed();
    if (error !== undefined) throw error;
    return outage;
  }

  /** @internal The device asks whether it has a network. */
  isReady(): boolean {
    return this.#passes('down');
  }

  /** @internal Whether a name can be looked up now. */
  resolves(): boolean {
    return this.#passes('down', 'dns');
  }

  /** @internal Whether something can be connected to now. */
  connects(): boolean {
    return this.#passes('down');
  }

  #passes(...kinds: ('down' | 'dns')[]): boolean {
    let passes = true;
    for (const outage of this.#outages) if (outage.strikes(...kinds)) passes = false;
    return passes && this.#ready();
  }

  /** @internal A connection that is opened now. */
  connection(): Line {
    const number = this.#connections++;
    const waiting = new Set<Lane>();
    const lane = (direction: Direction): Lane =>
      new Lane({
        clock: this.#clock,
        isClear: () => this.#closed || (this.#outages.size === 0 && this.#ready()),
        send: (size) => this.#delay(number, direction, size, line.isLeaving),
        waits: (of, begins) => {
          for (const set of [waiting, this.#waiting])
            if (begins) set.add(of);
            else set.delete(of);
          line.onWaits(waiting.size > 0);
        },
      });
    const line: Line = { out: lane('out'), in: lane('in'), isLeaving: false, onWaits: () => undefined };
    return line;
  }

  /** @internal A datagram is under way: `arrive` is called at once, later, or never. */
  datagram(direction: Direction, size: number, arrive: () => void): void {
    const delay = this.#delay(undefined, direction, size);
    if (delay === undefined) return;
    if (delay === 0) return arrive();
    const timer = this.#clock.setTimer(delay, () => {
      this.#datagrams.delete(timer);
      arrive();
    });
    this.#datagrams.add(timer);
  }

  /** How many ms later something arrives; undefined: it is lost. */
  #delay(connection: number | undefined, direction: Direction, size: number, isLeaving = false): number | undefined {
    if (this.#closed) return 0;
    let sum: number | undefined = this.#ready() ? 0 : undefined;
    // Each is asked, so that each that could strike has struck.
    for (const outage of this.#outages) {
      const delay = outage.delay(connection, direction, size, isLeaving);
      sum = sum === undefined || delay === undefined ? undefined : sum + delay;
    }
    return sum;
  }

  /** @internal What the device sends from now on is its end, and strikes no outage. */
  deviceEnds(): void {
    for (const outage of this.#outages) outage.freeze();
  }

  /**
   * @internal Ends every outage. What was under way arrives, so that those at the other ends learn that the device is gone.
   * @returns An `OUTAGE_NEVER_STRUCK` for each that nobody ended, and that has struck nothing but the last bytes of connections; a
   * `WAIT_FORGOTTEN` for each that nobody awaits.
   */
  close(): readonly unknown[] {
    this.#closed = true;
    const forgotten = this.#unseen.take();
    this.#unseen.end();
    for (const timer of this.#datagrams) timer.cancel();
    for (const [timer, over] of [...this.#ends]) {
      timer.cancel();
      over();
    }
    const left = [...this.#outages];
    for (const outage of left) outage.stop();
    for (const lane of [...this.#waiting]) lane.flush();
    return [...left.map((outage) => outage.missedAtEnd()).filter((error) => error !== undefined), ...forgotten];
  }
}

/**
 * What `networkReady` said.
 * @throws SphereIotError `NETWORK_READY_INVALID`: a promise, or nothing, is neither yes nor no.
 */
export function checkedReady(ready: unknown): boolean {
  if (typeof ready === 'boolean') return ready;
  throw new SphereIotError(
    'NETWORK_READY_INVALID',
    `networkReady returned ${types.isPromise(ready) ? 'a promise' : kindOf(ready)}, and not true or false: it answers at once, without async.`,
  );
}
