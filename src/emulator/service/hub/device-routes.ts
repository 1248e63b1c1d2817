import type { HttpAnswer } from '../../contract/http-service.js';
import type { DeviceIdentity } from '../../hub/device-registry.js';
import { checkIfMatch } from '../etag.js';
import { Fields } from '../fields.js';
import { json, NO_CONTENT, timeText } from '../json-answer.js';
import type { ServiceCall, ServiceRoute } from '../router.js';
import { badRequest } from '../service-error.js';
import { authenticationView, identityChange } from './identity-fields.js';
import type { ServedHub } from '../../hub/hub-back-ends.js';

/** Devices of one answer, as Azure limits it. */
const MAX_LISTED = 1000;

/** The identity registry (protocol.md#service-registry). */
export function deviceRoutes(hub: ServedHub): readonly ServiceRoute[] {
  const view = (identity: DeviceIdentity): HttpAnswer => json(deviceView(hub, identity), identity.etag);
  return [
    { method: 'GET', path: 'devices', right: 'RegistryRead', answer: (call) => json(listed(hub, call)) },
    {
      method: 'GET',
      path: 'devices/{id}',
      right: 'RegistryRead',
      answer: ({ ids: [id = ''] }) => view(hub.devices.get(id)),
    },
    { method: 'PUT', path: 'devices/{id}', right: 'RegistryWrite', answer: (call) => view(put(hub, call)) },
    { method: 'DELETE', path: 'devices/{id}', right: 'RegistryWrite', answer: (call) => removed(hub, call) },
    { method: 'GET', path: 'statistics/devices', right: 'RegistryRead', answer: () => json(registryStatistics(hub)) },
    { method: 'GET', path: 'statistics/service', right: 'RegistryRead', answer: () => json(serviceStatistics(hub)) },
  ];
}

/** A device as the registry shows it. */
export function deviceView(hub: ServedHub, identity: DeviceIdentity): object {
  const { deviceId, generationId, etag, enabled, statusReason, statusUpdatedAt, iotEdge, authentication } = identity;
  const { isConnected, connectionChangedAt, lastActivityAt, waitingMessages } = hub.device(deviceId).activity;
  return {
    deviceId,
    generationId,
    etag,
    connectionState: isConnected ? 'Connected' : 'Disconnected',
    status: enabled ? 'enabled' : 'disabled',
    statusReason: statusReason ?? null,
    connectionStateUpdatedTime: timeText(connectionChangedAt),
    statusUpdatedTime: timeText(statusUpdatedAt),
    lastActivityTime: timeText(lastActivityAt),
    cloudToDeviceMessageCount: waitingMessages,
    authentication: authenticationView(authentication),
    capabilities: { iotEdge: iotEdge ?? false },
  };
}

function listed(hub: ServedHub, call: ServiceCall): readonly object[] {
  const top = call.parameter('top');
  if (top !== undefined && !/^\d{1,9}$/.test(top))
    throw badRequest(`top has to be a whole number from 1 to ${MAX_LISTED}.`);
  const count = Math.min(Number(top ?? MAX_LISTED) || MAX_LISTED, MAX_LISTED);
  return hub.devices
    .list()
    .slice(0, count)
    .map((identity) => deviceView(hub, identity));
}

/** Without If-Match it creates, with it it changes. */
function put(hub: ServedHub, { ids: [deviceId = ''], body, ifMatch }: ServiceCall): DeviceIdentity {
  const fields = Fields.of(body);
  const named = fields.text('deviceId') ?? '';
  if (named !== '' && named !== deviceId)
    throw badRequest(`The body is of the device ${named}, and the path of ${deviceId}.`);
  const change = identityChange(fields);
  if (ifMatch.kind === 'none')
    return hub.devices.create({ ...change, deviceId, authentication: change.authentication ?? { type: 'sas' } });
  checkIfMatch(ifMatch, hub.devices.get(deviceId).etag, `the device ${deviceId}`);
  return hub.devices.update(deviceId, change);
}

function removed(hub: ServedHub, { ids: [deviceId = ''], ifMatch }: ServiceCall): HttpAnswer {
  checkIfMatch(ifMatch, hub.devices.get(deviceId).etag, `the device ${deviceId}`);
  hub.devices.delete(deviceId);
  return NO_CONTENT;
}

function registryStatistics({ devices }: ServedHub): object {
  const all = devices.list();
  const enabledDeviceCount = all.filter(({ enabled }) => enabled).length;
  return { totalDeviceCount: all.length, enabledDeviceCount, disabledDeviceCount: all.length - enabledDeviceCount };
}

function serviceStatistics(hub: ServedHub): object {
  const connected = hub.devices.list().filter(({ deviceId }) => hub.device(deviceId).isConnected);
  return { connectedDeviceCount: connected.length };
}
