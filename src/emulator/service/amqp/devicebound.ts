import { SphereIotError } from '../../../errors.js';
import { bytesOf, type AmqpError, type AmqpMessage } from '../../contract/amqp-service.js';
import { decoded } from '../../codec/query.js';
import type { C2dOptions, FeedbackRequest } from '../../hub/c2d-options.js';
import type { ServedHub } from '../../hub/hub-back-ends.js';
import { parseAddress, parts } from './address.js';

const ACKS: readonly unknown[] = ['none', 'positive', 'negative', 'full'];

/** Conditions for what the hub refuses (protocol.md#service-amqp). */
const CONDITIONS: Readonly<Record<string, string>> = {
  DEVICE_NOT_FOUND: 'amqp:not-found',
  DEVICE_ID_INVALID: 'amqp:not-found',
  DEVICE_MAXIMUM_QUEUE_DEPTH_EXCEEDED: 'amqp:resource-limit-exceeded',
  C2D_MESSAGE_TOO_LARGE: 'amqp:link:message-size-exceeded',
};

/** Puts a cloud-to-device message into its device's queue; or why not. */
export function sendToDevice(hub: ServedHub, message: AmqpMessage): AmqpError | undefined {
  const [devices, deviceId = '', ...rest] = parts(parseAddress(String(message['to'] ?? '')).path).map(decoded);
  if (devices !== 'devices' || rest.join('/').toLowerCase() !== 'messages/devicebound') return unknownTarget(message);
  const body = bytesOf(message);
  if (body === undefined) return invalid('The body of a cloud-to-device message has to be data sections.');
  const ack = (message['application_properties'] as Record<string, unknown> | undefined)?.['iothub-ack'];
  if (ack !== undefined && !ACKS.includes(ack)) return invalid('iothub-ack is none, positive, negative or full.');
  try {
    hub.device(deviceId).sendC2D(body, optionsOf(message));
    return undefined;
  } catch (error) {
    if (!(error instanceof SphereIotError)) throw error;
    return { condition: CONDITIONS[error.code] ?? 'com.microsoft:argument-error', description: error.message };
  }
}

function optionsOf(message: AmqpMessage): C2dOptions {
  const { 'iothub-ack': ack, ...properties } = (message['application_properties'] ?? {}) as Record<string, unknown>;
  const expiry = message['absolute_expiry_time'];
  const ttl = message['ttl'];
  return {
    properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, textOf(value) ?? null])),
    messageId: textOf(message['message_id']),
    correlationId: textOf(message['correlation_id']),
    userId: textOf(message['user_id']),
    contentType: textOf(message['content_type']),
    contentEncoding: textOf(message['content_encoding']),
    ack: ack as FeedbackRequest | undefined,
    expiryTimeUtc: expiry instanceof Date && expiry.getTime() > 0 ? expiry : undefined,
    ttlMs: typeof ttl === 'number' ? ttl : undefined,
  };
}

/** What stands in a property as text; ids may be UUIDs, which are 16 bytes. */
function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Buffer.isBuffer(value)) return value instanceof Date ? value.toISOString() : String(value);
  if (value.length !== 16) return value.toString();
  return value.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function unknownTarget({ to }: AmqpMessage): AmqpError {
  const description = `${String(to ?? 'A message without "to"')} is not /devices/{id}/messages/devicebound; modules can't be sent to.`;
  return { condition: 'amqp:not-found', description };
}

function invalid(description: string): AmqpError {
  return { condition: 'com.microsoft:argument-error', description };
}
