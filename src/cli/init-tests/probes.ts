import type { CloudEvent, HubDevice } from '../../emulator/index.js';
import { SphereIotError } from '../../errors.js';
import type { World } from './world.js';

// What is tried with an app that was launched, each as the test does it that is written for it.

/** For how long a test looks at an app that runs: ms of the clock. */
export const A_WHILE = 60_000;
/** For how long a test waits until an app is connected: ms of the clock. */
const CONNECT_LIMIT = 600_000;
/** For how long the network goes away: longer than the SDK's keep-alive, so that it is noticed. ms of the clock. */
export const OUTAGE = 600_000;
/** For how long a direct method may take: ms of the clock. */
const METHOD_LIMIT = 30_000;

/** The codes of an app that was ended for a fault of its own. */
const CRASHES: readonly string[] = ['APP_CRASHED', 'APP_UNRESPONSIVE'];

/** A name that no app gives a direct method. */
export const UNKNOWN_METHOD = 'noSuchMethod';

/** A pin or a bus of the manifest: its name in the hardware definition, or its number where it is named by that. */
export type Named = string | number;

/** How often a test looks whether the app has opened a pin: ms of the clock. */
export const LOOK_PERIOD = 10;

/** How the app opened a pin of the manifest, and what became of it. */
export interface ObservedPin {
  readonly pin: string | number;
  readonly direction: 'input' | 'output' | undefined;
  /** Whether an output takes its other level within a while. */
  readonly changes: boolean;
  /** The level with which it was opened. */
  readonly level: 0 | 1;
}

/** Waits until an app has started: until the hub has authenticated its device, or for a second where that never happens. */
export type Started = (world: World) => Promise<unknown>;

function device({ cloud, hub, hubDeviceId = '' }: World): HubDevice {
  return cloud.hub(hub).device(hubDeviceId);
}

/** Undefined for an app of which no device is known to connect. */
export function hubDevice(world: World): HubDevice | undefined {
  return world.hubDeviceId === undefined ? undefined : device(world);
}

type ConnectedEvent = Extract<CloudEvent, { readonly service: 'hub'; readonly type: 'connected' }>;

function isConnected(event: CloudEvent): event is ConnectedEvent {
  return event.service === 'hub' && event.type === 'connected';
}

/** Resolves once the hub authenticates the device, from now on. */
function authenticated({ cloud }: World): Promise<{ readonly hub: string }> {
  return cloud.nextEvent(isConnected);
}

/** Waits until a hub has authenticated the device; returns its name. */
export async function connected(world: World): Promise<string> {
  const { hub } = await world.clock.runUntil(authenticated(world), CONNECT_LIMIT);
  return hub;
}

/** Looks at an app for a while. */
export async function lookAt(world: World, started: Started) {
  const { app, clock } = world;
  await started(world).catch((error: unknown) => {
    if (!app.ended) throw error;
  });
  await clock.advance(A_WHILE);
  const known = hubDevice(world);
  return {
    stays: !app.ended,
    telemetry: known?.receivedTelemetry()[0]?.body,
    reported: Object.keys(known?.twin.reported ?? {}).filter((name) => !name.startsWith('$')),
  };
}

/** Looks for a while at the pins of an app that begins. */
export async function firstLevels({ app, clock }: World, gpio: readonly Named[]): Promise<ObservedPin[]> {
  if (gpio.length === 0) return [];
  const pins = new Map<Named, ObservedPin>();
  for (let ms = 0; ms < A_WHILE && !app.ended; ms += LOOK_PERIOD) {
    await clock.advance(LOOK_PERIOD);
    for (const pin of gpio) {
      const { direction, value } = app.gpio(pin);
      const { level = value, changes = false } = pins.get(pin) ?? {};
      if (direction !== undefined) pins.set(pin, { pin, direction, level, changes: changes || value !== level });
    }
  }
  return gpio.map((pin) => pins.get(pin) ?? { pin, direction: undefined, level: 1, changes: false });
}

/** Sends a message from the cloud. Throws if the app does not take it within a time, in ms of the clock. */
export async function message(world: World, text: string, time: number): Promise<void> {
  const { clock } = world;
  const delivery = device(world).sendC2D(text);
  const { status } = await clock.runUntil(delivery.finished(), time);
  if (status !== 'completed') throw new SphereIotError('TIMED_OUT', `The message was ${status}.`);
}

/** Whether the app subscribes to desired properties. */
export async function subscribed(world: World, started: Started): Promise<boolean> {
  await started(world);
  await world.clock.runUntil(device(world).subscribedToDesiredProperties(), A_WHILE);
  return true;
}

/** The status with which the app answers a direct method that it does not know. */
export async function methodStatus(world: World, started: Started): Promise<number> {
  await started(world);
  const options = { connectTimeout: METHOD_LIMIT, timeout: METHOD_LIMIT };
  return (await world.clock.runUntil(device(world).invokeMethod(UNKNOWN_METHOD, null, options))).status;
}

/** Whether the app connects again after the network was away. */
export async function outage(world: World, started: Started): Promise<boolean> {
  await started(world);
  const again = authenticated(world);
  await world.app.outage(OUTAGE);
  await world.clock.runUntil(again);
  return true;
}

/** Whether the app connects again after the power was away. */
export async function powerLoss(world: World, started: Started): Promise<boolean> {
  await started(world);
  world.app.close();
  await world.clock.runUntil(device(world).disconnected(), CONNECT_LIMIT);
  await world.relaunch();
  await connected(world);
  return true;
}

/** How the app ends. */
export type Ending = { readonly exitCode: number; readonly lines: readonly string[] } | { readonly crash: string };

/** How the app ends: on SIGTERM if it stays, or else by itself. */
export async function ending(world: World, started: Started, stays: boolean): Promise<Ending> {
  try {
    if (stays) {
      await started(world);
      world.app.signal('SIGTERM');
    }
    return { exitCode: await world.app.exitCode, lines: world.app.lines };
  } catch (error) {
    if (!(error instanceof SphereIotError) || !CRASHES.includes(error.code)) throw error;
    return { crash: error.message };
  }
}
