import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureVersion } from 'node:tls';

import { realClock, type Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import type { Endpoint, EndpointResolver } from '../transport/endpoint.js';
import { ProvisioningService, type ProvisioningOptions } from './dps/provisioning-service.js';
import { parseDpsUsername } from './dps/username.js';
import { CloudEvents, type CloudEvent, type NextEventOptions } from './cloud-events.js';
import { EventLog } from './event-log.js';
import { IotHub, type IotHubOptions } from './hub/iot-hub.js';
import { parseHubUsername } from './hub/username.js';
import { MqttConnection } from './mqtt/connection.js';
import type { ConnectRequest, ConnectVerdict, Link, MqttService } from './mqtt/service.js';
import { DPS_ENDPOINT, isLocalName, isLoopback, MQTT_PORT, WEBSOCKET_PORT } from './names.js';
import { createServerIdentity, type ServerIdentity } from './server-identity.js';
import { TlsServer, type Peer } from './tls-server.js';
import type { Watch } from './watch.js';
import { awaitFirstByte } from './websocket/first-byte.js';
import { WebSocketFront } from './websocket/websocket-front.js';

/** The first letter of `GET`; MQTT's CONNECT begins with 0x10. */
const HTTP = 'G'.charCodeAt(0);

const DEFAULT_HUB = 'contoso.azure-devices.net';
const DEFAULT_ID_SCOPE = '0ne00000000';

export interface LocalAzureOptions {
  /** All of the emulator's time. Default: the machine's. */
  readonly clock?: Clock;
  /** Full names of the hubs. Default: `contoso.azure-devices.net`. All are linked to DPS. */
  readonly hubs?: readonly string[];
  /** DPS's id scope. Default `0ne00000000`. */
  readonly idScope?: string;
  readonly dps?: ProvisioningOptions;
  /** For each hub. */
  readonly hub?: IotHubOptions;
  /** The highest TLS version. Default `TLSv1.2`; 1.0 and 1.1 are always refused. */
  readonly maxTlsVersion?: SecureVersion;
}

export interface ListenOptions {
  /** Address or name to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: any that is free. */
  readonly port?: number;
  /** Must be true for an address that other machines can reach. */
  readonly allowNonLoopback?: boolean;
}

/** What the servers saw before it was known which service was meant; `at` in clock ms. */
export type LocalAzureEvent =
  | { readonly type: 'handshakeFailed'; readonly at: number; readonly serverName?: string; readonly reason: string }
  | {
      /** A CONNECT whose server name and username fit no service. */
      readonly type: 'unknownService';
      readonly at: number;
      readonly serverName?: string;
      readonly username: string;
    }
  | {
      /** An HTTP request that is no WebSocket for MQTT; answered with 400. */
      readonly type: 'httpRefused';
      readonly at: number;
      readonly serverName?: string;
      /** With its query; none where the request could not be read. */
      readonly path?: string;
      readonly reason: string;
    }
  | {
      /** A connection ended; with a client id once it sent a CONNECT. Reasons of protocol are seen here. */
      readonly type: 'connectionClosed';
      readonly at: number;
      readonly clientId?: string;
      readonly reason: string;
    };

/**
 * Azure on this machine: a Device Provisioning Service and IoT Hubs, reached in-process through `resolve`, or by
 * unmodified clients through `listen`. Close it when done.
 */
export class LocalAzure {
  readonly dps: ProvisioningService;
  /** PEM of the root CA that the emulator's server certificate descends from: for clients to trust. New with each start. */
  readonly trustRoots: string;
  readonly #clock: Clock;
  readonly #hubs: readonly IotHub[];
  readonly #tls: TlsServer;
  readonly #webSockets: WebSocketFront;
  readonly #log = new EventLog<LocalAzureEvent>();
  readonly #events: CloudEvents;
  readonly #servers = new Set<Server>();
  #closed = false;

  private constructor(options: LocalAzureOptions, clock: Clock, identity: ServerIdentity) {
    this.#clock = clock;
    this.#hubs = hubNames(options).map((name) => new IotHub(name, clock, options.hub));
    this.dps = new ProvisioningService(options.idScope ?? DEFAULT_ID_SCOPE, this.#hubs, clock, options.dps);
    this.#events = new CloudEvents(clock);
    this.#gatherEvents();
    this.trustRoots = identity.trustRoots;
    this.#webSockets = new WebSocketFront({
      clock,
      opened: this.#mqtt.bind(this),
      refused: this.#httpRefused.bind(this),
    });
    this.#tls = new TlsServer({
      clock,
      credential: identity.credential,
      ...(options.maxTlsVersion === undefined ? {} : { maxVersion: options.maxTlsVersion }),
      secure: this.#secure.bind(this),
      failed: (reason, serverName) =>
        this.#log.add({
          type: 'handshakeFailed',
          at: clock.now(),
          ...(serverName === undefined ? {} : { serverName }),
          reason,
        }),
    });
  }

  /** Starts the services; nothing listens on a port until `listen` is called. */
  static async start(options: LocalAzureOptions = {}): Promise<LocalAzure> {
    const clock = options.clock ?? realClock;
    const identity = await createServerIdentity(clock, [DPS_ENDPOINT, ...hubNames(options)]);
    return new LocalAzure(options, clock, identity);
  }

  /**
   * A hub by its full name; without a name the first.
   * @throws SphereIotError `HUB_NOT_FOUND`.
   */
  hub(name?: string): IotHub {
    const hub = name === undefined ? this.#hubs[0] : this.#hubNamed(name);
    if (hub === undefined)
      throw new SphereIotError(
        'HUB_NOT_FOUND',
        `There is no hub ${name ?? ''} here, but ${this.#hubs.map((known) => known.name).join(', ') || 'none at all'}.`,
      );
    return hub;
  }

  /** The way to the services under their real names, on ports 8883 and 443; undefined for everything else and after `close`. */
  readonly resolve: EndpointResolver = (name, port): Endpoint | undefined => {
    const known = name.toLowerCase() === DPS_ENDPOINT || this.#hubNamed(name) !== undefined;
    if (this.#closed || !known || (port !== MQTT_PORT && port !== WEBSOCKET_PORT)) return undefined;
    return { kind: 'in-process', accept: (stream) => this.#tls.accept(stream) };
  };

  /**
   * Listens on a TCP port, with TLS, for clients that know nothing of the emulator. One port serves DPS and the hubs,
   * by MQTT and by MQTT over WebSocket: the SNI name says which is meant, or, for `localhost` and other names, the MQTT username. For real time only.
   * @returns The address, and the port that was chosen.
   * @throws SphereIotError `LISTEN_NOT_LOOPBACK`, `EMULATOR_CLOSED`; what Node throws where the port is taken.
   */
  async listen(options: ListenOptions = {}): Promise<{ host: string; port: number }> {
    const { host = '127.0.0.1', port = 0, allowNonLoopback = false } = options;
    if (!isLoopback(host) && !allowNonLoopback)
      throw new SphereIotError(
        'LISTEN_NOT_LOOPBACK',
        `Other machines could reach the emulator on ${host}. Listen on 127.0.0.1, or say allowNonLoopback: true.`,
      );
    if (this.#closed) throw new SphereIotError('EMULATOR_CLOSED', 'The emulator is closed: start a new one.');
    const server = createServer({ noDelay: true }, (socket: Socket) => this.#tls.accept(socket));
    this.#servers.add(server);
    await listening(server, host, port).catch((error: unknown) => {
      this.#servers.delete(server);
      throw error;
    });
    const address = server.address() as AddressInfo;
    return { host: address.address, port: address.port };
  }

  /**
   * What happened, oldest first: in DPS, in the hubs (`dps.events()` and `hub().events()` have each alone), before a
   * service was reached, and at every connection's end.
   */
  events(): readonly CloudEvent[] {
    return this.#events.entries();
  }

  /** Calls `listener` for each event from now on; returns what ends that. */
  onEvent(listener: (event: CloudEvent) => void): () => void {
    return this.#events.listen(listener);
  }

  /**
   * The oldest event for which `predicate` holds and which no call has returned yet; one that happened before the call
   * is not lost. Waits on the emulator's own state.
   * @throws SphereIotError `EVENT_TIMEOUT`, with the last events; `EMULATOR_CLOSED`; what `predicate` throws.
   */
  nextEvent<T extends CloudEvent>(predicate: (event: CloudEvent) => event is T, options?: NextEventOptions): Promise<T>;
  nextEvent(predicate?: (event: CloudEvent) => boolean, options?: NextEventOptions): Promise<CloudEvent>;
  nextEvent(predicate: (event: CloudEvent) => boolean = () => true, options?: NextEventOptions): Promise<CloudEvent> {
    return this.#events.next(predicate, options);
  }

  /** @internal For waits on conditions that change with events. */
  get watch(): Watch {
    return this.#events.watch;
  }

  /** Closes every connection and listener and ends every wait; leaves no timer. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true;
    const stopped = [...this.#servers].map((server) => new Promise((resolve) => server.close(resolve)));
    this.#servers.clear();
    this.#tls.close();
    for (const hub of this.#hubs) hub.close();
    this.dps.close();
    this.#log.close();
    this.#events.close();
    await Promise.all(stopped);
  }

  #gatherEvents(): void {
    this.#log.listen((event) => this.#events.add({ service: 'front', ...event }));
    this.dps.onEvent((event) => this.#events.add({ service: 'dps', ...event }));
    for (const hub of this.#hubs) hub.onEvent((event) => this.#events.add({ service: 'hub', hub: hub.name, ...event }));
  }

  /** MQTT or HTTP: the first byte says which, on every port. */
  #secure(socket: Duplex, peer: Peer): void {
    awaitFirstByte(socket, this.#clock, {
      came: (byte) => (byte === HTTP ? this.#webSockets.accept(socket, peer) : this.#mqtt(socket, peer)),
      none: (reason) => this.#connectionClosed(reason, undefined),
    });
  }

  #mqtt(stream: Duplex, peer: Peer): void {
    const service = { connect: this.#connect.bind(this) };
    new MqttConnection(stream, { clock: this.#clock, service, peer, closed: this.#connectionClosed.bind(this) });
  }

  #httpRefused(reason: string, { serverName }: Peer, path: string | undefined): void {
    this.#log.add({
      type: 'httpRefused',
      at: this.#clock.now(),
      ...(serverName === undefined ? {} : { serverName }),
      ...(path === undefined ? {} : { path }),
      reason,
    });
  }

  #connect(request: ConnectRequest, link: Link): ConnectVerdict {
    const service = this.#serviceFor(request);
    if (service !== undefined) return service.connect(request, link);
    const { username, peer } = request;
    this.#log.add({
      type: 'unknownService',
      at: this.#clock.now(),
      ...(peer.serverName === undefined ? {} : { serverName: peer.serverName }),
      username,
    });
    return { refuse: 5 };
  }

  /** By the SNI name; else by the username's shape. */
  #serviceFor({ peer, username }: ConnectRequest): MqttService | undefined {
    const name = peer.serverName;
    if (name === DPS_ENDPOINT) return this.dps;
    const bySni = name === undefined ? undefined : this.#hubNamed(name);
    if (bySni !== undefined) return bySni;
    if (parseDpsUsername(username) !== undefined) return this.dps;
    const hub = parseHubUsername(username)?.hub;
    if (hub === undefined) return undefined;
    const only = this.#hubs.length === 1 && isLocalName(hub) ? this.#hubs[0] : undefined;
    return this.#hubNamed(hub) ?? only;
  }

  #connectionClosed(reason: string, clientId: string | undefined): void {
    this.#log.add({
      type: 'connectionClosed',
      at: this.#clock.now(),
      ...(clientId === undefined ? {} : { clientId }),
      reason,
    });
  }

  #hubNamed(name: string): IotHub | undefined {
    return this.#hubs.find((hub) => hub.name === name.toLowerCase());
  }
}

function hubNames(options: LocalAzureOptions): readonly string[] {
  return options.hubs ?? [DEFAULT_HUB];
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // One that can't be accepted (no file descriptors left, for example) harms nobody else.
      server.on('error', () => undefined);
      resolve();
    });
  });
}
