import { asciiLowerCase } from '../../ascii.js';
import type { Clock } from '../../clock/index.js';
import { decoded } from '../codec/query.js';
import { isLocalName } from '../service-names.js';
import type { AccessPolicies } from '../identity/access-policies.js';
import { expiryFault, isSignedBy, parseSasToken, type SasToken } from '../identity/sas-token.js';
import type { SymmetricKey } from '../identity/symmetric-key.js';

/** What a token proves: its holder may stay until it expires (clock ms). */
export type SasCheck =
  { readonly ok: true; readonly expiresAt: number } | { readonly ok: false; readonly reason: string };

/** @internal The hub that a token is for. */
export interface SasContext {
  readonly clock: Clock;
  /** The hub's full name. */
  readonly hub: string;
  /** Those with the right DeviceConnect may make tokens for devices, too. */
  readonly policies: AccessPolicies;
}

/** Whether the CONNECT's password is a SAS token for this device of this hub (protocol.md#sas-tokens, protocol.md#refusals). */
export function checkSas(deviceId: string, key: SymmetricKey, password: Buffer, context: SasContext): SasCheck {
  if (password.length === 0) return { ok: false, reason: 'the password is empty, and the device has symmetric keys' };
  const token = parseSasToken(password);
  if (token === undefined) return { ok: false, reason: 'the password is no SharedAccessSignature sr=…&sig=…&se=…' };
  const reason =
    token.keyName === ''
      ? faultOf(token, deviceId, key, context)
      : context.policies.fault(password.toString(), 'DeviceConnect', `devices/${deviceId}`);
  return reason === undefined ? { ok: true, expiresAt: token.expiresAt } : { ok: false, reason };
}

function faultOf(token: SasToken, deviceId: string, key: SymmetricKey, { clock, hub }: SasContext): string | undefined {
  if (![token.resource, decoded(token.resource)].some((resource) => isFor(resource, hub, deviceId)))
    return `the SAS token is for ${decoded(token.resource)}, not for ${hub}/devices/${deviceId}`;
  if (!isSignedBy(token, key)) return `the SAS token is not signed with a key of ${deviceId}`;
  return expiryFault(token, clock.now());
}

/**
 * Segment by segment, as far as both have one: a token may be for the hub as a whole, or for what is below the device. Case does not
 * matter: the device is told by its CONNECT, and proved by the signature.
 */
function isFor(resource: string, hub: string, deviceId: string): boolean {
  const [host = '', ...path] = asciiLowerCase(resource).split('/').filter(Boolean);
  const device = ['devices', asciiLowerCase(deviceId)];
  return (
    (host === hub || isLocalName(host)) &&
    device.every((part, index) => path[index] === undefined || path[index] === part)
  );
}
