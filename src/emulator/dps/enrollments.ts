import type { X509Certificate } from 'node:crypto';

import type { JsonObject } from '../hub/twin-properties.js';

import type { SymmetricKey } from '../identity/symmetric-key.js';

/**
 * How a hub is chosen, by the names of the service's API:
 * - `hashed`, evenly weighted: by a hash of the registration id; a device stays where it is as long as it may.
 * - `geoLatency`, lowest latency: here, as there are no latencies, the first in the order in which the enrollment's
 *   `hubs`, or else the linked hubs, are given; looked at anew with each registration.
 * - `static`: the enrollment's `hub`.
 * - `custom`: what `allocate` says.
 */
export type AllocationPolicy = 'hashed' | 'geoLatency' | 'static' | 'custom';

/**
 * What becomes of a device that registers again:
 * - `migrateData`: it may be given another hub; its twin moves with it, and the old identity is deleted.
 * - `resetData`: it may be given another hub; its twin begins anew, where it keeps its hub too (a factory reset).
 * - `never`: it keeps its hub, even one that was unlinked.
 */
export type ReprovisionPolicy = 'migrateData' | 'resetData' | 'never';

/** What an allocation callback is told (protocol.md#dps-identity: the custom allocation webhook's request). */
export interface AllocationRequest {
  readonly registrationId: string;
  /** None where the device has an individual enrollment. */
  readonly enrollmentGroupId?: string;
  /** The enrollment that let the device in: one of the two. */
  readonly enrollmentGroup?: EnrollmentGroup;
  readonly individualEnrollment?: IndividualEnrollment;
  /** Full names of those that the enrollment may use. */
  readonly linkedHubs: readonly string[];
  /** Where the device was assigned last. */
  readonly currentHub?: string;
  readonly currentDeviceId?: string;
  /** The leaf that the device showed; none where it has a symmetric key. */
  readonly certificate?: X509Certificate;
  /** What the device sent along, parsed. */
  readonly payload?: unknown;
}

/** What it decides. */
export interface Allocation {
  /** Full name of a linked hub. */
  readonly hub: string;
  /** JSON that is sent back to the device. */
  readonly payload?: unknown;
  /** For a device that is new in the hub; where it moves there, in the place of the twin that it had. */
  readonly initialTwin?:
    { readonly tags?: JsonObject | undefined; readonly desired?: JsonObject | undefined } | undefined;
}

/**
 * Decides on the hub of a device. The registration fails with 400207 where it throws, gives no hub, or does not answer
 * in time, and with 400208 where the hub is not linked.
 */
export type AllocationCallback = (request: AllocationRequest) => Allocation | Promise<Allocation>;

/**
 * What a hub identity that DPS makes for a certificate is bound to (protocol.md#dps-identity): the leaf certificate, or the CA of the hub's
 * own list. A device with a symmetric key has the same key there.
 */
export type CredentialMode = 'thumbprint' | 'ca';

/** What enrollment groups and individual enrollments have in common. */
export interface EnrollmentPolicy {
  readonly enabled: boolean;
  /** Default: `custom` where there is `allocate`, else `static` where there is `hub`, else the service's. */
  readonly allocationPolicy?: AllocationPolicy | undefined;
  /** Full name of a linked hub, for `static`. */
  readonly hub?: string | undefined;
  /** Full names: the only hubs that `hashed`, `geoLatency` and `custom` choose from. Default: all that are linked. */
  readonly hubs?: readonly string[] | undefined;
  /** For `custom`. */
  readonly allocate?: AllocationCallback | undefined;
  /** Default: the service's. */
  readonly reprovisionPolicy?: ReprovisionPolicy | undefined;
  /** Default: the service's. */
  readonly credentialMode?: CredentialMode | undefined;
  readonly initialTwin?: Allocation['initialTwin'] | undefined;
  /** Whether the hub's identity is one of a device of IoT Edge. Default false. */
  readonly iotEdge?: boolean | undefined;
}

/** What the service notes of each enrollment. */
export interface EnrollmentRecord {
  /** New with each change; in quotes, as the service writes it. */
  readonly etag: string;
  /** Clock ms; 0 where it was kept before that was noted. */
  readonly createdAt: number;
  readonly lastUpdatedAt: number;
}

/** The CA of the service's certificate list that devices have to descend from, or either of two. */
export interface CaAttestation {
  readonly x509: { readonly caName: string; readonly secondaryCaName?: string | undefined };
  readonly symmetricKey?: undefined;
}

/** The keys from which those of the devices are derived (`deriveDeviceKey`). */
export interface GroupKeyAttestation {
  readonly symmetricKey: SymmetricKey;
  readonly x509?: undefined;
}

export interface EnrollmentGroup extends EnrollmentPolicy, EnrollmentRecord {
  readonly id: string;
  readonly attestation: CaAttestation | GroupKeyAttestation;
}

/** The device's own certificate, or either of two, of which one is to replace the other. */
export interface LeafAttestation {
  readonly x509: { readonly certificate: X509Certificate; readonly secondaryCertificate?: X509Certificate };
  readonly symmetricKey?: undefined;
}

/** The device's own keys, underived. */
export interface KeyAttestation {
  readonly symmetricKey: SymmetricKey;
  readonly x509?: undefined;
}

/** The enrollment of one device. */
export interface IndividualEnrollment extends EnrollmentPolicy, EnrollmentRecord {
  /** As it was given; compared without regard to case. */
  readonly registrationId: string;
  /** Default: the registration id. */
  readonly deviceId?: string | undefined;
  readonly attestation: LeafAttestation | KeyAttestation;
  /** What its operator noted of the device; it is given back as it is. */
  readonly optionalDeviceInformation?: JsonObject | undefined;
}
