import type { Clock } from '../../clock/index.js';
import type { AmqpService } from '../contract/amqp-service.js';
import type { HttpAnswer, HttpHead, HttpRequest } from '../contract/http-service.js';
import type { AccessPolicies } from '../identity/access-policies.js';
import type { DeviceRegistry } from './device-registry.js';
import type { EventHub } from './event-hub.js';
import type { FeedbackRecord } from './feedback.js';
import type { HubDevice } from './hub-device.js';
import type { HubEvent } from './hub-events.js';

/** What the side that back ends talk to needs of its hub. */
export interface ServedHub {
  /** Full name, in lower case. */
  readonly name: string;
  readonly eventHub: EventHub;
  readonly clock: Clock;
  readonly devices: DeviceRegistry;
  /** @throws SphereIotError `DEVICE_ID_INVALID`. */
  device(deviceId: string): HubDevice;
  /** Calls `listener` for each feedback record from now on. */
  onFeedback(listener: (record: FeedbackRecord) => void): () => void;
  /** Calls `listener` for everything that happens in the hub from now on. */
  onEvent(listener: (event: HubEvent) => void): () => void;
}

/** The side of a hub that back ends talk to. The hub does not know how it is made. */
export interface HubBackEnds {
  readonly policies: AccessPolicies;
  /** Over AMQP: cloud-to-device messages, feedback, file notifications, and the Event Hubs-compatible endpoint. */
  readonly amqp: AmqpService;
  maxBodyBytes(head: HttpHead): number;
  http(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>;
  /** A device is gone, and its modules with it. */
  deviceDeleted(deviceId: string): void;
  close(): void;
}
