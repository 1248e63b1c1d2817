import { IOTHUBMESSAGE_CONTENT_TYPE, type IOTHUB_MESSAGE_HANDLE, type Sdk } from '../sdk/index.js';
import { SphereIotError } from '../errors.js';
import type { Rules } from '../options.js';
import { object, text } from '../rules.js';
import { expectOk } from './results.js';

/** What a message carries beside its body. */
export interface MessageOptions {
  /** Application properties. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  readonly messageId?: string | undefined;
  readonly correlationId?: string | undefined;
  /** For example `application/json`. */
  readonly contentType?: string | undefined;
  /** For example `utf-8`. */
  readonly contentEncoding?: string | undefined;
  /** ISO 8601, UTC. */
  readonly creationTimeUtc?: string | undefined;
  /** PnP component name. */
  readonly component?: string | undefined;
}

export const MESSAGE_RULES: Rules<MessageOptions> = {
  properties: object,
  messageId: text,
  correlationId: text,
  contentType: text,
  contentEncoding: text,
  creationTimeUtc: text,
  component: text,
};

/** A cloud-to-device message. */
export interface ReceivedMessage {
  readonly body: Uint8Array;
  readonly messageId: string | null;
  readonly correlationId: string | null;
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
  /** An application property; null if the message has none of that name. */
  property(name: string): string | null;
}

/** The handle of a message; whoever called destroys it. Throws `MESSAGE_INVALID`. */
export function createMessage(sdk: Sdk, body: Uint8Array | string, options: MessageOptions): IOTHUB_MESSAGE_HANDLE {
  const message =
    typeof body === 'string' ? sdk.IoTHubMessage_CreateFromString(body) : sdk.IoTHubMessage_CreateFromByteArray(body);
  if (message === null) throw new SphereIotError('MESSAGE_INVALID', 'The SDK could not make a message of this body.');
  const set = (value: string | undefined, setter: (message: IOTHUB_MESSAGE_HANDLE, value: string) => number): void => {
    if (value !== undefined) expectOk('MESSAGE_INVALID', 'IOTHUB_MESSAGE_RESULT', setter(message, value));
  };
  try {
    set(options.messageId, sdk.IoTHubMessage_SetMessageId);
    set(options.correlationId, sdk.IoTHubMessage_SetCorrelationId);
    set(options.contentType, sdk.IoTHubMessage_SetContentTypeSystemProperty);
    set(options.contentEncoding, sdk.IoTHubMessage_SetContentEncodingSystemProperty);
    set(options.creationTimeUtc, sdk.IoTHubMessage_SetMessageCreationTimeUtcSystemProperty);
    set(options.component, sdk.IoTHubMessage_SetComponentName);
    for (const [name, value] of Object.entries(options.properties ?? {}))
      expectOk('MESSAGE_INVALID', 'IOTHUB_MESSAGE_RESULT', sdk.IoTHubMessage_SetProperty(message, name, value));
  } catch (error) {
    sdk.IoTHubMessage_Destroy(message);
    throw error;
  }
  return message;
}

/** Reads a message while its callback runs. */
export function readMessage(sdk: Sdk, message: IOTHUB_MESSAGE_HANDLE): ReceivedMessage {
  return {
    body: bodyOf(sdk, message),
    messageId: sdk.IoTHubMessage_GetMessageId(message),
    correlationId: sdk.IoTHubMessage_GetCorrelationId(message),
    contentType: sdk.IoTHubMessage_GetContentTypeSystemProperty(message),
    contentEncoding: sdk.IoTHubMessage_GetContentEncodingSystemProperty(message),
    property: (name) => sdk.IoTHubMessage_GetProperty(message, name),
  };
}

function bodyOf(sdk: Sdk, message: IOTHUB_MESSAGE_HANDLE): Uint8Array {
  if (sdk.IoTHubMessage_GetContentType(message) === IOTHUBMESSAGE_CONTENT_TYPE.IOTHUBMESSAGE_STRING)
    return Buffer.from(sdk.IoTHubMessage_GetString(message) ?? '');
  return sdk.IoTHubMessage_GetByteArray(message).buffer ?? new Uint8Array(0);
}
