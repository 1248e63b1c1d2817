#!/usr/bin/env node
import { run } from './program.js';

const interrupted = new AbortController();
// The second Ctrl-C ends it as ever.
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());

const { stdin, stdout, stderr, env } = process;
// A reader that went away (`| head`) wants no more.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

void run(process.argv.slice(2), { stdin, stdout, stderr, env, interrupted: interrupted.signal }).then((code) => {
  process.exitCode = code;
});
