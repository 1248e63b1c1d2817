import { defined } from '../../defined.js';
import { checkOptions, type Rules } from '../../options.js';
import * as rules from '../../rules.js';
import { asciiLowerCase } from '../../ascii.js';
import type { Clock, Timer } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import type { Lifetime } from '../lifetime.js';
import { CertificateList } from '../identity/certificate-list.js';
import { asItIs, EventLog } from '../observe/event-log.js';
import type { Faults } from '../faults/faults.js';
import type { AmqpService } from '../contract/amqp-service.js';
import type { HttpAnswer, HttpHead, HttpRequest, HttpService } from '../contract/http-service.js';
import type {
  ConnectRequest,
  ConnectVerdict,
  Link,
  MqttService,
  RefusalCode,
  UndocumentedTopic,
} from '../contract/mqtt-service.js';
import { isLocalName } from '../service-names.js';
import { checked, oneOf, shape, text } from '../state/shape.js';
import { consecutive } from '../state/ids.js';
import type { Namespace } from '../state/store.js';
import { SharedLimit, type Sharer } from '../observe/numbered-log.js';
import { maskedTexts } from '../observe/trace/payload.js';
import type { AccessPolicies } from '../identity/access-policies.js';
import type { StorageAccount } from '../storage/storage-account.js';
import type { HubBackEnds, ServedHub } from './hub-back-ends.js';
import { checkDevice, type Authentication, type AuthenticationFailure, type Shown } from './authentication.js';
import { checkDeviceId, DeviceRegistry, type DeviceIdentity, type RegistryListener } from './device-registry.js';
import { DeviceState } from './device-state.js';
import { EventHub } from './event-hub.js';
import type { HubEvent } from './hub-events.js';
import { feedbackOf, type FeedbackRecord } from './feedback.js';
import {
  answerHubRequest,
  checkContainerName,
  isFileUploadPath,
  MAX_HUB_BODY_BYTES,
  type FileUploadOptions,
} from './file-upload-endpoint.js';
import { HubDevice } from './hub-device.js';
import { HubSession } from './hub-session.js';
import { keptDevice, keptDevices } from './kept-state.js';
import { answerMessageRequest, isMessagePath } from './message-endpoint.js';
import { MAX_TELEMETRY_BYTES } from './telemetry.js';
import { twinDocument } from './twin-document.js';
import type { TwinSnapshot } from './twin.js';
import { parseHubUsername, type HubUsername } from '../codec/hub-username.js';

const DEFAULT_TELEMETRY_LIMIT = 100_000;
/** Bytes of the messages that are kept of all devices, roughly: a process that is given a million messages goes on. */
const MAX_KEPT_TELEMETRY_BYTES = 128 * 1024 * 1024;

export interface IotHubOptions {
  /** The CONNACK code for a disabled device: 5, or 3 as older reports show it (protocol.md#refusals). Default 5. */
  readonly disabledReturnCode?: 3 | 5 | undefined;
  /** What becomes of a PUBLISH to a topic that is not documented, or another device's. Default `close`. */
  readonly undocumentedTopic?: UndocumentedTopic | undefined;
  /**
   * What becomes of telemetry with a property bag that has an unencoded slash, or a second `=`, within a property: Azure was seen to end
   * the connection (protocol.md#property-bag). Default `close`; `take` reads it.
   */
  readonly unencodedProperties?: 'close' | 'take' | undefined;
  /** How many messages of each device are kept. Default 100 000. Of all devices together, the newest 128 MiB are. */
  readonly telemetryLimit?: number | undefined;
  /**
   * After how many deliveries a cloud-to-device message that is not acknowledged is given up. Default: never, as only
   * abandoning counts, which a device on MQTT can't do (protocol.md#cloud-to-device).
   */
  readonly maxDeliveryCount?: number | undefined;
  /** File upload (protocol.md#file-upload); false: the hub has no storage, and says so (400014). Default: with its own defaults. */
  readonly fileUpload?: FileUploadOptions | false | undefined;
  /** How many devices it takes. Default: any number. */
  readonly maxDevices?: number | undefined;
  /** Partitions of the Event Hubs-compatible endpoint, 1 to 32. Default 4. */
  readonly partitions?: number | undefined;
  /** Its consumer groups beside `$Default`. */
  readonly consumerGroups?: readonly string[] | undefined;
}

