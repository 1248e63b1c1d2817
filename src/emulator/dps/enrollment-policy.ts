import { randomUUID } from 'node:crypto';

import type { Rules } from '../../options.js';
import * as rules from '../../rules.js';

import { SphereIotError } from '../../errors.js';
import { flag, headerText, jsonObject, listOf, oneOf, optional, shape, text, time } from '../state/shape.js';
import type { EnrollmentPolicy, EnrollmentRecord } from './enrollments.js';

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
  ...{ iotEdge: optional(flag), etag: optional(headerText), createdAt: optional(time), lastUpdatedAt: optional(time) },
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
