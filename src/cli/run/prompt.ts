import { clearScreenDown, createInterface, cursorTo, moveCursor, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { writePainted } from '../io.js';

const PROMPT = '> ';
const HISTORY = 200;

export interface PromptOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly complete: (line: string) => [string[], string];
  /** Gets each line that was typed. */
  readonly onLine: (line: string) => void;
  /** Ctrl-C. */
  readonly onInterrupt: () => void;
  /** Ctrl-D, or the terminal is gone. */
  readonly onEnd: () => void;
}

/** A command line at a terminal's bottom. */
export interface Prompt {
  /** Writes whole lines, printable already, above the line that is being typed, which stays as it is. */
  printAbove(text: string): void;
  close(): void;
}

/** Begins to read commands from a terminal, with history and completion (node:readline). */
export function openPrompt(options: PromptOptions): Prompt {
  const { input, output, complete, onLine, onInterrupt, onEnd } = options;
  const readline = createInterface({
    input,
    output,
    terminal: true,
    prompt: PROMPT,
    historySize: HISTORY,
    removeHistoryDuplicates: true,
    completer: complete,
  });
  let closed = false;
  readline.on('line', (line) => {
    onLine(line);
    if (!closed) readline.prompt();
  });
  readline.on('SIGINT', onInterrupt);
  readline.on('close', () => {
    if (!closed) onEnd();
    closed = true;
  });
  readline.prompt();
  return {
    printAbove: (text) => {
      if (closed) return writePainted(output, text);
      clearLine(readline, output);
      writePainted(output, text);
      readline.prompt(true);
    },
    close: () => {
      if (closed) return;
      closed = true;
      clearLine(readline, output);
      readline.close();
    },
  };
}

/** Takes the line that is being typed from the screen, with all rows that it has. */
function clearLine(readline: Interface, output: Writable): void {
  moveCursor(output, 0, -readline.getCursorPos().rows);
  cursorTo(output, 0);
  clearScreenDown(output);
  // Or readline would go up that many rows once more when it writes the line again.
  (readline as Interface & { prevRows?: number }).prevRows = 0;
}
