import type { HttpAnswer, HttpHead, HttpRequest } from '../../contract/http-service.js';
import type { Namespace } from '../../state/store.js';
import { AccessPolicies, HUB_POLICIES } from '../../identity/access-policies.js';
import type { FeedbackRecord } from '../../hub/feedback.js';
import { fileNotificationOf, type FileNotification } from '../amqp/file-notification.js';
import { HubAmqp } from '../amqp/hub-amqp.js';
import { LockQueue } from '../lock-queue.js';
import { Router } from '../router.js';
import { bulkRoutes } from './bulk-routes.js';
import { deviceRoutes } from './device-routes.js';
import { hubRefusal, translatedHubError } from './hub-errors.js';
import { Jobs } from './jobs.js';
import { messageRoutes } from './message-routes.js';
import { methodRoutes } from './method-routes.js';
import { ModuleRegistry } from './module-registry.js';
import { moduleRoutes, moduleTwinDocuments } from './module-routes.js';
import { queryRoutes } from './hub-query-routes.js';
import type { HubBackEnds, ServedHub } from '../../hub/hub-back-ends.js';
import { twinRoutes } from './twin-routes.js';

/** Records of feedback in one message of the service: Azure's (protocol.md#service-messages). */
const MAX_RECORDS = 64;

/** The side of a hub that back ends talk to, over REST (protocol.md#service-access) and AMQP (protocol.md#service-amqp). */
export class HubService implements HubBackEnds {
  readonly policies: AccessPolicies;
  readonly amqp: HubAmqp;
  readonly #router: Router;
  readonly #jobs: Jobs;
  readonly #modules: ModuleRegistry;
  readonly #feedback: LockQueue<FeedbackRecord>;
  readonly #files: LockQueue<FileNotification>;

  constructor(hub: ServedHub, namespace: Namespace) {
    this.policies = new AccessPolicies(hub.name, hub.clock, HUB_POLICIES, namespace, [hub.eventHub.host]);
    this.#jobs = new Jobs(hub);
    this.#modules = new ModuleRegistry(hub.clock, namespace);
    const feedback = (this.#feedback = new LockQueue<FeedbackRecord>(hub.clock, MAX_RECORDS));
    hub.onFeedback((record) => feedback.add(record));
    const files = (this.#files = new LockQueue<FileNotification>(hub.clock, 1));
    hub.onEvent((event) => {
      const notification = fileNotificationOf(event);
      if (notification !== undefined) files.add(notification);
    });
    this.amqp = new HubAmqp({ hub, policies: this.policies, feedback, files });
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
    this.#feedback.close();
    this.#files.close();
  }
}
