import { checkOptions } from '../options.js';
import { callback, duration } from '../rules.js';
import { SphereIotError } from '../errors.js';
import { moduleOf, type Sdk } from '../sdk/create-sdk.js';
import type { IOTHUB_DEVICE_CLIENT_LL_HANDLE, PROV_DEVICE_LL_HANDLE } from '../sdk/index.js';
import { Ticks } from './ticks.js';

export interface PumpOptions {
  /**
   * Milliseconds between two DoWork when nothing happens. Default 100, as in Microsoft's samples. A connected client with which nothing
   * happened for a second, and that owes no callback, has one a second.
   */
  readonly idleMs?: number | undefined;
  /**
   * Gets what a callback threw, and the `SDK_CRASHED` of a DoWork. Default: it is thrown on the event loop, as from any event handler; but
   * for a crash with which promises of a SphereDevice reject.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * Rounds in which nothing happens before a handle is left alone: between CONNACK and the first PUBLISH the SDK takes one in
 * which it sends nothing.
 */
const SILENT_ROUNDS = 2;
/** Milliseconds between two DoWork of a client that rests. The SDK counts keepalive and token lifetimes in seconds. */
const RESTING_MS = 1000;

type ClientHandle = IOTHUB_DEVICE_CLIENT_LL_HANDLE | PROV_DEVICE_LL_HANDLE;

interface Pumped {
  readonly handle: ClientHandle;
  readonly doWork: () => void;
  /** DoWork that are due, one a round, even if nothing comes of them; 0: none. */
  rounds: number;
  /** Clock milliseconds at which it last began to connect; -1: never. */
  connectedAt: number;
  /** Only the idle tick works on it. */
  waits: boolean;
  /** The number of the next idle tick at which it gets a DoWork. */
  due: number;
  /** Idle ticks in a row of which nothing came. */
  silentTicks: number;
}

/**
 * Calls DoWork for its handles: when bytes came, after the app called the SDK, again after a round in which something
 * was sent, received or called back, and at least every `idleMs`, or every second where it rests. Callbacks come from nowhere else.
 *
 * An app that wants the exact native order calls DoWork itself, and needs no pump. A handle leaves the pump when it is
 * destroyed; `close` ends the pump.
 */
export class Pump {
  readonly #sdk: Sdk;
  /** Idle ticks of a second: a client that rests has one of them. */
  readonly #ticksOfSecond: number;
  readonly #onError: ((error: unknown) => void) | undefined;
  readonly #handles = new Map<ClientHandle, Pumped>();
  /** Those whose DoWork is due in the next round, and the list of the round before, to be filled again. */
  #due: Pumped[] = [];
  #done: Pumped[] = [];
  #round: NodeJS.Immediate | undefined;
  readonly #runsRound = (): void => this.#runRound();
  #releaseClock: (() => void) | undefined;
  readonly #ticks: Ticks;
  /** Gives the instance's seat up. */
  readonly #leave: () => void;
  #closed = false;

