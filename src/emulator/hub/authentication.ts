import type { X509Certificate } from 'node:crypto';

import type { Clock } from '../../clock/index.js';
import { validityFault, nameOf, type CertificateList } from '../certificate-list.js';
import { thumbprintsOf } from '../client-certificate.js';
import type { Peer } from '../tls-server.js';
import { matchesThumbprint, type DeviceIdentity, type DeviceRegistry } from './device-registry.js';

/** Why a device is not let in, in words, and whether that is because it is disabled. */
export interface AuthenticationFailure {
  readonly reason: string;
  readonly disabled?: true;
}

export interface AuthenticationContext {
  readonly clock: Clock;
  readonly devices: DeviceRegistry;
  readonly certificates: CertificateList;
}

/** The rules of section G, row "Hub". SAS finds its place here. Undefined where the device is who it says. */
export function checkDevice(
  deviceId: string,
  peer: Peer,
  context: AuthenticationContext,
): AuthenticationFailure | undefined {
  if (!context.devices.has(deviceId)) return { reason: `the device ${deviceId} is not registered` };
  const identity = context.devices.get(deviceId);
  if (!identity.enabled) return { reason: `the device ${deviceId} is disabled`, disabled: true };
  const { certificate } = peer;
  if (certificate === undefined) return { reason: 'no client certificate was sent' };
  const commonName = nameOf(certificate.leaf);
  if (commonName !== deviceId)
    return { reason: `the certificate's common name is ${commonName ?? '(none)'}, the device id ${deviceId}` };
  const reason = checkCertificate(identity, certificate.leaf, certificate.intermediates, context);
  return reason === undefined ? undefined : { reason };
}

function checkCertificate(
  identity: DeviceIdentity,
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  { clock, certificates }: AuthenticationContext,
): string | undefined {
  if (identity.authentication.type === 'certificateAuthority') {
    const check = certificates.checkChain(leaf, intermediates, clock);
    return check.ok ? undefined : check.reason;
  }
  const shown = thumbprintsOf(leaf);
  if (!matchesThumbprint(identity.authentication.thumbprints, shown))
    return (
      `the certificate's thumbprint ${shown.sha1} is not one of the device's; ` +
      'after a new leaf certificate the device has to register with DPS again'
    );
  return validityFault(leaf, clock.now())?.reason;
}
