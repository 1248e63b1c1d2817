import type { Clock } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { CertificateList } from '../certificate-list.js';
import { EventLog } from '../event-log.js';
import type { IotHub } from '../hub/iot-hub.js';
import type {
  ConnectRequest,
  ConnectVerdict,
  Link,
  MqttService,
  RefusalCode,
  UndocumentedTopic,
} from '../mqtt/service.js';
import { DPS_ENDPOINT } from '../names.js';
import {
  acceptedBody,
  assigningBody,
  disabledBody,
  errorBody,
  finishedBody,
  newOperationId,
  REFUSALS,
} from './answers.js';
import { assign } from './assignment.js';
import { attest, type Admission, type RefusalCause } from './attestation.js';
import { credentialOf, type DpsCredential, type NoCredential } from './dps-credential.js';
import { DpsSession, type DpsAnswer } from './dps-session.js';
import { EnrollmentGroups } from './enrollment-groups.js';
import type { CredentialMode } from './enrollment-policy.js';
import type { DpsEvent } from './events.js';
import { IndividualEnrollments } from './individual-enrollments.js';
import type { Registration } from './registration.js';
import { isRegistrationId, parseDpsUsername } from './username.js';

export interface ProvisioningOptions {
  /** How many polls are answered with "assigning" before the result. Default 1, as in traces of the real service. */
  readonly assigningPolls?: number;
  /** Whole seconds that the device is asked to wait before its next poll: 1 to 300. Default 3. */
  readonly retryAfterSeconds?: number;
  /** What the hub identities are bound to, unless an enrollment says otherwise. Default `thumbprint` (A5). */
  readonly credentialMode?: CredentialMode;
  /** The CONNACK code for an id scope that there is not; the sources don't say (section G). Default 5. */
  readonly unknownIdScopeReturnCode?: RefusalCode;
  /**
   * How a certificate is refused whose common name is not the registration id (section G): by CONNACK 5, or by 401002
   * once the device asks to be registered. Default `connack`.
   */
  readonly wrongCommonName?: 'connack' | 'answer';
  /**
   * The text that goes with 401002 (`caNotFound`, `invalidCertificate`) and 401000 (`unauthorized`); several are known
   * (section A3). Default: `CA certificate not found.`, `Invalid certificate.`, `Unauthorized`.
   */
  readonly refusalMessages?: Readonly<Partial<Record<RefusalCause, string>>>;
  /** What becomes of a PUBLISH to a topic that is not documented. Default `close`. */
  readonly undocumentedTopic?: UndocumentedTopic;
}

const DEFAULTS: Required<ProvisioningOptions> = {
  assigningPolls: 1,
  retryAfterSeconds: 3,
  credentialMode: 'thumbprint',
  unknownIdScopeReturnCode: 5,
  wrongCommonName: 'connack',
  refusalMessages: {},
  undocumentedTopic: 'close',
};

interface Operation {
  readonly id: string;
  readonly registrationId: string;
  pollsLeft: number;
  result?: Registration;
}

/** The Device Provisioning Service: enrollments, registrations, and the MQTT that devices speak to it (section A). */
export class ProvisioningService implements MqttService {
  readonly idScope: string;
  /** The host name that devices connect to. */
  readonly endpoint = DPS_ENDPOINT;
  readonly certificates: CertificateList;
  readonly enrollmentGroups: EnrollmentGroups;
  /** Individual enrollments. */
  readonly enrollments = new IndividualEnrollments();
  readonly #clock: Clock;
  readonly #options: Required<ProvisioningOptions>;
  readonly #hubs: readonly IotHub[];
  readonly #linked: Set<IotHub>;
  readonly #log = new EventLog<DpsEvent>();
  readonly #registrations = new Map<string, Registration>();
  /** The last operation of each device. */
  readonly #operations = new Map<string, Operation>();
  readonly #links = new Map<string, Link>();

