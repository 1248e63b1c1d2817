import type { SphereApp } from '../../app/index.js';
import { hubDevice, type Named, type Started } from './probes.js';
import type { World } from './world.js';

/** For how long the effect of what comes from outside is waited for: ms of the clock. */
export const EFFECT_TIME = 1_000;
/** For how long an app that has started is left alone before: it may not be ready the moment that it is connected. ms of the clock. */
export const SETTLE_TIME = 1_000;
/** What is sent to a UART. */
export const UART_TEXT = 'hello\r\n';

/** What an app does because something came from outside, within a second. It did so twice. */
export interface Effect {
  /** The body of a telemetry message. */
  readonly telemetry: string | undefined;
  /** Outputs with other values, and those. */
  readonly outputs: ReadonlyMap<Named, 0 | 1>;
  /** What is written to the UART itself. */
  readonly answer: string | undefined;
}

/** What comes from outside, and where an effect of it is looked for. */
export interface Stimulus {
  readonly act: (app: SphereApp) => Promise<void>;
  /** The pins that the app has opened as outputs. */
  readonly outputs: readonly Named[];
  /** The UART that gets something. */
  readonly uart?: Named;
}

/** What is seen of an app from outside at one time. */
export interface State {
  readonly telemetry: readonly string[];
  readonly outputs: ReadonlyMap<Named, 0 | 1>;
  /** What it wrote to the UART that it got something from. */
  readonly written: string;
}

function stateOf(world: World, outputs: readonly Named[], uart: Named | undefined): State {
  const { app } = world;
  return {
    telemetry:
      hubDevice(world)
        ?.receivedTelemetry()
        .map(({ body }) => body.toString()) ?? [],
    outputs: new Map(outputs.map((pin) => [pin, app.gpio(pin).value])),
    written: uart === undefined ? '' : app.uart(uart).received.toString(),
  };
}

/** What is so in both of two states, but not without what was done. */
export function effectOf(without: State, first: State, second: State): Effect {
  const changed = [...first.outputs].filter(
    ([pin, value]) => without.outputs.get(pin) !== value && second.outputs.get(pin) === value,
  );
  const { written } = first;
  return {
    telemetry: first.telemetry.find((body) => !without.telemetry.includes(body) && second.telemetry.includes(body)),
    outputs: new Map(changed),
    answer: written !== without.written && written === second.written ? written : undefined,
  };
}

/** Does something to an app that has started, or nothing; returns what is seen after EFFECT_TIME, undefined if the app has ended. */
export async function stateAfter(
  world: World,
  started: Started,
  { act, outputs, uart }: Stimulus,
): Promise<State | undefined> {
  await started(world);
  await world.clock.advance(SETTLE_TIME);
  const end = world.clock.monotonic() + EFFECT_TIME;
  await act(world.app);
  await world.clock.advance(end - world.clock.monotonic());
  return world.app.ended ? undefined : stateOf(world, outputs, uart);
}
