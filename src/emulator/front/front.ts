import type { Duplex } from 'node:stream';
import type { SecureVersion } from 'node:tls';

import type { Clock } from '../../clock/index.js';
import { defined } from '../../defined.js';
import type { SphereIotError } from '../../errors.js';
import type { Fault, FaultKind, FaultTarget } from '../faults/fault.js';
import type { Faults } from '../faults/faults.js';
import type { Lifetime } from '../lifetime.js';
import type { ServerIdentity } from '../identity/server-identity.js';
import { AmqpConnection } from './amqp/amqp-connection.js';
import { EventLog } from '../observe/event-log.js';
import { maskedTexts } from '../observe/trace/payload.js';
import type { Tracer } from '../observe/trace/tracer.js';
import type { StateStore } from '../state/store.js';
import type { LocalAzureEvent } from './front-events.js';
import { HttpFront, type HttpRefusal } from './http/http-front.js';
import type { AmqpService } from '../contract/amqp-service.js';
import type { HttpService } from '../contract/http-service.js';
import { MqttConnection, type ConnectionEnd } from './mqtt/mqtt-connection.js';
import type { ConnectRequest, MqttService } from '../contract/mqtt-service.js';
import type { Peer } from '../contract/peer.js';
import { TlsServer } from './tls-server.js';
import { awaitFirstByte } from './websocket/first-byte.js';
import { isAmqp } from './websocket/websocket-upgrade.js';

/** AMQP begins with its name, HTTP with a method in capitals, of which no service knows one with A; MQTT's CONNECT with 0x10. */
const AMQP = 'A'.charCodeAt(0);
const HTTP = { from: 'B'.charCodeAt(0), to: 'Z'.charCodeAt(0) };

/** Which service a client means; see ServiceRouter. */
export interface Router {
  ofConnect(request: ConnectRequest): MqttService | undefined;
  ofRequest(host: string, path: string, peer: Peer): HttpService | undefined;
  ofAmqp(host: string, peer: Peer): AmqpService | undefined;
  target(request: ConnectRequest): FaultTarget;
  isDps(host: string, peer: Peer): boolean;
}

export interface FrontOptions {
  readonly clock: Clock;
  readonly identity: ServerIdentity;
  readonly faults: Faults;
  readonly lifetime: Lifetime;
  readonly tracer: Tracer;
  readonly state: StateStore;
  readonly router: Router;
  readonly maxConnections: number;
  readonly maxTlsVersion: SecureVersion | undefined;
}

/** What is between a connection and its service: TLS, then MQTT, AMQP, HTTP, or one in a WebSocket; and what is seen on the way. */
export class Front {
  readonly #options: FrontOptions;
  readonly #tls: TlsServer;
  readonly #http: HttpFront;
  readonly #open = new Set<MqttConnection>();
  readonly #amqpOpen = new Set<AmqpConnection>();
  readonly #log: EventLog<LocalAzureEvent>;

