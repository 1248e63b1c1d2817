import type { Clock } from '../../../clock/index.js';
import type { Network } from '../../../transport/index.js';
import type { HostAddress } from '../../../wasm/index.js';

/** Bytes that wait in each direction, before sender or receiver has to. */
export const BUFFER_SIZE = 65_536;

/** What the sockets of an app stand on. */
export interface SocketContext {
  readonly clock: Clock;
  /** What leaves the device goes through it. */
  readonly network: Network;
  /** Something has changed for the app. */
  readonly changed: () => void;
}

/** Bytes that were received, with where they came from. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly from: HostAddress;
  /** How long all of it was: of a datagram, more than there was room for. */
  readonly length: number;
}

/** What C can ask of a socket (host.h). Numbers are what C gets: 0 or a count, or HostError. */
export interface NetworkSocket {
  /** Where it is bound to, and what it is connected to. */
  readonly local: HostAddress | undefined;
  readonly remote: HostAddress | undefined;
  /** Whether it is a server's. */
  readonly accepting: boolean;
  ready(): number;
  connect(to: HostAddress): number;
  bind(to: HostAddress): number;
  listen(): number;
  /** The next connection, or HostError. */
  accept(): NetworkSocket | number;
  send(bytes: Uint8Array, to: HostAddress | undefined): number;
  receive(size: number, peek: boolean): Received | number;
  shutdown(reading: boolean, writing: boolean): number;
  /** HostError, which is forgotten; 0: none waits. */
  takeError(): number;
  close(): void;
}
