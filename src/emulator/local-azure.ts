import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureVersion } from 'node:tls';

import { checkOptions, type Rules } from '../options.js';
import { aClock, anything, flag, list, number, oneOf, text, textList, whole } from '../rules.js';
import { asciiLowerCase } from '../ascii.js';
import { realClock, type Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import type { Endpoint, EndpointResolver } from '../transport/endpoint.js';
import type { Watch } from '../waiting/index.js';
import { ProvisioningService, type ProvisioningOptions } from './dps/provisioning-service.js';
import { parseDpsUsername } from './codec/dps-username.js';
import { CloudEvents, type CloudEvent, type NextEventOptions } from './observe/cloud-events.js';
import { DescriptorWatch } from './front/descriptor-watch.js';
import { EventLog } from './observe/event-log.js';
import type { FaultKind, FaultOptions, FaultTarget } from './faults/fault.js';
import { Faults } from './faults/faults.js';
import { HttpFront, type HttpRefusal } from './front/http/http-front.js';
import { pathParts, type HttpService } from './front/http/http-service.js';
import { IotHub, type IotHubOptions } from './hub/iot-hub.js';
import { parseHubUsername } from './codec/hub-username.js';
import { MqttConnection, type ConnectionEnd } from './front/mqtt/mqtt-connection.js';
import type { ConnectRequest, ConnectVerdict, Link } from './front/mqtt/mqtt-service.js';
import {
  DPS_ENDPOINT,
  dpsServiceEndpoint,
  HTTPS_PORT,
  isLocalName,
  isLoopback,
  MQTT_PORT,
} from './front/service-names.js';
import { createServerIdentity, type ServerIdentity } from './identity/server-identity.js';
import { NO_STATE, type StateStore } from './state/shelf.js';
import { StateFolder } from './state/state-folder.js';
import { StorageAccount, type StorageOptions } from './storage/storage-account.js';
import { TlsServer, type Peer } from './front/tls-server.js';
import { maskedTexts } from './observe/trace/payload.js';
import { Recording } from './observe/trace/recording.js';
import type { TraceEntry } from './observe/trace/trace-entry.js';
import { TRACE_RULES, Tracer, type TraceOptions } from './observe/trace/tracer.js';
import { awaitFirstByte } from './front/websocket/first-byte.js';

/** HTTP begins with a method, in capitals; MQTT's CONNECT with 0x10. */
const HTTP = { from: 'A'.charCodeAt(0), to: 'Z'.charCodeAt(0) };

/** What the paths of each service begin with, where no name says which is meant. */
const DPS_PATHS = /^(enrollments|enrollmentgroups|registrations)$/i;
const HUB_PATHS = /^(devices|twins|jobs|configurations|statistics|messages|digitaltwins)$/i;

const MAX_CONNECTIONS = 10_000;
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
  /** The storage account that the hubs' devices upload files to. */
  readonly storage?: StorageOptions;
  /** The highest TLS version. Default `TLSv1.2`; 1.0 and 1.1 are always refused. */
  readonly maxTlsVersion?: SecureVersion;
  /** Connections that are open at once, of every kind; one more is closed, with the event `handshakeFailed`. Default 10,000. */
  readonly maxConnections?: number;
  /** Faults that are there from the start; see `LocalAzure.faults`. */
  readonly faults?: readonly FaultOptions[];
  /** Of the faults with a probability: the same seed, the same faults. Default 1. */
  readonly faultSeed?: number;
  /**
   * A folder in which the services' state is kept, and from which it is loaded: see `docs/state.md`. Made where it is not there; else
   * it is empty, or an emulator's; for one emulator at a time. Default: nothing is kept.
   */
  readonly state?: string;
}

