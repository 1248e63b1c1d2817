import { decoded } from './query.js';

/** What IoT Hub knows of a message beside its body (protocol.md#property-bag). All as text, as they came. */
export interface SystemProperties {
  readonly messageId?: string;
  readonly correlationId?: string;
  readonly userId?: string;
  readonly to?: string;
  readonly expiryTimeUtc?: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** iothub-creation-time-utc. */
  readonly creationTimeUtc?: string;
  readonly outputName?: string;
  readonly connectionDeviceId?: string;
  readonly connectionModuleId?: string;
  readonly interfaceId?: string;
  /** The PnP component (dt-subject). */
  readonly componentName?: string;
  readonly messageSchema?: string;
  readonly diagnosticId?: string;
  readonly diagnosticContext?: string;
  readonly operation?: string;
  readonly ack?: string;
}

/** Name on the wire → ours (protocol.md#property-bag). */
const SYSTEM_PROPERTIES: Readonly<Record<string, keyof SystemProperties>> = {
  '$.mid': 'messageId',
  '$.cid': 'correlationId',
  '$.uid': 'userId',
  '$.to': 'to',
  '$.exp': 'expiryTimeUtc',
  '$.ct': 'contentType',
  '$.ce': 'contentEncoding',
  '$.ctime': 'creationTimeUtc',
  '$.on': 'outputName',
  '$.cdid': 'connectionDeviceId',
  '$.cmid': 'connectionModuleId',
  '$.ifid': 'interfaceId',
  '$.sub': 'componentName',
  '$.schema': 'messageSchema',
  '$.diagid': 'diagnosticId',
  '$.diagctx': 'diagnosticContext',
  'iothub-operation': 'operation',
  'iothub-ack': 'ack',
};

export interface PropertyBag {
  readonly properties: Record<string, string>;
  readonly systemProperties: SystemProperties;
}

/**
 * Reads what follows `messages/events/` in a topic. Tolerates text that is not percent-encoded, slashes included: the C
 * SDK sends so by default (protocol.md#property-bag). A property without `=` has the value ''.
 */
export function parsePropertyBag(bag: string): PropertyBag {
  const properties: Record<string, string> = {};
  const systemProperties: { -readonly [K in keyof SystemProperties]: string } = {};
  if (bag === '') return { properties, systemProperties };
  for (const part of bag.replace(/^\?/, '').split('&')) {
    if (part === '' || part === '/') continue;
    const equals = part.indexOf('=');
    const key = decoded(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : decoded(part.slice(equals + 1));
    const system = Object.hasOwn(SYSTEM_PROPERTIES, key) ? SYSTEM_PROPERTIES[key] : undefined;
    if (system !== undefined) systemProperties[system] = value;
    else define(properties, key, value);
  }
  return { properties, systemProperties };
}

/**
 * The first property that Azure does not take (protocol.md#property-bag): one with a slash, which only the bag's end may have, or a
 * second `=`. Undefined where there is none.
 */
export function unencodedIn(bag: string): string | undefined {
  return bag
    .replace(/\/$/, '')
    .split('&')
    .find((part) => part.includes('/') || part.indexOf('=') !== part.lastIndexOf('='));
}

/** Also for a name like `__proto__`. */
function define(target: Record<string, string>, key: string, value: string): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}
