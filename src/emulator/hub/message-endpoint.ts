import { asciiLowerCase } from '../../ascii.js';
import type { Clock } from '../../clock/index.js';
import { isObject, parseJson } from '../../json.js';
import { parsePropertyBag, type SystemProperties } from '../codec/property-bag.js';
import { queryValue } from '../codec/query.js';
import { pathParts, type HttpAnswer, type HttpRequest } from '../contract/http-service.js';
import type { Authentication } from './authentication.js';
import type { ReceivedC2d } from './c2d-queue.js';
import type { DeviceState } from './device-state.js';
import { hubError, type HubErrorName } from './hub-http.js';
import { MAX_TELEMETRY_BYTES, type Telemetry } from './telemetry.js';

/** Seconds that a device has for a message that it received, unless it asks for another time; and the longest it may ask for. */
const DEFAULT_LOCK_S = 60;
const MAX_LOCK_S = 300;
/** Messages of one request (protocol.md#device-https). */
const MAX_BATCH = 500;
const BATCH_TYPE = /^application\/vnd\.microsoft\.iothub\.json\s*(;|$)/i;
const APP_PREFIX = 'iothub-app-';

/** Name of a header, in lower case → of the property (protocol.md#device-https). */
const SYSTEM_HEADERS: Readonly<Record<string, keyof SystemProperties>> = {
  'iothub-messageid': 'messageId',
  'iothub-correlationid': 'correlationId',
  'iothub-userid': 'userId',
  'iothub-to': 'to',
  'iothub-expiry': 'expiryTimeUtc',
  'iothub-ack': 'ack',
  'iothub-contenttype': 'contentType',
  'iothub-contentencoding': 'contentEncoding',
  'iothub-creationtimeutc': 'creationTimeUtc',
  'iothub-interface-id': 'interfaceId',
  'dt-subject': 'componentName',
};

export interface MessageContext {
  readonly clock: Clock;
  authenticate(deviceId: string, request: HttpRequest): Authentication;
  device(deviceId: string): DeviceState;
}

type Target =
  | { readonly deviceId: string; readonly kind: 'send' | 'receive' }
  | { readonly deviceId: string; readonly kind: 'settle' | 'abandon'; readonly lockToken: string };

/** A request that is not taken: what the device is told, and what was the matter. */
class Refusal {
  constructor(
    readonly name: HubErrorName,
    readonly reason: string,
  ) {}
}

/** Which HTTP method each takes. */
const METHODS = { send: 'POST', receive: 'GET', settle: 'DELETE', abandon: 'POST' } as const;

/** Whether a device sends or receives messages there, over HTTPS. */
export function isMessagePath(path: string): boolean {
  return targetOf(path) !== undefined;
}

function targetOf(path: string): Target | undefined {
  const [first = '', deviceId, ...rest] = pathParts(path) ?? [];
  const [messages, kind, lockToken, action, ...more] = rest.map((part, index) =>
    index === 2 ? part : asciiLowerCase(part),
  );
  if (asciiLowerCase(first) !== 'devices' || deviceId === undefined || messages !== 'messages' || more.length > 0)
    return undefined;
  if (kind === 'events') return lockToken === undefined ? { deviceId, kind: 'send' } : undefined;
  if (kind !== 'devicebound') return undefined;
  if (lockToken === undefined) return { deviceId, kind: 'receive' };
  if (action === undefined) return { deviceId, kind: 'settle', lockToken };
  return action === 'abandon' ? { deviceId, kind: 'abandon', lockToken } : undefined;
}

/** Telemetry and cloud-to-device messages over HTTPS (protocol.md#device-https). */
export function answerMessageRequest(request: HttpRequest, context: MessageContext): HttpAnswer {
  const target = targetOf(request.path);
  const answer =
    target === undefined
      ? new Refusal('GenericNotFound', 'the hub has nothing at this path')
      : (refusalOf(target, request, context) ?? answerTo(target, request, context));
  if (!(answer instanceof Refusal)) return answer;
  const { name, reason } = answer;
  const refused = hubError(name, name, context.clock.now());
  const allow = target !== undefined && refused.status === 405 ? { allow: METHODS[target.kind] } : {};
  return { ...refused, headers: { ...refused.headers, ...allow }, reason };
}