// The services judge their own.
export const AZURE_RULES: Rules<LocalAzureOptions> = {
  clock: aClock,
  hubs: textList,
  idScope: text,
  dps: anything,
  hub: anything,
  storage: anything,
  maxTlsVersion: oneOf('TLSv1.2', 'TLSv1.3'),
  faults: list,
  faultSeed: number,
  maxConnections: anything, // judged by checkLimit
  state: text,
};

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
      /** An HTTP request that no service took, or storage refused. What DPS and hubs refuse is in their own events. */
      readonly type: 'httpRefused';
      readonly at: number;
      readonly serverName?: string;
      /** What it was answered with. */
      readonly status: number;
      /** Without its query; none where the request could not be read. */
      readonly path?: string;
      readonly reason: string;
    }
  | {
      /** A connection ended; with a client id once it sent a CONNECT. Reasons of protocol are seen here. */
      readonly type: 'connectionClosed';
      readonly at: number;
      readonly clientId?: string;
      readonly reason: string;
    }
  | {
      /** The state can't be written to its folder: from now on clients are refused, and what is connected is disconnected. */
      readonly type: 'stateNotWritten';
      readonly at: number;
      readonly reason: string;
    }
  | {
      /** It is written again, with all that happened meanwhile; clients are let in. */
      readonly type: 'stateWritten';
      readonly at: number;
    }
  | {
      /** The process has no file descriptor left: connections are accepted no more, and closed before a word. */
      readonly type: 'notAccepting';
      readonly at: number;
      readonly reason: string;
    }
  | {
      /** It has some again: connections are accepted. */
      readonly type: 'accepting';
      readonly at: number;
    }
  | {
      /** A fault that was asked for has struck. */
      readonly type: 'fault';
      readonly at: number;
      readonly kind: FaultKind;
      /** Full name of the service that it struck. */
      readonly endpoint?: string;
      /** As its client id says it. */
      readonly device?: string;
    };

/** Of what the emulator is made. */
interface Parts {
  readonly identity: ServerIdentity;
  readonly storage: StorageAccount;
  readonly state: StateStore;
  /** The hubs are added as they come: whoever can't start closes them. */
  readonly started: IotHub[];
}

/**
 * Azure on this machine: a Device Provisioning Service, IoT Hubs and the storage account of their file uploads, reached
 * in-process through `resolve`, or by unmodified clients through `listen`. Close it when done.
 */
export class LocalAzure {
  readonly dps: ProvisioningService;
  /** PEM of the root CA that the emulator's server certificate descends from: for clients to trust. New with each start, unless kept. */
  readonly trustRoots: string;
  /** What is to go wrong: `cloud.faults.add({ kind: 'connack', code: 3 })`. See `docs/faults.md`. */
  readonly faults: Faults;
  readonly #clock: Clock;
  readonly #tracer: Tracer;
  readonly #open = new Set<MqttConnection>();
  readonly #hubs: readonly IotHub[];
  readonly #tls: TlsServer;
  readonly #storage: StorageAccount;
  readonly #http: HttpFront;
  readonly #log = new EventLog<LocalAzureEvent>(maskedTexts);
  readonly #events: CloudEvents;
  readonly #state: StateStore;
  readonly #servers = new Set<Server>();
  #descriptors: DescriptorWatch | undefined;
  #closed = false;

