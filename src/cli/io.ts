import type { Readable } from 'node:stream';

import { SphereIotError } from '../errors.js';
import { printable, printableJson } from '../printable.js';
import { errorOf } from './own-error.js';

/** Why a command is interrupted whose output nobody reads any more (`| head`): it has to end, since there is no second Ctrl-C. */
export const READER_GONE = 'its reader is gone';

/** Where a command writes. */
export interface Writer {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** How wide the terminal is, in characters. */
  readonly columns?: number;
}

/** Where a command reads what is typed or comes through a pipe. */
export type Input = Readable & { readonly isTTY?: boolean };

/** What the command line is given. */
export interface Surroundings {
  /** Undefined: nothing can be typed. */
  readonly stdin?: Input;
  readonly stdout: Writer;
  readonly stderr: Writer;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends a command that would go on: Ctrl-C, or READER_GONE, which is the reason then. */
  readonly interrupted: AbortSignal;
}

/** What a command has of its surroundings. */
export interface CliIo extends Surroundings {
  /** Of a command that did not fail; 0 unless the command sets it. */
  exitCode: number;
}

/** What a command found: for a person, and for a program (`--json`). */
export interface Report {
  readonly text: string;
  readonly json: unknown;
  /** The text has colours; what is foreign in it is printable already. */
  readonly isPainted?: boolean;
}

/** The options that every command has. */
export interface CommonOptions {
  readonly json?: boolean | undefined;
}

/** @internal A wrong command, as commander's own are. */
export const USAGE = 'USAGE';

/** An error that says that the command itself was wrong: exit code 2. */
export function usageError(message: string): SphereIotError {
  return new SphereIotError(USAGE, message);
}

/**
 * The streams and the environment of this process. Nothing else in src/ touches its streams, and nothing but the three functions below
 * writes to them: a lint rule holds it, so that no foreign text gets to a terminal as it is.
 * The process ends with 1 where they can't be written to.
 * @param json Whether it tells of that as JSON.
 * @param readerGone Called where nobody reads the output any more (`| head`); nothing more goes to stderr then.
 */
export function ownStreams(json = false, readerGone: () => void = () => undefined): Omit<Surroundings, 'interrupted'> {
  const { stdin, stdout, stderr, env } = process;
  let isReaderGone = false;
  const quietly: Writer = {
    isTTY: stderr.isTTY,
    columns: stderr.columns,
    write: (text) => isReaderGone || stderr.write(text),
  };
  for (const [name, output] of Object.entries({ stdout, stderr }))
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') {
        isReaderGone = true;
        return readerGone();
      }
      printError({ stderr: quietly, env }, json, errorOf(error, name));
      process.exit(1);
    });
  return { stdin, stdout, stderr: quietly, env };
}

/** Writes text, with an escape for each character that a terminal would obey. */
export function writeText(writer: Writer, text: string): void {
  writer.write(printable(text));
}

/** Writes a value as a line of JSON; with `indent`, in spaces, as several. */
export function writeJson(writer: Writer, value: unknown, indent?: number): void {
  writer.write(`${printableJson(value, indent)}\n`);
}

/** Writes text as it is: that of `paint`, or one that moves the cursor. What is foreign in it has to be printable already. */
export function writePainted(writer: Writer, text: string): void {
  writer.write(text);
}

export function print(io: CliIo, { json }: CommonOptions, report: Report): void {
  if (json === true) writeJson(io.stdout, report.json, 2);
  else (report.isPainted ? writePainted : writeText)(io.stdout, report.text);
}

/** Tells of what did not keep the command from its work, on stderr; with `--json` the report has it. */
export function printWarnings(io: CliIo, { json }: CommonOptions, warnings: readonly string[]): void {
  if (json === true) return;
  for (const warning of warnings)
    writePainted(io.stderr, `${paint(io, io.stderr, '33', 'warning:')} ${printable(warning)}\n`);
}

/** Tells of an error on stderr; returns the exit code for it. */
export function printError(io: Pick<Surroundings, 'stderr' | 'env'>, json: boolean, error: unknown): 1 | 2 {
  const { code, message } = errorOf(error);
  if (json) writeJson(io.stderr, { error: { code, message } });
  else
    writePainted(
      io.stderr,
      `${paint(io, io.stderr, '31', 'error:')} ${message}${code === USAGE ? '' : ` (${code})`}\n`,
    );
  return code === USAGE ? 2 : 1;
}

/** Colours text on a terminal, unless NO_COLOR is set. */
export function paint({ env }: Pick<Surroundings, 'env'>, writer: Writer, code: string, text: string): string {
  return writer.isTTY === true && !env['NO_COLOR'] ? `\x1b[${code}m${text}\x1b[0m` : text;
}

/** Names and values in two columns, indented. */
export function pairs(rows: readonly (readonly [string, string | undefined])[]): string {
  const shown = rows.filter((row): row is [string, string] => row[1] !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `  ${name.padEnd(width)}  ${value}\n`).join('');
}
