import type { X509Certificate } from 'node:crypto';

import { asciiLowerCase } from '../../ascii.js';
import type { Clock } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { faultyDpsAnswer } from './dps-faults.js';
import type { FaultTarget } from '../faults/fault.js';
import type { Faults } from '../faults/faults.js';
import type { HttpAnswer, HttpHead, HttpRequest, HttpService } from '../contract/http-service.js';
import type { ConnectRequest, ConnectVerdict, Link, MqttService, RefusalCode } from '../contract/mqtt-service.js';
import { DPS_ENDPOINT, dpsServiceEndpoint } from '../service-names.js';
import type { IotHub } from '../hub/iot-hub.js';
import type { Lifetime } from '../lifetime.js';
import { CertificateList } from '../identity/certificate-list.js';
import { EventLog } from '../observe/event-log.js';
import { shortened } from '../observe/shortened.js';
import { maskedTexts } from '../observe/trace/payload.js';
import type { AccessPolicies } from '../identity/access-policies.js';
import type { Namespace } from '../state/store.js';
import type { DpsBackEnds, ServedDps } from './dps-back-ends.js';
import { disabledBody, errorBody, REFUSALS, registrationStateBody } from './answers.js';
import { attest, groupNamed, type Admission, type Attestation, type RefusalCause } from './attestation.js';
import { judgeDpsConnect } from './dps-connect.js';
import type { DpsCredential, NoCredential } from './dps-credential.js';
import type { DpsEvent } from './dps-events.js';
import { answerDpsRequest, MAX_DPS_BODY_BYTES } from './dps-http.js';
import { DpsSession, type DpsAnswer } from './dps-session.js';
import { EnrollmentGroups } from './enrollment-groups.js';
import type { EnrollmentGroup } from './enrollments.js';
import { IndividualEnrollments } from './individual-enrollments.js';
import { provisioningSettings, type ProvisioningOptions, type ProvisioningSettings } from './provisioning-options.js';
import { isSameRegistrationId, registrationKey } from './registration-id.js';
import { RegistrationOperations } from './registration-operations.js';
import type { Registration } from './registration.js';
import { DeviceRegistrations } from './registrations.js';

/** What a registration may have (protocol.md#dps-exchange); anything else is refused with 400012. */
const REGISTRATION_FIELDS: readonly string[] = ['registrationId', 'payload', 'tpm'];

/** @internal What LocalAzure has for it. */
export interface DpsSurroundings {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly lifetime: Lifetime;
  /** Where it keeps its state. */
  readonly namespace: Namespace;
  /** Makes the side that back ends talk to. */
  readonly backEnds: (dps: ServedDps, namespace: Namespace) => DpsBackEnds;
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
  readonly #backEnds: DpsBackEnds;
  readonly #clock: Clock;
  readonly #lifetime: Lifetime;
  readonly #options: ProvisioningSettings;
  readonly #faults: Faults;
  readonly #hubs: readonly IotHub[];
  readonly #linked: Set<IotHub>;
  readonly #log: EventLog<DpsEvent>;
  readonly #closed = new AbortController();
  readonly #operations: RegistrationOperations;
  /** By registration id in lower case; with whether an enrollment let the device in when it connected. */
  readonly #links = new Map<string, { readonly link: Link; readonly isAdmitted: boolean }>();

  /** @internal Use LocalAzure. All hubs are linked. */
  constructor(
    idScope: string,
    hubs: readonly IotHub[],
    { clock, faults, lifetime, namespace, backEnds }: DpsSurroundings,
    options: ProvisioningOptions = {},
  ) {
    this.idScope = idScope;
    this.#clock = clock;
    this.#lifetime = lifetime;
    this.#faults = faults;
    this.#hubs = hubs;
    this.#log = new EventLog(lifetime, maskedTexts);
    this.#linked = new Set(hubs);
    this.#options = provisioningSettings(options);
    this.certificates = new CertificateList(clock, namespace, lifetime);
    this.enrollmentGroups = new EnrollmentGroups(clock, this.certificates, namespace, lifetime);
    this.enrollments = new IndividualEnrollments(clock, namespace, lifetime);
    const deleted = ({ registrationId }: Registration): void => this.#forget(registrationId);
    this.registrations = new DeviceRegistrations(deleted, namespace, lifetime);
    this.serviceEndpoint = dpsServiceEndpoint(this.#options.serviceName);
    const { serviceEndpoint, certificates, enrollments, enrollmentGroups, registrations } = this;
    this.#backEnds = backEnds(
      { serviceEndpoint, clock, certificates, enrollments, enrollmentGroups, registrations },
      namespace,
    );
    this.policies = this.#backEnds.policies;
    this.#operations = new RegistrationOperations({
      clock,
      settings: this.#options,
      registrations: this.registrations,
      linkedHubs: () => [...this.#linked],
      policyOf: (registrationId, enrollment) => {
        const group = groupNamed(enrollment);
        return group === undefined ? this.enrollments.find(registrationId) : this.enrollmentGroups.find(group);
      },
      closed: this.#closed.signal,
      log: (event) => this.#log.add(event),
      assigningFault: (registrationId) => faults.take('dpsAssigning', this.#target(registrationId))?.options,
      refuse: this.#refuse.bind(this),
    });
  }

