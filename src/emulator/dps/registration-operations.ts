import type { Clock } from '../../clock/index.js';
import { defined } from '../../defined.js';
import { messageOf } from '../../errors.js';
import type { IotHub } from '../hub/iot-hub.js';
import { decide, type Decision } from './allocation.js';
import { acceptedBody, assigningBody, finishedBody, newOperationId } from './answers.js';
import { assign, keep, staysPut, type AssignmentContext, type AssignmentRequest } from './assignment.js';
import type { Admission } from './attestation.js';
import type { EnrollmentPolicy } from './enrollments.js';
import type { DpsEvent } from './dps-events.js';
import type { DpsAnswer } from './dps-session.js';
import type { ProvisioningSettings } from './provisioning-options.js';
import { registrationKey } from './registration-id.js';
import type { Registration } from './registration.js';
import type { DeviceRegistrations } from './registrations.js';

export interface RegistrationOperationsOptions {
  readonly clock: Clock;
  readonly settings: ProvisioningSettings;
  readonly registrations: DeviceRegistrations;
  linkedHubs(): readonly IotHub[];
  /** Of another enrollment of the device (`enrollmentName`); undefined where that was deleted. */
  policyOf(registrationId: string, enrollment: string): EnrollmentPolicy | undefined;
  /** Aborted once the emulator is closed. */
  readonly closed: AbortSignal;
  log(event: DpsEvent): void;
  /** A fault that says how often the device is to poll. */
  assigningFault(registrationId: string): { readonly polls?: number | undefined } | undefined;
  refuse(registrationId: string, status: number, errorCode: number, message: string, reason: string): DpsAnswer;
}

interface Operation {
  readonly id: string;
  readonly registrationId: string;
  pollsLeft: number;
  result?: Registration;
}

/** Registrations that are under way: a device asks for one, and polls until it is decided (protocol.md#dps-exchange). */
export class RegistrationOperations {
  readonly #options: RegistrationOperationsOptions;
  /** The last operation of each device. */
  readonly #operations = new Map<string, Operation>();

  constructor(options: RegistrationOperationsOptions) {
    this.#options = options;
  }

  /** The device's record was deleted: what it polls for is not there any more. */
  forget(registrationId: string): void {
    this.#operations.delete(registrationKey(registrationId));
  }

  /** Begins an operation, in the place of the device's last one. */
  begin(registrationId: string, admission: Admission, payload: unknown): DpsAnswer {
    const assigning = this.#options.assigningFault(registrationId);
    const pollsLeft = assigning?.polls ?? this.#options.settings.assigningPolls;
    const operation: Operation = { id: newOperationId(), registrationId, pollsLeft };
    this.#operations.set(registrationKey(registrationId), operation);
    this.#assign(operation, this.#request(registrationId, admission, payload));
    return this.#wait(acceptedBody(operation.id));
  }

  #request(registrationId: string, admission: Admission, payload: unknown): AssignmentRequest {
    const previous = this.#options.registrations.find(registrationId);
    const current = this.#options.registrations.assignment(registrationId);
    const made = this.#options.registrations.made(registrationId);
    return {
      registrationId,
      admission,
      payload,
      current,
      previous,
      made,
    };
  }

  /** At once, unless a callback takes its time; then what counts is what is so when it answered. */
  #assign(operation: Operation, request: AssignmentRequest): void {
    if (staysPut(request, this.#options.settings.reprovisionPolicy))
      return this.#finish(operation, keep(request, this.#context()));
    const decision = decide(request, {
      ...this.#options.settings,
      clock: this.#options.clock,
      linkedHubs: this.#options.linkedHubs().map(({ name }) => name),
      closed: this.#options.closed,
    });
    if (!('then' in decision)) return this.#conclude(operation, request, decision);
    void decision.then((decided) => {
      // The device may have begun anew meanwhile, or its record may have been deleted.
      if (this.#operations.get(registrationKey(operation.registrationId)) !== operation) return;
      if (!this.#options.closed.aborted) this.#conclude(operation, request, decided);
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
    const { settings, clock, policyOf } = this.#options;
    return { ...settings, clock, linkedHubs: this.#options.linkedHubs(), policyOf };
  }

  #finish(operation: Operation, registration: Registration): void {
    operation.result = registration;
    const { registrationId, assignedHub, deviceId, substatus, errorCode, errorMessage } = registration;
    this.#options.registrations.set(registration, this.#generationOf(registration));
    const at = this.#options.clock.now();
    if (assignedHub !== undefined && deviceId !== undefined && substatus !== undefined)
      return this.#options.log({ type: 'registered', at, registrationId, assignedHub, deviceId, substatus });
    this.#options.log({
      type: 'registrationRefused',
      at,
      registrationId,
      status: 200,
      ...defined({ errorCode }),
      reason: errorMessage ?? 'failed',
    });
  }

  #generationOf({ assignedHub, deviceId = '' }: Registration): string | undefined {
    const hub = this.#options.linkedHubs().find(({ name }) => name === assignedHub);
    return hub?.devices.has(deviceId) === true ? hub.devices.get(deviceId).generationId : undefined;
  }

  /** How far an operation has come. */
  poll(registrationId: string, operationId: string): DpsAnswer {
    const operation = this.#operations.get(registrationKey(registrationId));
    if (operation?.id !== operationId)
      return this.#options.refuse(
        registrationId,
        404,
        404000,
        'Operation not found.',
        `there is no operation ${operationId}`,
      );
    if (operation.pollsLeft-- > 0 || operation.result === undefined)
      return this.#wait(assigningBody(operation.id, operation.registrationId));
    return { status: 200, body: finishedBody(operation.id, operation.result) };
  }

  #wait(body: string): DpsAnswer {
    return { status: 202, body, retryAfterSeconds: this.#options.settings.retryAfterSeconds };
  }
}
