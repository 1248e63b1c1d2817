import { defined } from '../../defined.js';
import { queryValue, decoded } from './query.js';

/** `{hub}/{device}[/{module}][/[?api-version=…&DeviceClientType=…&model-id=…]]` (protocol.md#hub-connect). */
export interface HubUsername {
  /** As the client wrote it, a port included. */
  readonly hub: string;
  readonly deviceId: string;
  readonly moduleId?: string;
  /** Undefined: without one there are no twins and no methods. */
  readonly apiVersion?: string;
  readonly clientType?: string;
  /** The DTMI of the device's model. */
  readonly modelId?: string;
}

/**
 * Undefined where it has another shape. Older clients leave the `?` out, which a device id may have too; unknown keys are
 * ignored, and an api-version that says nothing is none (protocol.md#hub-connect).
 */
export function parseHubUsername(username: string): HubUsername | undefined {
  const match =
    /^([^/]+)\/([^/]+)(?:\/([^/?=]+))?\/\??([^/?=]*=.*)$/s.exec(username) ?? /^([^/]+)\/([^/]+)\/?$/.exec(username);
  if (match === null) return undefined;
  const [, hub = '', deviceId = '', moduleId, query = ''] = match;
  const apiVersion = queryValue(query, 'api-version') || undefined;
  const clientType = queryValue(query, 'DeviceClientType');
  const modelId = queryValue(query, 'model-id') || undefined;
  return {
    hub,
    deviceId,
    ...defined({ moduleId }),
    ...defined({ apiVersion, clientType: clientType && decoded(clientType), modelId: modelId && decoded(modelId) }),
  };
}