  private constructor(options: LocalAzureOptions, clock: Clock, { identity, storage, state, started }: Parts) {
    this.#clock = clock;
    this.#state = state;
    const { root } = state;
    this.#storage = storage;
    this.#tracer = new Tracer(clock);
    this.#events = new CloudEvents(clock);
    this.faults = new Faults({
      clock,
      seed: options.faultSeed ?? 1,
      isHub: (name) => this.#hubNamed(name) !== undefined,
      added: (fault) => [...this.#open].forEach((connection) => connection.faultAdded(fault)),
      struck: (kind, target) => this.#faultStruck(kind, target),
    });
    const { faults } = this;
    this.#hubs = hubNames(options).map((name) => {
      const room = root.room('hubs').room(asciiLowerCase(name));
      const last = (deviceId: string): string => this.#events.last(deviceId);
      const hub = new IotHub(name, { clock, faults, storage, room, last }, options.hub);
      started.push(hub);
      return hub;
    });
    const surroundings = { clock, faults, room: root.room('dps') };
    this.dps = new ProvisioningService(options.idScope ?? DEFAULT_ID_SCOPE, this.#hubs, surroundings, options.dps);
    this.#gatherEvents();
    state.onFault(this.#stateFault.bind(this));
    options.faults?.forEach((fault) => faults.add(fault));
    this.trustRoots = identity.trustRoots;
    this.#http = new HttpFront({
      clock,
      tracer: this.#tracer,
      saved: () => state.saved(),
      fault: () => state.fault,
      serviceFor: this.#httpServiceFor.bind(this),
      opened: (stream, peer) => this.#mqtt(stream, peer, () => stream.trust()),
      refused: this.#httpRefused.bind(this),
    });
    this.#tls = new TlsServer({
      clock,
      identity,
      faults: this.faults,
      tracer: this.#tracer,
      maxConnections: options.maxConnections ?? MAX_CONNECTIONS,
      ...(options.maxTlsVersion === undefined ? {} : { maxVersion: options.maxTlsVersion }),
      secure: this.#secure.bind(this),
      failed: (reason, { serverName }) =>
        this.#log.add({
          type: 'handshakeFailed',
          at: clock.now(),
          ...(serverName === undefined ? {} : { serverName }),
          reason,
        }),
    });
  }

  /**
   * Starts the services; nothing listens on a port until `listen` is called.
   * @throws SphereIotError `MAX_CONNECTIONS_INVALID`; with `state`: `STATE_FOLDER_NOT_EMPTY` (it holds something else), `STATE_FOLDER_IN_USE`,
   * `STATE_FOLDER_DAMAGED` (it names the file, or the entry), `STATE_FOLDER_NEWER`, `STATE_NOT_WRITTEN`, `STATE_STORE_MISSING` (in a
   * bundle); what Node throws where the folder can't be read.
   */
  static async start(options: LocalAzureOptions = {}): Promise<LocalAzure> {
    checkOptions(options, 'LocalAzure.start', '{ clock }', AZURE_RULES);
    const clock = options.clock ?? realClock;
    checkLimit(options.maxConnections);
    const state = options.state === undefined ? NO_STATE : await StateFolder.open(options.state, clock);
    const started: IotHub[] = [];
    try {
      const storage = new StorageAccount(clock, options.storage, state.root.room('storage'));
      const dpsNames = [DPS_ENDPOINT, dpsServiceEndpoint(options.dps?.serviceName)];
      const names = [...dpsNames, ...hubNames(options), storage.serverName];
      const identity = await createServerIdentity(clock, names, state.root);
      const azure = new LocalAzure(options, clock, { identity, storage, state, started });
      await state.accept();
      return azure;
    } catch (error) {
      for (const hub of started) hub.close();
      await state.close().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Resolves once all that happened so far is on the disk, at once without `state`. Devices are never told anything before that; who
   * changes something from here (`updateDesired`, `sendC2D`, enrollments) can wait for it.
   * @throws SphereIotError `STATE_NOT_WRITTEN`, `STATE_LOCK_LOST` (the folder's lock was removed): it is kept in memory, and tried again;
   * the event `stateWritten` tells when it went.
   */
  async saved(): Promise<void> {
    await this.#state.saved();
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
    const service = this.#serviceNamed(name);
    const isThere = port === HTTPS_PORT || (port === MQTT_PORT && service !== this.#storage);
    if (this.#closed || service === undefined || !isThere) return undefined;
    return { kind: 'in-process', accept: (stream) => this.#tls.accept(stream) };
  };

  /**
   * Listens on a TCP port, with TLS, for clients that know nothing of the emulator. One port serves DPS and the hubs,
   * by MQTT, by MQTT over WebSocket and by HTTPS: the SNI name says which is meant, or, for `localhost` and other names,
   * the MQTT username or the request. For real time only.
   * @returns The address, and the port that was chosen.
   * @throws SphereIotError `LISTEN_NOT_LOOPBACK`, `EMULATOR_CLOSED`; what Node throws where the port is taken.
   */
  async listen(options: ListenOptions = {}): Promise<{ host: string; port: number }> {
    checkOptions(options, 'listen', '{ port: 8883 }', {
      host: text,
      port: whole(0, 0xffff),
      allowNonLoopback: flag,
    });
    const { host = '127.0.0.1', port = 0, allowNonLoopback = false } = options;
    if (!isLoopback(host) && !allowNonLoopback)
      throw new SphereIotError(
        'LISTEN_NOT_LOOPBACK',
        `Other machines could reach the emulator on ${host}. Listen on 127.0.0.1, or say allowNonLoopback: true.`,
      );
    if (this.#closed) throw new SphereIotError('EMULATOR_CLOSED', 'The emulator is closed: start a new one.');
    const descriptors = (this.#descriptors ??= new DescriptorWatch(this.#accepting.bind(this)));
    const server = createServer({ noDelay: true }, (socket: Socket) => {
      this.#tls.accept(socket);
      descriptors.look();
    });
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
   * service was reached, and at the end of every MQTT connection.
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
   * @throws SphereIotError `TIMED_OUT`, with the last events; `EMULATOR_CLOSED`; what `predicate` throws.
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

  /**
   * Calls `listener` with everything that is seen on the connections from now on: TLS handshakes, WebSockets, MQTT
   * packets, HTTP, and ends; no password, no SAS signature. `formatTraceEntry` makes a line of text of an entry, and
   * `JSON.stringify` a line of JSON. What it throws is ignored.
   * @returns Ends it.
   */
  trace(listener: (entry: TraceEntry) => void, options?: TraceOptions): () => void {
    return this.#tracer.listen(listener, options);
  }

  /** The same, kept: to be compared with another recording, or written as JSON lines. Payloads are whole unless told otherwise. */
  record(options: TraceOptions = {}): Recording {
    checkOptions(options, 'record', '{ payloadLimit: 100 }', TRACE_RULES);
    return new Recording((listener) => this.trace(listener, { payloadLimit: Infinity, ...options }));
  }

  /**
   * Closes every connection and listener and ends every wait; leaves no timer. May be called twice. Of faults that have struck nothing,
   * and for which nobody asks (`faults.allStruck`), Node prints a warning, `FAULT_NEVER_STRUCK`.
   * @throws SphereIotError `STATE_NOT_WRITTEN`, `STATE_LOCK_LOST`, when all is closed.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const stopped = [...this.#servers].map((server) => new Promise((resolve) => server.close(resolve)));
    this.#servers.clear();
    this.#descriptors?.close();
    this.#tls.close();
    for (const hub of this.#hubs) hub.close();
    this.dps.close();
    this.#log.close();
    this.#tracer.close();
    this.faults.close();
    this.#events.close();
    await Promise.all(stopped);
    await this.#state.close().finally(() => this.faults.closed());
  }

  #stateFault(fault: SphereIotError | undefined): void {
    const at = this.#clock.now();
    if (fault === undefined) return this.#log.add({ type: 'stateWritten', at });
    this.#log.add({ type: 'stateNotWritten', at, reason: fault.message });
    for (const connection of [...this.#open]) connection.unsaved(fault);
  }

  #accepting(reason: string | undefined): void {
    const at = this.#clock.now();
    this.#log.add(reason === undefined ? { type: 'accepting', at } : { type: 'notAccepting', at, reason });
  }

  #gatherEvents(): void {
    this.#log.listen((event) => this.#events.add({ service: 'front', ...event }));
    this.dps.onEvent((event) => this.#events.add({ service: 'dps', ...event }));
    for (const hub of this.#hubs) hub.onEvent((event) => this.#events.add({ service: 'hub', hub: hub.name, ...event }));
  }

  /** MQTT or HTTP: the first byte says which, on every port. */
  #secure(socket: Duplex, peer: Peer): void {
    awaitFirstByte(socket, this.#clock, {
      came: (byte) =>
        byte >= HTTP.from && byte <= HTTP.to ? this.#http.accept(socket, peer) : this.#mqtt(socket, peer),
      none: (by, reason) => this.#connectionClosed(peer, { by, reason }),
    });
  }

  #mqtt(stream: Duplex, peer: Peer, accepted: () => void = () => undefined): void {
    const connection: MqttConnection = new MqttConnection(stream, {
      clock: this.#clock,
      service: { connect: this.#connect.bind(this) },
      peer,
      tracer: this.#tracer,
      faults: this.faults,
      saved: () => this.#state.saved(),
      target: this.#target.bind(this),
      accepted,
      closed: (end) => {
        this.#open.delete(connection);
        this.#connectionClosed(peer, end);
      },
    });
    this.#open.add(connection);
  }

  /** By the SNI name, else by the host that is asked for; under a local name, by the path. */
  #httpServiceFor(host: string, path: string, { serverName }: Peer): HttpService | undefined {
    const name = [serverName ?? '', host].find((known) => !isLocalName(known) && this.#serviceNamed(known));
    if (name !== undefined) return this.#serviceNamed(name);
    if (!isLocalName(host)) return undefined;
    const [first = '', second] = pathParts(path) ?? [];
    if (second === 'registrations' || DPS_PATHS.test(first)) return this.dps;
    if (HUB_PATHS.test(first)) return this.#hubs.length === 1 ? this.#hubs[0] : undefined;
    return this.#storage;
  }

  #serviceNamed(name: string): ProvisioningService | IotHub | StorageAccount | undefined {
    if ([DPS_ENDPOINT, this.dps.serviceEndpoint].includes(asciiLowerCase(name))) return this.dps;
    if (asciiLowerCase(name) === this.#storage.serverName) return this.#storage;
    return this.#hubNamed(name);
  }

  #httpRefused({ status, reason, path }: HttpRefusal, { serverName }: Peer): void {
    this.#log.add({
      type: 'httpRefused',
      at: this.#clock.now(),
      ...(serverName === undefined ? {} : { serverName }),
      status,
      ...(path === undefined ? {} : { path: path }),
      reason,
    });
  }

  #connect(request: ConnectRequest, link: Link): ConnectVerdict {
    if (this.#state.fault !== undefined) return { refuse: 3, reason: this.#state.fault.message };
    const fault = this.faults.take('connack', this.#target(request));
    if (fault !== undefined) return { refuse: fault.options.code };
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
  #serviceFor({ peer, username }: ConnectRequest): ProvisioningService | IotHub | undefined {
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

  /** At what faults have to be aimed to strike this client. */
  #target(request: ConnectRequest): FaultTarget {
    const service = this.#serviceFor(request);
    if (service === undefined) return { device: request.clientId };
    return { service: 'endpoint' in service ? service.endpoint : service.name, device: request.clientId };
  }

  #faultStruck(kind: FaultKind, { service, device }: FaultTarget): void {
    this.#log.add({
      type: 'fault',
      at: this.#clock.now(),
      kind,
      ...(service === undefined ? {} : { endpoint: service }),
      ...(device === undefined ? {} : { device }),
    });
  }

  #connectionClosed(peer: Peer, { by, reason, clientId }: ConnectionEnd): void {
    const origin = clientId === undefined ? peer : { ...peer, clientId };
    this.#tracer.add(origin, () => ({ type: 'closed', by, reason }));
    this.#log.add({
      type: 'connectionClosed',
      at: this.#clock.now(),
      ...(clientId === undefined ? {} : { clientId }),
      reason,
    });
  }

  #hubNamed(name: string): IotHub | undefined {
    return this.#hubs.find((hub) => hub.name === asciiLowerCase(name));
  }
}

function checkLimit(maxConnections = MAX_CONNECTIONS): void {
  if (Number.isSafeInteger(maxConnections) && maxConnections > 0) return;
  throw new SphereIotError(
    'MAX_CONNECTIONS_INVALID',
    `maxConnections is ${maxConnections}: give a whole number from 1 on.`,
  );
}

function hubNames(options: LocalAzureOptions): readonly string[] {
  return options.hubs ?? [DEFAULT_HUB];
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // A connection that can't be accepted harms nobody else. Where there is no file descriptor left, DescriptorWatch tells.
      server.on('error', () => undefined);
      resolve();
    });
  });
}
