import { SphereIotError } from '../errors.js';
import { isObject, parseJson } from '../json.js';
import { DEVICE_TWIN_UPDATE_STATE, type IOTHUB_DEVICE_CLIENT_LL_HANDLE, type Sdk } from '../sdk/index.js';
import { expectOk } from './results.js';

export interface TwinProperties {
  readonly desired: Readonly<Record<string, unknown>>;
  readonly reported: Readonly<Record<string, unknown>>;
}

/** @throws SphereIotError `TWIN_FAILED`: the SDK gives up after a minute. */
export async function readTwin(sdk: Sdk, handle: IOTHUB_DEVICE_CLIENT_LL_HANDLE): Promise<TwinProperties> {
  const payload = await new Promise<Uint8Array>((resolve) => {
    const result = sdk.IoTHubDeviceClient_LL_GetTwinAsync(handle, (_state, bytes) => resolve(bytes));
    expectOk('TWIN_FAILED', 'IOTHUB_CLIENT_RESULT', result);
  });
  if (payload.length === 0) throw new SphereIotError('TWIN_FAILED', 'The hub did not answer the request for the twin.');
  const twin = twinIn(payload);
  if (twin === undefined)
    throw new SphereIotError('TWIN_FAILED', 'The hub answered the request for the twin with what is no twin.');
  return twin;
}

/** Resolves once the hub has accepted the patch. @throws SphereIotError `TWIN_FAILED`. */
export async function reportProperties(
  sdk: Sdk,
  handle: IOTHUB_DEVICE_CLIENT_LL_HANDLE,
  patch: Readonly<Record<string, unknown>>,
): Promise<void> {
  const status = await new Promise<number>((resolve) => {
    const result = sdk.IoTHubDeviceClient_LL_SendReportedState(handle, JSON.stringify(patch), resolve);
    expectOk('TWIN_FAILED', 'IOTHUB_CLIENT_RESULT', result);
  });
  if (status < 200 || status > 299)
    throw new SphereIotError('TWIN_FAILED', `The hub refused the reported properties with status ${status}.`);
}

/** The desired properties that a twin callback of C brings: all of them, or a patch; undefined where the payload has none. */
export function desiredIn(state: DEVICE_TWIN_UPDATE_STATE, payload: Uint8Array): Record<string, unknown> | undefined {
  const isComplete = state === DEVICE_TWIN_UPDATE_STATE.DEVICE_TWIN_UPDATE_COMPLETE;
  const desired = isComplete ? twinIn(payload)?.desired : parseJson(payload);
  return isObject(desired) ? desired : undefined;
}

/** Undefined where the payload is no twin. */
export function twinIn(payload: Uint8Array): TwinProperties | undefined {
  const twin = parseJson(payload);
  if (!isObject(twin)) return undefined;
  const { desired, reported } = twin;
  return isObject(desired) && isObject(reported) ? { desired, reported } : undefined;
}