  /** @internal Use LocalAzure. All hubs are linked. */
  constructor(idScope: string, hubs: readonly IotHub[], clock: Clock, options: ProvisioningOptions = {}) {
    this.idScope = idScope;
    this.#clock = clock;
    this.#hubs = hubs;
    this.#linked = new Set(hubs);
    this.#options = { ...DEFAULTS, ...options };
    this.certificates = new CertificateList(clock);
    this.enrollmentGroups = new EnrollmentGroups(this.certificates);
  }

  /** Full names of the hubs that devices can be assigned to. */
  get linkedHubs(): readonly string[] {
    return [...this.#linked].map(({ name }) => name);
  }

  /** @throws SphereIotError `HUB_NOT_FOUND`. */
  linkHub(name: string): void {
    this.#linked.add(this.#hub(name));
  }

  /** @throws SphereIotError `HUB_NOT_FOUND`. */
  unlinkHub(name: string): void {
    this.#linked.delete(this.#hub(name));
  }

  /** The last registration of each device, in the order of their first. */
  registrations(): readonly Registration[] {
    return [...this.#registrations.values()];
  }

  /** The last registration of a device, assigned or failed; undefined where there is none. Case does not matter. */
  registration(registrationId: string): Registration | undefined {
    return this.#registrations.get(registrationId.toLowerCase());
  }

  /** What happened on the wire, oldest first. */
  events(): readonly DpsEvent[] {
    return this.#log.entries();
  }

  /** Calls `listener` for each event from now on; returns what ends that. */
  onEvent(listener: (event: DpsEvent) => void): () => void {
    return this.#log.listen(listener);
  }

  /** @internal */
  connect(request: ConnectRequest, link: Link): ConnectVerdict {
    const username = parseDpsUsername(request.username);
    if (username === undefined)
      return this.#refuseConnect('', 'the username is not {scope}/registrations/{id}/api-version=…, as A1 says');
    const { idScope, registrationId } = username;
    const { unknownIdScopeReturnCode, wrongCommonName } = this.#options;
    if (idScope !== this.idScope)
      return this.#refuseConnect(registrationId, `the id scope ${idScope} is unknown`, unknownIdScopeReturnCode);
    const reason = this.#connectFault(request, registrationId);
    if (reason !== undefined) return this.#refuseConnect(registrationId, reason);
    const credential = credentialOf(request, username, this.#clock.now());
    if (credential.kind === 'none' && !(credential.wrongName && wrongCommonName === 'answer'))
      return this.#refuseConnect(registrationId, credential.reason);
    return { session: this.#session(registrationId, credential, link), sessionPresent: false };
  }

  /** @internal */
  close(): void {
    this.#log.close();
  }

  /** Section G, rows "DPS" with CONNACK 5. */
  #refuseConnect(registrationId: string, reason: string, returnCode: RefusalCode = 5): ConnectVerdict {
    this.#log.add({ type: 'authenticationFailed', at: this.#clock.now(), registrationId, returnCode, reason });
    return { refuse: returnCode };
  }

  #connectFault(request: ConnectRequest, registrationId: string): string | undefined {
    if (!isRegistrationId(registrationId)) return `${JSON.stringify(registrationId)} is no registration id`;
    if (!sameId(request.clientId, registrationId))
      return `the client id ${request.clientId} is not the registration id ${registrationId}`;
    return undefined;
  }

  #session(registrationId: string, credential: DpsCredential | NoCredential, link: Link): DpsSession {
    const key = registrationId.toLowerCase();
    // MQTT-3.1.4-2.
    this.#links.get(key)?.close('taken over by a newer connection with the same client id');
    this.#links.set(key, link);
    return new DpsSession({
      link,
      undocumentedTopic: this.#options.undocumentedTopic,
      register: (body) => this.#register(registrationId, credential, body),
      poll: (operationId) => this.#poll(registrationId, operationId),
      opened: () => this.#log.add({ type: 'connected', at: this.#clock.now(), registrationId }),
      closed: (reason) => {
        if (this.#links.get(key) === link) this.#links.delete(key);
        this.#log.add({ type: 'disconnected', at: this.#clock.now(), registrationId, reason });
      },
    });
  }

  #register(
    registrationId: string,
    credential: DpsCredential | NoCredential,
    body: Record<string, unknown> | undefined,
  ): DpsAnswer {
    const named = body?.['registrationId'];
    if (body === undefined || typeof named !== 'string' || !sameId(named, registrationId))
      return this.#refuse(registrationId, 400, 400000, 'Bad Request', 'the body does not name the registration id');
    if (credential.kind === 'none') return this.#unauthorized(registrationId, 'invalidCertificate', credential.reason);
    const attestation = attest(registrationId, credential, {
      clock: this.#clock,
      certificates: this.certificates,
      groups: this.enrollmentGroups,
      enrollments: this.enrollments,
    });
    if (attestation.kind === 'refused')
      return this.#unauthorized(registrationId, attestation.cause, attestation.reason);
    if (attestation.kind === 'disabled') {
      const { reason } = attestation;
      this.#log.add({ type: 'registrationRefused', at: this.#clock.now(), registrationId, status: 200, reason });
      return { status: 200, body: disabledBody(registrationId) };
    }
    return this.#begin(registrationId, attestation.admission, body['payload']);
  }

  #begin(registrationId: string, admission: Admission, payload: unknown): DpsAnswer {
    const operation: Operation = { id: newOperationId(), registrationId, pollsLeft: this.#options.assigningPolls };
    this.#operations.set(registrationId.toLowerCase(), operation);
    const previous = this.registration(registrationId);
    const result = assign(
      {
        registrationId,
        admission,
        ...(payload === undefined ? {} : { payload }),
        ...(previous === undefined ? {} : { previous }),
      },
      { clock: this.#clock, credentialMode: this.#options.credentialMode, linkedHubs: [...this.#linked] },
    );
    if (result instanceof Promise) void result.then((registration) => this.#finish(operation, registration));
    else this.#finish(operation, result);
    return this.#wait(acceptedBody(operation.id));
  }

  #finish(operation: Operation, registration: Registration): void {
    operation.result = registration;
    const { registrationId, assignedHub, deviceId, errorCode, errorMessage } = registration;
    this.#registrations.set(registrationId.toLowerCase(), registration);
    const at = this.#clock.now();
    if (assignedHub !== undefined && deviceId !== undefined)
      return this.#log.add({ type: 'registered', at, registrationId, assignedHub, deviceId });
    this.#log.add({
      type: 'registrationRefused',
      at,
      registrationId,
      status: 200,
      ...(errorCode === undefined ? {} : { errorCode }),
      reason: errorMessage ?? 'failed',
    });
  }

