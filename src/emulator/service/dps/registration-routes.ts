import { registrationRecord } from '../../dps/answers.js';
import type { HttpAnswer } from '../../contract/http-service.js';
import { checkIfMatch } from '../etag.js';
import { json, NO_CONTENT } from '../json-answer.js';
import type { ServiceCall, ServiceRoute } from '../router.js';
import type { ServedDps } from '../../dps/dps-back-ends.js';

/** What became of devices that registered (protocol.md#service-enrollments). */
export function registrationRoutes(dps: ServedDps): readonly ServiceRoute[] {
  const path = 'registrations/{registrationId}';
  return [
    { method: 'GET', path, right: 'RegistrationStatusRead', answer: (call) => shown(dps, call) },
    { method: 'DELETE', path, right: 'RegistrationStatusWrite', answer: (call) => removed(dps, call) },
  ];
}

function shown({ registrations }: ServedDps, { ids: [id = ''] }: ServiceCall): HttpAnswer {
  const registration = registrations.get(id);
  return json(registrationRecord(registration), registration.etag);
}

function removed({ registrations }: ServedDps, { ids: [id = ''], ifMatch }: ServiceCall): HttpAnswer {
  checkIfMatch(ifMatch, registrations.get(id).etag, `the registration of ${id}`);
  registrations.delete(id);
  return NO_CONTENT;
}
