import { HostError, HostReady, type HostAddress } from '../../../wasm/index.js';
import { ANY } from './address.js';
import type { Ports } from './ports.js';
import { BUFFER_SIZE, type NetworkSocket, type Received, type SocketContext } from './socket.js';

/** What a datagram over IPv4 can hold. */
const MAX_DATAGRAM_BYTES = 65_507;

/** Bytes that a datagram takes beside its own: of those without any, too, not many wait. */
const BYTES_BESIDE = 128;

/** What UDP sockets have in common. */
export interface UdpContext extends SocketContext {
  readonly ports: Ports<UdpSocket>;
  /** Sends a datagram on its way: 0, or HostError. */
  deliver(bytes: Buffer, from: HostAddress, to: HostAddress): number;
}

/** A UDP socket (host.h). */
export class UdpSocket implements NetworkSocket {
  readonly #context: UdpContext;
  readonly accepting = false;
  #local: HostAddress | undefined;
  #remote: HostAddress | undefined;
  readonly #queue: Received[] = [];
  #waiting = 0;

  constructor(context: UdpContext) {
    this.#context = context;
  }

  get local(): HostAddress | undefined {
    return this.#local;
  }

  get remote(): HostAddress | undefined {
    return this.#remote;
  }

  ready(): number {
    return HostReady.output | (this.#queue.length > 0 ? HostReady.input : 0);
  }

  takeError(): number {
    return 0;
  }

  connect(to: HostAddress): number {
    const error = this.#needPort();
    if (error === 0) this.#remote = to;
    return error;
  }

  bind(to: HostAddress): number {
    if (this.#local !== undefined) return HostError.invalid;
    const bound = this.#context.ports.bind(this, to);
    if (typeof bound === 'number') return bound;
    this.#local = bound;
    return 0;
  }

  #needPort(): number {
    return this.#local === undefined ? this.bind({ ip: ANY, port: 0 }) : 0;
  }

  listen(): number {
    return HostError.unsupported;
  }

  accept(): number {
    return HostError.unsupported;
  }

  send(bytes: Uint8Array, to: HostAddress | undefined): number {
    const target = to ?? this.#remote;
    if (target === undefined) return HostError.noAddress;
    if (bytes.length > MAX_DATAGRAM_BYTES) return HostError.tooLong;
    const error = this.#needPort();
    if (error !== 0) return error;
    const sent = this.#context.deliver(Buffer.from(bytes), this.#local as HostAddress, target);
    return sent === 0 ? bytes.length : sent;
  }

  /** A datagram comes. What finds no room is lost, as what does not come from the peer. */
  deliver(bytes: Uint8Array, from: HostAddress): void {
    const remote = this.#remote;
    if (remote !== undefined && (remote.ip !== from.ip || remote.port !== from.port)) return;
    if (this.#waiting + bytes.length > BUFFER_SIZE) return;
    this.#queue.push({ bytes, from, length: bytes.length });
    this.#waiting += bytes.length + BYTES_BESIDE;
    this.#context.changed();
  }

  receive(size: number, peek: boolean): Received | number {
    const first = this.#queue[0];
    if (first === undefined) return HostError.again;
    if (!peek) {
      this.#queue.shift();
      this.#waiting -= first.length + BYTES_BESIDE;
    }
    return { ...first, bytes: first.bytes.subarray(0, size) };
  }

  shutdown(): number {
    return this.#remote === undefined ? HostError.notConnected : 0;
  }

  close(): void {
    if (this.#local !== undefined) this.#context.ports.release(this.#local.port);
  }
}
