import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { NULL_PAGE } from '../../../src/app/program/host-calls.js';

const CMAKE = path.join(__dirname, '../../../native/cmake/package');

test('the build and the runtime agree on the page below the data of an app', () => {
  const script = `process.stdout.write(JSON.stringify(require(${JSON.stringify(path.join(CMAKE, 'null-checks.cjs'))}).NULL_PAGE))`;
  expect(JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))).toEqual(NULL_PAGE);
  const switches = readFileSync(path.join(CMAKE, 'link-switches.txt'), 'utf8');
  expect(switches).toContain(`-sGLOBAL_BASE=${NULL_PAGE.size}\n`);
});
