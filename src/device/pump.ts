import type { Timer } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import { moduleOf, type Sdk } from '../sdk/create-sdk.js';
import type { IOTHUB_DEVICE_CLIENT_LL_HANDLE, PROV_DEVICE_LL_HANDLE } from '../sdk/index.js';

export interface PumpOptions {
  /** Milliseconds between two DoWork when nothing happens. Default 100, as in Microsoft's samples. */
  readonly idleMs?: number;
  /** Gets what a callback threw. Default: it is thrown on the event loop, as from any event handler. */
  readonly onError?: (error: unknown) => void;
}

type ClientHandle = IOTHUB_DEVICE_CLIENT_LL_HANDLE | PROV_DEVICE_LL_HANDLE;

/**
 * Calls DoWork for its handles: when bytes came, after the app called the SDK, again after a round in which something
 * was sent, received or called back, and at least every `idleMs`. Callbacks come from nowhere else.
 *
 * An app that wants the exact native order calls DoWork itself, and needs no pump. A handle leaves the pump when it is
 * destroyed; `close` ends the pump.
 */
export class Pump {
  readonly #sdk: Sdk;
  readonly #idleMs: number;
  readonly #onError: (error: unknown) => void;
  readonly #handles = new Map<ClientHandle, () => void>();
  readonly #due = new Set<ClientHandle>();
  #round: NodeJS.Immediate | undefined;
  #releaseClock: (() => void) | undefined;
  #idle: Timer | undefined;

  constructor(sdk: Sdk, options: PumpOptions = {}) {
    this.#sdk = sdk;
    this.#idleMs = options.idleMs ?? 100;
    this.#onError = options.onError ?? throwLater;
    const module = moduleOf(sdk);
    if (module.pumped !== undefined)
      throw new SphereIotError('PUMP_EXISTS', 'This SDK instance has a pump already: add the handle to that one.');
    module.pumped = (handle) => this.#wake(handle as ClientHandle);
    module.host.sockets.onWaiting = module.pumped;
    module.closePump = () => this.close();
  }

  /** Begins to call DoWork for a handle, until it is destroyed. */
  add(handle: ClientHandle): void {
    const { handles } = moduleOf(this.#sdk);
    const sdk = this.#sdk;
    const isHub = handles.typeOf(handle) === 'IOTHUB_DEVICE_CLIENT_LL_HANDLE';
    const doWork = isHub
      ? () => sdk.IoTHubDeviceClient_LL_DoWork(handle as IOTHUB_DEVICE_CLIENT_LL_HANDLE)
      : () => sdk.Prov_Device_LL_DoWork(handle as PROV_DEVICE_LL_HANDLE);
    this.#handles.set(handle, doWork);
    this.#idle ??= sdk.clock.setTimer(this.#idleMs, () => this.#onIdle());
    this.#wake(handle);
  }

  /** Leaves a handle to its owner. */
  remove(handle: ClientHandle): void {
    this.#handles.delete(handle);
    this.#due.delete(handle);
    if (this.#handles.size > 0) return;
    this.#idle?.cancel();
    this.#idle = undefined;
  }

  /** Ends the pump; the handles stay as they are. */
  close(): void {
    for (const handle of [...this.#handles.keys()]) this.remove(handle);
    clearImmediate(this.#round);
    this.#round = undefined;
    this.#releaseClock?.();
    const module = moduleOf(this.#sdk);
    module.pumped = undefined;
    module.closePump = undefined;
    module.host.sockets.onWaiting = undefined;
  }

  /** Has DoWork called for a handle on the next turn of the event loop, or forgets it if it was destroyed. */
  #wake(handle: ClientHandle): void {
    if (!this.#handles.has(handle)) return;
    if (moduleOf(this.#sdk).handles.typeOf(handle) === undefined) return this.remove(handle);
    this.#due.add(handle);
    if (this.#round !== undefined) return;
    this.#releaseClock = this.#sdk.clock.hold('a round of DoWork');
    this.#round = setImmediate(() => this.#runRound());
  }

  #runRound(): void {
    this.#round = undefined;
    const release = this.#releaseClock;
    const due = [...this.#due];
    this.#due.clear();
    for (const handle of due) if (this.#work(handle)) this.#wake(handle);
    release?.();
  }

  /** One DoWork; whether anything came of it. */
  #work(handle: ClientHandle): boolean {
    const doWork = this.#handles.get(handle);
    if (doWork === undefined) return false;
    const { gate } = moduleOf(this.#sdk);
    const before = gate.activity;
    try {
      doWork();
    } catch (error) {
      this.#onError(error);
    }
    return gate.activity !== before;
  }

  #onIdle(): boolean {
    let anything = false;
    for (const handle of [...this.#handles.keys()]) {
      if (!this.#work(handle)) continue;
      anything = true;
      this.#wake(handle);
    }
    if (this.#handles.size > 0) this.#idle = this.#sdk.clock.setTimer(this.#idleMs, () => this.#onIdle());
    return anything;
  }
}

function throwLater(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
