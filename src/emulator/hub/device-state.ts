import type { Clock } from '../../clock/index.js';
import { Watch } from '../../waiting/index.js';
import { emulatorClosed } from '../observe/emulator-closed.js';
import type { AimedFaults } from '../faults/faults.js';
import type { GrantedQos, Link } from '../contract/mqtt-service.js';
import { NumberedLog, type SharedLimit } from '../observe/numbered-log.js';
import { sizeOf } from '../observe/size-of.js';
import type { C2dOutcome, QueuedMessage } from './c2d-message.js';
import { C2dQueue, type C2dRoute } from './c2d-queue.js';
import { c2dFilter } from './c2d-topic.js';
import { FileUploads } from './file-uploads.js';
import { MethodCalls } from './method-calls.js';
import type { KeptDevice } from './kept-state.js';
import type { Telemetry } from './telemetry.js';
import { Twin, type TwinChange, type TwinSnapshot } from './twin.js';

export interface DeviceStateOptions {
  readonly clock: Clock;
  readonly deviceId: string;
  readonly faults: AimedFaults;
  readonly telemetryLimit: number;
  /** Of the bytes of the hub's devices together. */
  readonly telemetryBytes: SharedLimit;
  /** See IotHubOptions. */
  readonly maxDeliveryCount: number | undefined;
  readonly kept: KeptDevice;
  /** Telemetry came: its number in the log. */
  received(number: number): void;
  /** A cloud-to-device message ended. */
  finished(message: QueuedMessage, outcome: C2dOutcome): void;
  twinChanged(change: TwinChange): void;
}

/** Everything a hub keeps of one device beside its identity, its connection included. */
export class DeviceState {
  readonly deviceId: string;
  /** What is to go wrong with it. */
  readonly faults: AimedFaults;
  /** Told of every change. */
  readonly watch = new Watch();
  readonly telemetry: NumberedLog<Telemetry>;
  readonly methods: MethodCalls;
  readonly c2d: C2dQueue;
  readonly uploads: FileUploads;
  twin: Twin;
  /** Whether the hub has it, or has had it. */
  isKnown = false;
  /** Whether the device reported something since its identity was created. */
  hasReported = false;
  /** Filter → granted QoS; outlives the connection unless that asked for a clean session. */
  subscriptions = new Map<string, GrantedQos>();
  /** Whether there is a session to come back to (MQTT-3.2.2-2). */
  hasSession = false;
  link: Link | undefined;
  /** Whether its CONNECT had an api-version: without one there are no twins and no methods (protocol.md#hub-connect). */
  hasApiVersion = false;
  /** When it connected or disconnected last, clock ms, since the emulator started. */
  connectionChangedAt: number | undefined;
  /** When it connected, or sent something, last. */
  lastActivityAt: number | undefined;

  readonly #twinChanged: (change: TwinChange) => void;
  readonly #kept: KeptDevice;
  readonly #received: (number: number) => void;
  readonly #now: () => number;

  constructor(options: DeviceStateOptions) {
    const { clock, deviceId, faults, telemetryLimit, maxDeliveryCount, kept, finished, twinChanged } = options;
    const shared = options.telemetryBytes;
    this.deviceId = deviceId;
    this.faults = faults;
    this.#kept = kept;
    this.#received = options.received;
    this.#twinChanged = (change) => {
      this.#keepTwin(change.section === 'reported');
      twinChanged(change);
    };
    this.#now = () => clock.now();
    this.twin = new Twin(this.#now, this.#twinChanged);
    this.#restoreTwin();
    this.telemetry = new NumberedLog({ count: telemetryLimit, bytes: Infinity, size: sizeOf, shared }, kept.telemetry);
    this.methods = new MethodCalls(deviceId);
    this.uploads = new FileUploads(clock, kept);
    // Last: its messages have timers.
    this.c2d = new C2dQueue({
      clock,
      deviceId,
      maxDeliveryCount,
      kept: kept.c2d,
      route: () => this.#c2dRoute(),
      isDoubled: () => faults.take('duplicateC2d') !== undefined,
      finished: (message, outcome) => {
        finished(message, outcome);
        this.watch.changed();
      },
    });
  }

  /** The connection, or that there is none any more. */
  setLink(link: Link | undefined, hasApiVersion: boolean): void {
    this.link = link;
    this.hasApiVersion = hasApiVersion;
    this.connectionChangedAt = this.lastActivityAt = this.#now();
  }

  /** A message came. */
  addTelemetry(telemetry: Telemetry): void {
    this.lastActivityAt = this.#now();
    const number = this.telemetry.next;
    this.telemetry.add(telemetry);
    this.watch.changed();
    this.#received(number);
  }

  /** Gives it another twin as a whole. */
  restoreTwin(twin: TwinSnapshot): void {
    this.twin.restore(twin);
    this.hasReported = false;
    this.#keepTwin(Object.keys(twin.reported).length > 0);
    this.watch.changed();
  }

  /** Sends with QoS 0 (protocol.md#hub-topics: the C SDK never acknowledges twin and method messages) if it is connected and subscribed. */
  send(filter: string, topic: string, payload: string): void {
    if (this.subscriptions.has(filter)) this.link?.publish(topic, Buffer.from(payload), 0);
  }

  /** A new or deleted identity begins with nothing; the telemetry and the files that came stay readable. */
  forget(): void {
    this.c2d.purge('the device was deleted');
    this.twin = new Twin(this.#now, this.#twinChanged);
    this.hasReported = false;
    this.connectionChangedAt = this.lastActivityAt = undefined;
    this.#kept.twin.delete('twin');
    this.uploads.forget();
    this.subscriptions.clear();
    this.hasSession = false;
    this.watch.changed();
  }

  close(): void {
    this.methods.close();
    this.c2d.close();
    this.watch.close(emulatorClosed());
  }

  /** As a process before kept it. */
  #restoreTwin(): void {
    const [kept] = this.#kept.twin.entries();
    if (kept === undefined) return;
    const [, { twin, hasReported }] = kept;
    this.twin.restore(twin);
    this.hasReported = hasReported;
  }

  /** @param reports Whether there is something reported by now. */
  #keepTwin(reports: boolean): void {
    this.hasReported ||= reports;
    const { twin, hasReported } = this;
    // A getter, as a copy of the twin costs something where nothing is kept.
    this.#kept.twin.put('twin', {
      get twin() {
        return twin.snapshot();
      },
      hasReported,
    });
  }

  #c2dRoute(): C2dRoute | undefined {
    const granted = this.subscriptions.get(c2dFilter(this.deviceId));
    if (this.link?.isOpen !== true || granted === undefined || granted === 0x80) return undefined;
    return { link: this.link, qos: granted };
  }
}
