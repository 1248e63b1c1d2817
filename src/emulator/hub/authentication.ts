import type { X509Certificate } from 'node:crypto';

import type { Clock } from '../../clock/index.js';
import { validityFault, nameOf, type CertificateList } from '../certificate-list.js';
import { thumbprintsOf, type ClientCertificate } from '../client-certificate.js';
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
  if (!matchesThumbprint(authentication.thumbprints, shown))
    return (
      `the certificate's thumbprint ${shown.sha1} is not one of the device's; ` +
      'after a new leaf certificate the device has to register with DPS again'
    );
  return validityFault(leaf, clock.now())?.reason;
}