  constructor(sdk: Sdk, options: PumpOptions = {}) {
    checkOptions(options, 'a Pump', '{ idleMs: 100 }', { idleMs: duration, onError: callback });
    this.#sdk = sdk;
    const { idleMs = 100 } = options;
    this.#ticks = new Ticks(sdk.clock, idleMs, (tick) => this.#onTick(tick));
    this.#ticksOfSecond = Math.max(1, Math.ceil(RESTING_MS / idleMs));
    this.#onError = options.onError;
    this.#leave = moduleOf(sdk).pump.take({
      wake: (handle) => this.#wake(handle as ClientHandle),
      close: () => this.close(),
    });
  }

  /**
   * Begins to call DoWork for a handle, until it is destroyed.
   * @throws SphereIotError `PUMP_CLOSED`, `HANDLE_INVALID`, `HANDLE_DESTROYED`.
   */
  add(handle: ClientHandle): void {
    if (this.#closed) throw new SphereIotError('PUMP_CLOSED', 'This pump is closed; make a new one.');
    const doWork = this.#doWorkOf(handle);
    this.remove(handle);
    this.#ticks.begin();
    const due = this.#ticks.upcoming;
    this.#handles.set(handle, { handle, doWork, rounds: 0, connectedAt: -1, waits: false, due, silentTicks: 0 });
    this.#ticks.await(due);
    this.#wake(handle);
  }

  #doWorkOf(handle: ClientHandle): () => void {
    const sdk = this.#sdk;
    const { handles } = moduleOf(sdk);
    if (handles.typeOf(handle) === 'PROV_DEVICE_LL_HANDLE')
      return () => sdk.Prov_Device_LL_DoWork(handle as PROV_DEVICE_LL_HANDLE);
    if (handles.pointer('IOTHUB_DEVICE_CLIENT_LL_HANDLE', handle, 'Pump.add') === 0)
      throw new SphereIotError('HANDLE_INVALID', 'Pump.add takes a handle, not NULL.');
    return () => sdk.IoTHubDeviceClient_LL_DoWork(handle as IOTHUB_DEVICE_CLIENT_LL_HANDLE);
  }

  /** Leaves a handle to its owner. */
  remove(handle: ClientHandle): void {
    const pumped = this.#handles.get(handle);
    if (pumped === undefined) return;
    pumped.rounds = 0;
    this.#handles.delete(handle);
    if (this.#handles.size > 0) return;
    this.#ticks.stop();
  }

  /** Ends the pump; the handles stay as they are. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const handle of [...this.#handles.keys()]) this.remove(handle);
    clearImmediate(this.#round);
    this.#round = undefined;
    this.#releaseClock?.();
    this.#leave();
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Has DoWork called for a handle on the next turn of the event loop, or forgets it if it was destroyed. */
  #wake(handle: ClientHandle, rounds = 1): void {
    const pumped = this.#handles.get(handle);
    if (pumped === undefined) return;
    if (moduleOf(this.#sdk).handles.typeOf(handle) === undefined) return this.remove(handle);
    if (pumped.waits) return;
    if (pumped.silentTicks > 0) this.#rouse(pumped);
    if (pumped.rounds === 0) this.#due.push(pumped);
    if (pumped.rounds < rounds) pumped.rounds = rounds;
    if (this.#round !== undefined) return;
    this.#releaseClock = this.#sdk.clock.hold('a round of DoWork');
    this.#round = setImmediate(this.#runsRound);
  }

  #runRound(): void {
    this.#round = undefined;
    const release = this.#releaseClock;
    const due = this.#due;
    this.#due = this.#done;
    this.#done = due;
    for (const pumped of due) {
      const { handle, rounds } = pumped;
      pumped.rounds = 0;
      // 0: it was removed meanwhile.
      if (rounds === 0) continue;
      if (this.#work(pumped)) this.#wake(handle, SILENT_ROUNDS);
      else if (rounds > 1) this.#wake(handle, rounds - 1);
    }
    due.length = 0;
    release?.();
  }

  /** One DoWork; whether anything came of it. */
  #work(pumped: Pumped): boolean {
    const { gate, host } = moduleOf(this.#sdk);
    const { activity } = gate;
    const { opened } = host.sockets;
    try {
      pumped.doWork();
    } catch (error) {
      if (gate.crashed) this.#crashed(error as SphereIotError);
      else this.#report(error);
    }
    if (host.sockets.opened !== opened) this.#onConnecting(pumped);
    return gate.activity !== activity;
  }

  /**
   * In virtual time a connection takes no time. A device that is refused and tries again at once would do so without end in
   * one instant, so the second attempt of an instant waits for the idle tick.
   */
  #onConnecting(pumped: Pumped): void {
    const now = this.#sdk.clock.monotonic();
    pumped.waits = pumped.connectedAt === now;
    pumped.connectedAt = now;
  }

  /** C is never called again: what stands on it ends. */
  #crashed(error: SphereIotError): void {
    for (const handle of [...this.#handles.keys()]) this.remove(handle);
    let isTold = false;
    for (const dependant of [...moduleOf(this.#sdk).dependants])
      try {
        isTold = dependant.end(error) || isTold;
      } catch (forgotten) {
        this.#report(forgotten);
      }
    if (!isTold || this.#onError !== undefined) this.#report(error);
  }

  #report(error: unknown): void {
    if (this.#onError === undefined) return throwLater(error);
    try {
      this.#onError(error);
    } catch (another) {
      throwLater(another);
    }
  }

  /** Works on those that the tick is for. */
  #onTick(tick: number): boolean {
    let anything = false;
    let next = Infinity;
    for (const [handle, pumped] of [...this.#handles]) {
      if (pumped.due <= tick) {
        if (!this.#handles.has(handle)) continue;
        pumped.waits = false;
        pumped.due = tick + 1;
        if (this.#work(pumped)) {
          anything = true;
          this.#wake(handle, SILENT_ROUNDS);
        } else this.#wasSilent(pumped, tick);
      }
      next = Math.min(next, pumped.due);
    }
    if (this.#handles.size > 0) this.#ticks.await(Math.max(next, this.#ticks.upcoming));
    return anything;
  }

  #wasSilent(pumped: Pumped, tick: number): void {
    pumped.silentTicks++;
    if (pumped.silentTicks < this.#ticksOfSecond || !this.#mayRest(pumped.handle)) return;
    // The same tick for all that rest: one timer a second.
    pumped.due = tick + this.#ticksOfSecond - (tick % this.#ticksOfSecond);
  }

  /** Whether it is a client that is connected and owes no callback. */
  #mayRest(handle: ClientHandle): boolean {
    const { handles, host, callbacks } = moduleOf(this.#sdk);
    return (
      handles.typeOf(handle) === 'IOTHUB_DEVICE_CLIENT_LL_HANDLE' &&
      host.sockets.isConnected(handle) &&
      !callbacks.isAwaited(handle)
    );
  }

  /** Something happened with the client: it gets every tick again. */
  #rouse(pumped: Pumped): void {
    pumped.silentTicks = 0;
    const { upcoming } = this.#ticks;
    if (pumped.due <= upcoming) return;
    pumped.due = upcoming;
    this.#ticks.await(upcoming);
  }
}

function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
