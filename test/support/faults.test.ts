// What jest makes of rejections and exceptions that nothing catches, with this repository's configuration.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

import { PROGRAM_TIME } from './limits.js';
import { useFolder } from './folder.js';

const root = path.resolve(__dirname, '../..');
const configuration = createRequire(__filename)('../../jest.config.js') as Record<string, unknown>;

const folder = useFolder();

/** Runs jest on a file with such a text, and on another that is right: in two workers, or in its own process. */
function jest(text: string, where: readonly string[]): { readonly status: number | null; readonly said: string } {
  const inner = {
    ...JSON.parse(JSON.stringify(configuration).replaceAll('<rootDir>', root)),
    rootDir: folder.path,
    roots: [folder.path],
    testMatch: ['**/*.test.js'],
    setupFilesAfterEnv: [],
    transform: {},
  };
  writeFileSync(folder.file('jest.config.json'), JSON.stringify(inner));
  writeFileSync(folder.file('package.json'), '{}');
  writeFileSync(folder.file('one.test.js'), text);
  writeFileSync(folder.file('other.test.js'), "test('right', () => undefined);");
  const bin = path.join(root, 'node_modules/jest/bin/jest.js');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [bin, '--config', folder.file('jest.config.json'), ...where],
    { encoding: 'utf8', cwd: folder.path, timeout: PROGRAM_TIME },
  );
  return { status, said: stdout + stderr };
}

const REJECT = "Promise.reject(new Error('OUR FAULT'))";
const THROW = "(() => { throw new Error('OUR FAULT'); })()";
const RIGHT = "test('right', () => undefined);";

/** A file, and where in it something goes wrong. */
const FILES: readonly (readonly [string, string])[] = [
  ['when the file is loaded', `void ${REJECT}; ${RIGHT}`],
  ['in a test', `test('wrong', () => void ${REJECT});`],
  ['between two tests', `test('wrong', () => void setImmediate(() => ${REJECT})); ${RIGHT}`],
  ['in beforeAll', `beforeAll(() => void ${REJECT}); ${RIGHT}`],
  ['in afterAll', `afterAll(() => void ${REJECT}); ${RIGHT}`],
  ...[0, 1, 50].flatMap((ms) => [
    [
      `a rejection ${ms} ms after the last hook`,
      `afterAll(() => void setTimeout(() => ${REJECT}, ${ms})); ${RIGHT}`,
    ] as const,
    [`an exception ${ms} ms after it`, `afterAll(() => void setTimeout(() => ${THROW}, ${ms})); ${RIGHT}`] as const,
  ]),
  [
    'in a thread',
    `test('wrong', () => new Promise((resolve) => new (require('node:worker_threads').Worker)(${JSON.stringify(REJECT)}, { eval: true }).on('exit', resolve)));`,
  ],
];

describe.each([
  ['in workers', ['--maxWorkers=2']],
  ['in one process', ['--runInBand']],
])('%s', (_, where) => {
  test('nothing wrong passes', () => expect(jest(RIGHT, where)).toMatchObject({ status: 0 }));

  test.each(FILES)('%s: the run fails, and says by what', (_name, text) => {
    const { status, said } = jest(text, where);
    expect(said).toContain('OUR FAULT');
    expect(status).toBe(1);
  });
});
