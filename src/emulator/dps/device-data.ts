import { isDeepStrictEqual } from 'node:util';

import { SphereIotError } from '../../errors.js';
import type { AuthenticationMechanism } from '../hub/device-registry.js';
import type { IotHub } from '../hub/iot-hub.js';
import { Twin, type TwinSnapshot } from '../hub/twin.js';
import type { DeviceAssignment } from './allocation.js';
import type { RegistrationSubstatus } from './registration.js';
import type { Allocation, ReprovisionPolicy } from './enrollments.js';

export interface DeviceDataOptions {
  /** The clock's time, ms. */
  readonly now: () => number;
  readonly target: IotHub;
  readonly deviceId: string;
  readonly authentication: AuthenticationMechanism;
  /** Whether it is a device of IoT Edge. */
  readonly iotEdge: boolean | undefined;
  /** The enrollment's. */
  readonly initialTwin: Allocation['initialTwin'];
  /** The allocation callback's, which counts more than the policy. */
  readonly allocatedTwin: Allocation['initialTwin'];
  readonly reprovisionPolicy: ReprovisionPolicy;
  /** Whether an identity that is there may get another authentication, or be taken to another hub. */
  mayChange(hub: IotHub, deviceId: string): boolean;
  /** Whether an authentication is by what the device shows. */
  isShown(authentication: AuthenticationMechanism): boolean;
  /** Where the device was. */
  readonly previous: DeviceAssignment | undefined;
  /** The hub where it was; undefined where that is not linked any more, so that its data stays there. */
  readonly source: IotHub | undefined;
}

/**
 * Makes or updates the identity in its hub, with the data that the re-provisioning policy wants; the identity in the
 * hub before is deleted, once that worked. The substatus is that of protocol.md#dps-answers.
 * @throws SphereIotError What the hub refuses; nothing was changed then.
 */
export function putDevice(options: DeviceDataOptions): RegistrationSubstatus {
  const { target, previous, reprovisionPolicy } = options;
  if (previous === undefined) return (put(options, undefined), 'initialAssignment');
  if (previous.hub !== target.name) return move(options, previous);
  if (reprovisionPolicy !== 'resetData') return (put(options, undefined), previous.substatus);
  put(options, initialTwinOf(options));
  return 'reprovisionedToInitialAssignment';
}

/** Whether a hub has the identity still; one that somebody made in its place is not that of DPS. */
export function isThere({ devices }: IotHub, { deviceId, generationId }: DeviceAssignment): boolean {
  return devices.has(deviceId) && [undefined, devices.get(deviceId).generationId].includes(generationId);
}

function move(options: DeviceDataOptions, from: DeviceAssignment): 'deviceDataMigrated' | 'deviceDataReset' {
  const { source, allocatedTwin, reprovisionPolicy } = options;
  const old = source !== undefined && isThere(source, from) ? source : undefined;
  if (old !== undefined) checkAuthentication(options, old, from.deviceId);
  const migrates = old !== undefined && allocatedTwin === undefined && reprovisionPolicy !== 'resetData';
  if (migrates) put(options, old.device(from.deviceId).twin, old.devices.get(from.deviceId).enabled);
  else put(options, initialTwinOf(options));
  old?.devices.delete(from.deviceId);
  return migrates ? 'deviceDataMigrated' : 'deviceDataReset';
}

/** `twin` undefined: what is there stays, and what is new begins with the initial twin. */
function put(options: DeviceDataOptions, twin: TwinSnapshot | undefined, enabled = true): void {
  const { target, deviceId, authentication, iotEdge } = options;
  const initial = initialTwinOf(options);
  const isKnown = target.devices.has(deviceId);
  if (isKnown) checkAuthentication(options, target, deviceId);
  if (isKnown) target.devices.update(deviceId, { authentication });
  else target.devices.create({ deviceId, authentication, enabled, iotEdge });
  const next = twin ?? (isKnown ? undefined : initial);
  if (next !== undefined) target.restoreTwin(deviceId, next);
}

/** Refuses to change an identity that others made, or that another enrollment holds on to. Throws `DEVICE_HAS_OTHER_AUTHENTICATION`. */
function checkAuthentication(options: DeviceDataOptions, hub: IotHub, deviceId: string): void {
  if (options.mayChange(hub, deviceId)) return;
  const existing = hub.devices.get(deviceId).authentication;
  if (options.isShown(existing) || isDeepStrictEqual(existing, options.authentication)) return;
  throw new SphereIotError(
    'DEVICE_HAS_OTHER_AUTHENTICATION',
    `The device ${deviceId} is in ${hub.name} with another authentication: not by this DPS, or by another enrollment ` +
      'and one of the two has the reprovisionPolicy never. Delete the device in the hub first, or change that policy.',
  );
}

function initialTwinOf({ now, initialTwin, allocatedTwin }: DeviceDataOptions): TwinSnapshot {
  const { desired, tags } = allocatedTwin ?? initialTwin ?? {};
  const twin = new Twin(now);
  if (desired !== undefined) twin.patchDesired(desired);
  if (tags !== undefined) twin.patchTags(tags);
  return twin.snapshot();
}
