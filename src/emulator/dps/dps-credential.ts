import { asciiLowerCase } from '../../ascii.js';
import { nameOf } from '../identity/certificate-list.js';
import type { ClientCertificate } from '../identity/client-certificate.js';
import type { ConnectRequest } from '../contract/mqtt-service.js';
import { decoded } from '../codec/query.js';
import { expiryFault, parseSasToken, type SasToken } from '../identity/sas-token.js';
import { isSameRegistrationId } from './registration-id.js';
import type { DpsUsername } from '../codec/dps-username.js';

/** What a device proves its identity by. Whether an enrollment lets it in is not known before it registers. */
export type DpsCredential =
  | { readonly kind: 'x509'; readonly certificate: ClientCertificate }
  | { readonly kind: 'sas'; readonly token: SasToken };

/** Why there is none, in words; `wrongName` where that is a certificate with another common name. */
export interface NoCredential {
  readonly kind: 'none';
  readonly reason: string;
  readonly wrongName?: true;
}

/**
 * The credential of a CONNECT or an HTTP request, a certificate before a token; or why there is none that fits (protocol.md#dps-connect,
 * protocol.md#refusals).
 * @param password With HTTP, the Authorization header.
 */
export function credentialOf(
  { peer, password }: Pick<ConnectRequest, 'peer' | 'password'>,
  username: Pick<DpsUsername, 'idScope' | 'registrationId'>,
  now: number,
): DpsCredential | NoCredential {
  const { certificate } = peer;
  if (certificate !== undefined) {
    const reason = certificateFault(certificate, username);
    return reason === undefined ? { kind: 'x509', certificate } : { kind: 'none', reason, wrongName: true };
  }
  if (password.length === 0) return { kind: 'none', reason: 'no client certificate was sent, and no SAS token' };
  const token = parseSasToken(password);
  if (token === undefined) return { kind: 'none', reason: 'the password is no SharedAccessSignature sr=…&sig=…&se=…' };
  const reason = tokenFault(token, username, now);
  return reason === undefined ? { kind: 'sas', token } : { kind: 'none', reason };
}

function certificateFault(
  { leaf }: ClientCertificate,
  { registrationId }: Pick<DpsUsername, 'registrationId'>,
): string | undefined {
  const commonName = nameOf(leaf);
  if (commonName !== undefined && isSameRegistrationId(commonName, registrationId)) return undefined;
  return `the certificate's common name is ${commonName ?? '(none)'}, the registration id ${registrationId}`;
}

/** protocol.md#dps-connect: `sr={scope}%2fregistrations%2f{regId}`; some clients send `skn=registration`, some send none. */
function tokenFault(
  token: SasToken,
  { idScope, registrationId }: Pick<DpsUsername, 'idScope' | 'registrationId'>,
  now: number,
): string | undefined {
  if (!['', 'registration'].includes(token.keyName))
    return `the SAS token says skn=${token.keyName}, not skn=registration`;
  const expected = `${idScope}/registrations/${registrationId}`;
  const resource = decoded(token.resource);
  if (asciiLowerCase(resource) !== asciiLowerCase(expected))
    return `the SAS token is for ${resource}, not for ${expected}`;
  return expiryFault(token, now);
}
