import type { AppManifest, BuiltApp } from '../../app/index.js';
import { SETTLE_TIME, type Effect, type Memory } from './effects.js';
import {
  connected,
  ending,
  firstLevels,
  lookAt,
  methodStatus,
  outage,
  powerLoss,
  subscribed,
  type Ending,
  type Named,
  type ObservedPin,
  type Started,
} from './probes.js';
import { accessesOf, type HubAccess } from './hub-access.js';
import { effectOfMessage, effectsOf, memoryOf } from './trials.js';
import { openWorld, type Attempt, type Known } from './world.js';

/** What an app did when it was tried. The tests of its suite expect the same again. */
export interface Observation {
  /** Whether it runs for as long as it is let. */
  readonly stays: boolean;
  /** Whether a hub authenticated it. */
  readonly connects: boolean;
  /** That hub. */
  readonly hub: string | undefined;
  /** Of an app that connects without device authentication. */
  readonly access: HubAccess | undefined;
  readonly pins: readonly ObservedPin[];
  /** The body of its first telemetry message. */
  readonly telemetry: Buffer | undefined;
  /** The names of its reported properties. */
  readonly reported: readonly string[];
  readonly takesDesired: boolean;
  /** The status with which it answers a direct method that it does not know; undefined: it does not answer. */
  readonly methodStatus: number | undefined;
  /** What follows when an input is pressed, or something comes from a UART; one that is not here brings the app to its end. */
  readonly effects: ReadonlyMap<Named, Effect>;
  /** What follows on a message from the cloud; undefined: the app does not take it. */
  readonly message: Effect | undefined;
  /** What shows that it finds what it has stored: it follows when something is done again after a restart, and not with an empty storage. */
  readonly memory: Memory | undefined;
  /** Whether it connects again after the network was away. */
  readonly returns: boolean;
  /** Whether it connects again after the power was away. */
  readonly restarts: boolean;
  /** How it ends: by itself, or on SIGTERM where it stays; undefined: it does not. */
  readonly ending: Ending | undefined;
}

/**
 * Tries an app as each test of its suite will: in a world of its own, under a virtual clock.
 * @param names The pins and UARTs of the manifest.
 * @param onStep Is told what is tried next.
 */
export async function observe(
  built: BuiltApp,
  manifest: AppManifest,
  names: { readonly gpio: readonly Named[]; readonly uart: readonly Named[] },
  onStep: (what: string) => void,
): Promise<Observation> {
  let known: Known = {};
  const attempt: Attempt = async (what, probe, tried = known) => {
    onStep(what);
    const world = await openWorld(built, manifest, tried);
    try {
      return await probe(world);
    } catch {
      return undefined;
    } finally {
      await world.close();
    }
  };
  known = await howItConnects(attempt, accessesOf(built, manifest));
  const { hub, access } = known;
  const connects = hub !== undefined;
  const started: Started = (world) => (connects ? connected(world) : world.clock.advance(SETTLE_TIME));
  const running = await attempt('a minute', (world) => lookAt(world, started));
  const { stays = false, telemetry, reported = [] } = running ?? {};
  const pins = (await attempt('its pins', (world) => firstLevels(world, names.gpio))) ?? [];
  const isInCloud = connects && stays;
  const setting = { attempt, started, pins };
  return {
    stays,
    connects,
    hub,
    access,
    pins,
    telemetry,
    reported,
    takesDesired: isInCloud && ((await attempt('desired properties', (world) => subscribed(world, started))) ?? false),
    methodStatus: isInCloud ? await attempt('a direct method', (world) => methodStatus(world, started)) : undefined,
    effects: stays ? await effectsOf(setting, names.uart) : new Map(),
    message: isInCloud ? await effectOfMessage(setting) : undefined,
    memory: isInCloud && manifest.mutableStorage !== undefined ? await memoryOf(setting) : undefined,
    returns: isInCloud && ((await attempt('the network goes away', (world) => outage(world, started))) ?? false),
    restarts: isInCloud && ((await attempt('the power goes away', (world) => powerLoss(world, started))) ?? false),
    ending: await attempt('the end', (world) => ending(world, started, stays)),
  };
}

/** To which hub an app connects, and by which access, where it needs one; nothing where it does not connect. */
async function howItConnects(attempt: Attempt, accesses: readonly HubAccess[]): Promise<Known> {
  for (const access of accesses.length === 0 ? [undefined] : accesses) {
    const hub = await attempt('connecting', connected, { access });
    if (hub !== undefined) return { hub, access };
  }
  return {};
}
