import type { Names } from './names.js';
import type { Session } from './session.js';

/** A command of `run`: what is typed, what it does, and what completion offers. */
export interface RunCommand<T = unknown> {
  readonly name: string;
  /** What follows the name; empty: nothing. */
  readonly args: string;
  /** What follows the name of the one thing that a line is about, for its errors; undefined: `args`. */
  readonly argsFor?: (rest: string) => string | undefined;
  /** What it does, without a full stop. */
  readonly about: string;
  readonly examples: readonly string[];
  /** Whether it only tells something, and can't fail: a script of nothing else would always pass. Default: it does not. */
  readonly onlySays?: (args: T) => boolean;
  /** What the next word can be, after the words that are there. */
  readonly complete?: (names: Names, words: readonly string[]) => readonly string[];
  /** @throws SphereIotError `COMMAND_INVALID`, `PERIPHERAL_UNKNOWN`. */
  parse(rest: string, names: Names): T;
  /** Returns what is to be said of it. Throws SphereIotError where it can't be done. */
  execute(session: Session, args: T): string | undefined | void | Promise<string | undefined | void>;
}

/** Hides what the arguments of a command are. */
export function command<T>(definition: RunCommand<T>): RunCommand {
  return definition as RunCommand;
}
