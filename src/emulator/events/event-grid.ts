import { randomUUID } from 'node:crypto';

import { defined } from '../../defined.js';
import { parseJson } from '../../json.js';
import type { CloudEvent } from './cloud-events.js';
import type { IotHub } from '../hub/iot-hub.js';
import type { AuthenticationMechanism } from '../hub/device-registry.js';
import type { Telemetry } from '../hub/telemetry.js';

/** An event as Azure Event Grid delivers it (protocol.md#event-shapes). */
export interface EventGridEvent {
  readonly id: string;
  /** The hub's resource id. */
  readonly topic: string;
  readonly subject: string;
  readonly eventType: `Microsoft.Devices.${'DeviceCreated' | 'DeviceDeleted' | 'DeviceConnected' | 'DeviceDisconnected' | 'DeviceTelemetry'}`;
  /** ISO 8601. */
  readonly eventTime: string;
  readonly data: object;
  readonly dataVersion: '1';
  readonly metadataVersion: '1';
}

export interface EventGridOptions {
  /** The hub where it happened. */
  readonly hub: IotHub;
  /** The resource id to put in. Default: one of a subscription of zeros, with the hub's short name in capitals. */
  readonly topic?: string | undefined;
}

const EVENT_TYPES = {
  deviceCreated: 'DeviceCreated',
  deviceDeleted: 'DeviceDeleted',
  connected: 'DeviceConnected',
  disconnected: 'DeviceDisconnected',
} as const;

/**
 * The form in which Event Grid would tell of it (protocol.md#event-shapes). Connection events come for each connection, where the
 * service looks once a minute.
 * @param event Of `cloud.events()`, or telemetry of one of the hub's devices.
 * @returns Undefined for what Event Grid does not tell: events of another kind, of DPS or of another hub.
 */
export function toEventGridEvent(event: CloudEvent | Telemetry, options: EventGridOptions): EventGridEvent | undefined {
  if (!('type' in event)) return telemetryEvent(event, options);
  if (event.service !== 'hub' || event.hub !== options.hub.name) return undefined;
  const hubName = shortName(options.hub);
  const { deviceId, at, sequence } = event;
  switch (event.type) {
    case 'deviceCreated':
    case 'deviceDeleted':
      return whole(EVENT_TYPES[event.type], deviceId, at, { twin: event.twin, hubName, deviceId }, options);
    case 'connected':
    case 'disconnected': {
      const sequenceNumber = sequence.toString(16).toUpperCase().padStart(64, '0');
      const deviceConnectionStateEventInfo = { sequenceNumber };
      const data = { deviceConnectionStateEventInfo, hubName, deviceId };
      return whole(EVENT_TYPES[event.type], deviceId, at, data, options);
    }
    default:
      return undefined;
  }
}

function telemetryEvent(telemetry: Telemetry, options: EventGridOptions): EventGridEvent {
  const { properties, systemProperties, enqueuedTime } = telemetry;
  const { connectionDeviceId: deviceId = '', contentType, contentEncoding } = systemProperties;
  const { devices } = options.hub;
  const identity = devices.has(deviceId) ? devices.get(deviceId) : undefined;
  const data = {
    properties,
    systemProperties: {
      ...defined({ 'iothub-content-type': contentType, 'iothub-content-encoding': contentEncoding }),
      'iothub-connection-device-id': deviceId,
      ...defined({
        'iothub-connection-auth-method': identity && authMethod(identity.authentication),
        'iothub-connection-auth-generation-id': identity?.generationId,
      }),
      'iothub-enqueuedtime': new Date(enqueuedTime).toISOString(),
      'iothub-message-source': 'Telemetry',
    },
    body: bodyOf(telemetry),
  };
  return whole('DeviceTelemetry', deviceId, enqueuedTime, data, options);
}

/** Base64, unless JSON in UTF-8 is declared, and is there. */
function bodyOf({ body, systemProperties: { contentType = '', contentEncoding = '' } }: Telemetry): unknown {
  const declared = /^application\/json\s*(;|$)/i.test(contentType) && /^utf-?8$/i.test(contentEncoding);
  const value = declared ? parseJson(body) : undefined;
  return value === undefined ? body.toString('base64') : value;
}

function authMethod({ type }: AuthenticationMechanism): string {
  const ours = { sas: 'sas', selfSigned: 'x509Certificate', certificateAuthority: 'x509Ca' }[type];
  return JSON.stringify({ scope: 'device', type: ours, issuer: type === 'sas' ? 'iothub' : 'external' });
}

function whole(
  eventType: (typeof EVENT_TYPES)[keyof typeof EVENT_TYPES] | 'DeviceTelemetry',
  deviceId: string,
  at: number,
  data: object,
  { hub, topic = resourceId(hub) }: EventGridOptions,
): EventGridEvent {
  return {
    id: randomUUID(),
    topic,
    subject: `devices/${deviceId}`,
    eventType: `Microsoft.Devices.${eventType}`,
    eventTime: new Date(at).toISOString(),
    data,
    dataVersion: '1',
    metadataVersion: '1',
  };
}

function resourceId(hub: IotHub): string {
  const subscription = '00000000-0000-0000-0000-000000000000';
  const name = shortName(hub).toUpperCase();
  return `/SUBSCRIPTIONS/${subscription}/RESOURCEGROUPS/LOCAL/PROVIDERS/MICROSOFT.DEVICES/IOTHUBS/${name}`;
}

function shortName({ name }: IotHub): string {
  const [short = ''] = name.split('.');
  return short;
}
