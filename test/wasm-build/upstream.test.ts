// What `npm run test:upstream` makes of what the SDK's unit tests say, and of what they are compiled from.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = path.resolve(__dirname, '../../wasm-build/upstream');

/** A function of the runner, which are ES modules, called in a process of its own. */
function call(module: string, name: string, args: string): unknown {
  const url = pathToFileURL(path.join(folder, `${module}.mjs`)).href;
  const script = `import { ${name} } from '${url}';\nconsole.log(JSON.stringify(await ${name}(${args})));`;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }));
}

describe('the result of a suite', () => {
  const result = (text: string): unknown => call('run-suite', 'resultOf', `${JSON.stringify(text)}, 'exit code 1'`);

  test('all passed', () => {
    expect(result('Test a result = Succeeded.\n\x1b[32m1 tests ran, 0 failed, 1 succeeded.\n')).toEqual({
      ran: 1,
      failed: [],
    });
  });

  test('one failed, by its name', () => {
    const text =
      'Test a result = \x1b[31m!!! FAILED !!!\x1b[0m\nTest b result = Succeeded.\n2 tests ran, 1 failed, 1 succeeded.\n';
    expect(result(text)).toEqual({ ran: 2, failed: ['a'] });
  });

  test.each([
    ['a crash', 'Executing test a ...\n', 'it ended without a result: exit code 1'],
    [
      'a failed set-up',
      '  Assert failed in line 1: x\n0 tests ran, ALL failed, NONE succeeded.\n',
      'Assert failed in line 1: x',
    ],
    [
      'a count that does not fit',
      '2 tests ran, 1 failed, 1 succeeded.\n',
      'its count of failures does not fit what it said: exit code 1',
    ],
  ])('%s is a failure', (_, text, broken) => {
    expect(result(text)).toMatchObject({ broken });
  });

  test('a program that is not there, and one that crashes', () => {
    expect(call('run-suite', 'runSuite', `{ command: '/nowhere', args: [], folder: '/' }`)).toMatchObject({
      broken: expect.stringContaining('ENOENT'),
    });
    expect(
      call('run-suite', 'runSuite', `{ command: 'sh', args: ['-c', 'kill -ABRT $$'], folder: '/' }`),
    ).toMatchObject({
      broken: 'it ended without a result: SIGABRT',
    });
  });
});

test('which suites apply', () => {
  const unit = (suite: string, file: string) => ({
    file: `/sdk/${file}`,
    output: `c-utility/tests/${suite}/CMakeFiles/${suite}_exe.dir/x.o`,
  });
  const commands = [
    unit('map_ut', 'c-utility/tests/map_ut/map_ut.c'),
    unit('map_ut', 'c-utility/src/map.c'),
    unit('map_ut', 'c-utility/src/xlogging.c'),
    unit('lock_ut', 'c-utility/adapters/lock_pthreads.c'),
    unit('template_ut', 'c-utility/tests/template_ut/template_ut.c'),
    { file: '/sdk/c-utility/src/map.c', output: 'c-utility/CMakeFiles/aziotsharedutil.dir/map.o' },
  ];
  expect(call('suites', 'suitesOf', `${JSON.stringify(commands)}, new Set(['map.c'])`)).toEqual({
    applies: [{ name: 'c-utility/map_ut', target: 'map_ut_exe', folder: 'c-utility/tests/map_ut' }],
    skipped: [
      { name: 'c-utility/lock_ut', reason: 'tests lock_pthreads.c, which is no part of sphere-iot' },
      { name: 'c-utility/template_ut', reason: 'tests no source file of its own' },
    ],
  });
});

describe('against what was expected', () => {
  const expected = {
    suites: { a: 2 },
    known: [{ side: 'wasm', suite: 'a', test: 'slow', reason: 'no clock' }],
  };
  const found = (...results: object[]): unknown =>
    call('compare', 'differences', `${JSON.stringify(expected)}, ${JSON.stringify(results)}`);
  const native = { side: 'native', name: 'a', ran: 2, failed: [] };
  const wasm = { side: 'wasm', name: 'a', ran: 2, failed: ['slow'] };

  test('as expected', () => {
    expect(found(native, wasm)).toEqual([]);
  });

  test.each<[string, object[], string]>([
    ['fewer tests', [{ ...native, ran: 1 }, wasm], 'native a: 1 tests ran, 2 were expected'],
    ['a failure', [{ ...native, failed: ['b'] }, wasm], 'native a: b failed'],
    ['a known failure on the other side', [{ ...native, failed: ['slow'] }, wasm], 'native a: slow failed'],
    [
      'a known failure that passes',
      [native, { ...wasm, failed: [] }],
      'wasm a: slow passes, and is in the list of known failures',
    ],
    ['a suite that is broken', [native, { ...wasm, broken: 'it ended' }], 'wasm a: it ended'],
    ['a suite that did not run', [native], 'wasm a: did not run'],
    ['a new suite', [native, wasm, { ...native, name: 'b' }], 'native b: is not in expected.json; it has 2 tests'],
  ])('%s', (_, results, line) => {
    expect(found(...results)).toContain(line);
  });
});
