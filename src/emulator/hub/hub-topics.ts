import { queryValue } from '../codec/query.js';
import { c2dFilter } from './c2d-topic.js';

/** The filters that a device may subscribe to, and no others (protocol.md#hub-connect, protocol.md#hub-topics). */
export const METHODS = '$iothub/methods/POST/#';
export const TWIN_RESULTS = '$iothub/twin/res/#';
export const DESIRED_UPDATES = '$iothub/twin/PATCH/properties/desired/#';

/** What a device said with a PUBLISH. */
export type DeviceTopic =
  | { readonly kind: 'telemetry'; readonly bag: string }
  | { readonly kind: 'getTwin'; readonly requestId: string }
  | { readonly kind: 'reportProperties'; readonly requestId: string }
  | { readonly kind: 'methodResult'; readonly status: number; readonly requestId: string };

/** Undefined for every topic that the service does not document, another device's among them. */
export function parseDeviceTopic(topic: string, deviceId: string): DeviceTopic | undefined {
  const events = `devices/${deviceId}/messages/events`;
  if (topic === events || topic.startsWith(`${events}/`))
    return { kind: 'telemetry', bag: topic.slice(events.length + 1) };
  return requestTopic(topic);
}

function requestTopic(topic: string): DeviceTopic | undefined {
  const match = /^\$iothub\/(twin\/GET|twin\/PATCH\/properties\/reported|methods\/res\/(-?\d+))\/(\?.*)$/s.exec(topic);
  const requestId = match === null ? undefined : queryValue(match[3] ?? '', '$rid');
  if (match === null || requestId === undefined) return undefined;
  if (match[2] !== undefined) return methodResult(Number(match[2]), requestId);
  return { kind: match[1] === 'twin/GET' ? 'getTwin' : 'reportProperties', requestId };
}

/** Of a status that is no 32-bit number, the service can tell nobody. */
function methodResult(status: number, requestId: string): DeviceTopic | undefined {
  return status === (status | 0) ? { kind: 'methodResult', status, requestId } : undefined;
}

/** The filter that a device means, with its own id for `+`; undefined for what the service does not document. */
export function deviceFilter(filter: string, deviceId: string): string | undefined {
  const meant = filter === c2dFilter('+') ? c2dFilter(deviceId) : filter;
  return [METHODS, TWIN_RESULTS, DESIRED_UPDATES, c2dFilter(deviceId)].includes(meant) ? meant : undefined;
}

/** `version` only after a change of reported properties (protocol.md#hub-topics). */
export function twinResultTopic(status: number, requestId: string, version?: number): string {
  return `$iothub/twin/res/${status}/?$rid=${requestId}${version === undefined ? '' : `&$version=${version}`}`;
}

export function desiredUpdateTopic(version: number): string {
  return `$iothub/twin/PATCH/properties/desired/?$version=${version}`;
}

/** The C SDK wants the name at the third level and `?$rid=` first at the fourth (protocol.md#hub-topics). */
export function methodTopic(name: string, requestId: string): string {
  return `$iothub/methods/POST/${name}/?$rid=${requestId}`;
}
