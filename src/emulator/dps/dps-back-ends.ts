import type { Clock } from '../../clock/index.js';
import type { HttpAnswer, HttpHead, HttpRequest } from '../contract/http-service.js';
import type { AccessPolicies } from '../identity/access-policies.js';
import type { CertificateList } from '../identity/certificate-list.js';
import type { EnrollmentGroups } from './enrollment-groups.js';
import type { IndividualEnrollments } from './individual-enrollments.js';
import type { DeviceRegistrations } from './registrations.js';

/** What the side that back ends talk to needs of its DPS. */
export interface ServedDps {
  /** Full name of the endpoint of back ends, in lower case. */
  readonly serviceEndpoint: string;
  readonly clock: Clock;
  readonly certificates: CertificateList;
  readonly enrollments: IndividualEnrollments;
  readonly enrollmentGroups: EnrollmentGroups;
  readonly registrations: DeviceRegistrations;
}

/** The side of DPS that back ends talk to. DPS does not know how it is made. */
export interface DpsBackEnds {
  readonly policies: AccessPolicies;
  /** Whether a back end speaks, and not a device. */
  serves(head: HttpHead): boolean;
  maxBodyBytes(head: HttpHead): number;
  http(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>;
}
