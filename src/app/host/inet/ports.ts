import { HostError, type HostAddress } from '../../../wasm/index.js';

/** The first of the ports that are given to a socket that asks for none. */
const FIRST_EPHEMERAL = 49_152;
const LAST = 65_535;

/** The ports of TCP, or of UDP: what is bound to each, and what the manifest allows. */
export class Ports<T> {
  readonly #capability: string;
  readonly #allowed: readonly number[];
  readonly #refuse: (what: string) => void;
  readonly #bound = new Map<number, T>();
  #next = FIRST_EPHEMERAL;

  /** @param capability The one that lists `allowed`. */
  constructor(capability: string, allowed: readonly number[], refuse: (what: string) => void) {
    this.#capability = capability;
    this.#allowed = allowed;
    this.#refuse = refuse;
  }

  /** What is bound to a port. */
  at(port: number): T | undefined {
    return this.#bound.get(port);
  }

  /** Binds to an address, port 0: to one that is free. The address that it has then, or HostError. */
  bind(owner: T, { ip, port }: HostAddress): HostAddress | number {
    if (port !== 0 && !this.#allowed.includes(port)) {
      this.#refuse(`The manifest's capability ${this.#capability} does not list ${port}: bind fails with EACCES.`);
      return HostError.access;
    }
    if (this.#bound.has(port)) return HostError.addressInUse;
    const given = port === 0 ? this.ephemeral() : port;
    this.#bound.set(given, owner);
    return { ip, port: given };
  }

  release(port: number): void {
    this.#bound.delete(port);
  }

  /** The next port that nobody has. */
  ephemeral(): number {
    const port = this.#next;
    this.#next = port === LAST ? FIRST_EPHEMERAL : port + 1;
    return this.#bound.has(port) ? this.ephemeral() : port;
  }
}
