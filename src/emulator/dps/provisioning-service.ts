import { checkOptions, type Rules } from '../../options.js';
import { callback, duration, object, oneOf, whole } from '../../rules.js';
import { asciiLowerCase } from '../../ascii.js';
import type { Clock } from '../../clock/index.js';
import { messageOf, SphereIotError } from '../../errors.js';
import { CertificateList } from '../identity/certificate-list.js';
import { EventLog } from '../observe/event-log.js';
import { faultyDpsAnswer } from '../faults/dps-faults.js';
import type { FaultTarget } from '../faults/fault.js';
import type { Faults } from '../faults/faults.js';
import type { IotHub } from '../hub/iot-hub.js';
import type { HttpAnswer, HttpHead, HttpRequest, HttpService } from '../front/http/http-service.js';
import type {
  ConnectRequest,
  ConnectVerdict,
  Link,
  MqttService,
  RefusalCode,
  UndocumentedTopic,
} from '../front/mqtt/mqtt-service.js';
import { DPS_ENDPOINT, dpsServiceEndpoint } from '../front/service-names.js';
import type { AccessPolicies } from '../service/access-policies.js';
import { DpsService } from '../service/dps/dps-service.js';
import { NO_ROOM, type Room } from '../state/shelf.js';
import { maskedTexts } from '../observe/trace/payload.js';
import {
  acceptedBody,
  assigningBody,
  disabledBody,
  errorBody,
  finishedBody,
  newOperationId,
  REFUSALS,
  registrationStateBody,
} from './answers.js';
import { decide, type Decision } from './allocation.js';
import { assign, keep, staysPut, type AssignmentContext, type AssignmentRequest } from './assignment.js';
import { attest, type Admission, type Attestation, type RefusalCause } from './attestation.js';
import { credentialOf, type DpsCredential, type NoCredential } from './dps-credential.js';
import { answerDpsRequest, LARGEST_DPS_BODY } from './dps-http.js';
import { DpsSession, type DpsAnswer } from './dps-session.js';
import { EnrollmentGroups } from './enrollment-groups.js';
import {
  POLICY_RULES,
  type AllocationCallback,
  type AllocationPolicy,
  type CredentialMode,
  type ReprovisionPolicy,
} from './enrollment-policy.js';
import type { DpsEvent } from './dps-events.js';
import { IndividualEnrollments } from './individual-enrollments.js';
import type { Registration } from './registration.js';
import { DeviceRegistrations } from './registrations.js';
import { isRegistrationId, isSameRegistrationId, registrationKey } from './registration-id.js';
import { parseDpsUsername } from '../codec/dps-username.js';

export interface ProvisioningOptions {
  /** The service's own name, of which `{name}.azure-devices-provisioning.net` is made, the host that back ends talk to. Default `contoso`. */
  readonly serviceName?: string;
  /** How many polls are answered with "assigning" before the result. Default 1, as in traces of the real service. */
  readonly assigningPolls?: number;
  /** Whole seconds that the device is asked to wait before its next poll: 1 to 300. Default 3. */
  readonly retryAfterSeconds?: number;
  /** What the hub identities are bound to, unless an enrollment says otherwise. Default `thumbprint` (protocol.md#dps-identity). */
  readonly credentialMode?: CredentialMode;
  /** For enrollments that have none. Default: `custom` where there is `allocate`, else `hashed`. */
  readonly allocationPolicy?: AllocationPolicy;
  /** For `custom`. */
  readonly allocate?: AllocationCallback;
  /** How long an allocation callback may take, clock ms. Default 30 000. */
  readonly allocationTimeoutMs?: number;
  /** For enrollments that have none. Default `migrateData`. */
  readonly reprovisionPolicy?: ReprovisionPolicy;
  /** The CONNACK code for an id scope that there is not; the sources don't say (protocol.md#refusals). Default 5. */
  readonly unknownIdScopeReturnCode?: RefusalCode;
  /**
   * How a certificate is refused whose common name is not the registration id (protocol.md#refusals): by CONNACK 5, or by 401002
   * once the device asks to be registered. Default `connack`.
   */
  readonly wrongCommonName?: 'connack' | 'answer';
  /**
   * The text that goes with 401002 (`caNotFound`, `invalidCertificate`) and 401000 (`unauthorized`); several are known
   * (protocol.md#dps-answers). Default: `CA certificate not found.`, `Invalid certificate.`, `Unauthorized`.
   */
  readonly refusalMessages?: Readonly<Partial<Record<RefusalCause, string>>>;
  /** What becomes of a PUBLISH to a topic that is not documented. Default `close`. */
  readonly undocumentedTopic?: UndocumentedTopic;
}