  /**
   * Lets the devices of a catalog register: uploads its certificate as verified, and makes an enrollment group of it. `name` is that of
   * both.
   * @throws SphereIotError `CA_ALREADY_EXISTS`, `ENROLLMENT_GROUP_ALREADY_EXISTS`, `EMULATOR_CLOSED`.
   */
  trust({ caCertificate }: { readonly caCertificate: X509Certificate }, name = 'catalog'): EnrollmentGroup {
    this.certificates.upload(name, caCertificate, { verified: true });
    return this.enrollmentGroups.create({ id: name, attestation: { x509: { caName: name } } });
  }

  /** Full names of the hubs that devices can be assigned to. */
  get linkedHubs(): readonly string[] {
    return [...this.#linked].map(({ name }) => name);
  }

  /** @throws SphereIotError `HUB_NOT_FOUND`, `EMULATOR_CLOSED`. */
  linkHub(name: string): void {
    this.#lifetime.check();
    this.#linked.add(this.#hub(name));
  }

  /** @throws SphereIotError `HUB_NOT_FOUND`, `EMULATOR_CLOSED`. */
  unlinkHub(name: string): void {
    this.#lifetime.check();
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
    const judged = judgeDpsConnect(request, this.idScope, this.#options, this.#clock.now());
    const { registrationId } = judged;
    if ('reason' in judged) return this.#refuseConnect(registrationId, judged.reason, judged.returnCode);
    return { session: this.#session(registrationId, judged.credential, link), sessionPresent: false };
  }

  /** @internal */
  maxBodyBytes(head: HttpHead): number {
    return this.#backEnds.serves(head) ? this.#backEnds.maxBodyBytes(head) : MAX_DPS_BODY_BYTES;
  }

  /** @internal Each request proves its sender's identity: with HTTP there is no connection that was taken before. */
  http(request: HttpRequest): HttpAnswer | 'none' | Promise<HttpAnswer> {
    if (this.#backEnds.serves(request)) return this.#backEnds.http(request);
    return answerDpsRequest(request, {
      idScope: this.idScope,
      now: () => this.#clock.now(),
      register: (registrationId, credential, body) =>
        this.#faulty('register', registrationId) ?? this.#register(registrationId, credential, body),
      poll: (registrationId, credential, operationId) =>
        this.#faulty('poll', registrationId) ??
        this.#admitted(registrationId, credential, () => this.#operations.poll(registrationId, operationId)),
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

  #session(registrationId: string, credential: DpsCredential | NoCredential, link: Link): DpsSession {
    const key = registrationKey(registrationId);
    this.#takeOver(registrationId, credential, link);
    return new DpsSession({
      link,
      undocumentedTopic: this.#options.undocumentedTopic,
      register: (body) => this.#faulty('register', registrationId) ?? this.#register(registrationId, credential, body),
      poll: (operationId) => this.#faulty('poll', registrationId) ?? this.#operations.poll(registrationId, operationId),
      opened: () => this.#log.add({ type: 'connected', at: this.#clock.now(), registrationId }),
      closed: (reason) => {
        if (this.#links.get(key)?.link === link) this.#links.delete(key);
        this.#log.add({ type: 'disconnected', at: this.#clock.now(), registrationId, reason });
      },
    });
  }

  /** MQTT-3.1.4-2; but a client that only gives another's name, and that no enrollment lets in, does not close the other's connection. */
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
    const unknown = Object.keys(body).find((field) => !REGISTRATION_FIELDS.includes(field));
    if (unknown !== undefined)
      return this.#refuse(
        registrationId,
        400,
        400012,
        'Bad Request',
        `the body has the field ${shortened(JSON.stringify(unknown))}; what the device has to say belongs into payload`,
      );
    return this.#admitted(registrationId, credential, (admission) =>
      this.#operations.begin(registrationId, admission, body['payload']),
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

  #forget(registrationId: string): void {
    this.#operations.forget(registrationId);
    this.#log.add({ type: 'registrationDeleted', at: this.#clock.now(), registrationId });
  }

  #lookUp(registrationId: string): DpsAnswer {
    const registration = this.registration(registrationId);
    if (registration === undefined)
      return this.#refuse(registrationId, 404, 404000, 'Registration not found.', 'it has not registered yet');
    return { status: 200, body: registrationStateBody(registration) };
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
