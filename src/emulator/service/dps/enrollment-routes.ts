import { defined } from '../../../defined.js';
import { registrationRecord } from '../../dps/answers.js';
import type { IndividualEnrollment } from '../../dps/enrollments.js';
import type { IndividualEnrollmentOptions } from '../../dps/individual-enrollments.js';
import type { HttpAnswer } from '../../contract/http-service.js';
import { checkIfMatch, parseIfMatch, type IfMatch } from '../etag.js';
import { Fields } from '../fields.js';
import { json, NO_CONTENT } from '../json-answer.js';
import type { ServiceCall, ServiceRoute } from '../router.js';
import { badRequest, ServiceError } from '../service-error.js';
import { certificateOf, certificateView } from './certificate-views.js';
import { translatedDpsError } from './dps-errors.js';
import { attestationOf } from './enrollment-attestation.js';
import { policyOf, policyView } from './policy.js';
import type { ServedDps } from '../../dps/dps-back-ends.js';

/** Enrollments of one request; chosen. */
const MAX_ENROLLMENTS = 100;

type Attestation = IndividualEnrollmentOptions['attestation'];

/** Individual enrollments (protocol.md#service-enrollments). */
export function enrollmentRoutes(dps: ServedDps): readonly ServiceRoute[] {
  const path = 'enrollments/{registrationId}';
  const view = (enrollment: IndividualEnrollment): HttpAnswer => json(enrollmentView(dps, enrollment), enrollment.etag);
  return [
    { method: 'POST', path: 'enrollments', right: 'EnrollmentWrite', answer: (call) => json(bulk(dps, call)) },
    { method: 'GET', path, right: 'EnrollmentRead', answer: ({ ids: [id = ''] }) => view(dps.enrollments.get(id)) },
    { method: 'PUT', path, right: 'EnrollmentWrite', answer: (call) => view(put(dps, call)) },
    {
      method: 'DELETE',
      path,
      right: 'EnrollmentWrite',
      answer: ({ ids: [id = ''], ifMatch }) => (remove(dps, id, ifMatch), NO_CONTENT),
    },
    {
      method: 'POST',
      path: `${path}/attestationmechanism`,
      right: 'EnrollmentRead',
      answer: ({ ids: [id = ''] }) => json(mechanismView(dps.enrollments.get(id), true)),
    },
  ];
}

export function enrollmentView({ registrations }: ServedDps, enrollment: IndividualEnrollment): object {
  const { registrationId, deviceId, optionalDeviceInformation } = enrollment;
  const registration = registrations.find(registrationId);
  return {
    registrationId,
    ...defined({ deviceId }),
    ...(registration === undefined ? {} : { registrationState: registrationRecord(registration) }),
    attestation: mechanismView(enrollment, false),
    ...policyView(enrollment),
    ...defined({ optionalDeviceInformation }),
  };
}

/** @param withKeys Whether to show keys: only a query of the attestation mechanism gets them. */
function mechanismView({ attestation: { x509, symmetricKey } }: IndividualEnrollment, withKeys: boolean): object {
  if (x509 === undefined) return { type: 'symmetricKey', ...(withKeys ? { symmetricKey } : {}) };
  const { certificate, secondaryCertificate } = x509;
  return {
    type: 'x509',
    x509: {
      clientCertificates: {
        primary: certificateView(certificate),
        ...(secondaryCertificate === undefined ? {} : { secondary: certificateView(secondaryCertificate) }),
      },
    },
  };
}

function put(dps: ServedDps, { ids: [registrationId = ''], body, ifMatch }: ServiceCall): IndividualEnrollment {
  const fields = Fields.of(body);
  const named = fields.text('registrationId') ?? '';
  if (named !== '' && named.toLowerCase() !== registrationId.toLowerCase())
    throw badRequest(`The body is of ${named}, and the path of ${registrationId}.`);
  return ifMatch.kind === 'none' ? create(dps, registrationId, fields) : update(dps, registrationId, fields, ifMatch);
}

