import type { X509Certificate } from 'node:crypto';

import { defined } from '../defined.js';
import { describeCertificate, isIssuer } from '../certificates/index.js';
import { VirtualClock } from '../clock/index.js';
import { CertificateList } from '../emulator/identity/certificate-list.js';
import { REFUSALS } from '../emulator/dps/answers.js';
import { attest } from '../emulator/dps/attestation.js';
import { EnrollmentGroups } from '../emulator/dps/enrollment-groups.js';
import { IndividualEnrollments } from '../emulator/dps/individual-enrollments.js';
import { isRegistrationId } from '../emulator/dps/registration-id.js';

/** What DPS would say to a device that shows these certificates. */
export interface Judgement {
  /**
   * `accepted` or `refused` by what is known; `depends` on what DPS is told to trust, if that is not known; `ca`: these
   * are no device's certificates, but such as DPS is told to trust.
   */
  readonly verdict: 'accepted' | 'refused' | 'depends' | 'ca';
  /** In words. */
  readonly reason: string;
  /** The leaf's common name. */
  readonly registrationId?: string;
  /** What the device is told. */
  readonly errorCode?: number;
  readonly message?: string;
}

/** The CA certificates that DPS has. */
export interface TrustedCas {
  readonly verified: readonly X509Certificate[];
  readonly unverified: readonly X509Certificate[];
}

/**
 * Judges a device's certificates with the emulator's own rules, as if each CA had an enrollment group.
 * @param now Clock ms.
 */
export function judge(certificates: readonly X509Certificate[], now: number, cas: TrustedCas): Judgement {
  const leaf = certificates.find((certificate) => !certificate.ca);
  if (leaf === undefined) return judgeCa(certificates, now);
  const { commonName } = describeCertificate(leaf, now);
  if (commonName === undefined || !isRegistrationId(commonName))
    return { verdict: 'refused', reason: noId(commonName) };
  const others = certificates.filter((other) => other !== leaf);
  const known = cas.verified.length + cas.unverified.length > 0;
  const issuers = others.filter((other) => certificates.some((below) => below !== other && isIssuer(other, below)));
  const assumed = known ? cas : { verified: issuers, unverified: [] };
  const judgement = register(leaf, commonName, others, now, assumed);
  // The only fault is that no CA is known that vouches for it.
  const open = judgement.verdict === 'accepted' || judgement.message === 'CA certificate not found.';
  return known || !open ? judgement : depends(judgement, leaf, issuers);
}

function judgeCa(certificates: readonly X509Certificate[], now: number): Judgement {
  const expired = certificates
    .map((each) => describeCertificate(each, now))
    .find(({ validity }) => validity !== 'valid');
  const next =
    'upload it to DPS, IoT Hub or IoT Central, generate a verification code there, and prove possession with it';
  const reason =
    expired === undefined
      ? `a CA certificate: ${next}`
      : `a CA certificate, but ${expired.commonName ?? expired.subject} is not valid at this time`;
  return { verdict: expired === undefined ? 'ca' : 'refused', reason };
}

function register(
  leaf: X509Certificate,
  registrationId: string,
  intermediates: readonly X509Certificate[],
  now: number,
  { verified, unverified }: TrustedCas,
): Judgement {
  const clock = new VirtualClock({ start: now });
  const list = new CertificateList(clock);
  const groups = new EnrollmentGroups(clock, list);
  for (const [index, ca] of [...verified, ...unverified].entries()) {
    const name = `${describeCertificate(ca, now).commonName ?? 'unnamed'}${index === 0 ? '' : ` (${index + 1})`}`;
    list.upload(name, ca, { verified: index < verified.length });
    groups.create({ id: name, attestation: { x509: { caName: name } } });
  }
  const shown = { kind: 'x509', certificate: { leaf, intermediates } } as const;
  const context = { clock, certificates: list, groups, enrollments: new IndividualEnrollments(clock) };
  const result = attest(registrationId, shown, context);
  if (result.kind === 'allowed')
    return {
      verdict: 'accepted',
      registrationId,
      reason: `by the enrollment group for ${result.admission.enrollmentGroupId ?? ''}`,
    };
  const { reason } = result;
  if (result.kind === 'disabled') return { verdict: 'refused', registrationId, reason };
  return { verdict: 'refused', registrationId, reason, ...REFUSALS[result.cause] };
}

function depends({ registrationId }: Judgement, leaf: X509Certificate, issuers: readonly X509Certificate[]): Judgement {
  const names = issuers.map((issuer) => describeCertificate(issuer, 0).commonName ?? issuer.subject);
  const top = issuers.at(-1) ?? leaf;
  const above = isIssuer(top, top) ? [] : [`${describeCertificate(top, 0).issuer} (not in the file)`];
  const choices = [...names, ...above];
  const group = choices.length > 0 ? `with an enrollment group for ${choices.join(', or ')}, verified there; or ` : '';
  return {
    verdict: 'depends',
    ...defined({ registrationId }),
    reason: `accepted ${group}with an individual enrollment of this certificate`,
  };
}

function noId(commonName: string | undefined): string {
  const rule = 'up to 128 letters, digits and - . _ : with a letter, digit or - at its end';
  if (commonName === undefined) return `it has no common name, which is the registration id: ${rule}`;
  return `its common name ${JSON.stringify(commonName.slice(0, 200))} is no registration id: ${rule}`;
}
