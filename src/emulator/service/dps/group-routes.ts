import { defined } from '../../../defined.js';
import type { X509Certificate } from 'node:crypto';

import type { EnrollmentGroupOptions } from '../../dps/enrollment-groups.js';
import type { EnrollmentGroup } from '../../dps/enrollments.js';
import { isRegistrationId } from '../../dps/registration-id.js';
import type { HttpAnswer } from '../../contract/http-service.js';
import { checkIfMatch } from '../etag.js';
import { Fields } from '../fields.js';
import { json, NO_CONTENT } from '../json-answer.js';
import type { ServiceCall, ServiceRoute } from '../router.js';
import { badRequest } from '../service-error.js';
import { certificateOf, certificateView } from './certificate-views.js';
import { attestationOf } from './enrollment-attestation.js';
import { policyOf, policyView } from './policy.js';
import type { ServedDps } from '../../dps/dps-back-ends.js';

type Attestation = EnrollmentGroupOptions['attestation'];
type Place = 'primary' | 'secondary';

/** Enrollment groups (protocol.md#service-enrollments). */
export function groupRoutes(dps: ServedDps): readonly ServiceRoute[] {
  const path = 'enrollmentGroups/{id}';
  const view = (group: EnrollmentGroup): HttpAnswer => json(groupView(dps, group), group.etag);
  return [
    {
      method: 'GET',
      path,
      right: 'EnrollmentRead',
      answer: ({ ids: [id = ''] }) => view(dps.enrollmentGroups.get(id)),
    },
    { method: 'PUT', path, right: 'EnrollmentWrite', answer: (call) => view(put(dps, call)) },
    { method: 'DELETE', path, right: 'EnrollmentWrite', answer: (call) => removed(dps, call) },
    {
      method: 'POST',
      path: `${path}/attestationmechanism`,
      right: 'EnrollmentRead',
      answer: ({ ids: [id = ''] }) => json(mechanismView(dps, dps.enrollmentGroups.get(id), true)),
    },
  ];
}

export function groupView(dps: ServedDps, group: EnrollmentGroup): object {
  return { enrollmentGroupId: group.id, attestation: mechanismView(dps, group, false), ...policyView(group) };
}

/** @param withKeys Whether to show keys: only a query of the attestation mechanism gets them. */
function mechanismView(
  dps: ServedDps,
  { id, attestation: { x509, symmetricKey } }: EnrollmentGroup,
  withKeys: boolean,
): object {
  if (x509 === undefined) return { type: 'symmetricKey', ...(withKeys ? { symmetricKey } : {}) };
  const { caName, secondaryCaName } = x509;
  if (caName !== signingName(id, 'primary'))
    return { type: 'x509', x509: { caReferences: placed(caName, secondaryCaName, (name) => name) } };
  const shown = (name: string): object => certificateView(dps.certificates.get(name).certificate);
  return { type: 'x509', x509: { signingCertificates: placed(caName, secondaryCaName, shown) } };
}

function placed(primary: string, secondary: string | undefined, shown: (name: string) => unknown): object {
  return { primary: shown(primary), ...(secondary === undefined ? {} : { secondary: shown(secondary) }) };
}

/** Without If-Match it creates, with it it changes. */
function put(dps: ServedDps, { ids: [id = ''], body, ifMatch }: ServiceCall): EnrollmentGroup {
  const { enrollmentGroups } = dps;
  const fields = Fields.of(body);
  const named = fields.text('enrollmentGroupId') ?? '';
  if (named !== '' && named !== id) throw badRequest(`The body is of the group ${named}, and the path of ${id}.`);
  if (!isRegistrationId(id)) throw badRequest(`${JSON.stringify(id)} is no id of a group.`);
  const policy = policyOf(fields);
  if (ifMatch.kind !== 'none') {
    const before = enrollmentGroups.get(id);
    checkIfMatch(ifMatch, before.etag, `the enrollment group ${id}`);
    const attestation = attestationOf(fields, before.attestation.symmetricKey !== undefined, (x509) =>
      x509Of(dps, id, x509),
    );
    const group = enrollmentGroups.update(id, { ...policy, ...defined({ attestation }) });
    if (group.attestation.x509?.caName !== signingName(id, 'primary')) forgetSigning(dps, id);
    return group;
  }
  // What would be refused for another reason must not leave certificates behind.
  if (enrollmentGroups.find(id) !== undefined)
    return enrollmentGroups.create({ id, attestation: { symmetricKey: {} } });
  const attestation = attestationOf(fields, false, (x509) => x509Of(dps, id, x509));
  if (attestation === undefined) throw badRequest('attestation.x509.signingCertificates.primary has no certificate.');
  return enrollmentGroups.create({ id, ...policy, attestation });
}

function removed(dps: ServedDps, { ids: [id = ''], ifMatch }: ServiceCall): HttpAnswer {
  checkIfMatch(ifMatch, dps.enrollmentGroups.get(id).etag, `the enrollment group ${id}`);
  dps.enrollmentGroups.delete(id);
  forgetSigning(dps, id);
  return NO_CONTENT;
}

function forgetSigning(dps: ServedDps, id: string): void {
  for (const place of ['primary', 'secondary'] as const) forget(dps, signingName(id, place));
}

function x509Of(dps: ServedDps, id: string, x509: Fields | undefined): Attestation['x509'] | undefined {
  const names = x509?.fields('caReferences');
  if (names !== undefined) return named(names.requiredText('primary'), names.text('secondary') ?? '');
  const signing = x509?.fields('signingCertificates');
  if (signing === undefined)
    throw badRequest('attestation.x509 of a group has to have signingCertificates or caReferences.');
  const primary = certificateOf(signing, 'primary');
  const secondary = certificateOf(signing, 'secondary');
  return primary && signed(dps, id, primary, secondary);
}

function named(caName: string, secondaryCaName: string): Exclude<Attestation['x509'], undefined> {
  return { caName, ...(secondaryCaName === '' ? {} : { secondaryCaName }) };
}

/** The group's own certificates join the list of the service; whoever may make groups need not prove that they have the key. */
function signed(
  dps: ServedDps,
  id: string,
  primary: X509Certificate,
  secondary: X509Certificate | undefined,
): Exclude<Attestation['x509'], undefined> {
  const upload = (place: Place, certificate: X509Certificate | undefined): string => {
    const name = signingName(id, place);
    forget(dps, name);
    if (certificate !== undefined) dps.certificates.upload(name, certificate, { verified: true });
    return certificate === undefined ? '' : name;
  };
  return named(upload('primary', primary), upload('secondary', secondary));
}

function forget({ certificates }: ServedDps, name: string): void {
  if (certificates.list().some((entry) => entry.name === name)) certificates.delete(name);
}

/** No client can name it: `/` is in no name of a certificate of Azure. */
function signingName(id: string, place: Place): string {
  return `enrollmentGroups/${id}/${place}`;
}
