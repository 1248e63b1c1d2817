import type { HubDevice, JsonObject, MethodResult } from '../../emulator/index.js';
import { SphereIotError } from '../../errors.js';
import type { Session } from './session.js';

/** For how long a command waits until the device is in a hub and connected; clock ms. */
const CONNECT_LIMIT = 60_000;
/** For how long a device that is connected may take to subscribe; clock ms. */
const SUBSCRIBE_LIMIT = 10_000;

/** The session's device in its hub, once a hub knows it. Throws `DEVICE_NOT_FOUND`. */
export async function knownDevice(session: Session): Promise<HubDevice> {
  await session.waits.waitFor(() => session.hubDevice !== undefined, CONNECT_LIMIT);
  const { hubDevice } = session;
  if (hubDevice !== undefined) return hubDevice;
  throw new SphereIotError(
    'DEVICE_NOT_FOUND',
    `No hub knows the device after ${CONNECT_LIMIT / 1000} s: the app has not been provisioned.`,
  );
}

/**
 * Calls a method once the device takes methods. Throws what HubDevice.invokeMethod throws; `DEVICE_NOT_FOUND`; what the app crashed with,
 * and `APP_ENDED`.
 */
export async function invokeMethod(session: Session, name: string, payload: unknown): Promise<MethodResult> {
  const { waits } = session;
  const device = await knownDevice(session);
  const over = new AbortController();
  const endedBefore = (): SphereIotError => session.endedBefore(`it answered the method ${name}`);
  const stop = waits.afterEnd(() => over.abort(endedBefore()));
  const invoked = device.invokeMethod(name, payload, { connectTimeout: CONNECT_LIMIT, signal: over.signal });
  const result = await waits
    .run(invoked)
    .catch((error: unknown) => {
      // The session is over: the services are closed before the answer could be missed.
      const closed = error instanceof SphereIotError && error.code === 'EMULATOR_CLOSED';
      throw session.end !== undefined && closed ? endedBefore() : error;
    })
    .finally(() => stop());
  session.answers.set(name, result);
  session.happenings.add({ type: 'method', name, ...result });
  return result;
}

/**
 * Changes desired properties. A device that has just connected is waited for, as it would not be told before it has subscribed; one
 * that is not connected sees them when it gets its twin.
 * @throws SphereIotError what HubDevice.updateDesired throws, and `DEVICE_NOT_FOUND`.
 */
export async function updateDesired(session: Session, patch: JsonObject): Promise<void> {
  const device = await knownDevice(session);
  if (device.isConnected) await session.waits.within(device.subscribedToDesiredProperties(), SUBSCRIBE_LIMIT);
  device.updateDesired(patch);
}
