import { asciiLowerCase } from '../../../ascii.js';
import { pathParts, type HttpAnswer, type HttpHead, type HttpRequest } from '../../contract/http-service.js';
import type { Namespace } from '../../state/store.js';
import { AccessPolicies, DPS_POLICIES } from '../../identity/access-policies.js';
import { Router } from '../router.js';
import { dpsRefusal, translatedDpsError } from './dps-errors.js';
import { groupRoutes } from './group-routes.js';
import { enrollmentRoutes } from './enrollment-routes.js';
import { dpsQueryRoutes } from './dps-query-routes.js';
import { registrationRoutes } from './registration-routes.js';
import type { DpsBackEnds, ServedDps } from '../../dps/dps-back-ends.js';

/** What the paths of back ends begin with; those of devices begin with the id scope. */
const RESOURCES = ['enrollments', 'enrollmentgroups', 'registrations'];

/** The side of DPS that back ends talk to, over REST (protocol.md#service-access). */
export class DpsService implements DpsBackEnds {
  readonly policies: AccessPolicies;
  readonly #endpoint: string;
  readonly #router: Router;

  constructor(dps: ServedDps, namespace: Namespace) {
    this.#endpoint = dps.serviceEndpoint;
    this.policies = new AccessPolicies(dps.serviceEndpoint, dps.clock, DPS_POLICIES, namespace);
    this.#router = new Router({
      title: `The DPS emulator of sphere-iot (${dps.serviceEndpoint})`,
      policies: this.policies,
      routes: [...dpsQueryRoutes(dps), ...enrollmentRoutes(dps), ...groupRoutes(dps), ...registrationRoutes(dps)],
      refusal: (error) => dpsRefusal(error, dps.clock.now()),
      translated: translatedDpsError,
    });
  }

  /** Whether a back end speaks, and not a device: by the name that it asked for, else by the path. */
  serves({ path, headers, peer }: HttpHead): boolean {
    const host = asciiLowerCase(headers.host ?? '').replace(/:\d{1,5}$/, '');
    const [first = ''] = pathParts(path) ?? [];
    return [peer.serverName, host].includes(this.#endpoint) || RESOURCES.includes(asciiLowerCase(first));
  }

  maxBodyBytes(head: HttpHead): number {
    return this.#router.maxBodyBytes(head);
  }

  http(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    return this.#router.answer(request);
  }
}
