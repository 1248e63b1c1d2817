import type { Clock } from '../../../clock/index.js';
import type { CertificateList } from '../../identity/certificate-list.js';
import type { EnrollmentGroups } from '../../dps/enrollment-groups.js';
import type { IndividualEnrollments } from '../../dps/individual-enrollments.js';
import type { DeviceRegistrations } from '../../dps/registrations.js';

/** What the service side needs of its DPS. */
export interface ServedDps {
  /** Full name of the endpoint of back ends, in lower case. */
  readonly serviceEndpoint: string;
  readonly clock: Clock;
  readonly certificates: CertificateList;
  readonly enrollments: IndividualEnrollments;
  readonly enrollmentGroups: EnrollmentGroups;
  readonly registrations: DeviceRegistrations;
}