  constructor(options: FrontOptions) {
    this.#log = new EventLog(options.lifetime, maskedTexts);
    this.#options = options;
    const { clock, identity, faults, tracer, state, router, maxConnections, maxTlsVersion } = options;
    this.#http = new HttpFront({
      clock,
      tracer,
      saved: () => state.saved(),
      fault: () => state.fault,
      serviceFor: (host, path, peer) => router.ofRequest(host, path, peer),
      isDps: (host, peer) => router.isDps(host, peer),
      opened: (stream, peer, protocol) =>
        isAmqp(protocol)
          ? this.#amqp(stream, peer, () => stream.trust())
          : this.#mqtt(stream, peer, () => stream.trust()),
      refused: (refusal, peer) => this.#httpRefused(refusal, peer),
    });
    this.#tls = new TlsServer({
      clock,
      identity,
      faults,
      tracer,
      maxConnections,
      maxVersion: maxTlsVersion,
      secure: (socket, peer) => this.#secure(socket, peer),
      failed: (reason, { serverName }) =>
        this.#log.add({ type: 'handshakeFailed', at: clock.now(), ...defined({ serverName }), reason }),
    });
    state.onFault((fault) => this.#stateFault(fault));
  }

  /** Takes a new connection. Never throws. */
  accept(stream: Duplex): void {
    this.#tls.accept(stream);
  }

  /** Calls `listener` for each event from now on. */
  onEvent(listener: (event: LocalAzureEvent) => void): void {
    this.#log.listen(listener);
  }

  /** A fault was added: what is open may be struck at once. */
  faultAdded(fault: Fault): void {
    for (const connection of [...this.#open]) connection.faultAdded(fault);
  }

  faultStruck(kind: FaultKind, { service, device }: FaultTarget): void {
    this.#log.add({ type: 'fault', at: this.#options.clock.now(), kind, ...defined({ endpoint: service, device }) });
  }

  /** @param reason Why connections are accepted no more; undefined: they are again. */
  accepting(reason: string | undefined): void {
    const at = this.#options.clock.now();
    this.#log.add(reason === undefined ? { type: 'accepting', at } : { type: 'notAccepting', at, reason });
  }

  /** Ends every connection. */
  close(): void {
    this.#tls.close();
  }

  /** Of the events; what closes later tells nobody. */
  closeLog(): void {
    this.#log.close();
  }

  /** MQTT, AMQP or HTTP: the first byte says which, on every port. */
  #secure(socket: Duplex, peer: Peer): void {
    awaitFirstByte(socket, this.#options.clock, {
      came: (byte) => {
        if (byte === AMQP) this.#amqp(socket, peer);
        else if (byte >= HTTP.from && byte <= HTTP.to) this.#http.accept(socket, peer);
        else this.#mqtt(socket, peer);
      },
      none: (by, reason) => this.#connectionClosed(peer, { by, reason }),
    });
  }

  #mqtt(stream: Duplex, peer: Peer, accepted: () => void = () => undefined): void {
    const { clock, tracer, faults, state, router } = this.#options;
    const connection: MqttConnection = new MqttConnection(stream, {
      clock,
      peer,
      tracer,
      faults,
      saved: () => state.saved(),
      stateFault: () => state.fault,
      serviceFor: (request) => router.ofConnect(request),
      target: (request) => router.target(request),
      unknown: (request) => this.#unknownService(request),
      accepted,
      closed: (end) => {
        this.#open.delete(connection);
        this.#connectionClosed(peer, end);
      },
    });
    this.#open.add(connection);
  }

  #amqp(stream: Duplex, peer: Peer, accepted: () => void = () => undefined): void {
    const { clock, state, router, tracer } = this.#options;
    const { fault } = state;
    if (fault !== undefined) {
      stream.destroy();
      return this.#connectionClosed(peer, { by: 'service', reason: fault.message });
    }
    const connection: AmqpConnection = new AmqpConnection(stream, {
      clock,
      saved: () => state.saved(),
      isTraced: () => tracer.isHeard,
      trace: (fact) => tracer.add(peer, fact),
      serviceFor: (host) => router.ofAmqp(host, peer),
      accepted,
      refused: (reason) => this.#amqpRefused(reason, peer),
      closed: (by, reason) => {
        this.#amqpOpen.delete(connection);
        this.#connectionClosed(peer, { by, reason });
      },
    });
    this.#amqpOpen.add(connection);
  }

  #amqpRefused(reason: string, { serverName }: Peer): void {
    this.#log.add({ type: 'amqpRefused', at: this.#options.clock.now(), ...defined({ serverName }), reason });
  }

  #stateFault(fault: SphereIotError | undefined): void {
    const at = this.#options.clock.now();
    if (fault === undefined) return this.#log.add({ type: 'stateWritten', at });
    this.#log.add({ type: 'stateNotWritten', at, reason: fault.message });
    for (const connection of [...this.#open]) connection.unsaved(fault);
    for (const connection of [...this.#amqpOpen]) connection.abort(fault.message);
  }

  #unknownService({ username, peer: { serverName } }: ConnectRequest): void {
    const at = this.#options.clock.now();
    this.#log.add({ type: 'unknownService', at, ...defined({ serverName }), username });
  }

  #httpRefused({ status, reason, path }: HttpRefusal, { serverName }: Peer): void {
    const at = this.#options.clock.now();
    this.#log.add({ type: 'httpRefused', at, ...defined({ serverName }), status, ...defined({ path }), reason });
  }

  #connectionClosed(peer: Peer, { by, reason, clientId }: ConnectionEnd): void {
    const origin = clientId === undefined ? peer : { ...peer, clientId };
    this.#options.tracer.add(origin, () => ({ type: 'closed', by, reason }));
    const at = this.#options.clock.now();
    this.#log.add({ type: 'connectionClosed', at, ...defined({ clientId }), reason });
  }
}
