import type { Clock } from '../../clock/index.js';
import type { GrantedQos, Link } from '../mqtt/service.js';
import { NumberedLog } from '../numbered-log.js';
import { Watch } from '../watch.js';
import type { C2dOutcome, QueuedMessage } from './c2d-message.js';
import { C2dQueue, type C2dRoute } from './c2d-queue.js';
import { c2dFilter } from './c2d-topic.js';
import { MethodCalls } from './method-calls.js';
import type { Telemetry } from './telemetry.js';
import { Twin, type TwinChange } from './twin.js';

export interface DeviceStateOptions {
  readonly clock: Clock;
  readonly deviceId: string;
  readonly telemetryLimit: number;
  /** See IotHubOptions. */
  readonly maxDeliveryCount: number | undefined;
  /** A cloud-to-device message ended. */
  finished(message: QueuedMessage, outcome: C2dOutcome): void;
  twinChanged(change: TwinChange): void;
}

/** Everything a hub keeps of one device beside its identity, its connection included. */
export class DeviceState {
  readonly deviceId: string;
  /** Told of every change. */
  readonly watch = new Watch();
  readonly telemetry: NumberedLog<Telemetry>;
  readonly methods: MethodCalls;
  readonly c2d: C2dQueue;
  twin: Twin;
  /** Whether the device reported something since its identity was created. */
  hasReported = false;
  /** Filter → granted QoS; outlives the connection unless that asked for a clean session. */
  subscriptions = new Map<string, GrantedQos>();
  /** Whether there is a session to come back to (MQTT-3.2.2-2). */
  hasSession = false;
  link: Link | undefined;

  readonly #twinChanged: (change: TwinChange) => void;

  constructor({ clock, deviceId, telemetryLimit, maxDeliveryCount, finished, twinChanged }: DeviceStateOptions) {
    this.deviceId = deviceId;
    this.#twinChanged = twinChanged;
    this.twin = new Twin(twinChanged);
    this.telemetry = new NumberedLog(telemetryLimit);
    this.methods = new MethodCalls(clock, deviceId);
    this.c2d = new C2dQueue({
      clock,
      deviceId,
      maxDeliveryCount,
      route: () => this.#c2dRoute(),
      finished: (message, outcome) => {
        finished(message, outcome);
        this.watch.changed();
      },
    });
  }

  /** Sends with QoS 0 (B2: the C SDK never acknowledges twin and method messages) if it is connected and subscribed. */
  send(filter: string, topic: string, payload: string): void {
    if (this.subscriptions.has(filter)) this.link?.publish(topic, Buffer.from(payload), 0);
  }

  /** A new or deleted identity begins with nothing; the telemetry that came stays readable. */
  forget(): void {
    this.c2d.purge('the device was deleted');
    this.twin = new Twin(this.#twinChanged);
    this.hasReported = false;
    this.subscriptions.clear();
    this.hasSession = false;
    this.watch.changed();
  }

  close(): void {
    this.methods.close();
    this.c2d.close();
    this.watch.close();
  }

  #c2dRoute(): C2dRoute | undefined {
    const granted = this.subscriptions.get(c2dFilter(this.deviceId));
    if (this.link?.isOpen !== true || granted === undefined || granted === 0x80) return undefined;
    return { link: this.link, qos: granted };
  }
}