function create({ enrollments }: ServedDps, registrationId: string, fields: Fields): IndividualEnrollment {
  const attestation = attestationOf(fields, false, x509Of);
  if (attestation === undefined) throw badRequest('attestation.x509.clientCertificates.primary has no certificate.');
  return enrollments.create({ registrationId, ...detailsOf(fields), attestation });
}

function update({ enrollments }: ServedDps, id: string, fields: Fields, ifMatch: IfMatch): IndividualEnrollment {
  const before = enrollments.get(id);
  checkIfMatch(ifMatch, before.etag, `the enrollment of ${id}`);
  const attestation = attestationOf(fields, before.attestation.symmetricKey !== undefined, (x509) =>
    x509Of(x509, before),
  );
  return enrollments.update(id, { ...detailsOf(fields), ...defined({ attestation }) });
}

function remove({ enrollments }: ServedDps, id: string, ifMatch: IfMatch): void {
  checkIfMatch(ifMatch, enrollments.get(id).etag, `the enrollment of ${id}`);
  enrollments.delete(id);
}

function detailsOf(fields: Fields): Omit<IndividualEnrollmentOptions, 'registrationId' | 'attestation'> {
  const deviceId = fields.text('deviceId') ?? '';
  const optionalDeviceInformation = fields.object('optionalDeviceInformation');
  return {
    ...policyOf(fields),
    ...(deviceId === '' ? {} : { deviceId }),
    ...defined({ optionalDeviceInformation }),
  };
}

function x509Of(x509: Fields | undefined, before?: IndividualEnrollment): Attestation['x509'] | undefined {
  const own = x509?.fields('clientCertificates');
  if (own === undefined)
    throw badRequest(
      'attestation.x509 of an individual enrollment has to have clientCertificates: the emulator takes no others.',
    );
  const certificate = certificateOf(own, 'primary') ?? before?.attestation.x509?.certificate;
  const secondaryCertificate = certificateOf(own, 'secondary') ?? keptSecondary(own, before);
  return certificate && { certificate, ...defined({ secondaryCertificate }) };
}

function keptSecondary(
  own: Fields,
  before: IndividualEnrollment | undefined,
): Exclude<Attestation['x509'], undefined>['secondaryCertificate'] {
  return own.object('secondary') === undefined ? undefined : before?.attestation.x509?.secondaryCertificate;
}

/** Each on its own: one that fails keeps no other from being done. */
function bulk(dps: ServedDps, { body }: ServiceCall): object {
  const fields = Fields.of(body);
  const mode = fields.oneOf('mode', 'create', 'update', 'updateIfMatchETag', 'delete');
  const enrollments = fields.list('enrollments') ?? [];
  if (mode === undefined) throw badRequest('mode is missing: create, update, updateIfMatchETag or delete.');
  if (enrollments.length === 0 || enrollments.length > MAX_ENROLLMENTS)
    throw badRequest(`enrollments has to have 1 to ${MAX_ENROLLMENTS}.`);
  const all = enrollments.map((each) => Fields.of(each, 'an enrollment of the list'));
  const errors = all.flatMap((each) => {
    const registrationId = each.text('registrationId') ?? '';
    try {
      act(dps, mode, registrationId, each);
      return [];
    } catch (error) {
      const { code, message } = error instanceof ServiceError ? error : translatedDpsError(error);
      return [{ registrationId, errorCode: code, errorStatus: message }];
    }
  });
  return { isSuccessful: errors.length === 0, errors };
}

function act(dps: ServedDps, mode: string, id: string, fields: Fields): void {
  const etag = fields.text('etag') ?? '';
  if (mode === 'create') create(dps, id, fields);
  else if (mode === 'delete') remove(dps, id, parseIfMatch(etag));
  else update(dps, id, fields, mode === 'update' ? { kind: 'any' } : parseIfMatch(etag));
}
