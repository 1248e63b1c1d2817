import type { AddHelpTextContext } from 'commander';

import type { CliIo } from './io.js';

/** Columns where the terminal does not say how many it has, or there is none: as commander. */
const DEFAULT_WIDTH = 80;
/** A narrower terminal gets lines of this width. */
const MIN_WIDTH = 40;

/** For the end of a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  sphere-iot ${line}`).join('\n')}`;
}

/** Sentences for the end of a command's help, wrapped at the terminal's width. */
export function notes(io: CliIo, text: string): (context: AddHelpTextContext) => string {
  return ({ command }) => `\n${command.createHelp().boxWrap(text, widthOf(io))}`;
}

/** How wide help may be, in characters. */
export function widthOf({ stdout }: Pick<CliIo, 'stdout'>): number {
  return Math.max(MIN_WIDTH, stdout.columns ?? DEFAULT_WIDTH);
}
