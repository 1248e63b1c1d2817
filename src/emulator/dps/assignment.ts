import { createHash, randomUUID } from 'node:crypto';

import type { Clock } from '../../clock/index.js';
import { messageOf } from '../../errors.js';
import { thumbprintsOf } from '../client-certificate.js';
import type { DeviceAuthentication } from '../hub/device-registry.js';
import type { IotHub } from '../hub/iot-hub.js';
import type { Admission } from './attestation.js';
import type { Allocation, CredentialMode } from './enrollment-policy.js';
import type { Registration } from './registration.js';

export interface AssignmentRequest {
  readonly registrationId: string;
  readonly admission: Admission;
  /** What the device sent along, parsed. */
  readonly payload?: unknown;
  /** The registration before this one. */
  readonly previous?: Registration;
}

export interface AssignmentContext {
  readonly clock: Clock;
  readonly credentialMode: CredentialMode;
  readonly linkedHubs: readonly IotHub[];
}

/** Chooses the hub and makes or updates the identity there. At once, unless the allocation callback takes its time. */
export function assign(request: AssignmentRequest, context: AssignmentContext): Registration | Promise<Registration> {
  try {
    const allocation = allocate(request, context);
    if (!(allocation instanceof Promise)) return place(request, context, allocation);
    return allocation.then(
      (value) => place(request, context, value),
      (error: unknown) => failed(request, context, 400207, allocationFailed(error)),
    );
  } catch (error) {
    return failed(request, context, 400207, allocationFailed(error));
  }
}

function allocationFailed(error: unknown): string {
  return `Custom allocation failed: ${messageOf(error)}`;
}

function allocate(
  { registrationId, admission: { policy, enrollmentGroupId }, payload, previous }: AssignmentRequest,
  { linkedHubs }: AssignmentContext,
): Allocation | undefined | Promise<Allocation> {
  const names = linkedHubs.map(({ name }) => name);
  const current = previous?.assignedHub;
  if (policy.allocate !== undefined)
    return policy.allocate({
      registrationId,
      ...(enrollmentGroupId === undefined ? {} : { enrollmentGroupId }),
      linkedHubs: names,
      ...(current === undefined ? {} : { currentHub: current }),
      ...(payload === undefined ? {} : { payload }),
    });
  const hub =
    policy.hub ?? (current !== undefined && names.includes(current) ? current : evenly(registrationId, names));
  return hub === undefined ? undefined : { hub, initialTwin: policy.initialTwin };
}

/** "Evenly weighted distribution", so that the same device always gets the same hub. */
function evenly(registrationId: string, hubs: readonly string[]): string | undefined {
  const hash = createHash('sha256').update(registrationId.toLowerCase()).digest();
  return hubs[hash.readUInt32BE(0) % Math.max(1, hubs.length)];
}

function place(
  request: AssignmentRequest,
  context: AssignmentContext,
  allocation: Allocation | undefined,
): Registration {
  const name = allocation?.hub.toLowerCase();
  const hub = context.linkedHubs.find((linked) => linked.name === name);
  if (allocation === undefined || hub === undefined)
    return failed(request, context, 400208, `IoT Hub not specified: ${name ?? 'none'} is not linked.`);
  try {
    putIdentity(hub, request, context, allocation);
  } catch (error) {
    // The hub refused the identity (A4).
    return failed(request, context, 400209, messageOf(error));
  }
  return {
    ...common(request, context),
    status: 'assigned',
    assignedHub: hub.name,
    deviceId: request.admission.deviceId,
    substatus: 'initialAssignment',
    ...(allocation.payload === undefined ? {} : { payload: allocation.payload }),
  };
}

/** A5: what the device showed is its credential, so that the hub asks for it from then on. */
function putIdentity(
  hub: IotHub,
  { admission }: AssignmentRequest,
  { credentialMode }: AssignmentContext,
  { initialTwin }: Allocation,
): void {
  const { deviceId, policy } = admission;
  const authentication = authenticationOf(admission, policy.credentialMode ?? credentialMode);
  if (hub.devices.has(deviceId)) {
    hub.devices.update(deviceId, { authentication });
    return;
  }
  hub.devices.create({ deviceId, authentication });
  const device = hub.device(deviceId);
  if (initialTwin?.desired !== undefined) device.updateDesired(initialTwin.desired);
  if (initialTwin?.tags !== undefined) device.updateTags(initialTwin.tags);
}

function authenticationOf({ credential }: Admission, mode: CredentialMode): DeviceAuthentication {
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
    ...(enrollmentGroupId === undefined ? {} : { enrollmentGroupId }),
    attestation: 'leaf' in credential ? 'x509' : 'symmetricKey',
    ...(payload === undefined ? {} : { requestPayload: payload }),
    ...('leaf' in credential ? { thumbprint: thumbprintsOf(credential.leaf).sha1 } : {}),
    createdAt: previous?.createdAt ?? now,
    lastUpdatedAt: now,
    etag: Buffer.from(`"${randomUUID()}"`).toString('base64'),
  };
}
