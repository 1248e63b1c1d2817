import { checkFunction, checkOptions, type Rules } from '../options.js';
import { aCatalog, aClock, anything, object, required, text } from '../rules.js';
import type { Clock, Timer } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import type { Catalog } from './catalog.js';
import type { CertificateStore } from './certificate-store.js';
import { validityOf, type Credential } from './credential.js';

/** Under this id the store has the DAA credential. */
export const DAA_ID = 'daa';

/** After a failure, in ms: 5 minutes. */
const RETRY = 300_000;
/** Of the lifetime that is left: 23 of 24 hours. */
const RENEWAL_POINT = 23 / 24;

export interface DeviceAuthenticationOptions {
  readonly catalog: Catalog;
  /** A device that the catalog has claimed: 128 hex digits. */
  readonly deviceId: string;
  /** Where the credentials go, under the id `daa`. Not emptied on close. */
  readonly store: CertificateStore;
  /** Default: its catalog's. */
  readonly clock?: Clock | undefined;
  /** From one renewal to the next, in ms. Default: 23/24 of the certificate's lifetime, so 23 of 24 hours. */
  readonly renewEveryMs?: number | undefined;
}

const RULES: Rules<DeviceAuthenticationOptions> = {
  catalog: required(aCatalog),
  deviceId: required(text),
  store: required(object),
  clock: aClock,
  renewEveryMs: anything, // judged by start
};

/**
 * The device's side of Device Authentication and Attestation (DAA): gets a certificate from the catalog at once, and
 * a new one, with a new key, each day before the old one expires. The caller must `close()` it: its timer would keep
 * a process on the real clock running.
 */
export class DeviceAuthentication {
  readonly #options: DeviceAuthenticationOptions;
  readonly #clock: Clock;
  readonly #listeners = new Set<(reference: string) => void>();
  #reference: string | undefined;
  #validUntil = -Infinity;
  #lastError: unknown;
  #timer: Timer | undefined;
  #renewal: Promise<string> | undefined;
  #closed = false;

  private constructor(options: DeviceAuthenticationOptions) {
    this.#options = options;
    this.#clock = options.clock ?? options.catalog.clock;
  }

  /**
   * Starts it; the first attestation is under way when this returns, and `renew()` waits for it. A failure is kept in
   * `lastError` and tried again after 5 minutes of clock time.
   * @throws SphereIotError `RENEWAL_INTERVAL_INVALID` when `renewEveryMs` is not above 0.
   */
  static start(options: DeviceAuthenticationOptions): DeviceAuthentication {
    checkOptions(options, 'DeviceAuthentication.start', '{ catalog, deviceId, store, clock }', RULES);
    const { renewEveryMs } = options;
    if (renewEveryMs !== undefined && !(renewEveryMs > 0))
      throw new SphereIotError('RENEWAL_INTERVAL_INVALID', `renewEveryMs must be above 0 ms; it is ${renewEveryMs}.`);
    const authentication = new DeviceAuthentication(options);
    authentication.#renewInBackground();
    return authentication;
  }

  /** Whether there is a DAA certificate that has not expired: what `Application_IsDeviceAuthReady` says. */
  get ready(): boolean {
    return this.#clock.now() < this.#validUntil;
  }

  /** The newest DAA credential's reference in the store. */
  get reference(): string | undefined {
    return this.#reference;
  }

  /** Why the last renewal failed, or what a listener threw after it; undefined when all went well. */
  get lastError(): unknown {
    return this.#lastError;
  }

  /**
   * Renews now, or joins a renewal that is under way; returns the new credential's reference in the store.
   * @throws SphereIotError `DEVICE_ID_INVALID` or `DEVICE_NOT_CLAIMED` from the catalog,
   * `DEVICE_AUTHENTICATION_CLOSED` after `close()`, also when that comes while it is under way.
   */
  renew(): Promise<string> {
    this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  /**
   * Calls `listener` with the new reference after each renewal; returns what stops that. What it throws is kept in
   * `lastError`, as the renewal is done.
   * @throws SphereIotError `ARGUMENT_INVALID`.
   */
  onRenewed(listener: (reference: string) => void): () => void {
    checkFunction('The listener of renewals', listener);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Stops renewing. What is in the store stays. Calling it twice is harmless. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#listeners.clear();
  }

  /** For `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #renewInBackground(): void {
    // The error is in lastError, and the next try is set.
    this.renew().catch(() => undefined);
  }

  async #renew(): Promise<string> {
    const { catalog, deviceId } = this.#options;
    this.#assertOpen();
    this.#timer?.cancel();
    let credential: Credential;
    try {
      credential = await catalog.attest(deviceId);
    } catch (error) {
      this.#lastError = error;
      this.#renewAfter(RETRY);
      throw error;
    }
    this.#assertOpen();
    return this.#install(credential);
  }

  #install(credential: Credential): string {
    const { store, renewEveryMs } = this.#options;
    const reference = store.install(DAA_ID, credential);
    this.#reference = reference;
    this.#validUntil = validityOf(credential.leaf).until;
    this.#lastError = undefined;
    // Never at once, whatever the lifetime: a certificate that is short or expired must not make it spin.
    const left = Math.max(1000, this.#validUntil - this.#clock.now());
    this.#renewAfter(renewEveryMs ?? Math.floor(left * RENEWAL_POINT));
    this.#notify(reference);
    return reference;
  }

  #notify(reference: string): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(reference);
      } catch (error) {
        this.#lastError = error;
      }
    }
  }

  #renewAfter(ms: number): void {
    if (this.#closed) return;
    this.#timer = this.#clock.setTimer(ms, () => this.#renewInBackground());
  }

  #assertOpen(): void {
    if (this.#closed)
      throw new SphereIotError(
        'DEVICE_AUTHENTICATION_CLOSED',
        'The device authentication is closed and renews nothing any more: start a new one.',
      );
  }
}
