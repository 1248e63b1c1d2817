import type { HttpAnswer, HttpHead, HttpRequest } from '../../contract/http-service.js';
import type { Namespace } from '../../state/store.js';
import { AccessPolicies, HUB_POLICIES } from '../../identity/access-policies.js';
import { Router } from '../router.js';
import { bulkRoutes } from './bulk-routes.js';
import { deviceRoutes } from './device-routes.js';
import { FeedbackQueue } from './feedback-queue.js';
import { hubRefusal, translatedHubError } from './hub-errors.js';
import { Jobs } from './jobs.js';
import { messageRoutes } from './message-routes.js';
import { methodRoutes } from './method-routes.js';
import { ModuleRegistry } from './module-registry.js';
import { moduleRoutes, moduleTwinDocuments } from './module-routes.js';
import { queryRoutes } from './hub-query-routes.js';
import type { HubBackEnds, ServedHub } from '../../hub/hub-back-ends.js';
import { twinRoutes } from './twin-routes.js';

/** The side of a hub that back ends talk to, over REST (protocol.md#service-access). */
export class HubService implements HubBackEnds {
  readonly policies: AccessPolicies;
  readonly #router: Router;
  readonly #jobs: Jobs;
  readonly #modules: ModuleRegistry;

  constructor(hub: ServedHub, namespace: Namespace) {
    this.policies = new AccessPolicies(hub.name, hub.clock, HUB_POLICIES, namespace);
    this.#jobs = new Jobs(hub);
    this.#modules = new ModuleRegistry(hub.clock, namespace);
    const feedback = new FeedbackQueue(hub.clock);
    hub.onFeedback((record) => feedback.add(record));
    this.#router = new Router({
      title: `The IoT Hub emulator of sphere-iot (${hub.name})`,
      policies: this.policies,
      routes: [
        ...deviceRoutes(hub),
        ...bulkRoutes(hub),
        ...twinRoutes(hub),
        ...methodRoutes(hub),
        ...messageRoutes(hub, feedback),
        ...moduleRoutes(hub, this.#modules),
        ...queryRoutes(hub, {
          'devices.modules': () => moduleTwinDocuments(hub, this.#modules),
          'devices.jobs': () => this.#jobs.documents(),
        }),
        ...this.#jobs.routes(),
      ],
      refusal: (error) => hubRefusal(error, hub.clock.now()),
      translated: translatedHubError,
    });
  }

  maxBodyBytes(head: HttpHead): number {
    return this.#router.maxBodyBytes(head);
  }

  http(request: HttpRequest): HttpAnswer | Promise<HttpAnswer> {
    return this.#router.answer(request);
  }

  /** A device is gone, and its modules with it. */
  deviceDeleted(deviceId: string): void {
    this.#modules.deleteAll(deviceId);
  }

  close(): void {
    this.#jobs.close();
  }
}
