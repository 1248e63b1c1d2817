import type { AddHelpTextContext } from 'commander';

import type { CliIo } from './io.js';

/** Columns where the terminal does not say how many it has, or there is none: as commander. */
const DEFAULT_WIDTH = 80;
/** A narrower terminal gets lines of this width. */
const MIN_WIDTH = 40;

/** Of what goes on in the next line, where there is no room for columns. */
const WRAPPED_INDENT = 6;

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

/** Wraps lines at a width. What goes on stands under where its second column begins; in a line without columns, under its begin. */
export function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrappedLine(line, width))
    .join('\n');
}

function wrappedLine(line: string, width: number): string {
  const words = line.trim().split(/ +/);
  const column = secondColumnOf(line);
  // Too narrow for two columns.
  const hanging = ' '.repeat(column > width / 2 ? WRAPPED_INDENT : column);
  const lines: string[] = [];
  let from = 0;
  let current = '';
  for (const word of words) {
    const at = line.indexOf(word, from);
    const spaces = line.slice(from, at);
    from = at + word.length;
    if (current.trim() === '' || current.length + spaces.length + word.length <= width) current += spaces + word;
    else {
      lines.push(current);
      current = hanging + word;
    }
  }
  return [...lines, current].join('\n');
}

/** Where the second column begins; without one, where the first does. */
function secondColumnOf(line: string): number {
  const first = line.length - line.trimStart().length;
  const gap = line.indexOf('  ', first);
  return gap < 0 ? first : line.length - line.slice(gap).trimStart().length;
}
