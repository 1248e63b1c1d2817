import { queryValue } from './query.js';

/** The only filter there is (protocol.md#dps-exchange). */
export const RESPONSES = '$dps/registrations/res/#';

export type DpsTopic =
  | { readonly kind: 'register'; readonly requestId: string }
  | { readonly kind: 'poll'; readonly requestId: string; readonly operationId: string };

/** Undefined for every topic that the service does not document. */
export function parseDpsTopic(topic: string): DpsTopic | undefined {
  const match = /^\$dps\/registrations\/(PUT\/iotdps-register|GET\/iotdps-get-operationstatus)\/\?(.*)$/s.exec(topic);
  if (match === null) return undefined;
  const [, path = '', query = ''] = match;
  const requestId = queryValue(query, '$rid');
  if (requestId === undefined) return undefined;
  if (path.startsWith('PUT')) return { kind: 'register', requestId };
  const operationId = queryValue(query, 'operationId');
  return operationId === undefined ? undefined : { kind: 'poll', requestId, operationId };
}

/** `retry-after` in lower case: the C SDK looks for exactly that (protocol.md#dps-clients). */
export function responseTopic(status: number, requestId: string, retryAfterSeconds?: number): string {
  const retry = retryAfterSeconds === undefined ? '' : `&retry-after=${retryAfterSeconds}`;
  return `$dps/registrations/res/${status}/?$rid=${requestId}${retry}`;
}
