import { SphereIotError } from '../../errors.js';
import { errorOf } from '../own-error.js';
import { execute } from './execute.js';
import type { ScriptCase } from './junit.js';
import type { Names } from './names.js';
import { parseLine, type Parsed } from './parse.js';
import type { Printer } from './printer.js';
import type { Session } from './session.js';
import { shown } from './words.js';

/** As a terminal's input is split, and a pipe's. */
const LINE_END = /\r\n|[\n\r\u2028\u2029]/;

/** A line of a script. */
export type ScriptLine = Parsed & { /** From 1. */ readonly number: number };

/** Commands in a file. */
export interface Script {
  readonly file: string;
  readonly lines: readonly ScriptLine[];
}

export interface ScriptResult {
  /** One for each command, and one for the end of the app. */
  readonly cases: readonly ScriptCase[];
  /** Why it failed; undefined: it passed. */
  readonly error?: SphereIotError;
}

/**
 * Reads a script.
 * @throws SphereIotError `SCRIPT_INVALID`, with every line that is wrong; `SCRIPT_EMPTY`.
 */
export function parseScript(file: string, text: string, names: Names): Script {
  const faults: string[] = [];
  const lines = text.split(LINE_END).flatMap((line, index) => {
    try {
      const parsed = parseLine(line, names);
      return parsed === undefined ? [] : [{ ...parsed, number: index + 1 }];
    } catch (error) {
      faults.push(`${file}:${index + 1}: ${errorOf(error).message}`);
      return [];
    }
  });
  if (faults.length > 0) throw new SphereIotError('SCRIPT_INVALID', faults.join('\n'));
  if (lines.every(({ command, args }) => command.onlySays?.(args) === true))
    throw new SphereIotError('SCRIPT_EMPTY', `${file} has no command that could fail: it would always pass.`);
  return { file, lines };
}

/** Carries a script out, up to the first line that fails; then ends the app. */
export async function runScript(script: Script, session: Session, printer: Printer): Promise<ScriptResult> {
  const steps = [
    ...script.lines.map((line) => {
      const name = `${script.file}:${line.number}: ${shown(line.text)}`;
      const act = (): Promise<void> => {
        session.line = name;
        printer.command(line.text);
        return execute(line, session, printer);
      };
      return { name, act };
    }),
    { name: `${script.file}: the end of the app`, act: () => endApp(session) },
  ];
  const cases: ScriptCase[] = [];
  for (const { name, act } of steps) {
    const start = performance.now();
    const error = await errorIn(name, act);
    const seconds = (performance.now() - start) / 1000;
    if (error === undefined) {
      cases.push({ name, seconds });
      continue;
    }
    cases.push({ name, seconds, failure: `${error.message} (${error.code})` });
    const skipped = steps.slice(cases.length).map((step) => ({ name: step.name, seconds: 0, skipped: true }));
    return { cases: [...cases, ...skipped], error };
  }
  return { cases };
}

/** What an act throws, with the name of the step. */
async function errorIn(name: string, act: () => Promise<void>): Promise<SphereIotError | undefined> {
  try {
    await act();
    return undefined;
  } catch (thrown) {
    const { code, message } = errorOf(thrown);
    return new SphereIotError(code, `${name}: ${message}`, { cause: thrown });
  }
}

/** Ends the app; one that came to its end before, and unexpectedly, fails the script. */
async function endApp(session: Session): Promise<void> {
  checkEnd(session);
  session.checkFaultsStruck();
  await session.terminate();
  checkEnd(session);
}

function checkEnd({ end, hasEndedUnexpectedly }: Session): void {
  if (end === undefined || !hasEndedUnexpectedly) return;
  if ('error' in end) throw end.error;
  throw new SphereIotError(
    'EXIT_UNEXPECTED',
    `The app has ended with exit code ${end.code}, which no line expects: add "expect exit ${end.code}".`,
  );
}
