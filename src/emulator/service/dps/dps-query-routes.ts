import { registrationRecord } from '../../dps/answers.js';
import type { HttpAnswer } from '../../contract/http-service.js';
import { Fields } from '../fields.js';
import { pageAnswer, pageOf } from '../paging.js';
import { parseQuery } from '../query/parser.js';
import { rowsOf } from '../query/run-query.js';
import type { ServiceCall, ServiceRoute } from '../router.js';
import { groupView } from './group-routes.js';
import { enrollmentView } from './enrollment-routes.js';
import type { ServedDps } from '../../dps/dps-back-ends.js';

/** Queries (protocol.md#service-queries). */
export function dpsQueryRoutes(dps: ServedDps): readonly ServiceRoute[] {
  const enrollments = (): object[] => dps.enrollments.list().map((each) => enrollmentView(dps, each));
  const groups = (): object[] => dps.enrollmentGroups.list().map((each) => groupView(dps, each));
  return [
    {
      method: 'POST',
      path: 'enrollments/query',
      right: 'EnrollmentRead',
      answer: (call) => queried(call, 'enrollments', 'enrollment', enrollments),
    },
    {
      method: 'POST',
      path: 'enrollmentGroups/query',
      right: 'EnrollmentRead',
      answer: (call) => queried(call, 'enrollmentGroups', 'enrollmentGroup', groups),
    },
    {
      method: 'POST',
      path: 'registrations/{id}/query',
      right: 'RegistrationStatusRead',
      answer: (call) => queried(call, 'registrations', 'deviceRegistration', () => registrationsOf(dps, call)),
    },
  ];
}

function registrationsOf({ registrations, enrollmentGroups }: ServedDps, { ids: [id = ''] }: ServiceCall): object[] {
  enrollmentGroups.get(id);
  const own = registrations.list().filter(({ enrollmentGroupId }) => enrollmentGroupId === id);
  return own.map(registrationRecord);
}

/** `*`, or nothing, is all: clients send it. */
function queried(call: ServiceCall, collection: string, itemType: string, documents: () => object[]): HttpAnswer {
  const given = call.body === undefined ? '' : (Fields.of(call.body).text('query') ?? '').trim();
  const text = given === '' || given === '*' ? `SELECT * FROM ${collection}` : given;
  const query = parseQuery(text, [collection]);
  const scope = `${collection} ${call.ids.join()} ${text}`;
  const page = pageOf(call.headers, scope);
  return pageAnswer(rowsOf(query, documents()), page, scope, query.select === '*' ? itemType : 'raw');
}
