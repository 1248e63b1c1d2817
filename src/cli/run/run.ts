import type { BuiltApp } from '../../app/index.js';
import { counted } from '../../counted.js';
import { SphereIotError } from '../../errors.js';
import { printableLine } from '../../printable.js';
import { checkOutput, readText, writeOutput } from '../given-files.js';
import { usageError, writeJson, writeText, type CliIo } from '../io.js';
import { openConsole } from './console.js';
import { junitOf } from './junit.js';
import { Names } from './names.js';
import { plainPrinter, showHappenings, type Printer } from './printer.js';
import { parseScript, runScript, type Script } from './script.js';
import { Session, type SessionOptions } from './session.js';

export interface RunAppOptions extends SessionOptions {
  readonly json: boolean;
  /** A file of commands, in the place of a terminal or a pipe. */
  readonly script?: string | undefined;
  /** Where the script's result is written to, as JUnit XML. */
  readonly junit?: string | undefined;
}

/**
 * Runs an app against services of this process, as commands say: of a script, of a terminal or of a pipe.
 * @returns Its exit code, or 0 for a script that passed; and how large its heap has become, in bytes.
 * @throws SphereIotError what SphereApp.launch throws, `APP_CRASHED`, `APP_UNRESPONSIVE`; `SCRIPT_INVALID`, `SCRIPT_EMPTY`,
 * `EXPECTATION_FAILED`, `EXIT_UNEXPECTED`, `INTERRUPTED`, and what a command of a script throws.
 */
export async function runApp(
  io: CliIo,
  built: BuiltApp,
  options: RunAppOptions,
): Promise<{ readonly code: number; readonly heapPeak: number }> {
  if (options.script !== undefined) return runWithScript(io, built, options, options.script);
  if (options.virtual && io.stdin === undefined)
    throw usageError('With --clock virtual, only commands move the time: give --script, or a terminal or a pipe.');
  return converse(io, built, options);
}

async function runWithScript(
  io: CliIo,
  built: BuiltApp,
  options: RunAppOptions,
  file: string,
): Promise<{ readonly code: number; readonly heapPeak: number }> {
  const script = parseScript(file, await readScript(file), new Names(built));
  if (options.junit !== undefined) await checkOutput(options.junit);
  const printer = plainPrinter(io, options);
  const session = await startSession(built, options, printer);
  try {
    const { cases, error } = await untilInterrupted(io, runScript(script, session, printer));
    if (options.junit !== undefined) await writeOutput(options.junit, junitOf(file, cases));
    if (error !== undefined) throw error;
    tellPassed(io, script, options);
    return { code: 0, heapPeak: session.app.heapPeak };
  } finally {
    await session.close();
  }
}

/** Throws SphereIotError `SCRIPT_INVALID` for what is no text, and what readText throws. */
async function readScript(file: string): Promise<string> {
  const text = await readText(file);
  if (/[\0\ufffd]/.test(text)) throw new SphereIotError('SCRIPT_INVALID', `${file} is no text in UTF-8.`);
  return text;
}

function tellPassed(io: CliIo, { file, lines }: Script, { json }: RunAppOptions): void {
  const expectations = lines.filter(({ command }) => command.name === 'expect').length;
  if (json) writeJson(io.stdout, { type: 'passed', script: file, expectations });
  else
    writeText(
      io.stdout,
      `${printableLine(file)}: passed, ${counted(expectations, 'expectation')}
`,
    );
}

async function untilInterrupted<T>({ interrupted }: CliIo, promise: Promise<T>): Promise<T> {
  let stop = (): void => undefined;
  const end = new Promise<never>((_, reject) => {
    stop = () => reject(new SphereIotError('INTERRUPTED', 'Interrupted.'));
    interrupted.addEventListener('abort', stop);
    if (interrupted.aborted) stop();
  });
  promise.catch(() => undefined);
  return Promise.race([promise, end]).finally(() => interrupted.removeEventListener('abort', stop));
}

/** Runs the app until its end; commands that come meanwhile are carried out one after the other. */
async function converse(
  io: CliIo,
  built: BuiltApp,
  options: RunAppOptions,
): Promise<{ readonly code: number; readonly heapPeak: number }> {
  const console = openConsole(io, options, new Names(built));
  const { printer } = console;
  let session: Session;
  try {
    session = await startSession(built, options, printer);
  } catch (error) {
    console.close();
    throw error;
  }
  try {
    console.begin(session);
    await session.over;
    if (session.end !== undefined && 'error' in session.end) throw session.end.error;
    return { code: session.end?.code ?? 0, heapPeak: session.app.heapPeak };
  } finally {
    console.close();
    await session.close();
  }
}

function startSession(built: BuiltApp, options: RunAppOptions, printer: Printer): Promise<Session> {
  const { json: _, script: __, junit: ___, ...rest } = options;
  return Session.start(built, rest, (session) => showHappenings(session, printer));
}