function refusalOf({ deviceId, kind }: Target, request: HttpRequest, context: MessageContext): Refusal | undefined {
  if (request.method !== METHODS[kind])
    return new Refusal('GenericMethodNotAllowed', `${request.method} was sent, and this takes ${METHODS[kind]}`);
  if ((queryValue(request.query, 'api-version') ?? '') === '')
    return new Refusal('InvalidProtocolVersion', 'the query has no api-version');
  const authentication = context.authenticate(deviceId, request);
  return authentication.ok ? undefined : new Refusal('IotHubUnauthorized', authentication.reason);
}

function answerTo(target: Target, request: HttpRequest, { clock, device }: MessageContext): HttpAnswer | Refusal {
  const state = device(target.deviceId);
  switch (target.kind) {
    case 'send': {
      const messages = messagesIn(request, target.deviceId, clock.now());
      if (messages instanceof Refusal) return messages;
      for (const message of messages) state.addTelemetry(message);
      return { status: 204 };
    }
    case 'receive': {
      const lockSeconds = lockSecondsOf(request);
      if (lockSeconds instanceof Refusal) return lockSeconds;
      const received = state.c2d.receive(lockSeconds * 1000);
      return received === undefined ? { status: 204 } : answerWith(received);
    }
    case 'settle':
    case 'abandon': {
      const complete = /(^|&)reject(=|&|$)/i.test(request.query) ? 'reject' : 'complete';
      const isLocked = state.c2d.settle(target.lockToken, target.kind === 'abandon' ? 'abandon' : complete);
      if (isLocked) return { status: 204 };
      return new Refusal('DeviceMessageLockLost', `no message is locked by ${target.lockToken}`);
    }
  }
}

function messagesIn(request: HttpRequest, deviceId: string, now: number): readonly Telemetry[] | Refusal {
  const { body, rawHeaders, headers } = request;
  if (body === undefined) return tooLarge();
  if (BATCH_TYPE.test(headers['content-type'] ?? '')) return batchOf(body, deviceId, now);
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  const properties = names.map((name, index) => [name, rawHeaders[2 * index + 1] ?? ''] as const);
  const size = properties
    .filter(([name]) => isAbout(name))
    .reduce((sum, pair) => sum + pair.join('').length, body.length);
  return size > MAX_TELEMETRY_BYTES ? tooLarge() : [messageOf(body, properties, deviceId, now)];
}

function tooLarge(): Refusal {
  return new Refusal('GenericRequestEntityTooLarge', `the message has more than ${MAX_TELEMETRY_BYTES} bytes`);
}

/** `[{"body":"…","base64Encoded":true,"properties":{"iothub-app-…":"…"}}]`; all of them or none. */
function batchOf(body: Buffer, deviceId: string, now: number): readonly Telemetry[] | Refusal {
  const batch = parseJson(body);
  if (!Array.isArray(batch) || batch.length === 0 || batch.length > MAX_BATCH)
    return new Refusal('ArgumentInvalid', `the body is no JSON list of 1 to ${MAX_BATCH} messages`);
  const messages = batch.map((each: unknown) => batched(each, deviceId, now));
  if (messages.every((message) => message !== undefined)) return messages;
  const index = messages.indexOf(undefined);
  return new Refusal(
    'ArgumentInvalid',
    `message ${index + 1} of the list has no body, or properties that are no texts`,
  );
}

