import type { Rules } from '../../options.js';
import * as rules from '../../rules.js';
import { randomUUID, type X509Certificate } from 'node:crypto';

import { SphereIotError } from '../../errors.js';
import { flag, jsonObject, listOf, oneOf, optional, shape, text, time } from '../state/shape.js';
import type { JsonObject } from '../hub/twin-properties.js';
import type { EnrollmentGroup } from './enrollment-groups.js';
import type { IndividualEnrollment } from './individual-enrollments.js';

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
  readonly initialTwin?: { readonly tags?: JsonObject; readonly desired?: JsonObject };
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
  readonly allocationPolicy?: AllocationPolicy;
  /** Full name of a linked hub, for `static`. */
  readonly hub?: string;
  /** Full names: the only hubs that `hashed`, `geoLatency` and `custom` choose from. Default: all that are linked. */
  readonly hubs?: readonly string[];
  /** For `custom`. */
  readonly allocate?: AllocationCallback;
  /** Default: the service's. */
  readonly reprovisionPolicy?: ReprovisionPolicy;
  /** Default: the service's. */
  readonly credentialMode?: CredentialMode;
  readonly initialTwin?: Allocation['initialTwin'];
  /** Whether the hub's identity is one of a device of IoT Edge. Default false. */
  readonly iotEdge?: boolean;
}

/** What the service notes of each enrollment. */
export interface EnrollmentRecord {
  /** New with each change; in quotes, as the service writes it. */
  readonly etag: string;
  /** Clock ms; 0 where it was kept before that was noted. */
  readonly createdAt: number;
  readonly lastUpdatedAt: number;
}

/** @internal The record of an enrollment that changes now. */
export function newRecord(now: number, before?: EnrollmentRecord): EnrollmentRecord {
  return { etag: `"${randomUUID()}"`, createdAt: before?.createdAt ?? now, lastUpdatedAt: now };
}

/** @internal One that was kept before there were records gets one. */
export function recorded<T extends object>(kept: T): T & EnrollmentRecord {
  return 'etag' in kept ? (kept as T & EnrollmentRecord) : { ...kept, ...newRecord(0) };
}

/** @internal Of the options of an enrollment. */
export const POLICY_RULES: Rules<EnrollmentPolicy> = {
  enabled: rules.flag,
  allocationPolicy: rules.oneOf('hashed', 'geoLatency', 'static', 'custom'),
  hub: rules.text,
  hubs: rules.textList,
  allocate: rules.callback,
  reprovisionPolicy: rules.oneOf('migrateData', 'resetData', 'never'),
  credentialMode: rules.oneOf('thumbprint', 'ca'),
  initialTwin: rules.object,
  iotEdge: rules.flag,
};

/** @internal What is kept of it: all but its callbacks. */
export const keptPolicy = {
  enabled: flag,
  allocationPolicy: optional(oneOf('hashed', 'geoLatency', 'static', 'custom')),
  hub: optional(text),
  hubs: optional(listOf(text)),
  reprovisionPolicy: optional(oneOf('migrateData', 'resetData', 'never')),
  credentialMode: optional(oneOf('thumbprint', 'ca')),
  initialTwin: optional(shape({ tags: optional(jsonObject), desired: optional(jsonObject) })),
  ...{ iotEdge: optional(flag), etag: optional(text), createdAt: optional(time), lastUpdatedAt: optional(time) },
};

/** @internal The same policy. @throws SphereIotError `ALLOCATION_POLICY_INVALID` where something is missing for it. */
export function checkedPolicy<T extends EnrollmentPolicy>(policy: T, owner: string): T {
  const missing = { static: 'hub', custom: 'allocate', hashed: undefined, geoLatency: undefined } as const;
  const field = policy.allocationPolicy === undefined ? undefined : missing[policy.allocationPolicy];
  if (field !== undefined && policy[field] === undefined)
    throw new SphereIotError(
      'ALLOCATION_POLICY_INVALID',
      `${owner} has the allocation policy ${policy.allocationPolicy} and no \`${field}\`. Give it one.`,
    );
  return policy;
}
