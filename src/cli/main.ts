#!/usr/bin/env node
import { ownStreams, printError, READER_GONE } from './io.js';
import { faultOf } from './own-error.js';
import { hasJson, run } from './program.js';

/** As of a program that SIGPIPE ends. */
const READER_GONE_CODE = 141;

// What a command writes, and what the tools that it runs write, is no file that everybody can change, whatever the umask is.
process.umask(process.umask(0o077) | 0o002);

const interrupted = new AbortController();
// The second Ctrl-C ends it as ever.
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());

const argv = process.argv.slice(2);
const json = hasJson(argv);
const streams = ownStreams(json, () => {
  interrupted.abort(READER_GONE);
  process.once('exit', () => (process.exitCode = READER_GONE_CODE));
});
process.on('uncaughtException', (thrown) => {
  printError(streams, json, faultOf(thrown));
  // Nothing is known of what is left: what is on the disk is whole, and what is not there was not acknowledged.
  process.exit(1);
});

void run(argv, { ...streams, interrupted: interrupted.signal }).then((code) => {
  process.exitCode = code;
});
