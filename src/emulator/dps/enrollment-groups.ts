import { SphereIotError } from '../../errors.js';
import type { CertificateList } from '../certificate-list.js';
import type { JsonObject } from '../hub/twin-properties.js';

/** What an allocation callback is told (A5: the custom allocation webhook's request). */
export interface AllocationRequest {
  readonly registrationId: string;
  readonly enrollmentGroupId: string;
  /** Full names. */
  readonly linkedHubs: readonly string[];
  readonly currentHub?: string;
  /** What the device sent along, parsed. */
  readonly payload?: unknown;
}

/** What it decides. */
export interface Allocation {
  /** Full name of a linked hub. */
  readonly hub: string;
  /** JSON that is sent back to the device. */
  readonly payload?: unknown;
  /** For a device that is new in the hub. */
  readonly initialTwin?: { readonly tags?: JsonObject; readonly desired?: JsonObject };
}

/** Decides on the hub of a device. Throwing fails the registration with 400207. */
export type AllocationCallback = (request: AllocationRequest) => Allocation | Promise<Allocation>;

/** What a hub identity that DPS makes is bound to (A5): the leaf certificate, or the CA of the hub's own list. */
export type CredentialMode = 'thumbprint' | 'ca';

export interface EnrollmentGroup {
  readonly id: string;
  /** The CA of the service's certificate list that devices have to descend from; individual enrollments come later. */
  readonly attestation: { readonly x509: { readonly caName: string } };
  readonly enabled: boolean;
  /** Full name of a linked hub. Default: one of the linked ones, always the same for a device. */
  readonly hub?: string;
  readonly allocate?: AllocationCallback;
  /** Default: the service's. */
  readonly credentialMode?: CredentialMode;
  readonly initialTwin?: Allocation['initialTwin'];
}

export type EnrollmentGroupOptions = Omit<EnrollmentGroup, 'enabled'> & { readonly enabled?: boolean };

/** The enrollment groups of a DPS. */
export class EnrollmentGroups {
  readonly #certificates: CertificateList;
  readonly #groups = new Map<string, EnrollmentGroup>();

  /** @internal */
  constructor(certificates: CertificateList) {
    this.#certificates = certificates;
  }

  /**
   * The CA has to be uploaded; devices are refused as long as it is not verified.
   * @throws SphereIotError `ENROLLMENT_GROUP_ALREADY_EXISTS`, `CA_NOT_FOUND`.
   */
  create(options: EnrollmentGroupOptions): EnrollmentGroup {
    if (this.#groups.has(options.id))
      throw new SphereIotError(
        'ENROLLMENT_GROUP_ALREADY_EXISTS',
        `The enrollment group ${options.id} is there already.`,
      );
    this.#certificates.get(options.attestation.x509.caName);
    return this.#set({ ...options, enabled: options.enabled ?? true });
  }

  /** @throws SphereIotError `ENROLLMENT_GROUP_NOT_FOUND`. */
  get(id: string): EnrollmentGroup {
    const group = this.#groups.get(id);
    if (group === undefined)
      throw new SphereIotError('ENROLLMENT_GROUP_NOT_FOUND', `There is no enrollment group ${id}. Create it first.`);
    return group;
  }

  /** @throws SphereIotError `ENROLLMENT_GROUP_NOT_FOUND`. */
  update(id: string, change: Partial<Omit<EnrollmentGroup, 'id' | 'attestation'>>): EnrollmentGroup {
    return this.#set({ ...this.get(id), ...change });
  }

  /** @throws SphereIotError `ENROLLMENT_GROUP_NOT_FOUND`. */
  delete(id: string): void {
    this.get(id);
    this.#groups.delete(id);
  }

  list(): readonly EnrollmentGroup[] {
    return [...this.#groups.values()];
  }

  #set(group: EnrollmentGroup): EnrollmentGroup {
    this.#groups.set(group.id, group);
    return group;
  }
}
