import { defined } from '../../defined.js';
import type { Clock } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { isObject, parseJson } from '../../json.js';
import { pathParts, saysJson, type HttpAnswer, type HttpRequest } from '../contract/http-service.js';
import { queryValue } from '../codec/query.js';
import { blobNameFault, isContainerName } from '../storage/blob-name.js';
import type { StorageAccount } from '../storage/storage-account.js';
import type { Authentication } from './authentication.js';
import type { DeviceState } from './device-state.js';
import type { HubEvent } from './hub-events.js';
import { hubError, hubErrorCode, jsonAnswer, type HubErrorName } from './hub-http.js';

/** Bytes of a request; chosen. */
export const MAX_HUB_BODY_BYTES = 64 * 1024;
const HOUR = 3_600_000;

export interface FileUploadOptions {
  /** The container of the storage account. Default `uploads`. */
  readonly containerName?: string | undefined;
  /** How long a device may take for one upload, ms: 60 000 to 86 400 000. Default an hour, as with hubs. */
  readonly sasTtlMs?: number | undefined;
}

export interface FileUploadContext {
  readonly clock: Clock;
  readonly storage: StorageAccount;
  /** False where the hub has no storage. */
  readonly options: FileUploadOptions | false;
  authenticate(deviceId: string, request: HttpRequest): Authentication;
  device(deviceId: string): DeviceState;
  log(event: HubEvent): void;
}

/** @throws SphereIotError `CONTAINER_NAME_INVALID`. */
export function checkContainerName({ containerName = 'uploads' }: FileUploadOptions): void {
  if (isContainerName(containerName)) return;
  throw new SphereIotError(
    'CONTAINER_NAME_INVALID',
    `${JSON.stringify(containerName)} is no name for a container: 3 to 63 letters in lower case, digits and single hyphens.`,
  );
}

/** A request that is not taken: what the device is told, and what was the matter. */
class Refusal {
  constructor(
    readonly name: HubErrorName,
    readonly reason: string,
  ) {}
}

type Request = { readonly deviceId: string; readonly isNotification: boolean; readonly correlationId?: string };

/** A hub's HTTPS for file upload (protocol.md#file-upload): hands out the way to a blob, and hears how it ended. */
export function answerHubRequest(request: HttpRequest, context: FileUploadContext): HttpAnswer {
  const now = context.clock.now();
  const target = targetOf(request.path);
  // No device's: there is no log to put it into but the emulator's.
  if (target === undefined)
    return { ...hubError('GenericNotFound', 'Not Found', now), reason: 'the hub has nothing at this path' };
  const answer = answerTo(target, request, context);
  if (!(answer instanceof Refusal)) return answer;
  const { name, reason } = answer;
  const refused = hubError(name, name, now);
  const { deviceId } = target;
  const { status } = refused;
  context.log({ type: 'fileUploadRefused', at: now, deviceId, status, errorCode: hubErrorCode(name), reason });
  return status === 405 ? { ...refused, headers: { ...refused.headers, allow: 'POST' } } : refused;
}

/** Whether a device speaks there, and not a back end. */
export function isFileUploadPath(path: string): boolean {
  const [devices, , files] = pathParts(path) ?? [];
  return devices === 'devices' && files === 'files';
}

/** All forms: with a slash at the end from the C SDK, with the correlation id in the path from the one for Node. */
function targetOf(path: string): Request | undefined {
  const [devices, deviceId, files, notifications, correlationId, ...more] = pathParts(path) ?? [];
  if (devices !== 'devices' || deviceId === undefined || files !== 'files' || more.length > 0) return undefined;
  if (notifications === undefined) return { deviceId, isNotification: false };
  if (notifications !== 'notifications') return undefined;
  return { deviceId, isNotification: true, ...defined({ correlationId }) };
}