const RULES: Rules<IotHubOptions> = {
  disabledReturnCode: rules.oneOf(3, 5),
  undocumentedTopic: rules.oneOf('close', 'ignore'),
  unencodedProperties: rules.oneOf('close', 'take'),
  telemetryLimit: rules.count,
  maxDeliveryCount: rules.count,
  fileUpload: { words: 'an object, or false', fits: (value) => value === false || rules.isPlain(value) },
  maxDevices: rules.count,
  partitions: rules.count,
  consumerGroups: rules.textList,
};
const UPLOAD_RULES: Rules<FileUploadOptions> = { containerName: rules.text, sasTtlMs: rules.whole(60_000, 86_400_000) };

/** @internal What LocalAzure has for all hubs. */
export interface HubSurroundings {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly lifetime: Lifetime;
  /** For file uploads. */
  readonly storage: StorageAccount;
  /** Where it keeps its state. */
  readonly namespace: Namespace;
  /** Makes the side that back ends talk to. */
  readonly backEnds: (hub: ServedHub, namespace: Namespace) => HubBackEnds;
  /** What happened last at the services, to a device above all, in whole sentences. */
  readonly last: (deviceId: string) => string;
}

/** One IoT Hub: identities, twins, and the MQTT and HTTP that its devices speak to it (protocol.md#hub-connect). */
export class IotHub implements MqttService, HttpService {
  /** The full name, in lower case, for example `contoso.azure-devices.net`. */
  readonly name: string;
  /** The hub's own CA certificates, which have nothing to do with those of DPS. */
  readonly certificates: CertificateList;
  readonly devices: DeviceRegistry;
  /** The shared access policies of back ends, with their keys and connection strings: `docs/service-side.md`. */
  readonly policies: AccessPolicies;
  /** The Event Hubs-compatible endpoint: its names, consumer groups and partitions. */
  readonly eventHub: EventHub;
  readonly #clock: Clock;
  readonly #backEnds: HubBackEnds;
  readonly #options: IotHubOptions;
  readonly #faults: Faults;
  readonly #storage: StorageAccount;
  readonly #namespace: Namespace;
  readonly #last: (deviceId: string) => string;
  readonly #lifetime: Lifetime;
  readonly #log: EventLog<HubEvent>;
  readonly #feedback: EventLog<FeedbackRecord>;
  readonly #telemetryBytes = new SharedLimit(MAX_KEPT_TELEMETRY_BYTES);
  readonly #states = new Map<string, DeviceState>();
  readonly #views = new Map<string, HubDevice>();
  #closed = false;

