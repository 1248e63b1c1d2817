import type { IncomingMessage } from '../contract/mqtt-service.js';
import { parsePropertyBag, type SystemProperties } from '../codec/property-bag.js';

/** One device-to-cloud message. */
export interface Telemetry {
  readonly body: Buffer;
  /** The application's properties, decoded. */
  readonly properties: Readonly<Record<string, string>>;
  readonly systemProperties: SystemProperties;
  /** When the hub took it, clock ms. */
  readonly enqueuedTime: number;
  /** 1 over HTTPS, which has an answer too. */
  readonly qos: 0 | 1;
  /** The DUP flag: the device had sent it before. */
  readonly duplicate: boolean;
}

/** Body, properties and topic together (protocol.md#hub-connect: 256 KB). */
export const MAX_TELEMETRY_BYTES = 262_144;

/** @param bag What follows `messages/events/` in the topic. */
export function toTelemetry(message: IncomingMessage, bag: string, deviceId: string, now: number): Telemetry {
  const { properties, systemProperties } = parsePropertyBag(bag);
  // Nothing is retained; the flag is told to the application (protocol.md#hub-connect).
  if (message.retain) properties['mqtt-retain'] = 'true';
  return {
    body: message.payload,
    properties,
    systemProperties: { ...systemProperties, connectionDeviceId: deviceId },
    enqueuedTime: now,
    qos: message.qos === 0 ? 0 : 1,
    duplicate: message.duplicate,
  };
}
