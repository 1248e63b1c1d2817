import { createHash } from 'node:crypto';

import { defined } from '../../defined.js';
import { asciiLowerCase } from '../../ascii.js';
import type { Clock } from '../../clock/index.js';
import { messageOf, SphereIotError } from '../../errors.js';
import { within } from '../../waiting/index.js';
import { MAX_JSON_DEPTH, isObject, parseJson } from '../../json.js';
import type { Admission } from './attestation.js';
import type { RegistrationSubstatus } from './registration.js';
import { registrationKey } from './registration-id.js';
import type { Allocation, AllocationCallback, AllocationPolicy, AllocationRequest } from './enrollments.js';

/** Where a device is, or was last. */
export interface DeviceAssignment {
  /** Full name of the hub. */
  readonly hub: string;
  readonly deviceId: string;
  readonly substatus: RegistrationSubstatus;
  /** Of the identity, which changes when somebody deletes it and creates another one; undefined where that was not noted. */
  readonly generationId?: string;
  /** By which enrollment it came there (`enrollmentName`); undefined where that was not noted. */
  readonly enrollment?: string;
}

export interface AllocationInput {
  readonly registrationId: string;
  readonly admission: Admission;
  /** What the device sent along, parsed. */
  readonly payload: unknown;
  readonly current: DeviceAssignment | undefined;
}

export interface AllocationContext {
  readonly clock: Clock;
  /** The service's, for enrollments that have none. */
  readonly allocationPolicy: AllocationPolicy;
  readonly allocate?: AllocationCallback | undefined;
  readonly allocationTimeoutMs: number;
  /** Full names, in the order of their linking. */
  readonly linkedHubs: readonly string[];
  /** Aborted when the service is closed. */
  readonly closed: AbortSignal;
}

/** A hub, undefined where there is none to choose from, or why the callback gave none. */
export type Decision = { readonly allocation: Allocation | undefined } | { readonly fault: string };

/** Chooses the hub. At once, unless a callback takes its time; never rejects. */
export function decide(input: AllocationInput, context: AllocationContext): Decision | Promise<Decision> {
  const { policy } = input.admission;
  const callback = policy.allocate ?? context.allocate;
  if (policyOf(input, context) === 'custom' && callback !== undefined) return ask(callback, input, context);
  if (policyOf(input, context) === 'custom')
    return { fault: 'Custom allocation failed: there is no callback. Give it again after a start with kept state.' };
  const hub = hubOf(input, context);
  return { allocation: hub === undefined ? undefined : { hub } };
}

function policyOf({ admission: { policy } }: AllocationInput, context: AllocationContext): AllocationPolicy {
  if (policy.allocationPolicy !== undefined) return policy.allocationPolicy;
  if (policy.allocate !== undefined) return 'custom';
  return policy.hub === undefined ? context.allocationPolicy : 'static';
}

function hubOf(input: AllocationInput, context: AllocationContext): string | undefined {
  const { admission, registrationId, current } = input;
  const hubs = candidates(input, context);
  switch (policyOf(input, context)) {
    case 'static':
      return admission.policy.hub;
    case 'geoLatency':
      return hubs[0];
    default:
      return current !== undefined && hubs.includes(current.hub) ? current.hub : evenly(registrationId, hubs);
  }
}

/** In the order of the enrollment's list, where it has one. */
function candidates({ admission: { policy } }: AllocationInput, { linkedHubs }: AllocationContext): readonly string[] {
  if (policy.hubs === undefined) return linkedHubs;
  return policy.hubs.map((name) => asciiLowerCase(name)).filter((name) => linkedHubs.includes(name));
}

/** "Evenly weighted distribution", so that the same device always gets the same hub. */
function evenly(registrationId: string, hubs: readonly string[]): string | undefined {
  const hash = createHash('sha256').update(registrationKey(registrationId)).digest();
  return hubs[hash.readUInt32BE(0) % Math.max(1, hubs.length)];
}

function ask(
  callback: AllocationCallback,
  input: AllocationInput,
  context: AllocationContext,
): Decision | Promise<Decision> {
  const fault = (error: unknown): Decision => ({ fault: `Custom allocation failed: ${messageOf(error)}` });
  try {
    const answer = callback(requestOf(input, context));
    if (!isPromise(answer)) return { allocation: checked(answer) };
    return inTime(answer, context)
      .then((allocation) => ({ allocation: checked(allocation) }))
      .catch(fault);
  } catch (error) {
    return fault(error);
  }
}

function inTime<T>(answer: Promise<T>, { clock, allocationTimeoutMs, closed }: AllocationContext): Promise<T> {
  const timeout = new AbortController();
  // Devices are told of it, in the service's words and not in those of a wait.
  const late = (): void =>
    timeout.abort(new SphereIotError('TIMED_OUT', `the callback did not answer in ${allocationTimeoutMs} ms.`));
  const timer = clock.setTimer(allocationTimeoutMs, late);
  const signal = AbortSignal.any([timeout.signal, closed]);
  const wait = { timeout: Infinity, signal, what: 'the callback', last: () => '' };
  return within(clock, wait, () => answer).finally(() => timer.cancel());
}

function requestOf(input: AllocationInput, context: AllocationContext): AllocationRequest {
  const { registrationId, admission, payload, current } = input;
  const { policy, enrollmentGroupId, credential } = admission;
  return {
    registrationId,
    ...('id' in policy ? { enrollmentGroup: policy } : { individualEnrollment: policy }),
    ...defined({ enrollmentGroupId }),
    linkedHubs: candidates(input, context),
    ...defined({ currentHub: current?.hub, currentDeviceId: current?.deviceId }),
    ...('leaf' in credential ? { certificate: credential.leaf } : {}),
    ...defined({ payload }),
  };
}

/** A callback is the user's: what it gives may be anything. */
function checked(answer: Allocation): Allocation {
  if (!isObject(answer) || typeof answer.hub !== 'string')
    throw new SphereIotError('ALLOCATION_INVALID', 'the callback gave no `hub`.');
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- JSON.stringify may give undefined
  if (answer.payload !== undefined && parseJson(JSON.stringify(answer.payload) ?? '') === undefined)
    throw new SphereIotError(
      'ALLOCATION_INVALID',
      `the callback gave a payload that is not JSON, or is nested more than ${MAX_JSON_DEPTH} deep.`,
    );
  return answer;
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | undefined)?.then === 'function';
}
