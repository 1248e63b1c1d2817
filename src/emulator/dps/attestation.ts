import type { Clock } from '../../clock/index.js';
import type { ChainCheck, CertificateList } from '../certificate-list.js';
import type { ClientCertificate } from '../client-certificate.js';
import type { EnrollmentGroup, EnrollmentGroups } from './enrollment-groups.js';

/** By which enrollment a device may register, or what it is told instead (section G). */
export type Attestation =
  | { readonly kind: 'allowed'; readonly group: EnrollmentGroup }
  | { readonly kind: 'disabled'; readonly reason: string }
  | {
      readonly kind: 'refused';
      readonly status: 401;
      readonly errorCode: 401002;
      /** What the device is told. */
      readonly message: string;
      /** What was the matter. */
      readonly reason: string;
    };

/** The chain has to reach a verified CA; the group nearest to the leaf decides, disabled or not (A5). */
export function attest(
  certificate: ClientCertificate,
  certificates: CertificateList,
  groups: EnrollmentGroups,
  clock: Clock,
): Attestation {
  const check = certificates.checkChain(certificate.leaf, certificate.intermediates, clock);
  if (!check.ok) return refused(check);
  for (const { name } of check.reached) {
    const group = groups.list().find(({ attestation }) => attestation.x509.caName === name);
    if (group?.enabled === false) return { kind: 'disabled', reason: `the enrollment group ${group.id} is disabled` };
    if (group !== undefined) return { kind: 'allowed', group };
  }
  return unknownCa(`no enrollment group is for the CA ${check.ca.name}`);
}

function refused(check: ChainCheck & { ok: false }): Attestation {
  if (check.fault === 'unknownIssuer' || check.fault === 'unverified') return unknownCa(check.reason);
  return { kind: 'refused', status: 401, errorCode: 401002, message: 'Invalid certificate.', reason: check.reason };
}

function unknownCa(reason: string): Attestation {
  return { kind: 'refused', status: 401, errorCode: 401002, message: 'CA certificate not found.', reason };
}