  /** @internal Use LocalAzure. */
  constructor(name: string, surroundings: HubSurroundings, options: IotHubOptions = {}) {
    const { clock, faults, lifetime, storage, namespace, backEnds, last } = surroundings;
    checkOptions(options, 'a hub', '{ maxDevices: 100 }', RULES);
    if (options.fileUpload) {
      checkOptions(options.fileUpload, 'file upload', "{ containerName: 'uploads' }", UPLOAD_RULES);
      checkContainerName(options.fileUpload);
    }
    this.name = asciiLowerCase(name);
    this.eventHub = new EventHub(this.name, clock.now(), options);
    this.#clock = clock;
    this.#options = options;
    this.#faults = faults;
    this.#storage = storage;
    this.#namespace = namespace;
    this.#last = last;
    this.certificates = new CertificateList(clock, namespace, lifetime);
    this.#lifetime = lifetime;
    this.#log = new EventLog(lifetime, maskedTexts);
    this.#feedback = new EventLog(
      lifetime,
      asItIs,
      namespace.collection('feedback', checked(keptFeedback, consecutive)),
    );
    const listener: RegistryListener = {
      created: (identity) => {
        const state = this.#state(identity.deviceId);
        state.isKnown = true;
        state.forget();
        this.#lifecycle('deviceCreated', identity);
      },
      disabled: (deviceId) => this.#state(deviceId).link?.close('the device was disabled'),
      deleted: (identity) => {
        this.#backEnds.deviceDeleted(identity.deviceId);
        this.#lifecycle('deviceDeleted', identity);
        const state = this.#state(identity.deviceId);
        state.link?.close('the device was deleted');
        state.forget();
      },
    };
    this.devices = new DeviceRegistry(clock, this.name, options.maxDevices ?? Infinity, listener, namespace, lifetime);
    this.#backEnds = backEnds(
      {
        name: this.name,
        eventHub: this.eventHub,
        clock,
        devices: this.devices,
        device: (deviceId) => this.device(deviceId),
        onFeedback: (told) => this.onFeedback(told),
        onEvent: (told) => this.onEvent(told),
      },
      namespace,
    );
    this.policies = this.#backEnds.policies;
    try {
      for (const deviceId of keptDevices(namespace)) this.#state(deviceId).isKnown = true;
      this.#telemetryBytes.arrange(byAge([...this.#states.values()]));
      this.eventHub.restore(new Map([...this.#states].map(([deviceId, { telemetry }]) => [deviceId, telemetry])));
    } catch (error) {
      // Messages of other devices wait for their expiry already.
      this.close();
      throw error;
    }
  }

  /**
   * The device as seen from the cloud, the same object each time; its identity need not exist yet.
   * @throws SphereIotError `DEVICE_ID_INVALID`.
   */
  device(deviceId: string): HubDevice {
    checkDeviceId(deviceId);
    let view = this.#views.get(deviceId);
    if (view === undefined) {
      view = new HubDevice(this.#state(deviceId), {
        clock: this.#clock,
        lifetime: this.#lifetime,
        identity: () => this.devices.get(deviceId),
        checkKnown: () => this.#checkKnown(deviceId),
        last: () => this.#last(deviceId),
      });
      this.#views.set(deviceId, view);
    }
    return view;
  }

  /** @internal Gives a device another twin as a whole, as DPS does; nothing is sent to the device. */
  restoreTwin(deviceId: string, twin: TwinSnapshot): void {
    this.#state(deviceId).restoreTwin(twin);
  }

  /** What happened, on the wire and in the registry, oldest first. */
  events(): readonly HubEvent[] {
    return this.#log.entries();
  }

  /** Calls `listener` for each event from now on; returns what ends that. */
  onEvent(listener: (event: HubEvent) => void): () => void {
    return this.#log.listen(listener);
  }

  /**
   * What became of the cloud-to-device messages that asked for it (`ack`), oldest first: each record at once, where the
   * service sends batches (protocol.md#cloud-to-device).
   */
  feedback(): readonly FeedbackRecord[] {
    return this.#feedback.entries();
  }

  /** Calls `listener` for each feedback record from now on; returns what ends that. */
  onFeedback(listener: (record: FeedbackRecord) => void): () => void {
    return this.#feedback.listen(listener);
  }

  /** @internal */
  connect(request: ConnectRequest, link: Link): ConnectVerdict {
    const username = parseHubUsername(request.username);
    if (username === undefined) return this.#refuse('', refused('the username is not {hub}/{device}[/?api-version=…]'));
    const verdict = this.#authenticate(request, username);
    if (!verdict.ok) return this.#refuse(username.deviceId, verdict);
    return this.#accept(username, request, link, verdict.expiresAt);
  }

  /**
   * What a consumer of events is given: `Endpoint=sb://…/;SharedAccessKeyName=…;SharedAccessKey=…;EntityPath=…`. A secret.
   * @throws SphereIotError `POLICY_NOT_FOUND`.
   */
  eventHubConnectionString(keyName = 'service'): string {
    const { host, name } = this.eventHub;
    const { primaryKey } = this.policies.get(keyName).keys;
    return `Endpoint=sb://${host}/;SharedAccessKeyName=${keyName};SharedAccessKey=${primaryKey};EntityPath=${name}`;
  }

  /** @internal */
  get amqp(): AmqpService {
    return this.#backEnds.amqp;
  }

  /** @internal */
  maxBodyBytes(head: HttpHead): number {
    if (isMessagePath(head.path)) return MAX_TELEMETRY_BYTES;
    return isFileUploadPath(head.path) ? MAX_HUB_BODY_BYTES : this.#backEnds.maxBodyBytes(head);
  }

  /** @internal Of devices, messages and file uploads; of back ends, everything else. */
  http(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    const context = {
      clock: this.#clock,
      authenticate: (deviceId: string, { peer, headers }: HttpRequest) =>
        this.#check(deviceId, { ...peer, password: Buffer.from(headers.authorization ?? '') }),
      device: (deviceId: string) => this.#state(deviceId),
    };
    if (isMessagePath(request.path)) return answerMessageRequest(request, context);
    if (!isFileUploadPath(request.path)) return this.#backEnds.http(request);
    return answerHubRequest(request, {
      ...context,
      storage: this.#storage,
      options: this.#options.fileUpload ?? {},
      log: (event) => this.#log.add(event),
    });
  }

  /** @internal Ends every wait; connections are closed by their server. */
  close(): void {
    this.#closed = true;
    this.#backEnds.close();
    for (const state of this.#states.values()) state.close();
    this.#log.close();
    this.#feedback.close();
  }

  #checkKnown(deviceId: string): void {
    if (this.#state(deviceId).isKnown || this.devices.has(deviceId)) return;
    throw new SphereIotError(
      'DEVICE_NOT_FOUND',
      `${this.name} has never had a device ${deviceId} (ids are case-sensitive). Whether it has one, hub.devices.has says.`,
    );
  }

  #lifecycle(type: 'deviceCreated' | 'deviceDeleted', identity: DeviceIdentity): void {
    const { deviceId } = identity;
    const state = this.#state(deviceId);
    const twin = twinDocument(identity, state.twin.snapshot(), state.link !== undefined);
    this.#log.add({ type, at: this.#clock.now(), deviceId, twin });
  }

  #authenticate(request: ConnectRequest, username: HubUsername): Authentication {
    const hub = asciiLowerCase(username.hub);
    if (hub !== this.name && !isLocalName(hub)) return refused(`the username names ${username.hub}, not ${this.name}`);
    // Modules find their place here.
    if (username.moduleId !== undefined) return refused(`modules are not supported (${username.moduleId})`);
    if (request.clientId !== username.deviceId)
      return refused(`the client id ${request.clientId} is not the device id ${username.deviceId}`);
    return this.#check(username.deviceId, { ...request.peer, password: request.password });
  }

  #check(deviceId: string, shown: Shown): Authentication {
    return checkDevice(deviceId, shown, {
      clock: this.#clock,
      hub: this.name,
      devices: this.devices,
      certificates: this.certificates,
      policies: this.policies,
    });
  }

  #refuse(deviceId: string, failure: AuthenticationFailure): ConnectVerdict {
    const returnCode: RefusalCode = failure.disabled ? (this.#options.disabledReturnCode ?? 5) : 5;
    const { reason } = failure;
    this.#log.add({ type: 'authenticationFailed', at: this.#clock.now(), deviceId, returnCode, reason });
    return { refuse: returnCode };
  }

  #accept(username: HubUsername, request: ConnectRequest, link: Link, expiresAt?: number): ConnectVerdict {
    const { deviceId } = username;
    const device = this.#state(deviceId);
    // MQTT-3.1.4-2; 400027 (protocol.md#hub-connect).
    device.link?.close('taken over by a newer connection of the same device (400027)');
    const sessionPresent = this.#beginSession(device, request.cleanSession);
    const expiry = this.#closeAt(expiresAt, link);
    const session = new HubSession({
      clock: this.#clock,
      device,
      link,
      ...defined({ will: request.will }),
      undocumentedTopic: this.#options.undocumentedTopic ?? 'close',
      takesUnencoded: this.#options.unencodedProperties === 'take',
      opened: () => this.#connected(device, link, username, sessionPresent),
      subscriptionRefused: (filter, reason) =>
        this.#log.add({ type: 'subscriptionRefused', at: this.#clock.now(), deviceId, filter, reason }),
      closed: (reason) => {
        expiry?.cancel();
        this.#disconnected(device, link, reason);
      },
    });
    return { session, sessionPresent };
  }

  /** A SAS token that expires ends its connection (protocol.md#hub-connect). */
  #closeAt(expiresAt: number | undefined, link: Link): Timer | undefined {
    if (expiresAt === undefined) return undefined;
    return this.#clock.setTimer(expiresAt - this.#clock.now(), () => link.close('the SAS token expired (401003)'));
  }

  /** MQTT-3.1.2-4 to 3.1.2-6, 3.2.2-1 to 3.2.2-3. */
  #beginSession(device: DeviceState, clean: boolean): boolean {
    const sessionPresent = !clean && device.hasSession;
    if (!sessionPresent) device.subscriptions.clear();
    // protocol.md#hub-connect.
    if (clean) device.c2d.purge('the device connected with a clean session');
    device.hasSession = !clean;
    return sessionPresent;
  }

  #connected(device: DeviceState, link: Link, username: HubUsername, sessionPresent: boolean): void {
    const { deviceId, modelId, clientType } = username;
    device.setLink(link, username.apiVersion !== undefined);
    this.#log.add({
      type: 'connected',
      at: this.#clock.now(),
      deviceId,
      sessionPresent,
      ...defined({ modelId, clientType }),
    });
    device.c2d.connected(link, sessionPresent);
    device.watch.changed();
  }

  #disconnected(device: DeviceState, link: Link, reason: string): void {
    if (device.link === link) device.setLink(undefined, false);
    if (!device.hasSession && device.link === undefined) device.subscriptions.clear();
    this.#log.add({ type: 'disconnected', at: this.#clock.now(), deviceId: device.deviceId, reason });
    device.watch.changed();
  }

  #state(deviceId: string): DeviceState {
    let state = this.#states.get(deviceId);
    if (state === undefined) {
      state = this.#newState(deviceId);
      if (this.#closed) state.close();
      this.#states.set(deviceId, state);
    }
    return state;
  }

  #newState(deviceId: string): DeviceState {
    const state: DeviceState = new DeviceState({
      clock: this.#clock,
      deviceId,
      received: (number) => this.eventHub.add({ deviceId, log: state.telemetry, number }),
      faults: this.#faults.at({ service: this.name, device: deviceId }),
      telemetryLimit: this.#options.telemetryLimit ?? DEFAULT_TELEMETRY_LIMIT,
      telemetryBytes: this.#telemetryBytes,
      maxDeliveryCount: this.#options.maxDeliveryCount,
      kept: keptDevice(this.#namespace, deviceId),
      finished: (message, outcome) => {
        const record = feedbackOf(deviceId, message, outcome);
        if (record !== undefined) this.#feedback.add(record);
      },
      twinChanged: (change) => this.#log.add({ type: 'twinChanged', at: this.#clock.now(), deviceId, ...change }),
    });
    return state;
  }
}

const keptFeedback = shape({
  ...{ originalMessageId: text, enqueuedTimeUtc: text, description: text, deviceId: text, deviceGenerationId: text },
  statusCode: oneOf('Success', 'Expired', 'DeliveryCountExceeded', 'Rejected', 'Purged'),
});

/** Whose telemetry is each message of the devices, oldest first. */
function byAge(states: readonly DeviceState[]): Sharer[] {
  const messages = states.flatMap(({ telemetry }) =>
    telemetry.all().map(({ enqueuedTime }) => ({ telemetry, enqueuedTime })),
  );
  return messages.sort((a, b) => a.enqueuedTime - b.enqueuedTime).map(({ telemetry }) => telemetry);
}

function refused(reason: string): AuthenticationFailure {
  return { ok: false, reason };
}
