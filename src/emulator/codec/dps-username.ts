import { queryValue } from './query.js';

/** `{scope}/registrations/{regId}/api-version=…&ClientVersion=…` (protocol.md#dps-connect). */
export interface DpsUsername {
  readonly idScope: string;
  /** As the client wrote it; compared without regard to case. */
  readonly registrationId: string;
  readonly apiVersion: string;
}

/** Undefined where it has another shape; any api-version will do, but there has to be one (protocol.md#dps-connect). */
export function parseDpsUsername(username: string): DpsUsername | undefined {
  const match = /^([^/]+)\/registrations\/([^/]*)\/\??([^/]*)/s.exec(username);
  if (match === null) return undefined;
  const [, idScope = '', registrationId = '', query = ''] = match;
  const apiVersion = queryValue(query, 'api-version');
  return apiVersion ? { idScope, registrationId, apiVersion } : undefined;
}
