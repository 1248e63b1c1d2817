import { parseDpsUsername } from '../codec/dps-username.js';
import type { ConnectRequest, RefusalCode } from '../contract/mqtt-service.js';
import { credentialOf, type DpsCredential, type NoCredential } from './dps-credential.js';
import type { ProvisioningSettings } from './provisioning-options.js';
import { isRegistrationId, isSameRegistrationId } from './registration-id.js';

/** The sender of a CONNECT, as far as it says; or why it is refused. */
export type JudgedConnect =
  | { readonly registrationId: string; readonly credential: DpsCredential | NoCredential }
  | { readonly registrationId: string; readonly reason: string; readonly returnCode: RefusalCode };

/** The service's part of a CONNECT: username, id scope, registration id, client id, credential (protocol.md#dps-connect). */
export function judgeDpsConnect(
  request: ConnectRequest,
  idScope: string,
  settings: Pick<ProvisioningSettings, 'unknownIdScopeReturnCode' | 'wrongCommonName'>,
  now: number,
): JudgedConnect {
  const username = parseDpsUsername(request.username);
  if (username === undefined)
    return {
      registrationId: '',
      reason: 'the username is not {scope}/registrations/{id}/api-version=…',
      returnCode: 5,
    };
  const { registrationId } = username;
  const refused = (reason: string, returnCode: RefusalCode = 5): JudgedConnect => ({
    registrationId,
    reason,
    returnCode,
  });
  if (username.idScope !== idScope)
    return refused(`the id scope ${username.idScope} is unknown`, settings.unknownIdScopeReturnCode);
  if (!isRegistrationId(registrationId)) return refused(`${JSON.stringify(registrationId)} is no registration id`);
  if (!isSameRegistrationId(request.clientId, registrationId))
    return refused(`the client id ${request.clientId} is not the registration id ${registrationId}`);
  const credential = credentialOf(request, username, now);
  const isAnswered = credential.kind === 'none' && credential.wrongName && settings.wrongCommonName === 'answer';
  if (credential.kind === 'none' && !isAnswered) return refused(credential.reason);
  return { registrationId, credential };
}
