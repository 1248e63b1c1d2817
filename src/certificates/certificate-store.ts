import { SphereIotError } from '../errors.js';
import type { Credential } from './credential.js';

/**
 * The credentials of a device, by references of the form `id:version`. What its C code gets as "certificate" and "private
 * key" is none of them, but the number of a binding (`src/wasm/host/credentials.ts`), which holds one for a handle: no key
 * is ever in wasm memory.
 *
 * The version is there because the SDK, when it reconnects by itself, uses again what it was given first, while a new handle
 * asks anew: the one keeps the old certificate, the other gets the new one, as on the device. An old version therefore stays
 * while somebody holds it, a client handle for example; one that is superseded and that nobody holds is dropped, so that
 * daily renewals do not pile up.
 */
export class CertificateStore {
  readonly #credentials = new Map<string, Credential>();
  /** The last version of each id; never goes back, so that a reference never changes its meaning. */
  readonly #versions = new Map<string, number>();
  /** How many hold each reference; none: not in the map. */
  readonly #holders = new Map<string, number>();

  /** How many credentials it has: one of each id, and the superseded ones that are held. */
  get size(): number {
    return this.#credentials.size;
  }

  /**
   * Adds a credential as the newest of `id`; returns its reference, `id:version`, with versions from 1. The one that was
   * the newest is dropped, unless it is held.
   * @throws SphereIotError `CREDENTIAL_ID_INVALID` when the id is empty or has a colon.
   */
  install(id: string, credential: Credential): string {
    if (id === '' || id.includes(':'))
      throw new SphereIotError(
        'CREDENTIAL_ID_INVALID',
        `${JSON.stringify(id)} can't be a credential's id: it must not be empty or have a colon.`,
      );
    const superseded = this.current(id);
    const version = (this.#versions.get(id) ?? 0) + 1;
    const reference = `${id}:${version}`;
    this.#versions.set(id, version);
    this.#credentials.set(reference, credential);
    if (superseded !== undefined) this.#dropUnused(superseded);
    return reference;
  }

  /**
   * Keeps a credential, superseded or not, until the returned function was called; calling it twice is harmless.
   * @throws SphereIotError `CREDENTIAL_NOT_FOUND`.
   */
  hold(reference: string): () => void {
    this.resolve(reference);
    this.#holders.set(reference, (this.#holders.get(reference) ?? 0) + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#letGo(reference);
    };
  }

  /** The reference of the newest credential of `id` that was not removed. */
  current(id: string): string | undefined {
    for (let version = this.#versions.get(id) ?? 0; version > 0; version--) {
      const reference = `${id}:${version}`;
      if (this.#credentials.has(reference)) return reference;
    }
    return undefined;
  }

  /**
   * The credential behind a reference.
   * @throws SphereIotError `CREDENTIAL_NOT_FOUND` when it was never installed, or removed.
   */
  resolve(reference: string): Credential {
    const credential = this.#credentials.get(reference);
    if (credential === undefined) throw notFound(reference);
    return credential;
  }

  /**
   * Forgets a credential, held or not; connections that are open with it go on.
   * @throws SphereIotError `CREDENTIAL_NOT_FOUND` when there is none.
   */
  remove(reference: string): void {
    if (!this.#credentials.delete(reference)) throw notFound(reference);
  }

  #letGo(reference: string): void {
    const others = (this.#holders.get(reference) as number) - 1;
    if (others > 0) return void this.#holders.set(reference, others);
    this.#holders.delete(reference);
    this.#dropUnused(reference);
  }

  /** The rule of the class: what is superseded stays only while it is held. */
  #dropUnused(reference: string): void {
    const newest = this.current(reference.slice(0, reference.indexOf(':')));
    if (reference !== newest && !this.#holders.has(reference)) this.#credentials.delete(reference);
  }
}

/** A key that was passed where a reference belongs must not get into a message. */
function notFound(reference: string): SphereIotError {
  const shown = /^[^\n:]{1,200}:\d+$/.test(reference) ? reference : '(no reference of the form id:version)';
  return new SphereIotError(
    'CREDENTIAL_NOT_FOUND',
    `The certificate store has no credential ${shown}: it was never installed, or was removed.`,
  );
}
