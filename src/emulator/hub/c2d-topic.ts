import type { C2dOptions } from './c2d-options.js';

/** The filter by which a device asks for its messages (protocol.md#hub-topics). */
export function c2dFilter(deviceId: string): string {
  return `devices/${deviceId}/messages/devicebound/#`;
}

type TopicOptions = Omit<C2dOptions, 'messageId' | 'expiryTimeUtc'> & {
  readonly messageId: string | undefined;
  /** Clock ms. */
  readonly expiresAt: number | undefined;
};

/**
 * The wire form (protocol.md#hub-topics, protocol.md#property-bag): a system property's `$` is encoded, `to` comes first, with the
 * capital of `deviceBound` that captured topics have.
 */
export function c2dTopic(deviceId: string, options: TopicOptions): string {
  const { messageId, correlationId, userId, expiresAt, contentType, contentEncoding, ack = 'none' } = options;
  const system: [string, string | undefined][] = [
    ['$.to', `/devices/${deviceId}/messages/deviceBound`],
    ['$.mid', messageId],
    ['$.cid', correlationId],
    ['$.uid', userId],
    ['$.exp', expiresAt === undefined ? undefined : new Date(expiresAt).toISOString()],
    ['$.ct', contentType],
    ['$.ce', contentEncoding],
    ['iothub-ack', ack === 'none' ? undefined : ack],
  ];
  const bag = [...system.filter(([, value]) => value !== undefined), ...Object.entries(options.properties ?? {})];
  return `devices/${deviceId}/messages/devicebound/${bag.map(([key, value]) => encoded(key, value)).join('&')}`;
}

function encoded(key: string, value: string | null | undefined): string {
  return value == null ? encodeURIComponent(key) : `${encodeURIComponent(key)}=${encodeURIComponent(value)}`;
}
