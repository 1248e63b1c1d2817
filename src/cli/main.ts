#!/usr/bin/env node
import { READER_GONE } from './io.js';
import { run } from './program.js';

/** As of a program that SIGPIPE ends. */
const READER_GONE_CODE = 141;

const interrupted = new AbortController();
// The second Ctrl-C ends it as ever.
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());

const { stdin, stdout, stderr, env } = process;
let isReaderGone = false;
for (const output of [stdout, stderr])
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isReaderGone = true;
    interrupted.abort(READER_GONE);
  });

// What is said of a command that was ended so is of no interest.
const errors = {
  isTTY: stderr.isTTY,
  columns: stderr.columns,
  write: (text: string) => isReaderGone || stderr.write(text),
};
void run(process.argv.slice(2), { stdin, stdout, stderr: errors, env, interrupted: interrupted.signal }).then(
  (code) => {
    process.exitCode = code;
  },
);
process.on('exit', () => {
  if (isReaderGone) process.exitCode = READER_GONE_CODE;
});
