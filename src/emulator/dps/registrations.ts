import { defined } from '../../defined.js';
import { SphereIotError } from '../../errors.js';
import { Lifetime } from '../lifetime.js';
import { checked, headerText, number, oneOf, optional, shape, text, time } from '../state/shape.js';
import { NO_NAMESPACE, type Namespace, type Collection } from '../state/store.js';
import type { DeviceAssignment } from './allocation.js';
import { enrollmentName } from './attestation.js';
import type { Registration } from './registration.js';
import { isRegistrationId, registrationKey } from './registration-id.js';

interface Entry {
  readonly registration: Registration;
  /** The last that succeeded: a registration that fails does not move the device. */
  readonly assignment?: DeviceAssignment;
}

const SUBSTATUS = oneOf(
  'initialAssignment',
  'deviceDataMigrated',
  'deviceDataReset',
  'reprovisionedToInitialAssignment',
);

const ASSIGNMENT = shape({
  hub: text,
  deviceId: text,
  substatus: SUBSTATUS,
  ...{ generationId: optional(text), enrollment: optional(text) },
});

const keptEntry = shape({
  registration: shape({
    ...{ registrationId: text, status: oneOf('assigned', 'failed'), attestation: oneOf('x509', 'symmetricKey') },
    ...{ enrollmentGroupId: optional(text), assignedHub: optional(text), deviceId: optional(text) },
    ...{ substatus: optional(SUBSTATUS), errorCode: optional(number), errorMessage: optional(text) },
    ...{ thumbprint: optional(text), createdAt: time, lastUpdatedAt: time, etag: headerText },
  }),
  assignment: optional(ASSIGNMENT),
});

/** The registration records of a DPS: the last registration of each device. Ids are compared without regard to case. */
export class DeviceRegistrations {
  readonly #entries: Map<string, Entry>;
  readonly #kept: Collection<Entry>;
  /** Assignments of records that were deleted: the identity is there still. */
  readonly #forgotten: Map<string, DeviceAssignment>;
  readonly #keptForgotten: Collection<DeviceAssignment>;
  readonly #deleted: (registration: Registration) => void;
  readonly #lifetime: Lifetime;

  /** @internal */
  constructor(
    deleted: (registration: Registration) => void,
    namespace: Namespace = NO_NAMESPACE,
    lifetime = new Lifetime(),
  ) {
    this.#deleted = deleted;
    this.#lifetime = lifetime;
    this.#kept = namespace.collection(
      'registrations',
      checked(keptEntry, (id, { registration }) => id === registrationKey(registration.registrationId)),
    );
    this.#entries = new Map(this.#kept.entries());
    this.#keptForgotten = namespace.collection(
      'forgotten',
      checked(ASSIGNMENT, (id) => id === registrationKey(id) && isRegistrationId(id)),
    );
    this.#forgotten = new Map(this.#keptForgotten.entries());
  }

  /** @throws SphereIotError `REGISTRATION_NOT_FOUND`. */
  get(registrationId: string): Registration {
    const registration = this.find(registrationId);
    if (registration === undefined)
      throw new SphereIotError('REGISTRATION_NOT_FOUND', `${registrationId} has no registration record.`);
    return registration;
  }

  /** Undefined where there is none. */
  find(registrationId: string): Registration | undefined {
    return this.#entries.get(registrationKey(registrationId))?.registration;
  }

  /**
   * Forgets the device, which then provisions as if it never had. Its identity in the hub stays, with its twin; what is
   * under way for it is dropped.
   * @throws SphereIotError `REGISTRATION_NOT_FOUND`, `EMULATOR_CLOSED`.
   */
  delete(registrationId: string): void {
    this.#lifetime.check();
    const registration = this.get(registrationId);
    const key = registrationKey(registrationId);
    const assignment = this.assignment(registrationId);
    this.#entries.delete(key);
    this.#kept.delete(key);
    if (assignment !== undefined) {
      this.#forgotten.set(key, assignment);
      this.#keptForgotten.put(key, assignment);
    }
    this.#deleted(registration);
  }

  /** In the order of their first registration. */
  list(): readonly Registration[] {
    return [...this.#entries.values()].map(({ registration }) => registration);
  }

  /** @internal */
  assignment(registrationId: string): DeviceAssignment | undefined {
    return this.#entries.get(registrationKey(registrationId))?.assignment;
  }

  /** @internal Where DPS made the device's identity last, also where its record was deleted since. */
  made(registrationId: string): DeviceAssignment | undefined {
    return this.assignment(registrationId) ?? this.#forgotten.get(registrationKey(registrationId));
  }

  /** @internal @param generationId Of the identity that it is assigned to; undefined where its hub is not linked any more. */
  set(registration: Registration, generationId: string | undefined): void {
    const { registrationId, assignedHub, deviceId, substatus } = registration;
    const before = this.assignment(registrationId);
    const assignment =
      assignedHub === undefined || deviceId === undefined || substatus === undefined
        ? before
        : {
            ...{ hub: assignedHub, deviceId, substatus, enrollment: enrollmentName(registration) },
            ...defined({ generationId: generationId ?? before?.generationId }),
          };
    const key = registrationKey(registrationId);
    const entry = { registration, ...defined({ assignment }) };
    this.#entries.set(key, entry);
    this.#kept.put(key, entry);
    if (assignment !== undefined && this.#forgotten.delete(key)) this.#keptForgotten.delete(key);
  }
}
