import { anyId, ascending, consecutive, only } from '../state/ids.js';
import {
  base64,
  checked,
  count,
  flag,
  jsonObject,
  number,
  oneOf,
  optional,
  recordOf,
  shape,
  text,
  time,
  type Check,
} from '../state/shape.js';
import { WithBytes, type Codec, type Namespace, type Collection } from '../state/store.js';
import type { QueuedMessage } from './c2d-message.js';
import type { ActiveUpload, FileUpload } from './file-uploads.js';
import type { Telemetry } from './telemetry.js';
import type { TwinSnapshot } from './twin.js';

/** A twin, with whether the device reported something since its identity was created. */
export interface KeptTwin {
  readonly twin: TwinSnapshot;
  readonly hasReported: boolean;
}

/** Where a hub keeps what it has of one device beside its identity. */
export interface KeptDevice {
  /** Under one id, `twin`. */
  readonly twin: Collection<KeptTwin>;
  /** By their numbers. */
  readonly c2d: Collection<QueuedMessage>;
  /** By their numbers. */
  readonly telemetry: Collection<Telemetry>;
  /** By their correlation ids. */
  readonly activeUploads: Collection<ActiveUpload>;
  /** By their numbers. */
  readonly uploads: Collection<FileUpload>;
}

/** @param namespace Of the hub. */
export function keptDevice(namespace: Namespace, deviceId: string): KeptDevice {
  const own = stateNamespace(namespace).namespace(deviceId);
  return {
    twin: own.collection('twin', checked(keptTwin, only('twin'))),
    c2d: own.collection('c2d', c2dCodec),
    telemetry: own.collection('telemetry', telemetryCodec),
    activeUploads: own.collection('activeUploads', checked(activeUpload, anyId)),
    uploads: own.collection('uploads', uploadCodec),
  };
}

/** The devices of which there is something from the start. */
export function keptDevices(namespace: Namespace): readonly string[] {
  return stateNamespace(namespace).names();
}

function stateNamespace(namespace: Namespace): Namespace {
  return namespace.namespace('deviceStates');
}

const keptTwin = shape({
  twin: shape({
    desired: jsonObject,
    desiredVersion: count,
    reported: jsonObject,
    reportedVersion: count,
    tags: jsonObject,
    desiredMetadata: optional(jsonObject),
    reportedMetadata: optional(jsonObject),
    version: count,
  }),
  hasReported: flag,
});

const activeUpload = shape({ blobName: text, expiresAt: time });

const finishedUpload = shape({
  ...{ blobName: text, correlationId: text, isSuccess: flag },
  ...{ statusCode: optional(number), statusDescription: optional(text), at: time },
});

const keptTelemetry = shape({
  ...{ properties: recordOf(text), systemProperties: recordOf(text) },
  ...{ enqueuedTime: time, qos: oneOf(0, 1), duplicate: flag },
});

const keptMessage = shape({
  ...{ topic: text, messageId: optional(text), ack: oneOf('none', 'positive', 'negative', 'full') },
  ...{ generationId: text, enqueuedAt: time, expiresAt: time, deliveryCount: count },
});

const telemetryCodec: Codec<Telemetry> = {
  encode: ({ body, ...telemetry }) => new WithBytes(telemetry, body),
  decode: (kept) => withBody(kept, keptTelemetry),
  fits: consecutive,
};

/** A connection's packet id means nothing to the next one; neither do its deliveries, which only count with an option, nor locks. */
const c2dCodec: Codec<QueuedMessage> = {
  encode: ({ packetId: _, outcome: __, lock: ___, returns: ____, body, ...message }) => new WithBytes(message, body),
  decode: (kept) => withBody(kept, keptMessage),
  fits: ascending,
};

/** Files may be large. */
const uploadCodec: Codec<FileUpload> = {
  encode: ({ body, ...upload }) => (body === undefined ? upload : new WithBytes(upload, body)),
  decode: (kept) => {
    if (!(kept instanceof WithBytes)) return finishedUpload(kept) as unknown as FileUpload;
    return { ...finishedUpload(kept.value), body: kept.bytes } as unknown as FileUpload;
  },
  fits: consecutive,
};

/** What an older version kept has its body in it, as base64: reading gigabytes of that takes a long time. */
function withBody<T extends { readonly body: Buffer }>(kept: unknown, check: Check): T {
  if (kept instanceof WithBytes) return { ...(check(kept.value) as object), body: kept.bytes } as unknown as T;
  const { body } = shape({ body: base64 })(kept);
  return { ...(check(kept) as object), body: Buffer.from(body as string, 'base64') } as unknown as T;
}
