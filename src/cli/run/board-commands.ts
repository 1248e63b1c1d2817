import { isOutput } from '../../app/board/pin.js';
import { SphereIotError } from '../../errors.js';
import { command, type RunCommand } from './command.js';
import type { Peripheral } from './names.js';
import { quoted } from './patterns.js';
import type { Session } from './session.js';
import { firstWord, level, someTime, something, words } from './words.js';

/** For how long a button is pressed, and how often and how long it is looked whether the app has opened its pin; clock ms. */
const PRESS = 100;
const LOOK_EVERY = 100;
const LOOK_FOR = 10_000;

/** What a hand does on the board. */
export const boardCommands: readonly RunCommand[] = [
  command<{ pin: Peripheral; ms: number }>({
    name: 'press',
    args: 'PIN [DURATION]',
    about: 'presses a button and lets it go: the pin is low for 100 ms, or for DURATION',
    examples: ['press BUTTON_A', 'press SAMPLE_BUTTON_1 2s'],
    complete: (names, before) => (before.length === 0 ? names.choices('pins') : []),
    parse: (rest, names) => {
      const [pin = '', ms] = words(rest, ['PIN', 'DURATION'], 1);
      return { pin: names.pin(pin), ms: ms === undefined ? PRESS : someTime(ms) };
    },
    execute: (session, { pin, ms }) => press(session, pin, ms),
  }),
  command<{ pin: Peripheral; value: 0 | 1 }>({
    name: 'set',
    args: 'PIN 0|1',
    about: 'puts a level on a pin, which stays',
    examples: ['set PIN 1', 'set 12 0'],
    complete: (names, before) => [names.choices('pins'), ['0', '1']][before.length] ?? [],
    parse: (rest, names) => {
      const [pin = '', value = ''] = words(rest, ['PIN', '0|1']);
      return { pin: names.pin(pin), value: level(value) };
    },
    execute: (session, { pin, value }) => {
      if (session.app.gpio(pin.id).direction === 'output') throw isOutput(pin.name);
      session.setPin(pin.id, value);
    },
  }),
  command<{ uart: Peripheral; text: string }>({
    name: 'uart',
    args: 'UART TEXT',
    about: 'sends a line to the app; a text in quotes is sent as it is, with the escapes of JSON',
    examples: ['uart 0 hello', 'uart ISU0 "AT\\r"'],
    complete: (names, before) => (before.length === 0 ? names.choices('uarts') : []),
    parse: (rest, names) => {
      const [uart, text] = firstWord(something(rest, 'UART'));
      return { uart: names.uart(uart), text: quoted(something(text, 'TEXT')) ?? `${text}\n` };
    },
    execute: (session, { uart, text }) => {
      if (session.end !== undefined)
        throw new SphereIotError('APP_ENDED', `The app has ended, and reads nothing from ${uart.name} any more.`);
      session.app.uart(uart.id).send(text);
    },
  }),
];

/** A press before the app has opened the button would be lost, and nobody would know. */
async function press(session: Session, pin: Peripheral, ms: number): Promise<void> {
  const button = session.app.gpio(pin.id);
  for (let waited = 0; button.direction === undefined; waited += LOOK_EVERY) {
    if (waited >= LOOK_FOR || session.end !== undefined)
      throw new SphereIotError(
        'PIN_NOT_OPEN',
        `The app has not opened ${pin.name} as an input${session.end === undefined ? ` after ${LOOK_FOR / 1000} s` : ', and has ended'}.`,
      );
    await session.waits.pass(LOOK_EVERY);
  }
  if (button.direction === 'output') throw isOutput(pin.name);
  await button.press(ms);
}
