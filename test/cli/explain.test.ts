import { ERROR_CODES } from '../../src/error-codes/index.js';
import { cli, jsonOf } from './support.js';

test('explain says what a code means, and what to do', async () => {
  const { meaning, whatToDo } = ERROR_CODES.ENDPOINT_NOT_MAPPED;
  const { code, stdout, stderr } = await cli(['explain', 'ENDPOINT_NOT_MAPPED'], { columns: 1000 });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(`ENDPOINT_NOT_MAPPED\n\n${meaning}\n\nWhat to do: ${whatToDo}\n`);
});

test('it is as wide as the terminal', async () => {
  const { stdout } = await cli(['explain', 'ENDPOINT_NOT_MAPPED'], { columns: 50 });
  expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(50);
});

test('lower case will do, as in a link to the page; with --json it is JSON', async () => {
  const json = jsonOf(await cli(['explain', 'timed_out', '--json']));
  expect(json).toEqual({ code: 'TIMED_OUT', ...ERROR_CODES.TIMED_OUT });
});

test.each([
  ['ENDPOINT_NOT_MAPED', 'There is no error code ENDPOINT_NOT_MAPED: ENDPOINT_NOT_MAPPED is meant, perhaps.'],
  ['constructor', 'There is no error code constructor: docs/errors.md lists all.'],
  ['\x1b', 'There is no error code \\u001b: docs/errors.md lists all.'],
])('a code that there is not (%j) is a wrong command', async (given, message) => {
  expect(await cli(['explain', given])).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n` });
});
