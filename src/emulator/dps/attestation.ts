import type { X509Certificate } from 'node:crypto';

import { validityFault } from '../../certificates/index.js';
import type { Clock } from '../../clock/index.js';
import { nameOf, type CaCertificate, type ChainCheck, type CertificateList } from '../identity/certificate-list.js';
import type { ClientCertificate } from '../identity/client-certificate.js';
import { isSignedBy, type SasToken } from '../identity/sas-token.js';
import { deriveDeviceKeys, type SymmetricKey } from '../identity/symmetric-key.js';
import type { DpsCredential } from './dps-credential.js';
import type { EnrollmentGroups } from './enrollment-groups.js';
import type { IndividualEnrollments } from './individual-enrollments.js';
import type { EnrollmentGroup, IndividualEnrollment } from './enrollments.js';

/** What the hub will ask the device for. */
export type DeviceCredential = { readonly leaf: X509Certificate } | { readonly symmetricKey: SymmetricKey };

const INDIVIDUAL = 'individual';
const GROUP = 'group:';

/** A device that was let in. */
export interface Admission {
  readonly policy: EnrollmentGroup | IndividualEnrollment;
  /** None where it has an individual enrollment. */
  readonly enrollmentGroupId?: string;
  readonly deviceId: string;
  readonly credential: DeviceCredential;
}

/** Names the enrollment that let a device in: unlike any other enrollment of that device. */
export function enrollmentName({ enrollmentGroupId }: Pick<Admission, 'enrollmentGroupId'>): string {
  return enrollmentGroupId === undefined ? INDIVIDUAL : `${GROUP}${enrollmentGroupId}`;
}

/** The group that an `enrollmentName` names; undefined for an individual enrollment. */
export function groupNamed(enrollment: string): string | undefined {
  return enrollment.startsWith(GROUP) ? enrollment.slice(GROUP.length) : undefined;
}

/** The causes for which a device is refused after its CONNECT, in the service's eyes. */
export type RefusalCause = 'caNotFound' | 'invalidCertificate' | 'unauthorized';

/** By which enrollment a device may register, or what it is told instead (protocol.md#refusals). */
export type Attestation =
  | { readonly kind: 'allowed'; readonly admission: Admission }
  | { readonly kind: 'disabled'; readonly reason: string }
  | {
      readonly kind: 'refused';
      readonly cause: RefusalCause;
      /** What was the matter, in words. */
      readonly reason: string;
    };

export interface AttestationContext {
  readonly clock: Clock;
  readonly certificates: CertificateList;
  readonly groups: EnrollmentGroups;
  readonly enrollments: IndividualEnrollments;
}

/** The most specific enrollment decides, disabled or not: the device's own, else the group nearest to it (protocol.md#dps-identity). */
export function attest(registrationId: string, shown: DpsCredential, context: AttestationContext): Attestation {
  const own = context.enrollments.find(registrationId);
  if (own !== undefined) return byOwnEnrollment(own, shown, context.clock);
  if (shown.kind === 'sas') return byGroupKey(registrationId, shown.token, context.groups);
  return byChain(registrationId, shown.certificate, context);
}

function byOwnEnrollment(enrollment: IndividualEnrollment, shown: DpsCredential, clock: Clock): Attestation {
  const { x509, symmetricKey } = enrollment.attestation;
  const deviceId = enrollment.deviceId ?? enrollment.registrationId;
  const allowed = (credential: DeviceCredential): Attestation =>
    enrollment.enabled
      ? { kind: 'allowed', admission: { policy: enrollment, deviceId, credential } }
      : { kind: 'disabled', reason: `the enrollment of ${enrollment.registrationId} is disabled` };
  if (shown.kind === 'sas') {
    if (symmetricKey === undefined) return unauthorized('a SAS token was sent, and the enrollment is by certificate');
    if (!isSignedBy(shown.token, symmetricKey))
      return unauthorized('the SAS token is not signed with the enrolled key');
    return allowed({ symmetricKey });
  }
  if (x509 === undefined) return badCertificate('a certificate was sent, and the enrollment is by symmetric key');
  const { leaf } = shown.certificate;
  if (![x509.certificate, x509.secondaryCertificate].some((enrolled) => enrolled?.raw.equals(leaf.raw)))
    return badCertificate('the certificate is not the enrolled one');
  const fault = validityFault(leaf, clock.now());
  return fault === undefined ? allowed({ leaf }) : badCertificate(fault.reason);
}

/** The group is not named; it is the one whose derived key signed. */
function byGroupKey(registrationId: string, token: SasToken, groups: EnrollmentGroups): Attestation {
  for (const group of groups.list()) {
    if (group.attestation.symmetricKey === undefined) continue;
    const symmetricKey = deriveDeviceKeys(group.attestation.symmetricKey, registrationId);
    if (isSignedBy(token, symmetricKey)) return byGroup(registrationId, group, { symmetricKey });
  }
  return unauthorized('no enrollment has a key that signed the SAS token; a group wants the derived key of the device');
}

/** The chain has to reach a verified CA; the group nearest to the leaf decides (protocol.md#dps-identity). */
function byChain(
  registrationId: string,
  { leaf, intermediates }: ClientCertificate,
  { certificates, groups, clock }: AttestationContext,
): Attestation {
  const check = certificates.checkChain(leaf, intermediates, clock);
  if (!check.ok) return badChain(check);
  for (const ca of check.reached) {
    const group = groups.list().find((each) => isFor(each, ca, certificates));
    if (group !== undefined) return byGroup(nameOf(leaf) ?? registrationId, group, { leaf });
  }
  return unknownCa(`no enrollment group is for the CA ${check.ca.name}`);
}

/** Whether a group names the CA, under whichever of the names that its certificate has in the list. */
function isFor({ attestation: { x509 } }: EnrollmentGroup, ca: CaCertificate, certificates: CertificateList): boolean {
  const names = [x509?.caName, x509?.secondaryCaName];
  if (names.includes(ca.name)) return true;
  return certificates
    .list()
    .some(({ name, certificate }) => names.includes(name) && certificate.raw.equals(ca.certificate.raw));
}

/** @param deviceId The registration id, in the certificate's spelling where there is one. */
function byGroup(deviceId: string, group: EnrollmentGroup, credential: DeviceCredential): Attestation {
  if (!group.enabled) return { kind: 'disabled', reason: `the enrollment group ${group.id} is disabled` };
  const admission = { policy: group, enrollmentGroupId: group.id, deviceId, credential };
  return { kind: 'allowed', admission };
}

function badChain(check: ChainCheck & { ok: false }): Attestation {
  if (check.fault === 'unknownIssuer' || check.fault === 'unverified') return unknownCa(check.reason);
  return badCertificate(check.reason);
}

function unknownCa(reason: string): Attestation {
  return { kind: 'refused', cause: 'caNotFound', reason };
}

function badCertificate(reason: string): Attestation {
  return { kind: 'refused', cause: 'invalidCertificate', reason };
}

function unauthorized(reason: string): Attestation {
  return { kind: 'refused', cause: 'unauthorized', reason };
}
