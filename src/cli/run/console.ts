import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';

import { READER_GONE, type CliIo, type Input } from '../io.js';
import { executeLine } from './execute.js';
import type { Names } from './names.js';
import { completionsOf } from './parse.js';
import { plainPrinter, promptPrinter, type Printer } from './printer.js';
import { openPrompt } from './prompt.js';
import type { Session } from './session.js';

/** Where commands come from, and where one sees what happens: a terminal, a pipe, or only an output. */
export interface Console {
  readonly printer: Printer;
  /** Carries out what was typed and what will be, one command after the other. */
  begin(session: Session): void;
  close(): void;
}

interface ConsoleOptions {
  readonly json: boolean;
  readonly virtual: boolean;
}

/** Opens what the command line was given; lines that come before `begin` are kept. */
export function openConsole(io: CliIo, options: ConsoleOptions, names: Names): Console {
  const commands = new CommandQueue();
  const { stdin } = io;
  const isTerminal = !options.json && stdin?.isTTY === true && io.stdout.isTTY === true;
  const interrupted = (): void => {
    if (io.interrupted.reason === READER_GONE) commands.end();
    else commands.interrupt(options.virtual);
  };
  const front = isTerminal ? terminal(io, stdin, names, commands, interrupted) : pipe(io, stdin, options, commands);
  return {
    printer: front.printer,
    begin: (session) => {
      commands.begin(session, front.printer);
      io.interrupted.addEventListener('abort', interrupted);
      if (io.interrupted.aborted) interrupted();
    },
    close: () => {
      io.interrupted.removeEventListener('abort', interrupted);
      front.close();
    },
  };
}

type Front = Pick<Console, 'printer' | 'close'>;

function terminal(io: CliIo, input: Input, names: Names, commands: CommandQueue, onInterrupt: () => void): Front {
  const prompt = openPrompt({
    input,
    output: io.stdout as unknown as Writable,
    complete: (line) => completionsOf(line, names),
    onLine: (line) => commands.add(line),
    onInterrupt,
    onEnd: () => commands.add('quit'),
  });
  return { printer: promptPrinter(io, (text) => prompt.printAbove(text)), close: () => prompt.close() };
}

function pipe(io: CliIo, input: Input | undefined, options: ConsoleOptions, commands: CommandQueue): Front {
  const printer = plainPrinter(io, options);
  if (input === undefined) return { printer, close: () => undefined };
  const lines = createInterface({ input, terminal: false });
  lines.on('line', (line) => commands.add(line));
  // The machine's time goes on without commands; a virtual clock would stand still for ever.
  if (options.virtual) lines.on('close', () => commands.add('quit'));
  return {
    printer,
    close: () => {
      lines.removeAllListeners('close').close();
      input.pause();
    },
  };
}

/** Commands that wait for their turn. */
class CommandQueue {
  #begin!: (begun: { readonly session: Session; readonly printer: Printer }) => void;
  readonly #begun = new Promise<{ readonly session: Session; readonly printer: Printer }>(
    (resolve) => (this.#begin = resolve),
  );
  #last: Promise<void> = Promise.resolve();
  #session: Session | undefined;
  #interrupts = 0;

  begin(session: Session, printer: Printer): void {
    this.#session = session;
    this.#begin({ session, printer });
  }

  add(line: string): void {
    this.#last = this.#last.then(async () => {
      const { session, printer } = await this.#begun;
      await executeLine(line, session, printer);
    });
  }

  /** Nobody sees any more what happens: the app ends, now or by force, whatever is under way. */
  end(): void {
    void this.#session?.terminate().catch(() => this.#session?.abandon());
  }

  /** Ctrl-C: the first one lets the app end, the second one does not wait for it. */
  interrupt(virtual: boolean): void {
    this.#interrupts++;
    if (this.#interrupts > 1) this.#session?.abandon();
    // A signal comes into effect when time moves on.
    else if (virtual) this.add('quit');
    else this.#session?.signalEnd();
  }
}
