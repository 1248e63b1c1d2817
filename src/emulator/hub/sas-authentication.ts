import { asciiLowerCase } from '../../ascii.js';
import type { Clock } from '../../clock/index.js';
import { decoded } from '../codec/query.js';
import { isLocalName } from '../service-names.js';
import { expiryFault, isSignedBy, parseSasToken, type SasToken } from '../identity/sas-token.js';
import type { SymmetricKey } from '../identity/symmetric-key.js';

/** What a token proves: its holder may stay until it expires (clock ms). */
export type SasCheck =
  { readonly ok: true; readonly expiresAt: number } | { readonly ok: false; readonly reason: string };

/** Whether the CONNECT's password is a SAS token of this device for this hub (protocol.md#sas-tokens, protocol.md#refusals). */
export function checkSas(
  deviceId: string,
  key: SymmetricKey,
  password: Buffer,
  { clock, hub }: { readonly clock: Clock; readonly hub: string },
): SasCheck {
  if (password.length === 0) return { ok: false, reason: 'the password is empty, and the device has symmetric keys' };
  const token = parseSasToken(password);
  if (token === undefined) return { ok: false, reason: 'the password is no SharedAccessSignature sr=…&sig=…&se=…' };
  const reason = faultOf(token, deviceId, hub, key, clock.now());
  return reason === undefined ? { ok: true, expiresAt: token.expiresAt } : { ok: false, reason };
}

function faultOf(token: SasToken, deviceId: string, hub: string, key: SymmetricKey, now: number): string | undefined {
  // Shared access policies find their place here.
  if (token.keyName !== '') return `the SAS token is of the policy ${token.keyName}, and policies are not supported`;
  if (![token.resource, decoded(token.resource)].some((resource) => isFor(resource, hub, deviceId)))
    return `the SAS token is for ${decoded(token.resource)}, not for ${hub}/devices/${deviceId}`;
  if (!isSignedBy(token, key)) return `the SAS token is not signed with a key of ${deviceId}`;
  return expiryFault(token, now);
}

/** Case does not matter: the device is told by its CONNECT, and proved by the signature. */
function isFor(resource: string, hub: string, deviceId: string): boolean {
  const [host = '', ...path] = asciiLowerCase(resource).split('/');
  return (host === hub || isLocalName(host)) && path.join('/') === `devices/${asciiLowerCase(deviceId)}`;
}
