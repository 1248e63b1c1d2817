import { SphereIotError } from '../../errors.js';
import type { RunCommand } from './command.js';
import { COMMANDS, commandNamed, usageOf } from './commands.js';
import type { Names } from './names.js';
import { firstWord } from './words.js';

/** A command that was read, and can be carried out. */
export interface Parsed {
  /** As it was written, without spaces around it. */
  readonly text: string;
  readonly command: RunCommand;
  readonly args: unknown;
}

/**
 * Reads a line.
 * @returns Undefined for an empty one and for a comment (`#`).
 * @throws SphereIotError `COMMAND_INVALID`, `PERIPHERAL_UNKNOWN`: what is wrong, and what is possible.
 */
export function parseLine(line: string, names: Names): Parsed | undefined {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return undefined;
  const [name, rest] = firstWord(text);
  const command = commandNamed(name);
  try {
    return { text, command, args: command.parse(rest, names) };
  } catch (error) {
    if (!(error instanceof SphereIotError) || error.code !== 'COMMAND_INVALID') throw error;
    const usage = usageOf({ name, args: command.argsFor?.(rest) ?? command.args });
    throw new SphereIotError('COMMAND_INVALID', `${error.message} Write: ${usage}`, { cause: error });
  }
}

/** What the word at the end of a line can be completed to, and that word: for readline. */
export function completionsOf(line: string, names: Names): [string[], string] {
  const words = line.trimStart().split(/\s+/);
  const begun = words.pop() as string;
  const [name, ...before] = words;
  const all =
    name === undefined
      ? COMMANDS.map((each) => each.name)
      : (COMMANDS.find((each) => each.name === name)?.complete?.(names, before) ?? []);
  const fits = (each: string): boolean => each.toLowerCase().startsWith(begun.toLowerCase());
  const whole = all.filter(fits);
  // What a name ends with will do, too.
  const fitting = whole.length > 0 ? whole : new Set(all.flatMap(endsOf).filter(fits));
  return [[...fitting].map((each) => `${each} `), begun];
}

/** `DEMO_LED_RED` → `LED_RED`, `RED`. */
function endsOf(name: string): string[] {
  const parts = name.split('_');
  return parts.slice(1).map((_, i) => parts.slice(i + 1).join('_'));
}
