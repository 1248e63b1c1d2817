import type { X509Certificate } from 'node:crypto';

import type { Clock } from '../../clock/index.js';
import { validityFault, nameOf, type CertificateList } from '../certificate-list.js';
import { plain, thumbprintsOf, type ClientCertificate } from '../client-certificate.js';
import { matchesThumbprint, type DeviceIdentity, type DeviceRegistry } from './device-registry.js';
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
}

/** What a device showed: a certificate in TLS, a token in its CONNECT or its HTTP request's Authorization header. */
export interface Shown {
  readonly certificate?: ClientCertificate;
  readonly password: Buffer;
}

/** The rules of section G, row "Hub". */
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
  const { deviceId } = identity;
  if (certificate === undefined) return 'no client certificate was sent';
  const commonName = nameOf(certificate.leaf);
  if (commonName !== deviceId)
    return `the certificate's common name is ${commonName ?? '(none)'}, the device id ${deviceId}`;
  return checkCertificate(identity, certificate.leaf, certificate.intermediates, context);
}

function checkCertificate(
  { authentication }: DeviceIdentity,
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  { clock, certificates }: AuthenticationContext,
): string | undefined {
  if (authentication.type !== 'selfSigned') {
    const check = certificates.checkChain(leaf, intermediates, clock);
    return check.ok ? undefined : check.reason;
  }
  const shown = thumbprintsOf(leaf);
  if (!matchesThumbprint(authentication.thumbprints, shown)) return otherCertificate(authentication.thumbprints, shown);
  return validityFault(leaf, clock.now())?.reason;
}

/** Thumbprints of one kind, shortened, so that they can be told apart at a glance. */
function otherCertificate(
  { primary, secondary }: { readonly primary: string; readonly secondary?: string },
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
