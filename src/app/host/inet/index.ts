import { known } from '../../../known.js';
import type { Duplex } from 'node:stream';
import { contentBytes } from '../../../content.js';
import { SphereIotError, messageOf } from '../../../errors.js';
import type { Unseen } from '../../../waiting/index.js';
import { createDuplexPair, openStream, type Endpoint, type EndpointResolver } from '../../../transport/index.js';
import {
  HostError,
  HostInetType,
  readHostAddress,
  writeHostAddress,
  type Gate,
  type HostAddress,
  type InetImports,
  type Memory,
} from '../../../wasm/index.js';
import type { AppManifest } from '../../manifest.js';
import { notAllowed } from '../../connections.js';
import { ANY, DEVICE, isLoopback, Names, TESTER } from './address.js';
import { Ports } from './ports.js';
import type { NetworkSocket, SocketContext } from './socket.js';
import { TcpSocket } from './tcp-socket.js';
import { UdpSocket } from './udp-socket.js';

/**
 * Plays a server: gets the other end of each connection. To refuse one, it throws an error with a `code` as ECONNREFUSED. What else it throws
 * refuses it, too, and `SphereApp.close` throws it.
 */
export type AppServer = (stream: Duplex) => void;

/** Plays a server of datagrams: gets each one, and may answer, at once or later. */
export type DatagramServer = (datagram: Buffer, send: (answer: string | Uint8Array) => void) => void;

export interface NetworkSocketsOptions extends SocketContext {
  readonly memory: Memory;
  readonly gate: Gate;
  readonly manifest: AppManifest;
  /** All that the app can connect to, the servers of `serve` among it. Throws where the manifest does not list it. */
  readonly resolve: EndpointResolver;
  readonly allowInternet: boolean;
  readonly unseen: Unseen;
  readonly refuse: (what: string) => void;
}

/** The sockets of the app's own (host.h), and what is at their other ends. */
export class NetworkSockets {
  readonly #options: NetworkSocketsOptions;
  readonly #names = new Names();
  readonly #sockets = new Map<number, NetworkSocket>();
  #next = 0;
  readonly #streams = new Set<Duplex>();
  readonly #tcp: Ports<TcpSocket>;
  readonly #udp: Ports<UdpSocket>;
  readonly #servers = new Map<string, AppServer>();
  readonly #datagramServers = new Map<string, DatagramServer>();
  /** What gets the datagrams that are sent to a port of the tester's. */
  readonly #testers = new Map<number, (datagram: Buffer) => void>();
  #nextTester = 1024;
  #closed: (number: number) => void = () => undefined;

  constructor(options: NetworkSocketsOptions) {
    const { manifest, refuse } = options;
    this.#options = options;
    this.#tcp = new Ports('AllowedTcpServerPorts', manifest.allowedTcpServerPorts, refuse);
    this.#udp = new Ports('AllowedUdpServerPorts', manifest.allowedUdpServerPorts, refuse);
  }

