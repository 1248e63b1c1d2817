import type { X509Certificate } from 'node:crypto';

import type { Clock } from '../../clock/index.js';
import { validityFault } from '../../certificates/index.js';
import type { AccessPolicies } from '../identity/access-policies.js';
import { nameOf, type CertificateList } from '../identity/certificate-list.js';
import { plain, thumbprintsOf, type ClientCertificate } from '../identity/client-certificate.js';
import { matchesThumbprint, type DeviceIdentity, type DeviceRegistry, type Thumbprints } from './device-registry.js';
import { checkSas } from './sas-authentication.js';

/** Why a device is not let in, in words, and whether that is because it is disabled. */
export interface AuthenticationFailure {
  readonly ok: false;
  readonly reason: string;
  readonly disabled?: true;
}

export type Authentication =
  | {
      readonly ok: true;
      /** Clock ms at which the hub closes the connection: the SAS token's expiry. */
      readonly expiresAt?: number;
    }
  | AuthenticationFailure;

export interface AuthenticationContext {
  readonly clock: Clock;
  /** The hub's full name. */
  readonly hub: string;
  readonly devices: DeviceRegistry;
  readonly certificates: CertificateList;
  readonly policies: AccessPolicies;
}

/** What a device showed: a certificate in TLS, a token in its CONNECT or its HTTP request's Authorization header. */
export interface Shown {
  readonly certificate?: ClientCertificate;
  readonly password: Buffer;
}

/** The rules of protocol.md#refusals. */
export function checkDevice(deviceId: string, shown: Shown, context: AuthenticationContext): Authentication {
  if (!context.devices.has(deviceId)) return refused(`the device ${deviceId} is not registered`);
  const identity = context.devices.get(deviceId);
  if (!identity.enabled) return { ...refused(`the device ${deviceId} is disabled`), disabled: true };
  if (identity.authentication.type === 'sas')
    return checkSas(deviceId, identity.authentication.symmetricKey, shown.password, context);
  const reason = certificateFault(identity, shown.certificate, context);
  return reason === undefined ? { ok: true } : refused(reason);
}

function refused(reason: string): AuthenticationFailure {
  return { ok: false, reason };
}

function certificateFault(
  identity: DeviceIdentity,
  certificate: ClientCertificate | undefined,
  context: AuthenticationContext,
): string | undefined {
  if (certificate === undefined) return 'no client certificate was sent';
  const { leaf, intermediates } = certificate;
  return identity.authentication.type === 'selfSigned'
    ? thumbprintFault(identity.authentication.thumbprints, leaf, context.clock)
    : authorityFault(identity.deviceId, leaf, intermediates, context);
}

/**
 * The common name does not count: DPS can give a device an id that is not its registration id. That is inferred; the
 * documentation demands the name for certificates of a CA only (GH MicrosoftDocs/azure-docs#31138, PR 1061).
 */
function thumbprintFault(known: Thumbprints, leaf: X509Certificate, clock: Clock): string | undefined {
  const shown = thumbprintsOf(leaf);
  if (!matchesThumbprint(known, shown)) return otherCertificate(known, shown);
  return validityFault(leaf, clock.now())?.reason;
}

function authorityFault(
  deviceId: string,
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  { clock, certificates }: AuthenticationContext,
): string | undefined {
  const commonName = nameOf(leaf);
  if (commonName !== deviceId)
    return `the certificate's common name is ${commonName ?? '(none)'}, the device id ${deviceId}`;
  const check = certificates.checkChain(leaf, intermediates, clock);
  return check.ok ? undefined : check.reason;
}

/** Thumbprints of one kind, shortened, so that they can be told apart at a glance. */
function otherCertificate(
  { primary, secondary }: Thumbprints,
  shown: { readonly sha1: string; readonly sha256: string },
): string {
  const short = (thumbprint: string): string => `${plain(thumbprint).slice(0, 8)}…`;
  const known = [primary, secondary ?? ''].filter((thumbprint) => thumbprint !== '').map(short);
  const kind = plain(primary).length === shown.sha1.length ? 'sha1' : 'sha256';
  return (
    `the hub knows the device by another certificate: thumbprint ${known.join(' or ')}, and ${short(shown[kind])} was shown; ` +
    'after a new leaf certificate the device has to register with DPS again, and a custom chain has to be the same for ' +
    'DPS and the hub'
  );
}
