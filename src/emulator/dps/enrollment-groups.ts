import { checkOptions, type Rules } from '../../options.js';
import * as rules from '../../rules.js';
import { SphereIotError } from '../../errors.js';
import type { CertificateList } from '../identity/certificate-list.js';
import type { Clock } from '../../clock/index.js';
import { Lifetime } from '../lifetime.js';
import { optional, shape, text } from '../state/shape.js';
import { NO_NAMESPACE, type Codec, type Namespace, type Collection } from '../state/store.js';
import { completeKey, type SymmetricKey } from '../identity/symmetric-key.js';
import { checkedPolicy, keptPolicy, newRecord, POLICY_RULES, recorded } from './enrollment-policy.js';
import type { CaAttestation, EnrollmentGroup, EnrollmentPolicy, EnrollmentRecord } from './enrollments.js';

export interface EnrollmentGroupOptions extends Partial<EnrollmentPolicy> {
  readonly id: string;
  /** Keys that are left out are made at random. */
  readonly attestation: CaAttestation | { readonly symmetricKey: Partial<SymmetricKey>; readonly x509?: undefined };
}

/** What of a group can be changed. */
export type EnrollmentGroupChange = Partial<Omit<EnrollmentGroupOptions, 'id'>>;

const CHANGE_RULES: Rules<EnrollmentGroupChange> = { ...POLICY_RULES, attestation: rules.object };
const RULES: Rules<EnrollmentGroupOptions> = {
  ...POLICY_RULES,
  id: rules.required(rules.text),
  attestation: rules.required(rules.object),
};
const ATTESTATION_RULES: Rules<EnrollmentGroupOptions['attestation']> = {
  x509: rules.object,
  symmetricKey: rules.object,
};

/** The enrollment groups of a DPS. */
export class EnrollmentGroups {
  readonly #clock: Clock;
  readonly #lifetime: Lifetime;
  readonly #certificates: CertificateList;
  readonly #groups: Map<string, EnrollmentGroup>;
  /** Without their callbacks, which are no data. */
  readonly #kept: Collection<EnrollmentGroup>;

  /** @internal */
  constructor(
    clock: Clock,
    certificates: CertificateList,
    namespace: Namespace = NO_NAMESPACE,
    lifetime = new Lifetime(),
  ) {
    this.#clock = clock;
    this.#lifetime = lifetime;
    this.#certificates = certificates;
    this.#kept = namespace.collection('enrollmentGroups', codec);
    this.#groups = new Map(this.#kept.entries());
  }

  /**
   * A CA has to be uploaded; devices are refused as long as it is not verified.
   * @throws SphereIotError `ENROLLMENT_GROUP_ALREADY_EXISTS`, `CA_NOT_FOUND`, `SYMMETRIC_KEY_INVALID`,
   * `ALLOCATION_POLICY_INVALID`, `EMULATOR_CLOSED`.
   */
  create(options: EnrollmentGroupOptions): EnrollmentGroup {
    checkOptions(options, 'enrollmentGroups.create', '{ id, attestation }', RULES);
    checkOptions(options.attestation, 'attestation', '{ x509: { caName } }', ATTESTATION_RULES);
    this.#lifetime.check();
    if (this.#groups.has(options.id))
      throw new SphereIotError(
        'ENROLLMENT_GROUP_ALREADY_EXISTS',
        `The enrollment group ${options.id} is there already.`,
      );
    const attestation = this.#completed(options);
    return this.#set({ ...options, attestation, enabled: options.enabled ?? true });
  }

  /** @throws SphereIotError `ENROLLMENT_GROUP_NOT_FOUND`. */
  get(id: string): EnrollmentGroup {
    const group = this.#groups.get(id);
    if (group === undefined)
      throw new SphereIotError('ENROLLMENT_GROUP_NOT_FOUND', `There is no enrollment group ${id}. Create it first.`);
    return group;
  }

  /** Undefined where there is none. */
  find(id: string): EnrollmentGroup | undefined {
    return this.#groups.get(id);
  }

  /** @throws SphereIotError `ENROLLMENT_GROUP_NOT_FOUND`, `CA_NOT_FOUND`, `SYMMETRIC_KEY_INVALID`, `ALLOCATION_POLICY_INVALID`, `EMULATOR_CLOSED`. */
  update(id: string, change: EnrollmentGroupChange): EnrollmentGroup {
    checkOptions(change, 'enrollmentGroups.update', '{ enabled: false }', CHANGE_RULES);
    this.#lifetime.check();
    const before = this.get(id);
    const { attestation: given, enabled = before.enabled } = change;
    if (given !== undefined) checkOptions(given, 'attestation', '{ x509: { caName } }', ATTESTATION_RULES);
    const attestation = given === undefined ? before.attestation : this.#completed({ id, attestation: given });
    return this.#set({ ...before, ...change, enabled, attestation }, before);
  }

  /** @throws SphereIotError `ENROLLMENT_GROUP_NOT_FOUND`, `EMULATOR_CLOSED`. */
  delete(id: string): void {
    this.#lifetime.check();
    this.get(id);
    this.#groups.delete(id);
    this.#kept.delete(id);
  }

  list(): readonly EnrollmentGroup[] {
    return [...this.#groups.values()];
  }

  #completed({ id, attestation }: EnrollmentGroupOptions): EnrollmentGroup['attestation'] {
    if (attestation.x509 === undefined)
      return { symmetricKey: completeKey(attestation.symmetricKey, `the enrollment group ${id}`) };
    const { caName, secondaryCaName } = attestation.x509;
    this.#certificates.get(caName);
    if (secondaryCaName !== undefined) this.#certificates.get(secondaryCaName);
    return { x509: attestation.x509 };
  }

  #set(noted: Omit<EnrollmentGroup, keyof EnrollmentRecord>, before?: EnrollmentGroup): EnrollmentGroup {
    checkedPolicy(noted, `The enrollment group ${noted.id}`);
    const group = { ...noted, ...newRecord(this.#clock.now(), before) };
    this.#groups.set(group.id, group);
    this.#kept.put(group.id, group);
    return group;
  }
}

const keptGroup = shape({ ...keptPolicy, id: text, attestation: shape({}) });
const keptCa = shape({ caName: text, secondaryCaName: optional(text) });
const keptKeys = shape({ primaryKey: text, secondaryKey: text });

const codec: Codec<EnrollmentGroup> = {
  encode: (group) => group,
  decode: (value) => {
    const group = keptGroup(value) as unknown as EnrollmentGroup;
    const { id, attestation } = group;
    if (attestation.x509 !== undefined) keptCa(attestation.x509);
    else completeKey(keptKeys(attestation.symmetricKey), `the enrollment group ${id}`);
    return recorded(group);
  },
  fits: (id, group) => id === group.id,
};
