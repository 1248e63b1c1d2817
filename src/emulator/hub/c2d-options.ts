import type { Rules } from '../../options.js';
import { anything, object, oneOf, text } from '../../rules.js';

/** Which ends of a message are told (`iothub-ack`, protocol.md#cloud-to-device): none, its success, its failure, or both. */
export type FeedbackRequest = 'none' | 'positive' | 'negative' | 'full';

/** What goes with a cloud-to-device message. */
export interface C2dOptions {
  /** The application's; null is sent as a name without a value, '' as an empty value (protocol.md#property-bag). */
  readonly properties?: Readonly<Record<string, string | null>> | undefined;
  /** Default: none, or a new one where feedback is asked for. */
  readonly messageId?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly userId?: string | undefined;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  /** Which ends of the message are told by `hub.feedback()`. Default `none`. */
  readonly ack?: FeedbackRequest | undefined;
  /** When it expires, if it is still there: a date, clock ms, or text that `Date` reads. The device is told. */
  readonly expiryTimeUtc?: Date | number | string | undefined;
  /** The same, from now on, in clock ms. Default 3 600 000, an hour, of which the device is not told. */
  readonly ttlMs?: number | undefined;
}

export const C2D_RULES: Rules<C2dOptions> = {
  properties: object,
  messageId: text,
  correlationId: text,
  userId: text,
  contentType: text,
  contentEncoding: text,
  ack: oneOf('none', 'positive', 'negative', 'full'),
  // The times are judged where the message is made.
  expiryTimeUtc: anything,
  ttlMs: anything,
};
