import type { JsonObject } from '../hub/twin-properties.js';

/** What an allocation callback is told (A5: the custom allocation webhook's request). */
export interface AllocationRequest {
  readonly registrationId: string;
  /** None where the device has an individual enrollment. */
  readonly enrollmentGroupId?: string;
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

/**
 * What a hub identity that DPS makes for a certificate is bound to (A5): the leaf certificate, or the CA of the hub's
 * own list. A device with a symmetric key has the same key there.
 */
export type CredentialMode = 'thumbprint' | 'ca';

/** What enrollment groups and individual enrollments have in common. */
export interface EnrollmentPolicy {
  readonly enabled: boolean;
  /** Full name of a linked hub. Default: one of the linked ones, always the same for a device. */
  readonly hub?: string;
  readonly allocate?: AllocationCallback;
  /** Default: the service's. */
  readonly credentialMode?: CredentialMode;
  readonly initialTwin?: Allocation['initialTwin'];
}