function batched(message: unknown, deviceId: string, now: number): Telemetry | undefined {
  if (!isObject(message)) return undefined;
  const { body, base64Encoded = true, properties = {} } = message;
  if (typeof body !== 'string' || typeof base64Encoded !== 'boolean' || !isObject(properties)) return undefined;
  const pairs = Object.entries(properties).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  if (pairs.length < Object.keys(properties).length) return undefined;
  return messageOf(Buffer.from(body, base64Encoded ? 'base64' : 'utf8'), pairs, deviceId, now);
}

/** Whether a header is one of the message, and not of the request. */
function isAbout(name: string): boolean {
  const lower = asciiLowerCase(name);
  return lower.startsWith(APP_PREFIX) || Object.hasOwn(SYSTEM_HEADERS, lower);
}

/** @param pairs Headers, or a batched message's properties, which have the same names. */
function messageOf(
  body: Buffer,
  pairs: readonly (readonly [name: string, value: string])[],
  deviceId: string,
  now: number,
): Telemetry {
  const properties = new Map<string, string>();
  const systemProperties: { -readonly [K in keyof SystemProperties]: string } = {};
  for (const [name, value] of pairs) {
    const lower = asciiLowerCase(name);
    const system = Object.hasOwn(SYSTEM_HEADERS, lower) ? SYSTEM_HEADERS[lower] : undefined;
    if (system !== undefined) systemProperties[system] = value;
    else if (lower.startsWith(APP_PREFIX)) properties.set(name.slice(APP_PREFIX.length), value);
  }
  return {
    body,
    properties: Object.fromEntries(properties),
    systemProperties: { ...systemProperties, connectionDeviceId: deviceId },
    enqueuedTime: now,
    qos: 1,
    duplicate: false,
  };
}

function lockSecondsOf({ headers }: HttpRequest): number | Refusal {
  const text = headers['iothub-messagelocktimeout'] ?? String(DEFAULT_LOCK_S);
  const seconds = typeof text === 'string' && /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_LOCK_S) return seconds;
  return new Refusal('ArgumentInvalid', `IoTHub-MessageLockTimeout has to be 1 to ${MAX_LOCK_S} s`);
}

function answerWith({ lockToken, sequenceNumber, message }: ReceivedC2d): HttpAnswer {
  const { topic, body, enqueuedAt, deliveryCount } = message;
  const { properties, systemProperties } = parsePropertyBag(topic.slice(topic.indexOf('/messages/devicebound/') + 22));
  const { messageId, correlationId, userId, to, expiryTimeUtc, ack, contentType, contentEncoding } = systemProperties;
  const told: readonly (readonly [name: string, value: string | undefined])[] = [
    ['iothub-messageid', messageId],
    ['iothub-correlationid', correlationId],
    ['iothub-userid', userId],
    ['iothub-to', to],
    ['iothub-expiry', expiryTimeUtc],
    ['iothub-ack', ack],
    ['ContentType', contentType],
    ['ContentEncoding', contentEncoding],
    ['iothub-sequencenumber', String(sequenceNumber)],
    ['iothub-enqueuedtime', new Date(enqueuedAt).toISOString()],
    ['iothub-deliverycount', String(deliveryCount)],
    ...Object.entries(properties).map(([name, value]) => [`${APP_PREFIX}${headerName(name)}`, value] as const),
  ];
  const known = told.flatMap(([name, value]) => (value === undefined ? [] : [[name, headerValue(value)] as const]));
  const headers = Object.fromEntries(known);
  return {
    status: 200,
    headers: { 'content-type': 'application/octet-stream', etag: `"${lockToken}"`, ...headers },
    body,
  };
}

/** A name may have letters, digits and some signs only: others are percent-encoded. */
function headerName(name: string): string {
  return encodeURIComponent(name).replace(/[()]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

/** UTF-8 on the wire; control characters, which no header may have, are percent-encoded. */
function headerValue(value: string): string {
  const safe = value.replace(/[\u0000-\u001f\u007f]/g, encodeURIComponent);
  return Buffer.from(safe).toString('latin1');
}
