import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';

/** Real ms. */
const INTERVAL = 1000;

const NONE_LEFT: Readonly<Record<string, string>> = {
  EMFILE:
    'Connections are closed before a word, as this process has too many files open (EMFILE). Raise its limit (ulimit -n), or end connections.',
  ENFILE:
    'Connections are closed before a word, as this computer has too many files open (ENFILE). End other programs.',
};

/**
 * Whether a process that listens has a file descriptor for the next connection. Node closes one for which there is none, and tells
 * nobody: so this looks again and again, and after each connection.
 */
export class DescriptorWatch {
  readonly #changed: (reason: string | undefined) => void;
  readonly #timer: NodeJS.Timeout;
  #reason: string | undefined;

  /** @param changed Is called with the reason once there is none left, and with undefined once there is one again. */
  constructor(changed: (reason: string | undefined) => void) {
    this.#changed = changed;
    this.#timer = setInterval(() => this.look(), INTERVAL).unref();
  }

  look(): void {
    const reason = noneLeft();
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.#changed(reason);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

function noneLeft(): string | undefined {
  try {
    closeSync(openSync(devNull, 'r'));
    return undefined;
  } catch (error) {
    return NONE_LEFT[(error as NodeJS.ErrnoException).code ?? ''];
  }
}
