import { SphereIotError } from '../errors.js';

/** What calls DoWork for the handles of an instance. */
export interface HandlePump {
  /** A handle was called, or something waits for it. */
  wake(handle: number): void;
  close(): void;
}

/** Where a pump registers itself: the instance tells it of handles, and ends it. */
export class PumpSeat {
  #pump: HandlePump | undefined;

  /**
   * @returns Ends it.
   * @throws SphereIotError `PUMP_EXISTS`.
   */
  take(pump: HandlePump): () => void {
    if (this.#pump !== undefined)
      throw new SphereIotError('PUMP_EXISTS', 'This SDK instance has a pump already: add the handle to that one.');
    this.#pump = pump;
    return () => void (this.#pump = undefined);
  }

  wake(handle: number): void {
    this.#pump?.wake(handle);
  }

  close(): void {
    this.#pump?.close();
  }
}
