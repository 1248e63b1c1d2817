import type { InvokeOptions } from '../../hub/hub-device.js';
import { Fields } from '../fields.js';
import { json } from '../json-answer.js';
import type { ServiceRoute } from '../router.js';
import type { ServedHub } from '../../hub/hub-back-ends.js';

/** Seconds: Azure's limits, and what is meant where nothing is said. */
const MAX_TIMEOUT_SECONDS = 300;
const MIN_TIMEOUT_SECONDS = 5;
const DEFAULT_RESPONSE = 30;

/** A direct method that a back end asks for. */
export interface MethodCall {
  readonly name: string;
  /** Undefined: there is none, be it null or left out (protocol.md#service-methods). */
  readonly payload: unknown;
  readonly options: Pick<InvokeOptions, 'timeout' | 'connectTimeout'>;
}

/** Direct methods (protocol.md#service-methods). */
export function methodRoutes(hub: ServedHub): readonly ServiceRoute[] {
  return [
    {
      method: 'POST',
      path: 'twins/{id}/methods',
      right: 'ServiceConnect',
      answer: async ({ ids: [deviceId = ''], body }) => {
        const { name, payload, options } = methodCall(Fields.of(body));
        hub.devices.get(deviceId);
        return json(await hub.device(deviceId).invokeMethod(name, payload, options));
      },
    },
  ];
}

/** @throws ServiceError 400. */
export function methodCall(fields: Fields): MethodCall {
  const timeout =
    fields.whole('responseTimeoutInSeconds', MIN_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS) ?? DEFAULT_RESPONSE;
  const connectTimeout = fields.whole('connectTimeoutInSeconds', 0, MAX_TIMEOUT_SECONDS) ?? 0;
  return {
    name: fields.requiredText('methodName'),
    payload: fields.json('payload') ?? undefined,
    options: { timeout: timeout * 1000, connectTimeout: connectTimeout * 1000 },
  };
}
