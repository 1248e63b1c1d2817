import { X509Certificate } from 'node:crypto';

import { checkOptions, type Rules } from '../../options.js';
import * as rules from '../../rules.js';
import { messageOf, SphereIotError } from '../../errors.js';
import type { Clock } from '../../clock/index.js';
import type { JsonObject } from '../hub/twin-properties.js';
import { Lifetime } from '../lifetime.js';
import { jsonObject, optional, shape, text } from '../state/shape.js';
import { NO_NAMESPACE, type Codec, type Namespace, type Collection } from '../state/store.js';
import { completeKey, type SymmetricKey } from '../identity/symmetric-key.js';
import { checkedPolicy, keptPolicy, newRecord, POLICY_RULES, recorded } from './enrollment-policy.js';
import { isRegistrationId, registrationKey } from './registration-id.js';
import type { EnrollmentPolicy, EnrollmentRecord, IndividualEnrollment } from './enrollments.js';

/** PEM text (its first certificate), DER bytes, or an X509Certificate. */
export type LeafCertificate = string | Uint8Array | X509Certificate;

export interface IndividualEnrollmentOptions extends Partial<EnrollmentPolicy> {
  readonly registrationId: string;
  readonly deviceId?: string | undefined;
  readonly optionalDeviceInformation?: JsonObject | undefined;
  /** Keys that are left out are made at random. */
  readonly attestation:
    | {
        readonly x509: { readonly certificate: LeafCertificate; readonly secondaryCertificate?: LeafCertificate };
        readonly symmetricKey?: undefined;
      }
    | { readonly symmetricKey: Partial<SymmetricKey>; readonly x509?: undefined };
}

const ATTESTATION_RULES: Rules<IndividualEnrollmentOptions['attestation']> = {
  x509: rules.object,
  symmetricKey: rules.object,
};
/** What of an enrollment can be changed. */
export type IndividualEnrollmentChange = Partial<Omit<IndividualEnrollmentOptions, 'registrationId'>>;

const CHANGE_RULES: Rules<IndividualEnrollmentChange> = {
  ...POLICY_RULES,
  deviceId: rules.text,
  optionalDeviceInformation: rules.object,
  attestation: rules.object,
};
const RULES: Rules<IndividualEnrollmentOptions> = {
  ...CHANGE_RULES,
  registrationId: rules.anything, // judged by create
  attestation: rules.required(rules.object),
};

/** The individual enrollments of a DPS. Each decides alone on its device, whatever a group would say (protocol.md#dps-identity). */
export class IndividualEnrollments {
  readonly #clock: Clock;
  readonly #enrollments: Map<string, IndividualEnrollment>;
  /** Without their callbacks, which are no data. */
  readonly #kept: Collection<IndividualEnrollment>;
  readonly #lifetime: Lifetime;

  /** @internal */
  constructor(clock: Clock, namespace: Namespace = NO_NAMESPACE, lifetime = new Lifetime()) {
    this.#clock = clock;
    this.#lifetime = lifetime;
    this.#kept = namespace.collection('enrollments', codec);
    this.#enrollments = new Map(this.#kept.entries());
  }

  /**
   * @throws SphereIotError `REGISTRATION_ID_INVALID`, `ENROLLMENT_ALREADY_EXISTS`, `ENROLLMENT_CERTIFICATE_NOT_READABLE`,
   * `SYMMETRIC_KEY_INVALID`, `ALLOCATION_POLICY_INVALID`, `EMULATOR_CLOSED`.
   */
  create(options: IndividualEnrollmentOptions): IndividualEnrollment {
    checkOptions(options, 'enrollments.create', '{ registrationId, attestation }', RULES);
    const { registrationId, attestation } = options;
    checkOptions(attestation, 'attestation', '{ symmetricKey: {} }', ATTESTATION_RULES);
    if (!isRegistrationId(registrationId))
      throw new SphereIotError(
        'REGISTRATION_ID_INVALID',
        `${JSON.stringify(registrationId)} is no registration id: 1 to 128 letters, digits or - . _ : , the last no . _ or :`,
      );
    this.#lifetime.check();
    if (this.find(registrationId) !== undefined)
      throw new SphereIotError('ENROLLMENT_ALREADY_EXISTS', `The enrollment of ${registrationId} is there already.`);
    return this.#set({ ...options, attestation: completed(options), enabled: options.enabled ?? true });
  }

