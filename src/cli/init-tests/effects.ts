import { isDeepStrictEqual } from 'node:util';

import { hubDevice, type Named, type Started } from './probes.js';
import type { World } from './world.js';

/** For how long the effect of what comes from outside is waited for: ms of the clock. */
export const EFFECT_TIME = 1_000;
/** For how long the effect of a message from the cloud is waited for: an app may look for messages now and then. ms of the clock. */
export const MESSAGE_TIME = 10_000;
/** For how long an app that has started is left alone before: it may not be ready the moment that it is connected. ms of the clock. */
export const SETTLE_TIME = 1_000;
/** What is sent to a UART. */
export const UART_TEXT = 'hello\r\n';
/** What is sent from the cloud: JSON, and a number. */
export const MESSAGE_TEXT = '1';

/** Something before and after what came from outside. */
export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

/** What an app does because something came from outside. It did so twice, and did not without. */
export interface Effect {
  /** How often the hub got a telemetry message, by its body. */
  readonly telemetry: ReadonlyMap<string, Change<number>>;
  /** Reported properties; undefined: there is none. */
  readonly reported: ReadonlyMap<string, Change<unknown>>;
  readonly outputs: ReadonlyMap<Named, Change<0 | 1>>;
  /** All that was written to the UART that got something. */
  readonly written: Change<string> | undefined;
}

/** What shows that an app finds what it has stored: something that follows after a restart, and not with an empty storage. */
export interface Memory {
  /** The input that is pressed; undefined: a message comes from the cloud. */
  readonly input: Named | undefined;
  readonly effect: Effect;
}

/** What comes from outside, and where an effect of it is looked for. */
export interface Stimulus {
  readonly act: (world: World) => Promise<unknown>;
  /** How long it takes, and its effect: ms of the clock. */
  readonly time: number;
  /** The pins that the app has opened as outputs. */
  readonly outputs: readonly Named[];
  /** The UART that gets something. */
  readonly uart?: Named;
}

/** What is seen of an app from outside at one time. */
interface State {
  readonly telemetry: readonly string[];
  readonly reported: Readonly<Record<string, unknown>>;
  readonly outputs: ReadonlyMap<Named, 0 | 1>;
  readonly written: string;
}

function stateOf(world: World, { outputs, uart }: Stimulus): State {
  const { app } = world;
  const device = hubDevice(world);
  return {
    telemetry: device?.receivedTelemetry().map(({ body }) => body.toString()) ?? [],
    reported: device?.twin.reported ?? {},
    outputs: new Map(outputs.map((pin) => [pin, app.gpio(pin).value])),
    written: uart === undefined ? '' : app.uart(uart).received.toString(),
  };
}

/** What is so after both of two trials, but was not before them, and is not without what was done. */
export function effectOf(without: Change<State>, first: Change<State>, second: Change<State>): Effect {
  const change = <T>(of: (state: State) => T): Change<T> | undefined => {
    const [before, after] = [of(first.before), of(first.after)];
    const isTwice = isDeepStrictEqual([of(second.before), of(second.after)], [before, after]);
    const isNew = !isDeepStrictEqual(before, after) && !isDeepStrictEqual(of(without.after), after);
    return isTwice && isNew ? { before, after } : undefined;
  };
  const changes = <K, T>(keys: Iterable<K>, of: (state: State, key: K) => T): Map<K, Change<T>> => {
    const all = [...keys].map((key) => [key, change((state) => of(state, key))] as const);
    return new Map(all.filter((each): each is [K, Change<T>] => each[1] !== undefined));
  };
  const { telemetry, reported, outputs } = first.after;
  const properties = Object.keys(reported).filter((name) => !name.startsWith('$'));
  return {
    telemetry: changes(new Set(telemetry), (state, body) => state.telemetry.filter((each) => each === body).length),
    reported: changes(properties, (state, name) => state.reported[name]),
    outputs: changes(outputs.keys(), (state, pin) => state.outputs.get(pin) ?? 1),
    written: change(({ written }) => written),
  };
}

/** Does something to an app that has started, or nothing; returns what is seen before and after, undefined if the app has ended. */
export async function trial(world: World, started: Started, stimulus: Stimulus): Promise<Change<State> | undefined> {
  const { clock } = world;
  await started(world);
  await clock.advance(SETTLE_TIME);
  const before = stateOf(world, stimulus);
  const end = clock.monotonic() + stimulus.time;
  await stimulus.act(world);
  await clock.advance(end - clock.monotonic());
  return world.app.ended ? undefined : { before, after: stateOf(world, stimulus) };
}

/** Does something to an app, starts it again, and does it again: what is seen before and after the second time. */
export async function trialAfterRestart(
  world: World,
  started: Started,
  stimulus: Stimulus,
  storage?: string,
): Promise<Change<State> | undefined> {
  if ((await trial(world, started, stimulus)) === undefined) return undefined;
  world.app.close();
  await world.clock.runUntil(hubDevice(world)?.disconnected() ?? Promise.resolve());
  await world.relaunch(storage);
  return trial(world, started, stimulus);
}

/** Whether anything follows. */
export function isEmpty({ telemetry, reported, outputs, written }: Effect): boolean {
  return telemetry.size + reported.size + outputs.size === 0 && written === undefined;
}
