import rhea from 'rhea';

import type { AmqpMessage } from '../../contract/amqp-service.js';
import type { DeviceIdentity } from '../../hub/device-registry.js';
import type { PartitionEvent } from '../../hub/event-hub.js';

/** Telemetry as an event of the Event Hubs-compatible endpoint (protocol.md#service-events). @param device Undefined where it was deleted. */
export function eventMessage(
  { sequenceNumber, deviceId, telemetry }: PartitionEvent,
  device?: DeviceIdentity,
): AmqpMessage {
  const { systemProperties: system, properties, body, enqueuedTime } = telemetry;
  const expiry = Date.parse(system.expiryTimeUtc ?? '');
  return {
    message_annotations: withoutUndefined({
      'iothub-connection-device-id': deviceId,
      'iothub-connection-auth-method': device && authMethod(device),
      'iothub-connection-auth-generation-id': device?.generationId,
      'iothub-enqueuedtime': rhea.types.wrap_timestamp(enqueuedTime),
      'iothub-message-source': 'Telemetry',
      'iothub-creation-time-utc': system.creationTimeUtc,
      'iothub-interface-id': system.interfaceId,
      'dt-subject': system.componentName,
      'x-opt-sequence-number': rhea.types.wrap_long(sequenceNumber),
      'x-opt-offset': String(sequenceNumber),
      'x-opt-enqueued-time': rhea.types.wrap_timestamp(enqueuedTime),
    }),
    application_properties: properties,
    ...withoutUndefined({
      message_id: system.messageId,
      correlation_id: system.correlationId,
      user_id: system.userId === undefined ? undefined : Buffer.from(system.userId),
      to: system.to,
      content_type: system.contentType,
      content_encoding: system.contentEncoding,
      absolute_expiry_time: Number.isNaN(expiry) ? undefined : expiry,
    }),
    body: rhea.message.data_section(body) as unknown,
  };
}

function authMethod({ authentication: { type } }: DeviceIdentity): string {
  const [method, issuer] =
    type === 'sas'
      ? ['sas', 'iothub']
      : [type === 'selfSigned' ? 'x509Thumbprint' : 'x509CertificateAuthority', 'external'];
  return JSON.stringify({ scope: 'device', type: method, issuer, acceptingIpFilterRule: null });
}

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
