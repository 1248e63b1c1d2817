import { randomUUID } from 'node:crypto';

import { defined } from '../../defined.js';
import { asciiLowerCase } from '../../ascii.js';
import type { Clock } from '../../clock/index.js';
import { messageOf } from '../../errors.js';
import { plain, thumbprintsOf } from '../identity/client-certificate.js';
import type { AuthenticationMechanism } from '../hub/device-registry.js';
import type { IotHub } from '../hub/iot-hub.js';
import type { AllocationInput, Decision, DeviceAssignment } from './allocation.js';
import { enrollmentName, type Admission } from './attestation.js';
import { isThere, putDevice } from './device-data.js';
import type { Registration } from './registration.js';
import { registrationKey } from './registration-id.js';
import type { Allocation, CredentialMode, EnrollmentPolicy, ReprovisionPolicy } from './enrollments.js';

export interface AssignmentRequest extends AllocationInput {
  /** The record of the registration before this one. */
  readonly previous: Registration | undefined;
  /** Where DPS made the device's identity, also where its record was deleted since. */
  readonly made: DeviceAssignment | undefined;
}

export interface AssignmentContext {
  readonly clock: Clock;
  /** The service's, for enrollments that have none. */
  readonly credentialMode: CredentialMode;
  readonly reprovisionPolicy: ReprovisionPolicy;
  readonly linkedHubs: readonly IotHub[];
  /** Of another enrollment of the device (`enrollmentName`); undefined where that was deleted. */
  policyOf(registrationId: string, enrollment: string): EnrollmentPolicy | undefined;
}

/** Whether the device stays where it is, so that no hub is to be chosen. */
export function staysPut({ admission, current }: AllocationInput, service: ReprovisionPolicy): boolean {
  return current !== undefined && (admission.policy.reprovisionPolicy ?? service) === 'never';
}

/** Brings the device into the hub that was chosen for it. */
export function assign(request: AssignmentRequest, decision: Decision, context: AssignmentContext): Registration {
  if ('fault' in decision) return failed(request, context, 400207, decision.fault);
  const { allocation } = decision;
  const hub = hubNamed(allocation?.hub, context);
  if (allocation === undefined || hub === undefined)
    return failed(request, context, 400208, `IoT Hub not specified: ${allocation?.hub ?? 'none'} is not linked.`);
  try {
    return assigned(request, hub, allocation, context);
  } catch (error) {
    // The hub refused the identity (protocol.md#dps-clients).
    return failed(request, context, 400209, messageOf(error));
  }
}

/** Re-provisioning is never wanted: the assignment before, with the credential of now where the hub is still linked. */
export function keep(request: AssignmentRequest, context: AssignmentContext): Registration {
  const { current } = request;
  const hub = hubNamed(current?.hub, context);
  if (current !== undefined && hub === undefined)
    return {
      ...common(request, context),
      status: 'assigned',
      assignedHub: current.hub,
      deviceId: current.deviceId,
      substatus: current.substatus,
    };
  return assign(request, { allocation: current }, context);
}

function assigned(
  request: AssignmentRequest,
  target: IotHub,
  allocation: Allocation,
  context: AssignmentContext,
): Registration {
  const { admission, current } = request;
  const { policy } = admission;
  const deviceId = deviceIdOf(request);
  const substatus = putDevice({
    now: () => context.clock.now(),
    target,
    deviceId,
    authentication: authenticationOf(admission, policy.credentialMode ?? context.credentialMode),
    iotEdge: policy.iotEdge,
    initialTwin: policy.initialTwin,
    allocatedTwin: allocation.initialTwin,
    reprovisionPolicy: policy.reprovisionPolicy ?? context.reprovisionPolicy,
    previous: current,
    mayChange: (hub, id) => mayChange(request, context, hub, id),
    isShown: (authentication) => isShown(authentication, admission),
    source: hubNamed(current?.hub, context),
  });
  return {
    ...common(request, context),
    status: 'assigned',
    assignedHub: target.name,
    deviceId,
    substatus,
    ...defined({ payload: allocation.payload }),
  };
}

/**
 * Whether an identity may get another authentication (protocol.md#dps-identity): only one that DPS made for this device, by the same
 * enrollment or where the re-provisioning of both is wanted. An enrollment that was deleted holds nothing back.
 */
function mayChange(request: AssignmentRequest, context: AssignmentContext, hub: IotHub, deviceId: string): boolean {
  const { registrationId, admission, made } = request;
  if (made?.hub !== hub.name || made.deviceId !== deviceId || !isThere(hub, made)) return false;
  if (made.enrollment === undefined || made.enrollment === enrollmentName(admission)) return true;
  return [admission.policy, context.policyOf(registrationId, made.enrollment)].every(
    (policy) => policy === undefined || (policy.reprovisionPolicy ?? context.reprovisionPolicy) !== 'never',
  );
}

/** As it is in the hub already, where it differs in case only: hubs tell cases apart, and registrations don't. */
function deviceIdOf({ admission: { deviceId }, made }: AssignmentRequest): string {
  return made !== undefined && registrationKey(made.deviceId) === registrationKey(deviceId) ? made.deviceId : deviceId;
}

/** Whether an identity knows the certificate that the device shows, by either kind of thumbprint. */
function isShown(authentication: AuthenticationMechanism, { credential }: Admission): boolean {
  if (authentication.type !== 'selfSigned' || !('leaf' in credential)) return false;
  const { sha1, sha256 } = thumbprintsOf(credential.leaf);
  return [sha1, sha256].includes(plain(authentication.thumbprints.primary));
}

function hubNamed(name: string | undefined, { linkedHubs }: AssignmentContext): IotHub | undefined {
  return linkedHubs.find((hub) => hub.name === (name === undefined ? undefined : asciiLowerCase(name)));
}

/** protocol.md#dps-identity: what the device showed is its credential, so that the hub asks for it from then on. */
function authenticationOf({ credential }: Admission, mode: CredentialMode): AuthenticationMechanism {
  if ('symmetricKey' in credential) return { type: 'sas', symmetricKey: credential.symmetricKey };
  if (mode === 'ca') return { type: 'certificateAuthority' };
  return { type: 'selfSigned', thumbprints: { primary: thumbprintsOf(credential.leaf).sha256 } };
}

function failed(
  request: AssignmentRequest,
  context: AssignmentContext,
  errorCode: number,
  errorMessage: string,
): Registration {
  return { ...common(request, context), status: 'failed', errorCode, errorMessage };
}

function common(
  { registrationId, admission: { enrollmentGroupId, credential }, payload, previous }: AssignmentRequest,
  { clock }: AssignmentContext,
): Omit<Registration, 'status'> {
  const now = clock.now();
  return {
    registrationId,
    ...defined({ enrollmentGroupId }),
    attestation: 'leaf' in credential ? 'x509' : 'symmetricKey',
    ...defined({ requestPayload: payload }),
    ...('leaf' in credential ? { thumbprint: thumbprintsOf(credential.leaf).sha1 } : {}),
    createdAt: previous?.createdAt ?? now,
    lastUpdatedAt: now,
    etag: Buffer.from(`"${randomUUID()}"`).toString('base64'),
  };
}