const RULES: Rules<ProvisioningOptions> = {
  serviceName: { words: 'letters, digits and hyphens', fits: isServiceName },
  assigningPolls: whole(0),
  retryAfterSeconds: whole(1, 300),
  credentialMode: POLICY_RULES.credentialMode,
  allocationPolicy: POLICY_RULES.allocationPolicy,
  allocate: callback,
  allocationTimeoutMs: duration,
  reprovisionPolicy: POLICY_RULES.reprovisionPolicy,
  unknownIdScopeReturnCode: whole(1, 5),
  wrongCommonName: oneOf('connack', 'answer'),
  refusalMessages: object,
  undocumentedTopic: oneOf('close', 'ignore'),
};

type Settings = Required<Omit<ProvisioningOptions, 'allocate'>> & Pick<ProvisioningOptions, 'allocate'>;

const DEFAULTS: Omit<Settings, 'allocate' | 'allocationPolicy'> = {
  serviceName: 'contoso',
  assigningPolls: 1,
  retryAfterSeconds: 3,
  credentialMode: 'thumbprint',
  allocationTimeoutMs: 30_000,
  reprovisionPolicy: 'migrateData',
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

/**
 * The Device Provisioning Service: enrollments, registrations, and the MQTT and HTTP that devices speak to it (protocol.md#dps-connect).
 */
export class ProvisioningService implements MqttService, HttpService {
  readonly idScope: string;
  /** The host name that devices connect to. */
  readonly endpoint = DPS_ENDPOINT;
  /** The host name that back ends talk to. */
  readonly serviceEndpoint: string;
  /** The shared access policies of back ends, with their keys and connection strings: `docs/service-side.md`. */
  readonly policies: AccessPolicies;
  readonly certificates: CertificateList;
  readonly enrollmentGroups: EnrollmentGroups;
  /** Individual enrollments. */
  readonly enrollments: IndividualEnrollments;
  /** The last registration of each device. */
  readonly registrations: DeviceRegistrations;
  readonly #service: DpsService;
  readonly #clock: Clock;
  readonly #options: Settings;
  readonly #faults: Faults;
  readonly #hubs: readonly IotHub[];
  readonly #linked: Set<IotHub>;
  readonly #log = new EventLog<DpsEvent>(maskedTexts);
  readonly #closed = new AbortController();
  /** The last operation of each device. */
  readonly #operations = new Map<string, Operation>();
  /** By registration id in lower case; with whether an enrollment let the device in when it connected. */
  readonly #links = new Map<string, { readonly link: Link; readonly isAdmitted: boolean }>();

  /** @internal Use LocalAzure. All hubs are linked. */
  constructor(
    idScope: string,
    hubs: readonly IotHub[],
    { clock, faults, room = NO_ROOM }: { readonly clock: Clock; readonly faults: Faults; readonly room?: Room },
    options: ProvisioningOptions = {},
  ) {
    this.idScope = idScope;
    this.#clock = clock;
    this.#faults = faults;
    this.#hubs = hubs;
    this.#linked = new Set(hubs);
    this.#options = settings(options);
    this.certificates = new CertificateList(clock, room);
    this.enrollmentGroups = new EnrollmentGroups(clock, this.certificates, room);
    this.enrollments = new IndividualEnrollments(clock, room);
    this.registrations = new DeviceRegistrations(({ registrationId }) => this.#forget(registrationId), room);
    this.serviceEndpoint = dpsServiceEndpoint(this.#options.serviceName);
    const { serviceEndpoint, certificates, enrollments, enrollmentGroups, registrations } = this;
    this.#service = new DpsService(
      { serviceEndpoint, clock, certificates, enrollments, enrollmentGroups, registrations },
      room,
    );
    this.policies = this.#service.policies;
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

  /** The last registration of a device, assigned or failed; undefined where there is none. Case does not matter. */
  registration(registrationId: string): Registration | undefined {
    return this.registrations.find(registrationId);
  }

  /** What happened, oldest first. */
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
      return this.#refuseConnect('', 'the username is not {scope}/registrations/{id}/api-version=…');
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
  largestBody(head: HttpHead): number {
    return this.#service.serves(head) ? this.#service.largestBody(head) : LARGEST_DPS_BODY;
  }

  /** @internal Each request shows who it is from: with HTTP there is no connection that was taken before. */
  http(request: HttpRequest): HttpAnswer | 'none' | Promise<HttpAnswer> {
    if (this.#service.serves(request)) return this.#service.http(request);
    return answerDpsRequest(request, {
      idScope: this.idScope,
      now: () => this.#clock.now(),
      register: (registrationId, credential, body) =>
        this.#faulty('register', registrationId) ?? this.#register(registrationId, credential, body),
      poll: (registrationId, credential, operationId) =>
        this.#faulty('poll', registrationId) ??
        this.#admitted(registrationId, credential, () => this.#poll(registrationId, operationId)),
      lookUp: (registrationId, credential) =>
        this.#admitted(registrationId, credential, () => this.#lookUp(registrationId)),
      refuse: this.#refuse.bind(this),
    });
  }

  /** @internal */
  close(): void {
    this.#closed.abort(new SphereIotError('EMULATOR_CLOSED', 'the emulator was closed.'));
    this.#log.close();
  }

  /** protocol.md#refusals, rows "DPS" with CONNACK 5. */
  #refuseConnect(registrationId: string, reason: string, returnCode: RefusalCode = 5): ConnectVerdict {
    this.#log.add({ type: 'authenticationFailed', at: this.#clock.now(), registrationId, returnCode, reason });
    return { refuse: returnCode };
  }

  #connectFault(request: ConnectRequest, registrationId: string): string | undefined {
    if (!isRegistrationId(registrationId)) return `${JSON.stringify(registrationId)} is no registration id`;
    if (!isSameRegistrationId(request.clientId, registrationId))
      return `the client id ${request.clientId} is not the registration id ${registrationId}`;
    return undefined;
  }

  #session(registrationId: string, credential: DpsCredential | NoCredential, link: Link): DpsSession {
    const key = registrationKey(registrationId);
    this.#takeOver(registrationId, credential, link);
    return new DpsSession({
      link,
      undocumentedTopic: this.#options.undocumentedTopic,
      register: (body) => this.#faulty('register', registrationId) ?? this.#register(registrationId, credential, body),
      poll: (operationId) => this.#faulty('poll', registrationId) ?? this.#poll(registrationId, operationId),
      opened: () => this.#log.add({ type: 'connected', at: this.#clock.now(), registrationId }),
      closed: (reason) => {
        if (this.#links.get(key)?.link === link) this.#links.delete(key);
        this.#log.add({ type: 'disconnected', at: this.#clock.now(), registrationId, reason });
      },
    });
  }

  /** MQTT-3.1.4-2; but who only says another's name, and no enrollment lets in, does not close the other's connection. */
  #takeOver(registrationId: string, credential: DpsCredential | NoCredential, link: Link): void {
    const key = registrationKey(registrationId);
    const isAdmitted = credential.kind !== 'none' && this.#attest(registrationId, credential).kind === 'allowed';
    const before = this.#links.get(key);
    if (before?.isAdmitted === true && !isAdmitted) return;
    before?.link.close('taken over by a newer connection with the same client id');
    this.#links.set(key, { link, isAdmitted });
  }

  #register(
    registrationId: string,
    credential: DpsCredential | NoCredential,
    body: Record<string, unknown> | undefined,
  ): DpsAnswer {
    const named = body?.['registrationId'];
    if (body === undefined || typeof named !== 'string' || !isSameRegistrationId(named, registrationId))
      return this.#refuse(registrationId, 400, 400000, 'Bad Request', 'the body does not name the registration id');
    return this.#admitted(registrationId, credential, (admission) =>
      this.#begin(registrationId, admission, body['payload']),
    );
  }

  /** What to answer to a device that an enrollment lets in; another is told why not. */
  #admitted(
    registrationId: string,
    credential: DpsCredential | NoCredential,
    answer: (admission: Admission) => DpsAnswer,
  ): DpsAnswer {
    if (credential.kind === 'none') return this.#unauthorized(registrationId, 'invalidCertificate', credential.reason);
    const attestation = this.#attest(registrationId, credential);
    return attestation.kind === 'allowed'
      ? answer(attestation.admission)
      : this.#notAdmitted(registrationId, attestation);
  }

  #attest(registrationId: string, credential: DpsCredential): Attestation {
    return attest(registrationId, credential, {
      clock: this.#clock,
      certificates: this.certificates,
      groups: this.enrollmentGroups,
      enrollments: this.enrollments,
    });
  }

  #notAdmitted(registrationId: string, attestation: Exclude<Attestation, { kind: 'allowed' }>): DpsAnswer {
    const { reason } = attestation;
    if (attestation.kind === 'refused') return this.#unauthorized(registrationId, attestation.cause, reason);
    this.#log.add({ type: 'registrationRefused', at: this.#clock.now(), registrationId, status: 200, reason });
    return { status: 200, body: disabledBody(registrationId) };
  }

  #faulty(request: 'register' | 'poll', registrationId: string): DpsAnswer | 'none' | undefined {
    return faultyDpsAnswer(this.#faults.at(this.#target(registrationId)), request, registrationId, this.#clock.now());
  }

  #target(registrationId: string): FaultTarget {
    return { service: this.endpoint, device: registrationId };
  }

  #begin(registrationId: string, admission: Admission, payload: unknown): DpsAnswer {
    const assigning = this.#faults.take('dpsAssigning', this.#target(registrationId))?.options;
    const pollsLeft = assigning?.polls ?? this.#options.assigningPolls;
    const operation: Operation = { id: newOperationId(), registrationId, pollsLeft };
    this.#operations.set(registrationKey(registrationId), operation);
    this.#assign(operation, this.#request(registrationId, admission, payload));
    return this.#wait(acceptedBody(operation.id));
  }

  #request(registrationId: string, admission: Admission, payload: unknown): AssignmentRequest {
    const previous = this.registration(registrationId);
    const current = this.registrations.assignment(registrationId);
    const made = this.registrations.made(registrationId);
    return {
      registrationId,
      admission,
      ...(payload === undefined ? {} : { payload }),
      ...(current === undefined ? {} : { current }),
      ...(previous === undefined ? {} : { previous }),
      ...(made === undefined ? {} : { made }),
    };
  }

  /** At once, unless a callback takes its time; then what counts is what is so when it answered. */
  #assign(operation: Operation, request: AssignmentRequest): void {
    if (staysPut(request, this.#options.reprovisionPolicy))
      return this.#finish(operation, keep(request, this.#context()));
    const decision = decide(request, {
      ...this.#options,
      clock: this.#clock,
      linkedHubs: this.linkedHubs,
      closed: this.#closed.signal,
    });
    if (!('then' in decision)) return this.#conclude(operation, request, decision);
    void decision.then((decided) => {
      // The device may have begun anew meanwhile, or its record may have been deleted.
      if (this.#operations.get(registrationKey(operation.registrationId)) !== operation) return;
      if (!this.#closed.signal.aborted) this.#conclude(operation, request, decided);
    });
  }

  /** A registration that can't be kept fails: a callback may give what is no JSON. */
  #conclude(operation: Operation, request: AssignmentRequest, decision: Decision): void {
    const conclude = (decided: Decision): void => this.#finish(operation, assign(request, decided, this.#context()));
    try {
      conclude(decision);
    } catch (error) {
      conclude({ fault: messageOf(error) });
    }
  }

  #context(): AssignmentContext {
    return { ...this.#options, clock: this.#clock, linkedHubs: [...this.#linked] };
  }

  #forget(registrationId: string): void {
    this.#operations.delete(registrationKey(registrationId));
    this.#log.add({ type: 'registrationDeleted', at: this.#clock.now(), registrationId });
  }

  #finish(operation: Operation, registration: Registration): void {
    operation.result = registration;
    const { registrationId, assignedHub, deviceId, substatus, errorCode, errorMessage } = registration;
    this.registrations.set(registration);
    const at = this.#clock.now();
    if (assignedHub !== undefined && deviceId !== undefined && substatus !== undefined)
      return this.#log.add({ type: 'registered', at, registrationId, assignedHub, deviceId, substatus });
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
    const operation = this.#operations.get(registrationKey(registrationId));
    if (operation?.id !== operationId)
      return this.#refuse(registrationId, 404, 404000, 'Operation not found.', `there is no operation ${operationId}`);
    if (operation.pollsLeft-- > 0 || operation.result === undefined)
      return this.#wait(assigningBody(operation.id, operation.registrationId));
    return { status: 200, body: finishedBody(operation.id, operation.result) };
  }

  #lookUp(registrationId: string): DpsAnswer {
    const registration = this.registration(registrationId);
    if (registration === undefined)
      return this.#refuse(registrationId, 404, 404000, 'Registration not found.', 'it has not registered yet');
    return { status: 200, body: registrationStateBody(registration) };
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
    return { status, errorCode, body: errorBody(errorCode, message, at) };
  }

  #hub(name: string): IotHub {
    const hub = this.#hubs.find((candidate) => candidate.name === asciiLowerCase(name));
    if (hub === undefined) throw new SphereIotError('HUB_NOT_FOUND', `There is no hub ${name} in this emulator.`);
    return hub;
  }
}

function isServiceName(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z\d](?:[A-Za-z\d-]{0,62}[A-Za-z\d])?$/.test(value);
}

function settings(options: ProvisioningOptions): Settings {
  checkOptions(options, 'dps', '{ assigningPolls: 0 }', RULES);
  const { allocate, allocationPolicy = allocate === undefined ? 'hashed' : 'custom' } = options;
  if (allocationPolicy === 'custom' && allocate === undefined)
    throw new SphereIotError(
      'ALLOCATION_POLICY_INVALID',
      'The service has the allocation policy custom and no `allocate`. Give it one.',
    );
  return { ...DEFAULTS, ...options, allocationPolicy };
}
