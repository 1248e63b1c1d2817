import type { Duplex } from 'node:stream';
import { createDuplexPair } from '../../../transport/index.js';
import type { Clock } from '../../../clock/index.js';
import { SphereIotError } from '../../../errors.js';
import { HostError } from '../errors.js';
import { ANY, DEVICE, isLoopback, TESTER, type Address } from './address.js';
import type { Ports } from './ports.js';
import { Ready, type NetworkSocket } from './socket.js';

/** Bytes that wait in each direction, before sender or receiver has to. */
const BUFFER_SIZE = 65_536;

/** What Node's errors are for C, by their codes. */
const ERRORS: Readonly<Record<string, number>> = {
  CONNECTION_NOT_ALLOWED: HostError.access,
  ENDPOINT_NOT_MAPPED: HostError.unreachable,
  ECONNREFUSED: HostError.refused,
  ECONNRESET: HostError.reset,
  EHOSTUNREACH: HostError.unreachable,
  ENETUNREACH: HostError.noNetwork,
  ENOTFOUND: HostError.unreachable,
  EAI_AGAIN: HostError.unreachable,
  EPIPE: HostError.broken,
  ETIMEDOUT: HostError.timedOut,
};

/** What TCP sockets have in common. */
export interface TcpNetwork {
  readonly clock: Clock;
  readonly ports: Ports<TcpSocket>;
  /** Every stream that is not destroyed. */
  readonly streams: Set<Duplex>;
  /** Begins a stream to a host. @throws what openStream throws. */
  open(to: Address): Duplex;
  readonly ready: () => boolean;
  readonly refuse: (what: string) => void;
  /** Something has changed for the app. */
  readonly changed: () => void;
}

/** A TCP socket (host.h): what came waits here until C asks for it. */
export class TcpSocket implements NetworkSocket {
  readonly #network: TcpNetwork;
  #state: 'new' | 'connecting' | 'connected' | 'listening' = 'new';
  #local: Address | undefined;
  #remote: Address | undefined;
  /** The local port is this socket's own, to be released with it. */
  #bound = false;
  #stream: Duplex | undefined;
  readonly #received: Buffer[] = [];
  #receivedSize = 0;
  /** The peer sends no more. */
  #ended = false;
  #reads = true;
  #writes = true;
  /** HostError; 0: none. */
  #error = 0;
  /** connect has said that it is connected. */
  #told = false;
  #closed = false;
  /** Connections that were not accepted yet. */
  readonly #queue: TcpSocket[] = [];

  constructor(network: TcpNetwork) {
    this.#network = network;
  }

  get accepting(): boolean {
    return this.#state === 'listening';
  }

  ready(): number {
    if (this.#error !== 0) return Ready.input | Ready.output | Ready.error | Ready.closed;
    if (this.#state === 'listening') return this.#queue.length > 0 ? Ready.input : 0;
    if (this.#state === 'new') return Ready.output | Ready.closed;
    if (this.#state === 'connecting') return 0;
    const input = this.#receivedSize > 0 || this.#ended || !this.#reads;
    const output = !this.#writes || this.#room() > 0;
    const closed = (this.#ended || !this.#reads) && !this.#writes;
    return (input ? Ready.input : 0) | (output ? Ready.output : 0) | (closed ? Ready.closed : 0);
  }

  takeError(): number {
    const error = this.#error;
    this.#error = 0;
    return error;
  }

  connect(to: Address): number {
    if (this.#error !== 0) return this.takeError();
    if (this.#state === 'connecting') return HostError.already;
    if (this.#state !== 'new' || this.#told) return HostError.connected;
    if (this.#stream !== undefined) {
      this.#told = true;
      return 0;
    }
    return this.#begin(to);
  }

  #begin(to: Address): number {
    const { clock, ready, changed } = this.#network;
    if (!ready() && !isLoopback(to.ip)) return HostError.noNetwork;
    return 0;
  }
}
