import type { HttpAnswer } from '../../contract/http-service.js';
import { checkIfMatch, parseIfMatch } from '../etag.js';
import { Fields } from '../fields.js';
import { json } from '../json-answer.js';
import type { ServiceCall, ServiceRoute } from '../router.js';
import { badRequest, ServiceError } from '../service-error.js';
import { translatedHubError } from './hub-errors.js';
import { identityChange } from './identity-fields.js';
import type { ServedHub } from '../../hub/hub-back-ends.js';
import { patchTwin, tryTwin, twinContent, twinView } from './twin-routes.js';

/** Devices of one request: Azure's limit. */
const MAX_DEVICES = 100;

const MODES = [
  'create',
  'createOrUpdate',
  'update',
  'updateIfMatchETag',
  'createOrUpdateIfMatchETag',
  'delete',
  'deleteIfMatchETag',
  'updateTwin',
  'updateTwinIfMatchETag',
] as const;
type Mode = (typeof MODES)[number];

interface BulkError {
  readonly deviceId: string;
  readonly errorCode: string;
  readonly errorStatus: string;
  readonly operation: Mode;
}

/** Many devices at once (protocol.md#service-registry). */
export function bulkRoutes(hub: ServedHub): readonly ServiceRoute[] {
  return [{ method: 'POST', path: 'devices', right: 'RegistryWrite', answer: (call) => bulk(hub, call) }];
}

/** Each on its own: one that fails keeps no other from being done. */
function bulk(hub: ServedHub, { body }: ServiceCall): HttpAnswer {
  if (!Array.isArray(body) || body.length === 0 || body.length > MAX_DEVICES)
    throw badRequest(`The body has to be a list of 1 to ${MAX_DEVICES} devices.`);
  const all = body.map((each: unknown) => Fields.of(each, 'a device of the list'));
  const errors = all.flatMap((fields) => errorOf(hub, fields) ?? []);
  const answer = json({ isSuccessful: errors.length === 0, errors, warnings: [] });
  return errors.length === 0 ? answer : { ...answer, status: 400, reason: summary(errors) };
}

function errorOf(hub: ServedHub, fields: Fields): BulkError | undefined {
  const operation = fields.oneOf('importMode', ...MODES) ?? 'create';
  const deviceId = fields.text('id') ?? '';
  try {
    if ((fields.text('moduleId') ?? '') !== '') throw badRequest("Modules can't be changed in bulk.");
    act(hub, operation, deviceId, fields);
    return undefined;
  } catch (error) {
    const { errorName, message } = error instanceof ServiceError ? error : translatedHubError(error);
    return { deviceId, errorCode: errorName, errorStatus: message, operation };
  }
}

function act(hub: ServedHub, mode: Mode, deviceId: string, fields: Fields): void {
  const { devices } = hub;
  const etag = fields.text('eTag') ?? fields.text('etag') ?? '';
  const isThere = devices.has(deviceId);
  if (mode.endsWith('IfMatchETag') && isThere) {
    const [given, current] = mode.startsWith('updateTwin')
      ? [fields.text('twinETag') ?? etag, twinView(hub, deviceId).etag]
      : [etag, devices.get(deviceId).etag];
    if (given === '') throw badRequest(`importMode ${mode} needs an ETag.`);
    checkIfMatch(parseIfMatch(given), current, `the device ${deviceId}`);
  }
  if (mode.startsWith('delete')) return devices.delete(deviceId);
  if (mode === 'create' || (mode.startsWith('createOrUpdate') && !isThere)) {
    const change = identityChange(fields);
    tryTwin(hub, undefined, twinContent(fields));
    devices.create({ ...change, deviceId, authentication: change.authentication ?? { type: 'sas' } });
  } else if (!mode.startsWith('updateTwin')) devices.update(deviceId, identityChange(fields));
  patchTwin(hub, deviceId, twinContent(fields));
}

function summary(errors: readonly BulkError[]): string {
  return errors
    .map(({ deviceId, errorStatus }) => `${deviceId}: ${errorStatus}`)
    .join('; ')
    .slice(0, 1000);
}
