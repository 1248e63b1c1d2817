import type { IncomingMessage } from '../mqtt/service.js';
import { parsePropertyBag, type SystemProperties } from './property-bag.js';

/** One device-to-cloud message. */
export interface Telemetry {
  readonly body: Buffer;
  /** The application's properties, decoded. */
  readonly properties: Readonly<Record<string, string>>;
  readonly systemProperties: SystemProperties;
  /** When the hub took it, clock ms. */
  readonly enqueuedTime: number;
  readonly qos: 0 | 1;
  /** The DUP flag: the device had sent it before. */
  readonly duplicate: boolean;
}

/** Body, properties and topic together (section B1: 256 KB). */
export const LARGEST_TELEMETRY = 262_144;

/** @param bag What follows `messages/events/` in the topic. */
export function toTelemetry(message: IncomingMessage, bag: string, deviceId: string, now: number): Telemetry {
  const { properties, systemProperties } = parsePropertyBag(bag);
  // Nothing is retained; the flag is told to the application (B1).
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

/** The messages of one device, in order. Keeps the newest `limit`; what is older is dropped. */
export class TelemetryLog {
  readonly #limit: number;
  #entries: Telemetry[] = [];
  /** The number of the first entry that is still there. */
  #first = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(telemetry: Telemetry): void {
    this.#entries.push(telemetry);
    // In large steps: moving the array for each message would cost more than the room.
    if (this.#entries.length < 2 * this.#limit) return;
    this.#entries = this.#entries.slice(this.#limit);
    this.#first += this.#limit;
  }

  /** The message with that number, or the oldest that is left of those after it, with its number. */
  from(number: number): { readonly number: number; readonly telemetry: Telemetry } | undefined {
    const actual = Math.max(number, this.#first);
    const telemetry = this.#entries[actual - this.#first];
    return telemetry === undefined ? undefined : { number: actual, telemetry };
  }

  all(): readonly Telemetry[] {
    return [...this.#entries];
  }
}
