import { queryValue, decoded } from '../mqtt/query.js';

/** `{hub}/{device}[/{module}]/?api-version=…&DeviceClientType=…&model-id=…` (section B1). */
export interface HubUsername {
  /** As the client wrote it, a port included. */
  readonly hub: string;
  readonly deviceId: string;
  readonly moduleId?: string;
  readonly apiVersion: string;
  readonly clientType?: string;
  /** The DTMI of the device's model. */
  readonly modelId?: string;
}

/** Undefined where it has another shape. Older clients leave the `?` out; unknown keys are ignored (B1). */
export function parseHubUsername(username: string): HubUsername | undefined {
  const match = /^([^/]+)\/([^/?]+)(?:\/([^/?=]+))?\/\??([^/?]*=.*)$/s.exec(username);
  if (match === null) return undefined;
  const [, hub = '', deviceId = '', moduleId, query = ''] = match;
  const apiVersion = queryValue(query, 'api-version');
  if (apiVersion === undefined) return undefined;
  const clientType = queryValue(query, 'DeviceClientType');
  const modelId = queryValue(query, 'model-id');
  return {
    hub,
    deviceId,
    ...(moduleId === undefined ? {} : { moduleId }),
    apiVersion,
    ...(clientType === undefined ? {} : { clientType: decoded(clientType) }),
    ...(modelId === undefined ? {} : { modelId: decoded(modelId) }),
  };
}
