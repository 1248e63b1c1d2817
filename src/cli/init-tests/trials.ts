import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  EFFECT_TIME,
  effectOf,
  isEmpty,
  MESSAGE_TEXT,
  MESSAGE_TIME,
  trial,
  trialAfterRestart,
  UART_TEXT,
  type Effect,
  type Memory,
  type Stimulus,
} from './effects.js';
import { message, type Named, type ObservedPin, type Started } from './probes.js';
import type { Attempt, World } from './world.js';

// What comes from outside, one after the other: what follows, and what follows after a restart.

/** Where something is tried out, and with what. */
export interface TrialSetting {
  readonly attempt: Attempt;
  readonly started: Started;
  readonly pins: readonly ObservedPin[];
}

/** What follows when each input is pressed, and each UART gets something. */
export async function effectsOf(setting: TrialSetting, uarts: readonly Named[]): Promise<Map<Named, Effect>> {
  const effects = new Map<Named, Effect>();
  const hold = (name: Named, effect: Effect | undefined): unknown => effect && effects.set(name, effect);
  for (const pin of inputsOf(setting)) hold(pin, await tryOut(setting, `pressing ${pin}`, pressing(setting, pin)));
  for (const uart of uarts) hold(uart, await tryOut(setting, `sending to ${uart}`, sending(setting, uart)));
  return effects;
}

/** What follows on a message from the cloud; undefined: the app does not take it. */
export function effectOfMessage(setting: TrialSetting): Promise<Effect | undefined> {
  return tryOut(setting, 'a message from the cloud', messaging(setting));
}

/** What shows that an app finds what it has stored: the first that does. */
export async function memoryOf(setting: TrialSetting): Promise<Memory | undefined> {
  const ways = [
    ...inputsOf(setting).map((input) => ({ input, stimulus: pressing(setting, input) })),
    { input: undefined, stimulus: messaging(setting) },
  ];
  for (const { input, stimulus } of ways) {
    const effect = await tryAfterRestart(setting, stimulus);
    if (effect !== undefined && !isEmpty(effect)) return { input, effect };
  }
  return undefined;
}

function inputsOf({ pins }: TrialSetting): Named[] {
  return pins.filter(({ direction }) => direction === 'input').map(({ pin }) => pin);
}

function outputsOf({ pins }: TrialSetting): Named[] {
  return pins.filter(({ direction }) => direction === 'output').map(({ pin }) => pin);
}

function pressing(setting: TrialSetting, pin: Named): Stimulus {
  return { act: ({ app }) => app.gpio(pin).press(), time: EFFECT_TIME, outputs: outputsOf(setting) };
}

function sending(setting: TrialSetting, uart: Named): Stimulus {
  const act = ({ app }: World): Promise<void> => Promise.resolve(app.uart(uart).send(UART_TEXT));
  return { act, time: EFFECT_TIME, outputs: outputsOf(setting), uart };
}

function messaging(setting: TrialSetting): Stimulus {
  const act = (world: World): Promise<void> => message(world, MESSAGE_TEXT, MESSAGE_TIME);
  return { act, time: MESSAGE_TIME, outputs: outputsOf(setting) };
}

/** Tries something twice, and once without it. */
async function tryOut(
  { attempt, started }: TrialSetting,
  what: string,
  stimulus: Stimulus,
): Promise<Effect | undefined> {
  const nothing = { ...stimulus, act: () => Promise.resolve() };
  const [without, first, second] = [
    await attempt('nothing, to compare', (world) => trial(world, started, nothing)),
    await attempt(what, (world) => trial(world, started, stimulus)),
    await attempt(`${what}, again`, (world) => trial(world, started, stimulus)),
  ];
  return without && first && second && effectOf(without, first, second);
}

/** Tries something before and after a restart, twice, and once with a storage that is empty after it. */
async function tryAfterRestart({ attempt, started }: TrialSetting, stimulus: Stimulus): Promise<Effect | undefined> {
  const empty = await mkdtemp(path.join(tmpdir(), 'sphere-iot-'));
  const again = (storage?: string) =>
    attempt('a restart', (world) => trialAfterRestart(world, started, stimulus, storage));
  try {
    const [without, first, second] = [await again(empty), await again(), await again()];
    return without && first && second && effectOf(without, first, second);
  } finally {
    await rm(empty, { recursive: true });
  }
}