  #poll(registrationId: string, operationId: string): DpsAnswer {
    const operation = this.#operations.get(registrationId.toLowerCase());
    if (operation?.id !== operationId)
      return this.#refuse(registrationId, 404, 404000, 'Operation not found.', `there is no operation ${operationId}`);
    if (operation.pollsLeft-- > 0 || operation.result === undefined)
      return this.#wait(assigningBody(operation.id, operation.registrationId));
    return { status: 200, body: finishedBody(operation.id, operation.result) };
  }

  #wait(body: string): DpsAnswer {
    return { status: 202, body, retryAfterSeconds: this.#options.retryAfterSeconds };
  }

  #unauthorized(registrationId: string, cause: RefusalCause, reason: string): DpsAnswer {
    const { errorCode, message } = REFUSALS[cause];
    return this.#refuse(registrationId, 401, errorCode, this.#options.refusalMessages[cause] ?? message, reason);
  }

  #refuse(registrationId: string, status: number, errorCode: number, message: string, reason: string): DpsAnswer {
    const at = this.#clock.now();
    this.#log.add({ type: 'registrationRefused', at, registrationId, status, errorCode, reason });
    return { status, body: errorBody(errorCode, message, at) };
  }

  #hub(name: string): IotHub {
    const hub = this.#hubs.find((candidate) => candidate.name === name.toLowerCase());
    if (hub === undefined) throw new SphereIotError('HUB_NOT_FOUND', `There is no hub ${name} in this emulator.`);
    return hub;
  }
}

/** Registration ids are compared without regard to case (A5). */
function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
