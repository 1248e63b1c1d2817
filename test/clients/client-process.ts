import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface Finished {
  readonly exitCode: number | null;
  /** The last line of the output, as JSON; undefined where there was none. */
  readonly output: unknown;
  readonly errors: string;
}

export interface ClientProcess {
  readonly finished: Promise<Finished>;
  /** Ends it, if it is still there. */
  stop(): Promise<void>;
}

/** Runs a script of this folder in a process of its own, with `input` as JSON on its standard input. */
export function startClient(script: string, input: unknown, env: Record<string, string> = {}): ClientProcess {
  const child = spawn(process.execPath, [join('test', 'clients', script)], { env: { ...process.env, ...env } });
  let output = '';
  let errors = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(input));
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (exitCode) => {
      const line = output.trim().split('\n').at(-1);
      resolve({ exitCode, output: line ? JSON.parse(line) : undefined, errors });
    });
  });
  return {
    finished,
    stop: async () => {
      child.kill('SIGKILL');
      await finished;
    },
  };
}
