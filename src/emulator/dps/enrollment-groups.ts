import { checkOptions, type Rules } from '../../options.js';
import * as rules from '../../rules.js';
import { SphereIotError } from '../../errors.js';
import type { CertificateList } from '../identity/certificate-list.js';
import { shape, text } from '../state/shape.js';
import { NO_ROOM, type Codec, type Room, type Shelf } from '../state/shelf.js';
import { completeKey, type SymmetricKey } from '../identity/symmetric-key.js';
import { checkedPolicy, keptPolicy, POLICY_RULES } from './enrollment-policy.js';
import type { EnrollmentPolicy, CaAttestation, EnrollmentGroup } from './enrollments.js';

export interface EnrollmentGroupOptions extends Partial<EnrollmentPolicy> {
  readonly id: string;
  /** Keys that are left out are made at random. */
  readonly attestation: CaAttestation | { readonly symmetricKey: Partial<SymmetricKey>; readonly x509?: undefined };
}

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
  readonly #certificates: CertificateList;
  readonly #groups: Map<string, EnrollmentGroup>;
  /** Without their callbacks, which are no data. */
  readonly #kept: Shelf<EnrollmentGroup>;

  /** @internal */
  constructor(certificates: CertificateList, room: Room = NO_ROOM) {
    this.#certificates = certificates;
    this.#kept = room.shelf('enrollmentGroups', codec);
    this.#groups = new Map(this.#kept.entries());
  }

  /**
   * A CA has to be uploaded; devices are refused as long as it is not verified.
   * @throws SphereIotError `ENROLLMENT_GROUP_ALREADY_EXISTS`, `CA_NOT_FOUND`, `SYMMETRIC_KEY_INVALID`,
   * `ALLOCATION_POLICY_INVALID`.
   */
  create(options: EnrollmentGroupOptions): EnrollmentGroup {
    checkOptions(options, 'enrollmentGroups.create', '{ id, attestation }', RULES);
    checkOptions(options.attestation, 'attestation', '{ x509: { caName } }', ATTESTATION_RULES);
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

  /** @throws SphereIotError `ENROLLMENT_GROUP_NOT_FOUND`, `ALLOCATION_POLICY_INVALID`. */
  update(id: string, change: Partial<EnrollmentPolicy>): EnrollmentGroup {
    checkOptions(change, 'enrollmentGroups.update', '{ enabled: false }', POLICY_RULES);
    const group = this.get(id);
    return this.#set({ ...group, ...change, enabled: change.enabled ?? group.enabled });
  }

  /** @throws SphereIotError `ENROLLMENT_GROUP_NOT_FOUND`. */
  delete(id: string): void {
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
    this.#certificates.get(attestation.x509.caName);
    return { x509: attestation.x509 };
  }

  #set(group: EnrollmentGroup): EnrollmentGroup {
    this.#groups.set(group.id, checkedPolicy(group, `The enrollment group ${group.id}`));
    this.#kept.put(group.id, group);
    return group;
  }
}

const keptGroup = shape({ ...keptPolicy, id: text, attestation: shape({}) });
const keptCa = shape({ caName: text });
const keptKeys = shape({ primaryKey: text, secondaryKey: text });

const codec: Codec<EnrollmentGroup> = {
  encode: (group) => group,
  decode: (value) => {
    const group = keptGroup(value) as unknown as EnrollmentGroup;
    const { id, attestation } = group;
    if (attestation.x509 !== undefined) keptCa(attestation.x509);
    else completeKey(keptKeys(attestation.symmetricKey), `the enrollment group ${id}`);
    return group;
  },
  fits: (id, group) => id === group.id,
};
