import { errorOf } from '../own-error.js';
import { parseLine, type Parsed } from './parse.js';
import type { Printer } from './printer.js';
import type { Session } from './session.js';

/** Carries a command out and shows its answer. Throws SphereIotError. */
export async function execute({ command, args }: Parsed, session: Session, printer: Printer): Promise<void> {
  const answer = await command.execute(session, args);
  if (typeof answer === 'string') printer.answer(answer);
}

/** Reads a line that somebody typed and carries it out; what is wrong with it is shown, and nothing ends. */
export async function executeLine(line: string, session: Session, printer: Printer): Promise<void> {
  try {
    const parsed = parseLine(line, session.names);
    if (parsed !== undefined) await execute(parsed, session, printer);
  } catch (error) {
    const { code, message } = errorOf(error);
    printer.failure(line.trim(), code, message);
  }
}
