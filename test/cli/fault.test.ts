// A fault of sphere-iot itself in a command: as a program of its own, of dist/ (`npm run build`).
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { PROGRAM_TIME } from '../support/limits.js';
import { useFolder } from '../support/folder.js';

const MAIN = path.join(__dirname, '../../dist/cjs/cli/main.js');
const folder = useFolder();

/** Runs `emulate`, which ends by itself only through what such a code does in it. */
function emulate(code: string, ...args: string[]): { status: number | null; stderr: string } {
  writeFileSync(folder.file('fault.cjs'), `setImmediate(() => { ${code} });`);
  const argv = [
    '--require',
    folder.file('fault.cjs'),
    MAIN,
    'emulate',
    '--trust-roots',
    folder.file('roots.pem'),
    ...args,
  ];
  const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: PROGRAM_TIME });
  return { status, stderr };
}

const REPORT = 'This is a fault of sphere-iot: please report it with what you typed.';

test.each([
  ['a rejection that nothing handles', "Promise.reject(new TypeError('x of\\nundefined'))"],
  ['an exception that nothing catches', "throw new TypeError('x of\\nundefined')"],
  ['one with a character that a terminal obeys', "throw new TypeError('x\\u009b of\\nundefined')"],
])('%s ends the command with 1 and one line', (_, code) => {
  const { status, stderr } = emulate(code);
  expect(stderr).toMatch(/^error: X(\\u009b)? of\\u000aundefined\. .*\n$/);
  expect(stderr).toContain(`${REPORT} (INTERNAL_ERROR)`);
  expect(status).toBe(1);
});

test.each(['undefined', 'null', '{ toString: 1 }', 'Object.create(null)'])('so does what is no error: %s', (thrown) => {
  const { status, stderr } = emulate(`throw ${thrown}`);
  expect(stderr).toContain(`${REPORT} (INTERNAL_ERROR)`);
  expect(status).toBe(1);
});

test('with --json it is a line of JSON', () => {
  const { status, stderr } = emulate("throw new TypeError('x')", '--json');
  expect(JSON.parse(stderr)).toEqual({ error: { code: 'INTERNAL_ERROR', message: `X. ${REPORT}` } });
  expect(status).toBe(1);
});

test('no fault of ours: what it prints to is full', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [MAIN, '--help'], {
    encoding: 'utf8',
    stdio: ['ignore', full, 'pipe'],
    timeout: PROGRAM_TIME,
  });
  closeSync(full);
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^error: .*\(DISK_FULL\)\n$/) });
});
