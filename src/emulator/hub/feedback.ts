import type { C2dOutcome, QueuedMessage } from './c2d-message.js';

/** One record of the service's feedback, in its shape (protocol.md#cloud-to-device). */
export interface FeedbackRecord {
  readonly originalMessageId: string;
  /** When the outcome was known, as ISO 8601. */
  readonly enqueuedTimeUtc: string;
  /** `Rejected` is what a device can say over HTTPS, and not over MQTT. */
  readonly statusCode: 'Success' | 'Expired' | 'DeliveryCountExceeded' | 'Rejected' | 'Purged';
  readonly description: string;
  readonly deviceId: string;
  readonly deviceGenerationId: string;
}

const STATUS_CODES: Readonly<Record<C2dOutcome['status'], FeedbackRecord['statusCode']>> = {
  completed: 'Success',
  expired: 'Expired',
  purged: 'Purged',
  deliveryCountExceeded: 'DeliveryCountExceeded',
  rejected: 'Rejected',
};

/** @internal Undefined where the sender did not ask for it. */
export function feedbackOf(
  deviceId: string,
  { ack, messageId = '', generationId }: QueuedMessage,
  { status, at }: C2dOutcome,
): FeedbackRecord | undefined {
  if (ack !== 'full' && ack !== (status === 'completed' ? 'positive' : 'negative')) return undefined;
  const statusCode = STATUS_CODES[status];
  return {
    originalMessageId: messageId,
    enqueuedTimeUtc: new Date(at).toISOString(),
    statusCode,
    description: statusCode,
    deviceId,
    deviceGenerationId: generationId,
  };
}