  /** What `serve` has at a name and port. */
  endpoint(name: string, port: number): Endpoint | undefined {
    const accept = this.#servers.get(where(name, port));
    return accept && { kind: 'in-process', accept: (stream) => this.#accept(accept, ignoringErrors(stream)) };
  }

  /** An error with the code of an operating system refuses the connection; another one is a fault of the server. */
  #accept(accept: AppServer, stream: Duplex): void {
    try {
      accept(stream);
    } catch (error) {
      const { code } = Object(error) as { readonly code?: unknown };
      if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) throw error;
      this.#options.unseen.tell('a server that a test plays', () => {
        throw error;
      });
      stream.destroy();
      throw Object.assign(new Error('The server that the test plays threw.', { cause: error }), {
        code: 'ECONNREFUSED',
      });
    }
  }

  serve(name: string, port: number, server: AppServer): void {
    this.#servers.set(where(name, port), server);
  }

  serveDatagrams(name: string, port: number, server: DatagramServer): void {
    this.#datagramServers.set(where(name, port), server);
  }

  /** @throws SphereIotError `PORT_CLOSED` where the app does not listen. */
  connect(port: number): Duplex {
    const from = { ip: TESTER, port: this.#nextTester++ };
    const connects = this.#options.network.connects();
    const stream = connects ? this.#connectHere({ ip: DEVICE, port }, from) : undefined;
    if (stream !== undefined) return ignoringErrors(stream);
    const why = connects ? 'The app does not listen on it' : 'The device has no network';
    throw new SphereIotError('PORT_CLOSED', `TCP port ${port} can't be connected to. ${why}.`);
  }

  /** @throws SphereIotError `PORT_CLOSED` where the app has bound nothing to the port. */
  sendDatagram(port: number, datagram: string | Uint8Array, answered: (answer: Buffer) => void): void {
    const socket = this.#udp.at(port);
    if (socket === undefined)
      throw new SphereIotError('PORT_CLOSED', `The app has bound no socket to UDP port ${port}.`);
    const from = { ip: TESTER, port: this.#nextTester++ };
    this.#testers.set(from.port, answered);
    const bytes = contentBytes(datagram, 'a datagram');
    this.#options.network.datagram('in', bytes.length, () => this.#later(() => socket.deliver(bytes, from)));
  }

  /** A TCP socket of the app's; C asks for no other kind. */
  tcp(number: number): TcpSocket {
    return known(this.#sockets.get(number), 'socket', number) as TcpSocket;
  }

  /** Calls `closed` for each socket that the app closes. */
  onClose(closed: (number: number) => void): void {
    this.#closed = closed;
  }

  /** As when a process ends: what was sent still goes out. */
  end(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  /** Ends it at once. */
  close(): void {
    this.end();
    for (const stream of this.#streams) stream.destroy();
  }

  /** The imports of host.h. */
  imports(): InetImports {
    return { ...this.#nameImports(), ...this.#connectionImports(), ...this.#dataImports() };
  }

  #socketAt(number: number): NetworkSocket {
    return known(this.#sockets.get(number), 'socket', number);
  }

  /** The result of a call that has consequences before the clock moves on. */
  #acting(result: number): number {
    this.#options.gate.activity++;
    return result;
  }

  #nameImports() {
    const { memory } = this.#options;
    return {
      inet_look_up: (name: number, ip: number): number => {
        const found = this.#names.lookUp(memory.textAt(name) ?? '');
        if (found === undefined) return HostError.noEntry;
        if (!isLoopback(found) && !this.#options.network.resolves()) return HostError.again;
        memory.view.setUint32(ip, found, true);
        return 0;
      },
      inet_leads_somewhere: (name: number, port: number): number =>
        Number(this.#leadsSomewhere(memory.textAt(name) ?? '', port)),
    };
  }

  /** Sockets, and how they are bound and connected. */
  #connectionImports() {
    const { memory, gate } = this.#options;
    return {
      inet_socket: (type: number): number =>
        this.#add(type === HostInetType.stream ? this.#tcpSocket() : this.#udpSocket()),
      inet_close: (number: number): void => {
        this.#socketAt(number).close();
        this.#sockets.delete(number);
        this.#closed(number);
        gate.activity++;
      },
      inet_connect: (number: number, to: number): number =>
        this.#acting(this.#socketAt(number).connect(readHostAddress(memory, to))),
      inet_bind: (number: number, to: number): number => this.#socketAt(number).bind(readHostAddress(memory, to)),
      inet_listen: (number: number): number => this.#acting(this.#socketAt(number).listen()),
      inet_accepting: (number: number): number => Number(this.#socketAt(number).accepting),
      inet_accept: (number: number, from: number): number => {
        const socket = this.#socketAt(number).accept();
        if (typeof socket === 'number') return socket;
        writeHostAddress(memory, from, socket.remote ?? { ip: ANY, port: 0 });
        return this.#add(socket);
      },
      inet_shutdown: (number: number, reading: number, writing: number): number =>
        this.#acting(this.#socketAt(number).shutdown(reading !== 0, writing !== 0)),
      inet_address: (number: number, peer: number, address: number): number => {
        const { local, remote } = this.#socketAt(number);
        if (peer !== 0 && remote === undefined) return HostError.notConnected;
        writeHostAddress(memory, address, (peer !== 0 ? remote : local) ?? { ip: ANY, port: 0 });
        return 0;
      },
    };
  }

  /** What a socket sends and receives, and whether it can. */
  #dataImports() {
    const { memory } = this.#options;
    return {
      inet_ready: (number: number): number => this.#socketAt(number).ready(),
      inet_send: (number: number, bytes: number, size: number, to: number): number =>
        this.#acting(
          this.#socketAt(number).send(memory.bytesAt(bytes, size), to === 0 ? undefined : readHostAddress(memory, to)),
        ),
      inet_receive: (number: number, buffer: number, size: number, peek: number, from: number): number => {
        const received = this.#socketAt(number).receive(size >>> 0, peek !== 0);
        if (typeof received === 'number') return received;
        memory.bytes.set(received.bytes, buffer);
        writeHostAddress(memory, from, received.from);
        return received.length;
      },
      inet_take_error: (number: number): number => this.#socketAt(number).takeError(),
    };
  }

  /** Whether a stream to a name leads to a server; the log says where not. For a name that the manifest does not list, connect fails. */
  #leadsSomewhere(name: string, port: number): boolean {
    const { resolve, allowInternet, refuse } = this.#options;
    const ip = this.#names.lookUp(name);
    if (ip !== undefined && isLoopback(ip)) return true;
    try {
      if (resolve(name, port) !== undefined || allowInternet) return true;
      refuse(
        `${where(name, port)} can't be reached: map it to an emulator, play its server with serve, or set allowInternet.`,
      );
      return false;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENDPOINT_NOT_MAPPED') return true;
      refuse(messageOf(error));
      return false;
    }
  }

  #add(socket: NetworkSocket): number {
    this.#sockets.set(this.#next, socket);
    return this.#next++;
  }

  #tcpSocket(): TcpSocket {
    const open = (to: HostAddress, from: HostAddress): Duplex => this.#open(to, from);
    return new TcpSocket({ ...this.#options, ports: this.#tcp, streams: this.#streams, open });
  }

  #udpSocket(): UdpSocket {
    const deliver = (bytes: Buffer, from: HostAddress, to: HostAddress): number => this.#deliver(bytes, from, to);
    return new UdpSocket({ ...this.#options, ports: this.#udp, deliver });
  }

  #open(to: HostAddress, from: HostAddress): Duplex {
    const name = this.#names.of(to.ip);
    const here = isHere(to);
    const stream = here ? this.#connectHere(to, from) : undefined;
    if (stream !== undefined) return stream;
    if (here && this.endpoint(name, to.port) === undefined)
      throw Object.assign(new Error('Nothing listens there.'), { code: 'ECONNREFUSED' });
    const options = here
      ? { ...this.#options, resolve: (...of: [string, number]) => this.endpoint(...of), network: undefined }
      : this.#options;
    const note = (error: unknown): void => {
      if (error instanceof SphereIotError) this.#options.refuse(messageOf(error));
    };
    try {
      return openStream(options, name, to.port).on('error', note);
    } catch (error) {
      note(error);
      throw error;
    }
  }

  /** To a socket of the app that listens; undefined: none does. */
  #connectHere(to: HostAddress, from: HostAddress): Duplex | undefined {
    const listener = this.#tcp.at(to.port);
    if (listener?.accepting !== true) return undefined;
    const { clock, network } = this.#options;
    const [device, peer] = createDuplexPair(clock, from.ip === TESTER ? network.connection() : undefined);
    listener.connectedFrom(device, from, to);
    return peer;
  }

  #deliver(bytes: Buffer, bound: HostAddress, to: HostAddress): number {
    const error = isHere(to) ? 0 : this.#notSendable(to);
    if (error !== 0) return error;
    const receive = this.#receiverAt(to, bound);
    if (receive !== undefined) {
      const arrive = (): void => this.#later(() => receive(bytes));
      if (isHere(to)) arrive();
      else this.#options.network.datagram('out', bytes.length, arrive);
    } else {
      const nobody = isHere(to) ? 'the app has no socket there. If another app of the device has, ' : '';
      this.#options.refuse(
        `A datagram to ${where(this.#names.of(to.ip), to.port)} is lost: ${nobody}play its server with serveDatagrams.`,
      );
    }
    return 0;
  }

  /** Why nothing can be sent to an address: HostError, or 0. */
  #notSendable(to: HostAddress): number {
    const { network, manifest, refuse } = this.#options;
    if (!network.connects()) return HostError.noNetwork;
    const refused = this.#testerAt(to) === undefined ? notAllowed(manifest, this.#names.of(to.ip)) : undefined;
    if (refused === undefined) return 0;
    refuse(refused.message);
    return HostError.access;
  }

  /** What gets datagrams at an address: the app, the test, or a server that it plays, which may answer. */
  #receiverAt(to: HostAddress, bound: HostAddress): ((datagram: Buffer) => void) | undefined {
    const own = isHere(to) ? this.#udp.at(to.port) : undefined;
    if (own !== undefined) return (datagram) => own.deliver(datagram, { ip: to.ip, port: bound.port });
    const server = this.#datagramServers.get(where(this.#names.of(to.ip), to.port));
    if (server === undefined) return this.#testerAt(to);
    return (datagram) =>
      server(datagram, (answer) => {
        const bytes = contentBytes(answer, 'a datagram');
        const arrive = (): void => this.#udp.at(bound.port)?.deliver(bytes, to);
        if (isHere(to)) arrive();
        else this.#options.network.datagram('in', bytes.length, arrive);
      });
  }

  #testerAt({ ip, port }: HostAddress): ((datagram: Buffer) => void) | undefined {
    return ip === TESTER ? this.#testers.get(port) : undefined;
  }

  /** The other end runs beside the app, not inside its call; the clock waits for it. */
  #later(run: () => void): void {
    const release = this.#options.clock.hold('a datagram under way');
    setImmediate(() => {
      this.#options.unseen.tell('datagrams', run);
      release();
    });
  }
}

/** The errors of a connection are the app's doing: a test need not listen to them. */
function ignoringErrors(stream: Duplex): Duplex {
  return stream.on('error', () => undefined);
}

function where(name: string, port: number): string {
  return `${name.toLowerCase()}:${port}`;
}

function isHere({ ip }: HostAddress): boolean {
  return ip === ANY || ip === DEVICE || isLoopback(ip);
}
