import type { Duplex } from 'node:stream';

import { asciiLowerCase } from '../ascii.js';
import { errorsAtEnd, forgottenWalks, realClock, type Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import { checkOptions } from '../options.js';
import type { Endpoint, EndpointResolver } from '../transport/endpoint.js';
import type { Watch } from '../waiting/index.js';
import { ProvisioningService, type DpsSurroundings } from './dps/provisioning-service.js';
import { Faults } from './faults/faults.js';
import { Front } from './front/front.js';
import { Listener } from './front/listener.js';
import {
  AMQPS_PORT,
  DPS_ENDPOINT,
  dpsServiceEndpoint,
  eventHubNames,
  HTTPS_PORT,
  isLoopback,
  MQTT_PORT,
} from './service-names.js';
import { ServiceRouter } from './front/service-router.js';
import { IotHub, type HubSurroundings } from './hub/iot-hub.js';
import { Lifetime } from './lifetime.js';
import { createServerIdentity, type ServerIdentity } from './identity/server-identity.js';
import {
  AZURE_RULES,
  LISTEN_RULES,
  settingsOf,
  type ListenOptions,
  type LocalAzureOptions,
} from './local-azure-options.js';
import { CloudEvents, type CloudEvent, type NextEventOptions } from './events/cloud-events.js';
import { Recording } from './observe/trace/recording.js';
import type { TraceEntry } from './observe/trace/trace-entry.js';
import { TRACE_RULES, Tracer, type TraceOptions } from './observe/trace/tracer.js';
import { DpsService } from './service/dps/dps-service.js';
import { HubService } from './service/hub/hub-service.js';
import { NO_STATE, type StateStore } from './state/store.js';
import { StateFolder } from './state/state-folder.js';
import { StorageAccount } from './storage/storage-account.js';

const hubBackEnds: HubSurroundings['backEnds'] = (hub, namespace) => new HubService(hub, namespace);
const dpsBackEnds: DpsSurroundings['backEnds'] = (dps, namespace) => new DpsService(dps, namespace);

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
  readonly #tracer: Tracer;
  readonly #hubs: readonly IotHub[];
  readonly #storage: StorageAccount;
  readonly #router: ServiceRouter<ProvisioningService, IotHub, StorageAccount>;
  readonly #front: Front;
  readonly #listener: Listener;
  readonly #events: CloudEvents;
  readonly #state: StateStore;
  readonly #lifetime = new Lifetime();
  readonly #clock: Clock;
  #closed: Promise<void> | undefined;

  private constructor(options: LocalAzureOptions, clock: Clock, { identity, storage, state, started }: Parts) {
    const { hubs, idScope, maxConnections, faultSeed } = settingsOf(options);
    const { root } = state;
    this.#state = state;
    this.#storage = storage;
    this.trustRoots = identity.trustRoots;
    const lifetime = this.#lifetime;
    this.#clock = clock;
    const tracer = (this.#tracer = new Tracer(clock, lifetime));
    const events = (this.#events = new CloudEvents(clock, lifetime));
    const faults = (this.faults = new Faults({
      clock,
      seed: faultSeed,
      lifetime,
      isHub: (name) => this.#router.hub(name) !== undefined,
      added: (fault) => this.#front.faultAdded(fault),
      struck: (kind, target) => this.#front.faultStruck(kind, target),
    }));
    this.#hubs = hubs.map((name) => {
      const namespace = root.namespace('hubs').namespace(asciiLowerCase(name));
      const last = (deviceId: string): string => events.last(deviceId);
      const hub = new IotHub(
        name,
        { clock, faults, lifetime, storage, namespace, backEnds: hubBackEnds, last },
        options.hub,
      );
      started.push(hub);
      return hub;
    });
    const surroundings = { clock, faults, lifetime, namespace: root.namespace('dps'), backEnds: dpsBackEnds };
    this.dps = new ProvisioningService(idScope, this.#hubs, surroundings, options.dps);
    const router = (this.#router = new ServiceRouter({ dps: this.dps, hubs: this.#hubs, storage }));
    const { maxTlsVersion } = options;
    this.#front = new Front({
      clock,
      identity,
      faults,
      lifetime,
      tracer,
      state,
      router,
      maxConnections,
      maxTlsVersion,
    });
    this.#listener = new Listener({
      accept: (socket) => this.#front.accept(socket),
      accepting: (reason) => this.#front.accepting(reason),
    });
    this.#gatherEvents();
    options.faults?.forEach((fault) => faults.add(fault));
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
    const { hubs } = settingsOf(options);
    const state = options.state === undefined ? NO_STATE : await StateFolder.open(options.state, clock);
    const started: IotHub[] = [];
    try {
      const storage = new StorageAccount(clock, options.storage, state.root.namespace('storage'));
      const dpsNames = [DPS_ENDPOINT, dpsServiceEndpoint(options.dps?.serviceName)];
      const names = [...dpsNames, ...hubs.flatMap((hub) => [hub, eventHubNames(hub).host]), storage.serverName];
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
   * Resolves once all that happened so far is on the disk, at once without `state`. Devices are never told anything before that; a
   * caller that changes something from here (`updateDesired`, `sendC2D`, enrollments) can wait for it.
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
    const hub = name === undefined ? this.#hubs[0] : this.#router.hub(name);
    if (hub === undefined)
      throw new SphereIotError(
        'HUB_NOT_FOUND',
        `There is no hub ${name ?? ''} here, but ${this.#hubs.map((known) => known.name).join(', ') || 'none at all'}.`,
      );
    return hub;
  }

  /** The way to the services under their real names, on ports 8883, 5671 and 443; undefined for everything else and after `close`. */
  readonly resolve: EndpointResolver = (name, port): Endpoint | undefined => {
    if (this.#lifetime.isOver || !this.#isThere(name, port)) return undefined;
    return { kind: 'in-process', accept: (stream: Duplex) => this.#front.accept(stream) };
  };

  /**
   * Listens on a TCP port, with TLS, for clients that know nothing of the emulator. One port serves DPS and the hubs,
   * by MQTT, by MQTT over WebSocket and by HTTPS: the SNI name says which is meant, or, for `localhost` and other names,
   * the MQTT username or the request. For real time only.
   * @returns The address, and the port that was chosen.
   * @throws SphereIotError `LISTEN_NOT_LOOPBACK`, `EMULATOR_CLOSED`; what Node throws where the port is taken.
   */
  async listen(options: ListenOptions = {}): Promise<{ host: string; port: number }> {
    checkOptions(options, 'listen', '{ port: 8883 }', LISTEN_RULES);
    const { host = '127.0.0.1', port = 0, allowNonLoopback = false } = options;
    if (!isLoopback(host) && !allowNonLoopback)
      throw new SphereIotError(
        'LISTEN_NOT_LOOPBACK',
        `Other machines could reach the emulator on ${host}. Listen on 127.0.0.1, or say allowNonLoopback: true.`,
      );
    this.#lifetime.check();
    return this.#listener.listen(host, port);
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
   * `JSON.stringify` a line of JSON. What it throws harms no connection: `close` rejects with it.
   * @returns Ends it.
   * @throws SphereIotError `EMULATOR_CLOSED`.
   */
  trace(listener: (entry: TraceEntry) => void, options?: TraceOptions): () => void {
    return this.#tracer.listen(listener, options);
  }

  /** The same, kept: to be compared with another recording, or written as JSON lines. Payloads are whole unless told otherwise. Throws `EMULATOR_CLOSED`. */
  record(options: TraceOptions = {}): Recording {
    checkOptions(options, 'record', '{ payloadLimit: 100 }', TRACE_RULES);
    const { payloadLimit = Infinity } = options;
    return new Recording((listener) => this.trace(listener, { payloadLimit }));
  }

  /**
   * Closes every connection and listener and ends every wait; leaves no timer. Twice is harmless: what is wrong is told once.
   * @throws SphereIotError When all is closed: `STATE_NOT_WRITTEN`, `STATE_LOCK_LOST`; `FAULT_NEVER_STRUCK` (a fault was added, not removed, and has
   * struck nothing; not if `faults.allStruck` has told of it before); `WAIT_FORGOTTEN` (nobody awaits a wait, of the clock too, and it has not
   * come), `LISTENER_FAILED` (a listener threw: `cause`), `ATTESTATION_NEVER_REFUSED` (of a catalog on the same virtual clock).
   */
  async close(): Promise<void> {
    if (this.#closed !== undefined) return this.#closed.catch(() => undefined);
    this.#closed = this.#close();
    return this.#closed;
  }

  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#lifetime.end();
    const stopped = this.#listener.close();
    this.#front.close();
    for (const hub of this.#hubs) hub.close();
    this.dps.close();
    this.#front.closeLog();
    this.#tracer.close();
    this.faults.close();
    this.#events.close();
    await stopped;
    const errors: unknown[] = [];
    await this.#state.close().catch((error: unknown) => errors.push(error));
    // Promises that depend on waits, and that nobody handles, are told of before this is over: so a test framework knows of whose test they are.
    await new Promise((resolve) => setImmediate(resolve));
    const missed = this.faults.missed();
    if (missed !== undefined) errors.push(missed);
    errors.push(...errorsAtEnd(this.#clock), ...forgottenWalks(this.#clock));
    this.#lifetime.unseen.check(errors);
  }

  #isThere(name: string, port: number): boolean {
    const service = this.#router.named(name);
    const isHub = service instanceof IotHub || this.#router.hubOfEvents(name) !== undefined;
    if (port === AMQPS_PORT) return isHub;
    if (port === HTTPS_PORT) return isHub || service !== undefined;
    return port === MQTT_PORT && service !== undefined && service !== this.#storage;
  }

  #gatherEvents(): void {
    // The event is spread first: an object that begins with fields of its own and then spreads takes four times the memory in V8.
    this.#front.onEvent((event) => this.#events.add({ ...event, service: 'front' }));
    this.dps.onEvent((event) => this.#events.add({ ...event, service: 'dps' }));
    for (const hub of this.#hubs) hub.onEvent((event) => this.#events.add({ ...event, service: 'hub', hub: hub.name }));
  }
}
