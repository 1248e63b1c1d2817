import { boardCommands } from './board-commands.js';
import { cloudCommands } from './cloud-commands.js';
import { command, type RunCommand } from './command.js';
import { deviceCommands } from './run-device-commands.js';
import { EXPECTABLE, expectCommand } from './expectations.js';
import { KINDS, type Kind } from './happenings.js';
import { invalid, words } from './words.js';

/** All commands of `run`: help, completion, the table of docs/run.md and what is carried out come from here. */
export const COMMANDS: readonly RunCommand[] = [
  ...boardCommands,
  ...cloudCommands,
  ...deviceCommands,
  expectCommand,
  command<readonly Kind[]>({
    name: 'show',
    args: 'KIND...',
    about: `shows what happens: ${KINDS.join(', ')}`,
    examples: ['show packets'],
    onlySays: () => true,
    complete: () => KINDS,
    parse: kinds,
    execute: ({ shown }, all) => all.forEach((kind) => shown.add(kind)),
  }),
  command<readonly Kind[]>({
    name: 'hide',
    args: 'KIND...',
    about: 'no longer shows it',
    examples: ['hide pins uart'],
    onlySays: () => true,
    complete: () => KINDS,
    parse: kinds,
    execute: ({ shown }, all) => all.forEach((kind) => shown.delete(kind)),
  }),
  command<string>({
    name: 'help',
    args: '[COMMAND]',
    about: 'says what can be typed',
    examples: ['help', 'help expect'],
    onlySays: () => true,
    complete: (_, before) => (before.length === 0 ? COMMANDS.map(({ name }) => name) : []),
    parse: (rest) => {
      const [name] = words(rest, ['COMMAND'], 0);
      return name === undefined ? overview() : helpOf(commandNamed(name));
    },
    execute: (_, text) => text,
  }),
];

/** Throws SphereIotError `COMMAND_INVALID`, with the commands that there are. */
export function commandNamed(name: string): RunCommand {
  const found = COMMANDS.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw invalid(`There is no command ${name}; possible are ${COMMANDS.map((each) => each.name).join(', ')}`);
}

/** How a command is written. */
export function usageOf({ name, args }: { readonly name: string; readonly args: string }): string {
  return args === '' ? name : `${name} ${args}`;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((each) => usageOf(each).length));
  return COMMANDS.map((each) => `  ${usageOf(each).padEnd(width)}  ${each.about}`).join('\n');
}

function helpOf(each: RunCommand): string {
  const lines = [usageOf(each), `  ${each.about}`];
  if (each === expectCommand) {
    const width = Math.max(...EXPECTABLE.map((what) => usageOf(what).length));
    lines.push('WHAT is:', ...EXPECTABLE.map((what) => `  ${usageOf(what).padEnd(width)}  ${what.about}`));
  }
  return [...lines, ...each.examples.map((example) => `Example: ${example}`)].join('\n');
}

function kinds(rest: string): Kind[] {
  return words(
    rest,
    KINDS.map(() => 'KIND'),
    1,
  ).map(kindNamed);
}

/** Throws SphereIotError `COMMAND_INVALID`. */
export function kindNamed(text: string): Kind {
  const kind = KINDS.find((each) => each === text);
  if (kind === undefined) throw invalid(`${text} can't be shown; possible are ${KINDS.join(', ')}`);
  return kind;
}