function answerTo(target: Request, request: HttpRequest, context: FileUploadContext): HttpAnswer | Refusal {
  if (request.method !== 'POST')
    return new Refusal('GenericMethodNotAllowed', `${request.method} was sent, and this takes POST`);
  if ((queryValue(request.query, 'api-version') ?? '') === '')
    return new Refusal('InvalidProtocolVersion', 'the query has no api-version');
  const authentication = context.authenticate(target.deviceId, request);
  if (!authentication.ok) return new Refusal('IotHubUnauthorized', authentication.reason);
  if (request.body === undefined)
    return new Refusal('GenericRequestEntityTooLarge', `the body has more than ${MAX_HUB_BODY_BYTES} bytes`);
  if (!saysJson(request)) return new Refusal('GenericUnsupportedMediaType', 'the Content-Type is not application/json');
  const body = parseJson(request.body);
  if (!isObject(body)) return new Refusal('GenericBadRequest', 'the body is no JSON object');
  const { options } = context;
  if (options === false)
    return new Refusal('DefaultStorageEndpointNotConfigured', 'the hub was started with fileUpload: false');
  return target.isNotification
    ? finish(target, body, options, context)
    : begin(target.deviceId, body, options, context);
}

function begin(
  deviceId: string,
  body: Record<string, unknown>,
  { containerName = 'uploads', sasTtlMs = HOUR }: FileUploadOptions,
  { clock, storage, device }: FileUploadContext,
): HttpAnswer | Refusal {
  const name = body['blobName'];
  if (typeof name !== 'string' || name === '') return new Refusal('ArgumentInvalid', 'the body has no blobName');
  const blobName = `${deviceId}/${name}`;
  const fault = blobNameFault(blobName);
  if (fault !== undefined) return new Refusal('ArgumentInvalid', `the blobName can't be a blob's name: ${fault}`);
  const expiresAt = clock.now() + sasTtlMs;
  const correlationId = device(deviceId).uploads.begin(blobName, expiresAt);
  if (correlationId === undefined)
    return new Refusal('DeviceMaximumActiveFileUploadLimitExceeded', 'ten uploads of the device are not over yet');
  return jsonAnswer(200, {
    correlationId,
    hostName: storage.hostName,
    containerName,
    blobName,
    sasToken: storage.sas({ container: containerName, blob: blobName }, expiresAt),
  });
}

function finish(
  target: Request,
  body: Record<string, unknown>,
  { containerName = 'uploads' }: FileUploadOptions,
  { clock, storage, device, log }: FileUploadContext,
): HttpAnswer | Refusal {
  const { uploads, watch } = device(target.deviceId);
  const correlationId = target.correlationId ?? body['correlationId'];
  const { isSuccess, statusCode, statusDescription } = body;
  const found = typeof correlationId === 'string' ? uploads.find(correlationId) : 'unknown';
  if (typeof correlationId !== 'string' || found === 'unknown')
    return new Refusal('InvalidFileUploadCorrelationId', 'no upload has this correlation id');
  if (found === 'expired') return new Refusal('ExpiredFileUploadCorrelationId', 'the time of the upload is over');
  if (typeof isSuccess !== 'boolean')
    return new Refusal('InvalidFileUploadCompletionStatus', 'isSuccess is neither true nor false');
  const address = { container: containerName, blob: found.blobName };
  const blob = storage.blob(address);
  // GH azure-iot-sdk-node#1153.
  if (isSuccess && blob === undefined)
    return new Refusal('InvalidStorageEndpointOrBlob', `success was told, and there is no blob ${found.blobName}`);
  const upload = {
    blobName: found.blobName,
    correlationId,
    isSuccess,
    ...(typeof statusCode === 'number' && Number.isSafeInteger(statusCode) ? { statusCode } : {}),
    ...(typeof statusDescription === 'string' ? { statusDescription } : {}),
    at: clock.now(),
  };
  const { deviceId } = target;
  uploads.finish({ ...upload, ...defined({ body: blob?.body }) });
  const about = { blobUri: storage.uri(address), blobSizeInBytes: blob?.body.length ?? 0 };
  log({ type: 'fileUploaded', deviceId, ...upload, ...about });
  watch.changed();
  return { status: 204 };
}
