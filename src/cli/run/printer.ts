import { printable, printableLine } from '../../printable.js';
import { widthOf, wrapped } from '../help.js';
import { paint, writeJson, writePainted, writeText, type CliIo } from '../io.js';
import { describeFact, kindOf } from './describe.js';
import type { Happening } from './happenings.js';
import type { Session } from './session.js';

/** How what happens, and what is said of commands, becomes visible. */
export interface Printer {
  happening(happening: Happening): void;
  /** What the app writes as it comes: parts of lines, too. */
  logText(text: string): void;
  /** A command of a script that is about to be carried out. */
  command(text: string): void;
  /** The answer of a command. */
  answer(text: string): void;
  /** What is wrong with a command, or why it failed. */
  failure(command: string, code: string, message: string): void;
}

/** Lets a printer show what happens, as far as it is to be shown. */
export function showHappenings(session: Session, printer: Printer): void {
  const { happenings, shown } = session;
  happenings.listen((happening) => {
    const kind = kindOf(happening);
    if (kind === undefined || shown.has(kind)) printer.happening(happening);
  });
  session.onLogText = (text) => void (shown.has('log') && printer.logText(text));
}

/** A line of JSON for everything. */
function jsonPrinter({ stdout }: CliIo): Printer {
  const tell = (value: object): void => writeJson(stdout, value);
  return {
    happening: ({ at, type, ...rest }) => {
      // The error is on stderr, as that of every command.
      if (type !== 'crash') tell({ type, at: new Date(at).toISOString(), ...rest });
    },
    logText: () => undefined,
    command: (text) => tell({ type: 'command', text }),
    answer: (text) => tell({ type: 'answer', text }),
    failure: (command, code, message) => tell({ type: 'failure', command, code, message }),
  };
}

/** For what is read by a program or a file. */
export function plainPrinter(io: CliIo, { json }: { readonly json: boolean }): Printer {
  return json ? jsonPrinter(io) : textPrinter(io);
}

/** Text: the log as the app writes it, and lines with a mark for the rest. */
function textPrinter(io: CliIo): Printer {
  let isLineBegun = false;
  const lines = withoutReturns();
  const line = (text: string): void => {
    writePainted(io.stdout, `${isLineBegun ? '\n' : ''}${text}\n`);
    isLineBegun = false;
  };
  return {
    happening: (happening) => {
      const text = marked(io, happening);
      if (text !== undefined && happening.type !== 'log') line(text);
    },
    logText: (text) => {
      const shown = lines(text);
      if (shown === '') return;
      writeText(io.stdout, shown);
      isLineBegun = !shown.endsWith('\n');
    },
    command: (text) => line(paint(io, io.stdout, '1', `> ${printable(text)}`)),
    answer: (text) => line(fitting(io, printable(text))),
    failure: (_, code, message) =>
      writePainted(io.stderr, `${paint(io, io.stderr, '31', 'error:')} ${printable(message)} (${code})\n`),
  };
}

/** Takes the carriage returns from the line ends of a text that comes in parts: one at the end of a part waits for the next. */
function withoutReturns(): (part: string) => string {
  let held = '';
  return (part) => {
    const text = held + part;
    held = text.endsWith('\r') ? '\r' : '';
    return text.slice(0, text.length - held.length).replaceAll('\r\n', '\n');
  };
}

/** Above the line that is being typed: whole lines only. */
export function promptPrinter(io: CliIo, printAbove: (text: string) => void): Printer {
  return {
    happening: (happening) => {
      const text = marked(io, happening);
      if (text !== undefined) printAbove(`${text}\n`);
    },
    logText: () => undefined,
    command: () => undefined, // readline has shown it
    answer: (text) => printAbove(`${fitting(io, printable(text))}\n`),
    failure: (_, code, message) =>
      printAbove(`${paint(io, io.stdout, '31', 'error:')} ${printable(message)} (${code})\n`),
  };
}

/** An answer for a terminal, which has a width; for a pipe and a file it stays as it is. */
function fitting(io: CliIo, text: string): string {
  return io.stdout.columns === undefined ? text : wrapped(text, widthOf(io));
}

/** How a happening is shown in text; undefined: the command line tells of it. */
function marked(io: CliIo, happening: Happening): string | undefined {
  if (happening.type === 'exit' || happening.type === 'crash' || happening.type === 'signal') return undefined;
  if (happening.type === 'log') return printable(happening.line);
  return paint(io, io.stdout, '36', `» ${printableLine(describeFact(happening))}`);
}