  /** @throws SphereIotError `ENROLLMENT_NOT_FOUND`. */
  get(registrationId: string): IndividualEnrollment {
    const enrollment = this.find(registrationId);
    if (enrollment === undefined)
      throw new SphereIotError(
        'ENROLLMENT_NOT_FOUND',
        `There is no individual enrollment of ${registrationId}. Create it first.`,
      );
    return enrollment;
  }

  /** Undefined where there is none. */
  find(registrationId: string): IndividualEnrollment | undefined {
    return this.#enrollments.get(registrationKey(registrationId));
  }

  /**
   * @throws SphereIotError `ENROLLMENT_NOT_FOUND`, `ENROLLMENT_CERTIFICATE_NOT_READABLE`, `SYMMETRIC_KEY_INVALID`,
   * `ALLOCATION_POLICY_INVALID`, `EMULATOR_CLOSED`.
   */
  update(registrationId: string, change: IndividualEnrollmentChange): IndividualEnrollment {
    checkOptions(change, 'enrollments.update', '{ enabled: false }', CHANGE_RULES);
    this.#lifetime.check();
    const before = this.get(registrationId);
    const { attestation = before.attestation, enabled = before.enabled } = change;
    if (change.attestation !== undefined)
      checkOptions(attestation, 'attestation', '{ symmetricKey: {} }', ATTESTATION_RULES);
    const completedAttestation = completed({ ...before, attestation });
    return this.#set({ ...before, ...change, enabled, attestation: completedAttestation }, before);
  }

  /** @throws SphereIotError `ENROLLMENT_NOT_FOUND`, `EMULATOR_CLOSED`. */
  delete(registrationId: string): void {
    this.#lifetime.check();
    this.get(registrationId);
    this.#enrollments.delete(registrationKey(registrationId));
    this.#kept.delete(registrationKey(registrationId));
  }

  list(): readonly IndividualEnrollment[] {
    return [...this.#enrollments.values()];
  }

  #set(noted: Omit<IndividualEnrollment, keyof EnrollmentRecord>, before?: IndividualEnrollment): IndividualEnrollment {
    const { registrationId } = noted;
    checkedPolicy(noted, `The enrollment of ${registrationId}`);
    const enrollment = { ...noted, ...newRecord(this.#clock.now(), before) };
    this.#enrollments.set(registrationKey(registrationId), enrollment);
    this.#kept.put(registrationKey(registrationId), enrollment);
    return enrollment;
  }
}

const keptEnrollment = shape({
  ...keptPolicy,
  ...{ registrationId: text, deviceId: optional(text), attestation: shape({}) },
  optionalDeviceInformation: optional(jsonObject),
});
const keptCertificates = shape({ certificate: text, secondaryCertificate: optional(text) });
const keptKeys = shape({ primaryKey: text, secondaryKey: text });

const codec: Codec<IndividualEnrollment> = {
  // A certificate's own JSON is its PEM.
  encode: (enrollment) => enrollment,
  decode: (value) => {
    const options = keptEnrollment(value) as unknown as IndividualEnrollmentOptions & EnrollmentPolicy;
    const { x509, symmetricKey } = options.attestation;
    if (x509 !== undefined) keptCertificates(x509);
    else keptKeys(symmetricKey);
    return { ...recorded(options), attestation: completed(options) };
  },
  fits: (id, { registrationId }) => id === registrationKey(registrationId),
};

function completed({ registrationId, attestation }: IndividualEnrollmentOptions): IndividualEnrollment['attestation'] {
  const owner = `the enrollment of ${registrationId}`;
  if (attestation.x509 === undefined) return { symmetricKey: completeKey(attestation.symmetricKey, owner) };
  const { certificate, secondaryCertificate } = attestation.x509;
  return {
    x509: {
      certificate: read(certificate, owner),
      ...(secondaryCertificate === undefined ? {} : { secondaryCertificate: read(secondaryCertificate, owner) }),
    },
  };
}

function read(certificate: LeafCertificate, owner: string): X509Certificate {
  if (certificate instanceof X509Certificate) return certificate;
  try {
    return new X509Certificate(certificate);
  } catch (cause) {
    throw new SphereIotError(
      'ENROLLMENT_CERTIFICATE_NOT_READABLE',
      `A certificate of ${owner} can't be read: ${messageOf(cause)}. Give PEM text or DER bytes.`,
      { cause },
    );
  }
}
