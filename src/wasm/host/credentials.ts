import { known } from '../../known.js';
import { DAA_ID, readCredential, type CertificateStore, type Credential } from '../../certificates/index.js';
import type { Clock } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { HostService } from '../generated/index.js';
import type { Gate } from '../gate.js';
import type { Memory } from '../memory.js';
import type { Diagnostics } from './diagnostics.js';

/** The text that C has in the place of PEM: CREDENTIAL_BINDING_FORMAT of native/adapters/credential_binding.h. */
const BINDING_TEXT = /^sphere-iot-credential:(\d+)$/;

/** Which service a certificate is for. */
export type Service = 'dps' | 'hub';

const SERVICES: Readonly<Record<number, Service>> = { [HostService.dps]: 'dps', [HostService.hub]: 'hub' };

export interface CredentialsOptions {
  readonly store: CertificateStore;
  /** A custom chain has to be valid by it when it is installed. */
  readonly clock: Clock;
  readonly gate: Gate;
  readonly diagnostics: Diagnostics;
}

/** A credential that C knows by a number. */
interface Held {
  readonly credential: Credential;
  /** Lets the store drop it. */
  readonly release: () => void;
}

interface Binding {
  /** Undefined until there is a DAA certificate; held, so that renewals do not drop it. */
  held: Held | undefined;
  /** A connection was opened with it: too late for an override. */
  used: boolean;
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
  /** Custom chains that are no handle's yet. */
  readonly #installed = new Map<number, Held>();
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
      this.#installed.set(number, this.#keep(`custom-${number}`, credential));
      return number;
    } catch (error) {
      if (error instanceof SphereIotError) diagnostics.add(gate.worked, error);
      throw error;
    }
  }

  /** Gives the store back all that it has for handles that were not destroyed. */
  close(): void {
    for (const number of [...this.#installed.keys()]) this.#discard(number);
    for (const number of [...this.#bindings.keys()]) this.#unbind(number);
  }

  /**
   * What a connection is to use for what C gave as certificate and key: the text of a binding, or PEM that the app set,
   * whose common name IoT Hub has to take. Whether it is still valid, and DPS takes it, is the service's to say.
   */
  resolve(certificate: string | undefined, privateKey: string | undefined): Credential | undefined {
    if (certificate === undefined) return undefined;
    const number = BINDING_TEXT.exec(certificate)?.[1];
    if (number === undefined) return readCredential(certificate, privateKey ?? '', { service: 'hub' });
    const binding = this.#bindings.get(Number(number));
    const credential = binding && this.#credentialOf(binding);
    if (binding === undefined || credential === undefined)
      throw new SphereIotError(
        'CREDENTIAL_NOT_FOUND',
        'The device has no certificate: device authentication is not ready.',
      );
    binding.used = true;
    return credential;
  }

  /** The imports of host.h. */
  imports(memory: Memory) {
    return {
      credential_bind: (): number => {
        const number = this.#next++;
        this.#bindings.set(number, { held: this.#newest(), used: false });
        return number;
      },
      credential_release: (number: number): void => this.#unbind(number),
      credential_common_name: (number: number, name: number, capacity: number): number => {
        const binding = this.#bindings.get(number);
        const credential = number === 0 ? this.#current() : binding && this.#credentialOf(binding);
        return this.#writeName(memory, credential, name, capacity);
      },
      credential_install: (service: number, chain: number, privateKey: number): number => {
        try {
          return this.install(
            known(SERVICES[service], 'service', service),
            memory.textAt(chain),
            memory.textAt(privateKey),
          );
        } catch (error) {
          if (error instanceof SphereIotError) return 0;
          throw error;
        }
      },
      credential_installed_name: (installed: number, name: number, capacity: number): number =>
        this.#writeName(memory, this.#installed.get(installed)?.credential, name, capacity),
      credential_discard: (installed: number): void => this.#discard(installed),
      credential_override: (number: number, installed: number): number => {
        const binding = this.#bindings.get(number);
        const chain = this.#installed.get(installed);
        if (binding === undefined || binding.used || chain === undefined) return 1;
        this.#installed.delete(installed);
        binding.held?.release();
        binding.held = chain;
        return 0;
      },
    };
  }

  /** The first DAA certificate that comes is the binding's from then on. */
  #credentialOf(binding: Binding): Credential | undefined {
    binding.held ??= this.#newest();
    return binding.held?.credential;
  }

  /** The newest DAA certificate. */
  #current(): Credential | undefined {
    const reference = this.#store.current(DAA_ID);
    return reference === undefined ? undefined : this.#store.resolve(reference);
  }

  /** The same, held. */
  #newest(): Held | undefined {
    const reference = this.#store.current(DAA_ID);
    if (reference === undefined) return undefined;
    return { credential: this.#store.resolve(reference), release: this.#store.hold(reference) };
  }

  /** Keeps a custom chain in the store until it is released. Held, as another SDK instance with the same store gives its chains the same ids. */
  #keep(id: string, credential: Credential): Held {
    const reference = this.#store.install(id, credential);
    const release = this.#store.hold(reference);
    return {
      credential,
      release: () => {
        this.#store.remove(reference);
        release();
      },
    };
  }

  #discard(installed: number): void {
    this.#installed.get(installed)?.release();
    this.#installed.delete(installed);
  }

  #unbind(number: number): void {
    this.#bindings.get(number)?.held?.release();
    this.#bindings.delete(number);
  }

  #writeName(memory: Memory, credential: Credential | undefined, pointer: number, capacity: number): number {
    if (credential === undefined) return 0;
    const length = Buffer.byteLength(credential.commonName);
    if (length >= capacity) return 0;
    memory.setTextWithin(pointer, capacity, credential.commonName);
    return length;
  }
}

function missing(what: string): SphereIotError {
  return new SphereIotError(
    'OVERRIDE_ARGUMENT_MISSING',
    `The ${what} is missing: an override takes a certificate chain and the private key of its leaf, both as PEM.`,
  );
}
