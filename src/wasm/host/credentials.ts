import { DAA_ID, readCredential, type CertificateStore, type Credential } from '../../certificates/index.js';
import type { Clock } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { HostService } from '../generated/index.js';
import type { Gate } from '../gate.js';
import type { Memory } from '../memory.js';
import type { Diagnostics } from './diagnostics.js';

/** What C says in the place of PEM: CREDENTIAL_BINDING_FORMAT of native/adapters/credential_binding.h. */
const BINDING_TEXT = /^sphere-iot-credential:(\d+)$/;

/** For a binding that holds nothing. */
const nothing = (): void => undefined;

/** Which service a certificate is for. */
export type Service = 'dps' | 'hub';

const SERVICES: Readonly<Record<number, Service>> = { [HostService.dps]: 'dps', [HostService.hub]: 'hub' };

export interface CredentialsOptions {
  readonly store: CertificateStore;
  /** By which a custom chain has to be valid when it is handed over. */
  readonly clock: Clock;
  readonly gate: Gate;
  readonly diagnostics: Diagnostics;
}

interface Binding {
  /** The number of a custom chain, which goes with the binding. */
  installed: number | undefined;
  /** In the certificate store, `id:version`; undefined until there is a DAA certificate. */
  reference: string | undefined;
  /** Lets the store drop that, once it is superseded. */
  release: () => void;
  /** A connection was opened with it: too late for an override. */
  used: boolean;
}

/** A custom chain in the store. Held, as another SDK instance with the same store gives its chains the same ids. */
interface Installed {
  readonly reference: string;
  readonly release: () => void;
}

/**
 * Which certificate each client handle uses (host.h). A binding keeps the version of the DAA certificate that was the
 * newest when its handle was created, and holds it in the store, so that the SDK's own reconnect goes on with the old one,
 * as on the device.
 */
export class Credentials {
  readonly #options: CredentialsOptions;
  readonly #store: CertificateStore;
  readonly #bindings = new Map<number, Binding>();
  readonly #installed = new Map<number, Installed>();
  #next = 1;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#store = options.store;
  }

  /**
   * Puts a custom chain into the store; the number by which C knows it, or 0 if there is no chain or no key: that is C's
   * to refuse. What is wrong is in the diagnostics, too.
   * @throws SphereIotError what readCredential throws.
   */
  install(service: Service, chain: string | null, privateKey: string | null): number {
    const { clock, gate, diagnostics } = this.#options;
    if (!chain || !privateKey) {
      diagnostics.add(gate.worked, missing(chain ? 'private key' : 'certificate chain'));
      return 0;
    }
    try {
      const credential = readCredential(chain, privateKey, { service, clock });
      const number = this.#next++;
      const reference = this.#store.install(`custom-${number}`, credential);
      this.#installed.set(number, { reference, release: this.#store.hold(reference) });
      return number;
    } catch (error) {
      if (error instanceof SphereIotError) diagnostics.add(gate.worked, error);
      throw error;
    }
  }

  /** Takes a custom chain out of the store again. */
  discard(number: number): void {
    const installed = this.#installed.get(number);
    if (installed === undefined) return;
    this.#installed.delete(number);
    this.#store.remove(installed.reference);
    installed.release();
  }

  /** Gives the store back all that it has for handles that were not destroyed. */
  close(): void {
    for (const number of [...this.#installed.keys()]) this.discard(number);
    for (const number of [...this.#bindings.keys()]) this.#unbind(number);
  }

  /**
   * What a connection is to use for what C gave as certificate and key: the text of a binding, or PEM that the app set.
   * Whether it is still valid is the service's to say.
   */
  resolve(service: Service, certificate: string | undefined, privateKey: string | undefined): Credential | undefined {
    if (certificate === undefined) return undefined;
    const number = BINDING_TEXT.exec(certificate)?.[1];
    if (number === undefined) return readCredential(certificate, privateKey ?? '', { service });
    const binding = this.#bindings.get(Number(number));
    const reference = binding && this.#reference(binding);
    if (binding === undefined || reference === undefined)
      throw new SphereIotError(
        'CREDENTIAL_NOT_FOUND',
        'The device has no certificate: device authentication is not ready.',
      );
    binding.used = true;
    return this.#store.resolve(reference);
  }

  /** The imports of host.h. */
  imports(memory: Memory) {
    return {
      credential_bind: (): number => {
        const number = this.#next++;
        const binding: Binding = { installed: undefined, reference: undefined, release: nothing, used: false };
        this.#bindings.set(number, binding);
        this.#reference(binding);
        return number;
      },
      credential_release: (number: number): void => this.#unbind(number),
      credential_common_name: (number: number, name: number, capacity: number): number => {
        const binding = this.#bindings.get(number);
        const reference = number === 0 ? this.#store.current(DAA_ID) : binding && this.#reference(binding);
        return this.#writeName(memory, reference, name, capacity);
      },
      credential_install: (service: number, chain: number, privateKey: number): number => {
        try {
          return this.install(SERVICES[service] as Service, memory.textAt(chain), memory.textAt(privateKey));
        } catch (error) {
          if (error instanceof SphereIotError) return 0;
          throw error;
        }
      },
      credential_installed_name: (installed: number, name: number, capacity: number): number =>
        this.#writeName(memory, this.#installed.get(installed)?.reference, name, capacity),
      credential_discard: (installed: number): void => this.discard(installed),
      credential_override: (number: number, installed: number): number => {
        const binding = this.#bindings.get(number);
        const chain = this.#installed.get(installed);
        if (binding === undefined || binding.used || chain === undefined) return 1;
        this.discard(binding.installed ?? 0);
        binding.release();
        Object.assign(binding, { installed, reference: chain.reference, release: nothing });
        return 0;
      },
    };
  }

  /** The first certificate that comes is the binding's from then on. */
  #reference(binding: Binding): string | undefined {
    if (binding.reference !== undefined) return binding.reference;
    binding.reference = this.#store.current(DAA_ID);
    if (binding.reference !== undefined) binding.release = this.#store.hold(binding.reference);
    return binding.reference;
  }

  #unbind(number: number): void {
    const binding = this.#bindings.get(number);
    if (binding === undefined) return;
    this.discard(binding.installed ?? 0);
    binding.release();
    this.#bindings.delete(number);
  }

  #writeName(memory: Memory, reference: string | undefined, pointer: number, capacity: number): number {
    if (reference === undefined) return 0;
    const name = Buffer.from(this.#store.resolve(reference).commonName);
    if (name.length >= capacity) return 0;
    memory.bytes.set(name, pointer);
    memory.bytes[pointer + name.length] = 0;
    return name.length;
  }
}

function missing(what: string): SphereIotError {
  return new SphereIotError(
    'OVERRIDE_ARGUMENT_MISSING',
    `The ${what} is missing: an override takes a certificate chain and the private key of its leaf, both as PEM.`,
  );
}
