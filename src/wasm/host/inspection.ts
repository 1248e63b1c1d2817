import { RefusalObserver, type ObserverOptions } from '../../diagnosis/index.js';
import type { SphereIotError } from '../../errors.js';
import { WebSocketGuard, webSocketInvalid } from '../../transport/index.js';

/** What becomes of bytes that a service sent. */
export interface Inspected {
  /** Those that C gets. */
  readonly passed: Buffer;
  /** Why the connection ends behind them; undefined: it does not. */
  readonly error?: SphereIotError | undefined;
}

/** Stands between a connection and C: says why a service refuses, and keeps from C what harms it. */
export class Inspection {
  readonly #where: string;
  readonly #observer: RefusalObserver;
  readonly #guard: WebSocketGuard | undefined;

  /** @param where Name and port. */
  constructor(where: string, options: ObserverOptions) {
    this.#where = where;
    this.#observer = new RefusalObserver(options);
    this.#guard = options.framed ? new WebSocketGuard() : undefined;
  }

  sent(bytes: Uint8Array): void {
    this.#observer.sent(bytes);
  }

  /** Not to be called again after an error. */
  received(bytes: Buffer): Inspected {
    const fault = this.#guard?.check(bytes);
    const passed = fault === undefined ? bytes : bytes.subarray(0, fault.at);
    // An answer is withheld with all that came with it: C must not see its end.
    const invalid = this.#observer.received(passed);
    if (invalid !== undefined) return { passed: bytes.subarray(0, 0), error: invalid };
    return { passed, error: fault && webSocketInvalid(this.#where, fault.what) };
  }
}
