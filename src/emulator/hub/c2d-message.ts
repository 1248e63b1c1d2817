import { defined } from '../../defined.js';
import { randomUUID } from 'node:crypto';

import type { Timer } from '../../clock/index.js';
import { contentBytes } from '../../content.js';
import { SphereIotError } from '../../errors.js';
import type { WaitOptions } from '../../waiting/index.js';
import { c2dTopic } from './c2d-topic.js';
import type { FeedbackRequest, C2dOptions } from './c2d-options.js';

const HOUR = 3_600_000;
/** Body and properties together (protocol.md#hub-connect: 64 KB). */
const MAX_MESSAGE_BYTES = 65_536;

/** How a message ended. */
export interface C2dOutcome {
  /** `completed`: the device acknowledged it; `rejected`: it said over HTTPS that it does not take it. */
  readonly status: 'completed' | 'expired' | 'purged' | 'deliveryCountExceeded' | 'rejected';
  /** Clock ms. */
  readonly at: number;
  /** In words. */
  readonly reason: string;
}

/** A cloud-to-device message, as its sender sees it. */
export interface C2dDelivery {
  readonly deviceId: string;
  readonly messageId?: string;
  /** Clock ms. */
  readonly enqueuedAt: number;
  /** Clock ms. */
  readonly expiresAt: number;
  /** How often it was sent to the device so far. */
  readonly deliveryCount: number;
  /** Undefined as long as it is in the queue. */
  readonly outcome: C2dOutcome | undefined;
  /** Resolves once it ended, however. @throws SphereIotError `TIMED_OUT`, `EMULATOR_CLOSED`. */
  finished(options?: WaitOptions): Promise<C2dOutcome>;
}

/** @internal What keeps a message from being received a second time. */
export interface C2dLock {
  readonly token: string;
  /** Gives it back. */
  readonly timer: Timer;
}

/** @internal A message in the queue. */
export interface QueuedMessage {
  readonly topic: string;
  readonly body: Buffer;
  readonly messageId?: string;
  readonly ack: FeedbackRequest;
  readonly generationId: string;
  readonly enqueuedAt: number;
  readonly expiresAt: number;
  deliveryCount: number;
  /** Of the PUBLISH that waits for its PUBACK. */
  packetId?: number;
  /** Of a device that received it over HTTPS and did not settle it yet. */
  lock?: C2dLock;
  /** How often such a device gave it back, or let its lock run out. */
  returns?: number;
  outcome?: C2dOutcome;
}

/**
 * @internal
 * @throws SphereIotError `C2D_EXPIRY_INVALID`, `C2D_MESSAGE_TOO_LARGE`, `CONTENT_INVALID`.
 */
export function newMessage(
  device: { readonly deviceId: string; readonly generationId: string },
  body: string | Uint8Array,
  options: C2dOptions,
  now: number,
): QueuedMessage {
  const { ack = 'none' } = options;
  const messageId = options.messageId ?? (ack === 'none' ? undefined : randomUUID());
  const { expiresAt, told } = expiryOf(options, now);
  const message: QueuedMessage = {
    topic: c2dTopic(device.deviceId, { ...options, messageId, expiresAt: told ? expiresAt : undefined }),
    body: contentBytes(body, 'a cloud-to-device message'),
    ...defined({ messageId }),
    ack,
    generationId: device.generationId,
    enqueuedAt: now,
    expiresAt,
    deliveryCount: 0,
  };
  checkSize(message, options);
  return message;
}

function expiryOf({ expiryTimeUtc, ttlMs }: C2dOptions, now: number): { expiresAt: number; told: boolean } {
  const given = expiryTimeUtc === undefined ? undefined : new Date(expiryTimeUtc).getTime();
  const expiresAt = given ?? now + (ttlMs ?? HOUR);
  if (Number.isNaN(new Date(expiresAt).getTime()))
    throw new SphereIotError(
      'C2D_EXPIRY_INVALID',
      `${String(expiryTimeUtc ?? ttlMs)} is no time at which a message expires.`,
    );
  return { expiresAt, told: expiryTimeUtc !== undefined || ttlMs !== undefined };
}

function checkSize({ body }: QueuedMessage, { properties = {} }: C2dOptions): void {
  const texts = Object.entries(properties).flat();
  const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), body.length);
  if (size > MAX_MESSAGE_BYTES)
    throw new SphereIotError(
      'C2D_MESSAGE_TOO_LARGE',
      `The cloud-to-device message has ${size} bytes of ${MAX_MESSAGE_BYTES}, properties included.`,
    );
}
