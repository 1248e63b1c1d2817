import { defined } from '../../src/defined.js';
import type { Input } from '../../src/cli/io.js';
import { run } from '../../src/cli/program.js';

/** What a command did. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  /** Columns of the terminal. */
  readonly columns?: number;
  /** What is typed, or comes through a pipe. */
  readonly stdin?: Input;
  readonly interrupted?: AbortSignal;
  /** Gets what is written on stdout, as it is written. */
  readonly onOutput?: (text: string) => void;
}

/** Runs the command line in this process. */
export async function cli(argv: readonly string[], options: CliOptions = {}): Promise<Outcome> {
  const { env = {}, tty = false, columns, stdin, interrupted = new AbortController().signal, onOutput } = options;
  const texts = { stdout: '', stderr: '' };
  const writer = (name: 'stdout' | 'stderr') => ({
    isTTY: tty,
    ...defined({ columns }),
    write: (text: string) => {
      texts[name] += text;
      if (name === 'stdout') onOutput?.(text);
    },
  });
  const code = await run(argv, {
    ...defined({ stdin }),
    stdout: writer('stdout'),
    stderr: writer('stderr'),
    env,
    interrupted,
  });
  return { code, ...texts };
}

/** The JSON of a command that must have gone well. */
export function jsonOf<T>({ code, stdout, stderr }: Outcome): T {
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as T;
}
