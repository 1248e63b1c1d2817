import type { Clock } from '../../clock/index.js';
import type { GrantedQos, Link } from '../mqtt/service.js';
import { Watch } from '../watch.js';
import { MethodCalls } from './method-calls.js';
import { TelemetryLog } from './telemetry.js';
import { Twin } from './twin.js';

/** Everything a hub keeps of one device beside its identity, its connection included. The C2D queue finds its place here. */
export class DeviceState {
  readonly deviceId: string;
  /** Told of every change. */
  readonly watch = new Watch();
  readonly telemetry: TelemetryLog;
  readonly methods: MethodCalls;
  twin = new Twin();
  /** Whether the device reported something since its identity was created. */
  hasReported = false;
  /** Filter → granted QoS; outlives the connection unless that asked for a clean session. */
  subscriptions = new Map<string, GrantedQos>();
  /** Whether there is a session to come back to (MQTT-3.2.2-2). */
  hasSession = false;
  link: Link | undefined;

  constructor(clock: Clock, deviceId: string, telemetryLimit: number) {
    this.deviceId = deviceId;
    this.telemetry = new TelemetryLog(telemetryLimit);
    this.methods = new MethodCalls(clock, deviceId);
  }

  /** Sends with QoS 0 (B2: the C SDK never acknowledges twin and method messages) if it is connected and subscribed. */
  send(filter: string, topic: string, payload: string): void {
    if (this.subscriptions.has(filter)) this.link?.publish(topic, Buffer.from(payload), 0);
  }

  /** A new or deleted identity begins with nothing; the telemetry that came stays readable. */
  forget(): void {
    this.twin = new Twin();
    this.hasReported = false;
    this.subscriptions.clear();
    this.hasSession = false;
    this.watch.changed();
  }

  close(): void {
    this.methods.close();
    this.watch.close();
  }
}
