import { SphereIotError } from '../../../errors.js';
import type { HttpAnswer } from '../../contract/http-service.js';
import { twinDocument } from '../../hub/twin-document.js';
import type { Twin } from '../../hub/twin.js';
import { checkIfMatch } from '../etag.js';
import { Fields } from '../fields.js';
import { json, NO_CONTENT, timeText } from '../json-answer.js';
import type { ServiceCall, ServiceRoute } from '../router.js';
import { authenticationView, identityChange } from './identity-fields.js';
import { methodCall } from './method-routes.js';
import type { ModuleIdentity, ModuleRegistry } from './module-registry.js';
import type { ServedHub } from '../../hub/hub-back-ends.js';
import { twinContent, type TwinContent } from './twin-routes.js';

/** Modules as identities with twins (protocol.md#service-modules). */
export function moduleRoutes(hub: ServedHub, modules: ModuleRegistry): readonly ServiceRoute[] {
  const path = 'devices/{id}/modules/{moduleId}';
  const twinPath = 'twins/{id}/modules/{moduleId}';
  const shown = (identity: ModuleIdentity): HttpAnswer => json(moduleView(identity), identity.etag);
  const twin =
    (change?: (twin: Twin, content: TwinContent) => void) =>
    (call: ServiceCall): HttpAnswer => {
      const [deviceId = '', moduleId = ''] = call.ids;
      if (change !== undefined) {
        const content = twinContent(Fields.of(call.body));
        checkIfMatch(call.ifMatch, moduleTwinView(hub, modules, deviceId, moduleId).etag, `the twin of ${moduleId}`);
        modules.changeTwin(deviceId, moduleId, (each) => change(each, content));
      }
      const view = moduleTwinView(hub, modules, deviceId, moduleId);
      return json(view, view.etag);
    };
  return [
    {
      method: 'GET',
      path: 'devices/{id}/modules',
      right: 'RegistryRead',
      answer: ({ ids: [id = ''] }) => json(listed(hub, modules, id)),
    },
    {
      method: 'GET',
      path,
      right: 'RegistryRead',
      answer: ({ ids: [id = '', of = ''] }) => shown(modules.get(id, of).identity),
    },
    { method: 'PUT', path, right: 'RegistryWrite', answer: (call) => shown(put(hub, modules, call)) },
    { method: 'DELETE', path, right: 'RegistryWrite', answer: (call) => removed(modules, call) },
    { method: 'GET', path: twinPath, right: 'ServiceConnect', answer: twin() },
    { method: 'PATCH', path: twinPath, right: 'ServiceConnect', answer: twin(patch) },
    { method: 'PUT', path: twinPath, right: 'ServiceConnect', answer: twin(replace) },
    { method: 'POST', path: `${twinPath}/methods`, right: 'ServiceConnect', answer: (call) => invoked(modules, call) },
  ];
}

/** The twins of all modules: `devices.modules` of the query language. */
export function* moduleTwinDocuments(hub: ServedHub, modules: ModuleRegistry): Generator<object> {
  for (const { identity } of modules.list()) yield moduleTwinView(hub, modules, identity.deviceId, identity.moduleId);
}

function listed(hub: ServedHub, modules: ModuleRegistry, deviceId: string): readonly object[] {
  hub.devices.get(deviceId);
  return modules.list(deviceId).map(({ identity }) => moduleView(identity));
}

/** Without If-Match it creates, with it it changes. */
function put(
  hub: ServedHub,
  modules: ModuleRegistry,
  { ids: [id = '', moduleId = ''], body, ifMatch }: ServiceCall,
): ModuleIdentity {
  const fields = Fields.of(body);
  const change = { authentication: identityChange(fields).authentication, managedBy: fields.text('managedBy') };
  hub.devices.get(id);
  if (ifMatch.kind === 'none') return modules.create(id, moduleId, change);
  checkIfMatch(ifMatch, modules.get(id, moduleId).identity.etag, `the module ${moduleId}`);
  return modules.update(id, moduleId, change);
}

function removed(modules: ModuleRegistry, { ids: [id = '', moduleId = ''], ifMatch }: ServiceCall): HttpAnswer {
  checkIfMatch(ifMatch, modules.get(id, moduleId).identity.etag, `the module ${moduleId}`);
  modules.delete(id, moduleId);
  return NO_CONTENT;
}

/** No module is ever online here. */
function invoked(modules: ModuleRegistry, { ids: [id = '', moduleId = ''], body }: ServiceCall): HttpAnswer {
  methodCall(Fields.of(body));
  modules.get(id, moduleId);
  throw new SphereIotError(
    'DEVICE_NOT_ONLINE',
    `404103: the emulator lets no module connect, ${moduleId} of ${id} neither.`,
  );
}

function patch(twin: Twin, { tags, desired }: TwinContent): void {
  if (tags !== undefined) twin.patchTags(tags);
  if (desired !== undefined) twin.patchDesired(desired);
}

function replace(twin: Twin, { tags = {}, desired = {} }: TwinContent): void {
  twin.replaceTags(tags);
  twin.replaceDesired(desired);
}

function moduleView({ deviceId, moduleId, managedBy, generationId, etag, authentication }: ModuleIdentity): object {
  return {
    ...{ moduleId, managedBy: managedBy === '' ? null : managedBy, deviceId, generationId, etag },
    connectionState: 'Disconnected',
    connectionStateUpdatedTime: timeText(undefined),
    lastActivityTime: timeText(undefined),
    cloudToDeviceMessageCount: 0,
    authentication: authenticationView(authentication),
  };
}

function moduleTwinView(
  hub: ServedHub,
  modules: ModuleRegistry,
  deviceId: string,
  moduleId: string,
): { readonly etag: string } {
  const device = hub.devices.get(deviceId);
  const { identity, twin } = modules.get(deviceId, moduleId);
  const { properties, tags, ...rest } = twinDocument({ ...device, ...identity }, twin, false);
  return { ...{ ...rest, deviceId, moduleId }, ...{ lastActivityTime: timeText(undefined), tags, properties } };
}
