import { defined } from '../../../defined.js';
import type { HttpAnswer } from '../../contract/http-service.js';
import { twinDocument } from '../../hub/twin-document.js';
import { Twin, type TwinSnapshot } from '../../hub/twin.js';
import type { JsonObject } from '../../hub/twin-properties.js';
import { checkIfMatch } from '../etag.js';
import { Fields } from '../fields.js';
import { json, timeText } from '../json-answer.js';
import type { ServiceCall, ServiceRoute } from '../router.js';
import type { ServedHub } from '../../hub/hub-back-ends.js';

/** Twins (protocol.md#service-twins). */
export function twinRoutes(hub: ServedHub): readonly ServiceRoute[] {
  const changed = (call: ServiceCall, change: typeof patchTwin): HttpAnswer => {
    const [deviceId = ''] = call.ids;
    const content = twinContent(Fields.of(call.body));
    checkIfMatch(call.ifMatch, twinView(hub, deviceId).etag, `the twin of ${deviceId}`);
    change(hub, deviceId, content);
    return shown(hub, deviceId);
  };
  return [
    { method: 'GET', path: 'twins/{id}', right: 'ServiceConnect', answer: ({ ids: [id = ''] }) => shown(hub, id) },
    { method: 'PATCH', path: 'twins/{id}', right: 'ServiceConnect', answer: (call) => changed(call, patchTwin) },
    { method: 'PUT', path: 'twins/{id}', right: 'ServiceConnect', answer: (call) => changed(call, replaceTwin) },
  ];
}

/** What of a twin a back end may write; what is undefined was left out. */
export interface TwinContent {
  readonly tags: JsonObject | undefined;
  readonly desired: JsonObject | undefined;
}

/** Everything else that a twin has is ignored: clients send a twin back as they got it, metadata included. */
export function twinContent(fields: Fields): TwinContent {
  const desired = fields.fields('properties')?.object('desired');
  return { tags: fields.object('tags'), desired: desired && withoutMetadata(desired) };
}

/** Changes tags and desired properties, all or nothing. @throws SphereIotError `DEVICE_NOT_FOUND`, `TWIN_PATCH_INVALID`. */
export function patchTwin(hub: ServedHub, deviceId: string, content: TwinContent): void {
  hub.devices.get(deviceId);
  const device = hub.device(deviceId);
  tryTwin(hub, device.twin, content);
  const { tags, desired } = content;
  if (tags !== undefined) device.updateTags(tags);
  if (desired !== undefined) device.updateDesired(desired);
}

/**
 * Patches a copy, so that nothing is changed by what would be refused.
 * @param before Undefined: the twin of a new device.
 * @throws SphereIotError `TWIN_PATCH_INVALID`.
 */
export function tryTwin({ clock }: ServedHub, before: TwinSnapshot | undefined, { tags, desired }: TwinContent): void {
  const trial = new Twin(() => clock.now());
  if (before !== undefined) trial.restore(before);
  if (tags !== undefined) trial.patchTags(tags);
  if (desired !== undefined) trial.patchDesired(desired);
}

/** Replaces tags and desired properties, all or nothing; what was left out becomes empty. */
export function replaceTwin(hub: ServedHub, deviceId: string, { tags = {}, desired = {} }: TwinContent): void {
  hub.devices.get(deviceId);
  const device = hub.device(deviceId);
  const trial = new Twin(() => hub.clock.now());
  trial.replaceTags(tags);
  trial.replaceDesired(desired);
  device.replaceTags(tags);
  device.replaceDesired(desired);
}

/** A twin as the service shows it. @throws SphereIotError `DEVICE_NOT_FOUND`. */
export function twinView(hub: ServedHub, deviceId: string): { readonly etag: string } {
  const identity = hub.devices.get(deviceId);
  const device = hub.device(deviceId);
  const { isConnected, lastActivityAt, waitingMessages } = device.activity;
  const { properties, tags, ...rest } = twinDocument(identity, device.twin, isConnected);
  const view = {
    ...rest,
    ...defined({ statusReason: identity.statusReason }),
    statusUpdateTime: timeText(identity.statusUpdatedAt),
    lastActivityTime: timeText(lastActivityAt),
    cloudToDeviceMessageCount: waitingMessages,
    ...{ tags, properties },
    capabilities: { iotEdge: identity.iotEdge ?? false },
  };
  return view;
}

function shown(hub: ServedHub, deviceId: string): HttpAnswer {
  const view = twinView(hub, deviceId);
  return json(view, view.etag);
}

function withoutMetadata(section: JsonObject): JsonObject {
  const { $metadata: _, $version: __, ...content } = section;
  return content;
}
